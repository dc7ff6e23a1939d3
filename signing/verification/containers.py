"""Which kind of container a file is, by its first bytes; nothing is parsed here."""

from enum import StrEnum

PDF_HEADER_WITHIN = 1024
"""A PDF's header may stand after this many bytes of other content (ISO 32000-2 §7.5.2 note; Acrobat's implementation limit)."""
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
"""DER of the object identifier id-signedData (RFC 5652 §5.1)."""


class Container(StrEnum):
    """Kinds of containers we tell apart."""

    PDF = "PDF"
    XML = "XML"
    ZIP = "ZIP"
    CMS = "CMS"
    UNKNOWN = "unknown"


def sniff_container(content: bytes) -> Container:
    """The kind of container of a file. Does not say that the file is whole."""
    if b"%PDF-" in content[:PDF_HEADER_WITHIN]:
        return Container.PDF
    if content[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return Container.ZIP
    head = content[:200]
    if content[:1] == b"\x30" and SIGNED_DATA in head[:32]:
        return Container.CMS
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" or head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Container.XML
    return Container.UNKNOWN
