"""What a file is, by its first bytes and not by its name; and zip containers opened without trusting their sizes."""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, Literal

from provisioning.rosters.errors import BrokenFile, EncryptedFile, MislabelledFile, OversizedFile, UnknownFormat

Kind = Literal["xlsx", "xls", "ods", "csv"]

HEAD: Final = 4096
# A sheet of 300,000 people unpacks to some 300 MB, twenty times its size in the file; a bomb to a thousand times.
LARGEST: Final = 2 << 30
INNOCENT: Final = 64 << 20
STEEPEST: Final = 150
MEMBERS: Final = 5000
CHUNK: Final = 1 << 18
# The labels under which each kind may come.
LABELS: Final[dict[Kind, tuple[str, ...]]] = {
    "xlsx": (".xlsx", ".xlsm", ".xltx"),
    "xls": (".xls", ".xlt"),
    "ods": (".ods", ".ots"),
    "csv": (".csv", ".txt", ".tsv", ".tab"),
}
COMPOUND: Final = bytes.fromhex("D0CF11E0A1B11AE1")
FOREIGN: Final = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"{\\rtf", "RTF"),
    (b"SQLite format 3", "SQLite"),
    (b"\x7fELF", "ELF"),
    (b"MZ", "EXE"),
)


def find_kind(path: Path) -> Kind:
    """What the file is by its content. Raises BrokenFile, EncryptedFile, MislabelledFile or UnknownFormat."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip(b"\x00 \r\n\t"):
        raise BrokenFile("The file is empty.")
    kind = find_content(path, head)
    label = path.suffix.lower()
    if label not in LABELS[kind] and any(label in labels for labels in LABELS.values()):
        raise MislabelledFile(label=label, kind=kind.upper())
    return kind


def find_content(path: Path, head: bytes) -> Kind:
    """The kind by the first bytes."""
    if head.startswith(b"PK\x03\x04"):
        return find_zip_content(path)
    if head.startswith(COMPOUND):
        return find_compound_content(path)
    for mark, kind in FOREIGN:
        if head.startswith(mark):
            raise name_foreign(path, kind)
    lowered = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if lowered.startswith((b"<!doctype html", b"<html", b"<table", b"<?xml", b"<meta")):
        raise name_foreign(path, "HTML/XML")
    if is_binary(head):
        raise UnknownFormat
    return "csv"


def name_foreign(path: Path, kind: str) -> MislabelledFile | UnknownFormat:
    """The refusal of a content that is no roster: with its name, if the name says it were one."""
    label = path.suffix.lower()
    if any(label in labels for labels in LABELS.values()):
        return MislabelledFile(label=label, kind=kind)
    return UnknownFormat()


def is_binary(head: bytes) -> bool:
    """Whether the bytes are no text in any of our character sets; UTF-16 has zeros, in every other place."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or looks_utf16(head):
        return False
    return any(byte < 9 or 13 < byte < 32 for byte in head)


def looks_utf16(head: bytes) -> bool:
    """Whether text without a mark is UTF-16: most of one half of the bytes are zero and few of the other."""
    even, odd = head[0::2], head[1::2]
    if len(odd) < 8:
        return False
    zeros = sorted((even.count(0) / len(even), odd.count(0) / len(odd)))
    return zeros[0] < 0.05 and zeros[1] > 0.3


def find_zip_content(path: Path) -> Kind:
    """Which kind of office file a zip container is."""
    with open_zip(path) as archive:
        names = set(archive.namelist())
        if any(name.endswith("workbook.xml") for name in names):
            return "xlsx"
        if "content.xml" in names and "mimetype" in names:
            with archive.open("mimetype") as kind:
                if b"opendocument.spreadsheet" in kind.read(200):
                    return "ods"
            raise UnknownFormat
        if any(name.endswith("workbook.bin") for name in names):
            raise UnknownFormat("This is an XLSB workbook. Save it as XLSX and send it again.")
    raise UnknownFormat


def find_compound_content(path: Path) -> Kind:
    """A compound file is an old XLS, or the envelope of an encrypted new one ([MS-OFFCRYPTO] §2.3)."""
    names = {name: name.encode("utf-16-le") for name in ("EncryptedPackage", "Workbook", "Book")}
    found: set[str] = set()
    rest = b""
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            window = rest + piece
            found |= {name for name, sign in names.items() if sign in window}
            rest = window[-64:]
    if "EncryptedPackage" in found:
        raise EncryptedFile
    if found:
        return "xls"
    raise UnknownFormat


def open_zip(path: Path) -> zipfile.ZipFile:
    """The container, its directory read. Raises BrokenFile, EncryptedFile or OversizedFile."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BrokenFile from error
    members = archive.infolist()
    if len(members) > MEMBERS:
        archive.close()
        raise OversizedFile
    if any(member.flag_bits & 1 for member in members):
        archive.close()
        raise EncryptedFile
    return archive


def read_member(path: Path, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The content of one member in pieces, unpacked by us: never more than its packed size can justify.

    The sizes a container states are not believed. Raises BrokenFile or OversizedFile.
    """
    with path.open("rb") as file:
        file.seek(member.header_offset)
        header = file.read(30)
        if len(header) < 30 or header[:4] != b"PK\x03\x04":
            raise BrokenFile
        file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
        if member.compress_type == zipfile.ZIP_STORED:
            yield from read_stored(file, member.compress_size)
        elif member.compress_type == zipfile.ZIP_DEFLATED:
            yield from inflate(file, member.compress_size)
        else:
            raise UnknownFormat


def read_stored(file: BinaryIO, size: int) -> Iterator[bytes]:
    """The bytes of a member that is not packed."""
    while size > 0 and (piece := file.read(min(CHUNK, size))):
        size -= len(piece)
        yield piece


def inflate(file: BinaryIO, size: int) -> Iterator[bytes]:
    """The bytes of a packed member, stopped where it unpacks beyond all measure."""
    unpack = zlib.decompressobj(-15)
    packed = unpacked = 0
    try:
        while not unpack.eof:
            piece = unpack.unconsumed_tail or file.read(min(CHUNK, size - packed))
            if not unpack.unconsumed_tail:
                packed += len(piece)
            content = unpack.decompress(piece, CHUNK * 4)
            if not piece and not content:
                raise BrokenFile
            unpacked += len(content)
            if unpacked > LARGEST or (unpacked > INNOCENT and unpacked > STEEPEST * packed):
                raise OversizedFile
            if content:
                yield content
    except zlib.error as error:
        raise BrokenFile from error


def check_members(path: Path) -> None:
    """Unpack every member once, keeping nothing: for readers that would unpack without measure. Raises as `read_member`."""
    with open_zip(path) as archive:
        total = 0
        for member in archive.infolist():
            for piece in read_member(path, member):
                total += len(piece)
                if total > LARGEST:
                    raise OversizedFile
