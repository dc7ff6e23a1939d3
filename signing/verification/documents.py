"""A PDF opened for judgement: its signatures, document timestamps and validation data; pyHanko reads it.

Only the isolated process uses this module. Every fault of a foreign file ends as Refuted(FORMAT_FAILURE); pyHanko's many ways to
give up (KeyError, RecursionError, its own errors …) are caught where its parser is called and nowhere else.
"""

import binascii
import contextlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pyhanko.pdf_utils import generic, misc
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from foundation.i18n import Message
from signing.verification.certificates import load_answers, load_certificates, load_lists
from signing.verification.findings import Reason, Refuted

GIVING_UP = (
    misc.PdfError,
    SignatureValidationError,
    ValueError,
    TypeError,
    LookupError,
    NameError,
    AttributeError,
    AssertionError,
    NotImplementedError,
    RecursionError,
    ArithmeticError,
    OSError,
    EOFError,
)
"""What pyHanko and asn1crypto raise on files that are not as they expect; MemoryError is not among them: the wall deals with it."""
MOST_REVISIONS = 1000
MOST_SIGNATURES = 200
MOST_VALIDATION_DATA = 500
DETACHED = "/ETSI.CAdES.detached"
DETACHED_KINDS = (DETACHED, "/adbe.pkcs7.detached")
TIMESTAMP_KIND = "/ETSI.RFC3161"


@dataclass(frozen=True)
class Field:
    """One filled signature field: its number in the form, its name, and pyHanko's view of the signature or why there is none."""

    number: int
    name: str
    embedded: Any | None
    kind: str
    objection: Refuted | None = None

    @property
    def is_timestamp(self) -> bool:
        """Whether this is a timestamp over the document and not somebody's signature (told by SubFilter, as ISO 32000-2 §12.8.5 does)."""
        return self.kind == TIMESTAMP_KIND


@dataclass(frozen=True)
class ValidationData:
    """Certificates, revocation lists and OCSP answers that a document brings along (asn1crypto)."""

    certificates: Sequence[Any] = ()
    crls: Sequence[Any] = ()
    ocsps: Sequence[Any] = ()

    def __bool__(self) -> bool:
        return bool(self.crls or self.ocsps)


@dataclass
class Document:
    """A PDF that could be opened."""

    content: bytes
    reader: Any
    fields: tuple[Field, ...] = field(default=())

    @cached_property
    def validation_data(self) -> ValidationData:
        """What the document security store holds (ISO 32000-2 §12.8.4.3); empty where none can be read."""
        try:
            store = self.reader.root["/DSS"]
        except GIVING_UP:
            return ValidationData()
        return ValidationData(
            load_certificates(read_streams(store, "/Certs")),
            load_lists(read_streams(store, "/CRLs")),
            load_answers(read_streams(store, "/OCSPs")),
        )

    def held_validation_data(self, revision: int) -> bool:
        """Whether the document already had a security store in that revision."""
        try:
            return "/DSS" in self.reader.get_historical_root(revision)
        except GIVING_UP:
            return False

    @cached_property
    def validation_data_revision(self) -> int | None:
        """The revision that last wrote the document security store, None without one."""
        try:
            reference = self.reader.root.raw_get("/DSS")
            return int(self.reader.xrefs.get_last_change(reference.reference))
        except GIVING_UP:
            return None


def open_document(content: bytes) -> Document:
    """The document in `content` with its signature fields, in the order they were signed. Raises Refuted(FORMAT_FAILURE)."""
    try:
        reader = open_reader(content)
        if reader.xrefs.total_revisions > MOST_REVISIONS:
            raise refuse(Message("The document has more than {most} revisions.", {"most": MOST_REVISIONS}))
        fields = tuple(sorted(find_fields(reader), key=signed_revision))
    except GIVING_UP as error:
        raise refuse(Message("The file is damaged or is no PDF; it cannot be read to its end.")) from error
    if len(fields) > MOST_SIGNATURES:
        raise refuse(Message("The document has more than {most} signatures.", {"most": MOST_SIGNATURES}))
    return Document(content, reader, fields)


def open_reader(content: bytes) -> Any:
    """pyHanko's reader; strict first, then patient with the slips of common producers. An encryption without a password is undone.

    Raises Refuted(FORMAT_FAILURE) for a document that asks for a password, and what pyHanko raises.
    """
    try:
        reader = PdfFileReader(io.BytesIO(content))
    except misc.PdfStrictReadError:
        reader = PdfFileReader(io.BytesIO(content), strict=False)
    if reader.encrypted:
        reader.decrypt(b"")
        if not reader.security_handler.is_authenticated():
            raise refuse(Message("The document is encrypted and cannot be read without its password."))
    return reader


def find_fields(reader: Any) -> Iterator[Field]:
    """Every filled signature field of the form. What cannot be read is a field with an objection, never left out."""
    for number, (name, value, field_reference) in enumerate(enumerate_sig_fields(reader, filled_status=True)):
        if number > MOST_SIGNATURES:
            return
        kind = ""
        try:
            kind = str(value.get_object().get("/SubFilter", ""))
            yield Field(number, name, EmbeddedPdfSignature(reader, field_reference, name), kind)
        except GIVING_UP as error:
            broken = refuse(Message("The signature's data cannot be read."))
            broken.__cause__ = error
            yield Field(number, name, None, kind, broken)


def read_streams(store: Any, name: str) -> list[bytes]:
    """The streams an entry of the document security store lists; those that cannot be read are left out, for they can only be missed."""
    found: list[bytes] = []
    try:
        references = list(store[name])[:MOST_VALIDATION_DATA]
    except GIVING_UP:
        return found
    for reference in references:
        with contextlib.suppress(*GIVING_UP):
            found.append(reference.get_object().data)
    return found


def signed_revision(signature: Field) -> int:
    """The revision in which a field was signed; unreadable ones come last."""
    return int(signature.embedded.signed_revision) if signature.embedded else MOST_REVISIONS + 1


def refuse(detail: Message) -> Refuted:
    """The file cannot be judged as what it pretends to be."""
    return Refuted(Reason.FORMAT_FAILURE, detail)


def read_hexadecimal(stream: Any) -> Any:
    """A hexadecimal string of a PDF, read in one stroke up to its closing bracket (ISO 32000-2 §7.3.4.3).

    pyHanko reads it letter by letter, which is half of the time of a judgement: a signature is one such string of 20,000 letters.
    """
    start = stream.tell()
    chunks: list[bytes] = []
    while b">" not in (chunk := stream.read(16384)):
        if not chunk:
            raise misc.PdfStreamError("Stream has ended unexpectedly")
        chunks.append(chunk)
    digits, _bracket, _rest = chunk.partition(b">")
    raw = b"".join([*chunks, digits])
    stream.seek(start + len(raw) + 1)
    try:
        letters = raw[1:].translate(None, b"\x00\t\n\x0c\r ")
        return generic.pdf_string(binascii.unhexlify(letters + b"0" * (len(letters) % 2)))
    except (binascii.Error, ValueError) as error:
        raise misc.PdfStreamError("Unexpected token in hex string") from error


@contextlib.contextmanager
def quick_reading() -> Iterator[None]:
    """While it lasts, pyHanko reads hexadecimal strings with `read_hexadecimal`; the isolated process keeps it for its life."""
    slow = generic.read_hex_string_from_stream
    generic.read_hex_string_from_stream = read_hexadecimal
    try:
        yield
    finally:
        generic.read_hex_string_from_stream = slow
