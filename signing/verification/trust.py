"""Whom a judgement trusts: certificates and revocation lists read from PEM or DER files, or from a folder of them."""

import re
from base64 import b64decode
from dataclasses import dataclass
from pathlib import Path

from foundation.errors import BadInput

PEM = re.compile(rb"-----BEGIN (CERTIFICATE|TRUSTED CERTIFICATE|X509 CRL)-----(.+?)-----END \1-----", re.DOTALL)
ENDINGS = (".pem", ".crt", ".cer", ".der", ".crl")
LARGEST = 64 << 20


class TrustUnreadable(BadInput):
    """A file given as trust holds no certificate."""

    code = "trust_unreadable"
    sentence = "{file} holds no certificate that could be trusted."


@dataclass(frozen=True)
class Trust:
    """Anchors (DER certificates), further certificates that may lie on a path, and known revocation lists (DER)."""

    anchors: tuple[bytes, ...] = ()
    certificates: tuple[bytes, ...] = ()
    lists: tuple[bytes, ...] = ()

    def __add__(self, other: "Trust") -> "Trust":
        return Trust(self.anchors + other.anchors, self.certificates + other.certificates, self.lists + other.lists)


def read_trust(paths: tuple[Path, ...]) -> Trust:
    """All anchors and lists in these files and folders. Raises TrustUnreadable for a file or folder without any."""
    trust = Trust()
    for path in paths:
        found = read_folder(path) if path.is_dir() else read_file(path)
        if not found.anchors and not found.lists:
            raise TrustUnreadable(file=str(path))
        trust += found
    return trust


def read_folder(folder: Path) -> Trust:
    """What the files of a folder hold, by their endings; a file that holds nothing is passed over."""
    trust = Trust()
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() in ENDINGS and file.is_file():
            trust += read_file(file)
    return trust


def read_file(file: Path) -> Trust:
    """What one file holds. Raises TrustUnreadable when it cannot be read at all."""
    try:
        content = file.read_bytes() if file.stat().st_size <= LARGEST else b""
    except OSError as error:
        raise TrustUnreadable(file=str(file)) from error
    return parse_trust(content)


def parse_trust(content: bytes) -> Trust:
    """The certificates and lists in PEM or DER bytes; whether each is one is found out where it is parsed."""
    if content[:1] == b"\x30":
        return sort_der(content)
    trust = Trust()
    for kind, text in PEM.findall(content):
        try:
            der = b64decode(b"".join(text.split()), validate=True)
        except ValueError:
            continue
        trust += Trust(lists=(der,)) if kind == b"X509 CRL" else Trust(anchors=(der,))
    return trust


def sort_der(der: bytes) -> Trust:
    """A DER certificate or list, told apart by what follows the signed part's beginning (RFC 5280 §4.1, §5.1).

    A version 3 certificate begins with an explicit tag [0]; a list begins with its version, an INTEGER, or its algorithm.
    """
    body = der[2 + (der[1] & 0x7F if der[1] & 0x80 else 0) :] if len(der) > 8 else b""
    inner = body[2 + (body[1] & 0x7F if body[1] & 0x80 else 0) :] if len(body) > 8 and body[0] == 0x30 else b""
    if not inner:
        return Trust()
    return Trust(anchors=(der,)) if inner[0] == 0xA0 else Trust(lists=(der,))
