"""Passwords that were found in the open: a sorted file of short digests, looked up without a network and without reading it whole.

Each entry is the first eight bytes of SHA-1, so that lists of passwords and published lists of SHA-1 hashes give the same file. Two
billion entries are 16 GB on disk, about thirty looks a question, and one false alarm in nine billion questions.
"""

import hashlib
import heapq
import mmap
import re
import struct
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Final

from directory.credentials import as_bytes, prepare_password
from foundation.errors import BadInput

MAGIC: Final = b"HNPWL1\r\n"
WIDTH: Final = 8
RUN: Final = 4_000_000
HASHED: Final = re.compile(r"([0-9A-Fa-f]{40})(?::\d+)?")


class ListUnreadable(BadInput):
    """The file is no list of ours, or was cut."""

    code = "password_list_unreadable"
    sentence = "{file} is no list made by “hopnhat account password-list”, or it was cut."


def digest_password(password: str) -> bytes:
    """What stands in the list for a password."""
    return hashlib.sha1(as_bytes(prepare_password(password)), usedforsecurity=False).digest()[:WIDTH]


def read_entry(line: str) -> bytes | None:
    """The entry of one line: a password, or the SHA-1 of one with or without a count; None for an empty line."""
    text = line.rstrip("\r\n")
    if found := HASHED.fullmatch(text):
        return bytes.fromhex(found[1])[:WIDTH]
    return digest_password(text) if text else None


def build_list(lines: Iterable[str], target: Path, run: int = RUN) -> int:
    """Write the file of these lines, sorted and without doubles, in memory for `run` entries at a time. Gives how many stand in it."""
    with ExitStack() as stack, tempfile.TemporaryDirectory(dir=target.parent) as folder:
        runs = [stack.enter_context(file) for file in write_runs(lines, Path(folder), run)]
        draft = Path(folder) / "whole"
        count = 0
        with draft.open("wb") as file:
            file.write(MAGIC + struct.pack(">Q", 0))
            last = b""
            for entry in heapq.merge(*(read_run(one) for one in runs)):
                if entry != last:
                    file.write(entry)
                    count, last = count + 1, entry
            file.seek(len(MAGIC))
            file.write(struct.pack(">Q", count))
        draft.replace(target)
    return count


def write_runs(lines: Iterable[str], folder: Path, run: int) -> Iterator[BinaryIO]:
    """Sorted parts of the list as open files."""
    part: list[bytes] = []

    def flush() -> BinaryIO:
        part.sort()
        file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # The caller's stack closes it.
        file.write(b"".join(part))
        file.seek(0)
        part.clear()
        return file

    for line in lines:
        entry = read_entry(line)
        if entry is not None:
            part.append(entry)
        if len(part) >= run:
            yield flush()
    yield flush()


def read_run(file: BinaryIO) -> Iterator[bytes]:
    """The entries of a part."""
    while block := file.read(WIDTH * 8192):
        for start in range(0, len(block), WIDTH):
            yield block[start : start + WIDTH]


class BreachedList:
    """A list that is open for questions. Raises ListUnreadable."""

    def __init__(self, path: Path) -> None:
        head = len(MAGIC) + 8
        try:
            with path.open("rb") as file:
                self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise ListUnreadable(file=str(path)) from error
        self._head = head
        if len(self._bytes) < head or self._bytes[: len(MAGIC)] != MAGIC:
            raise ListUnreadable(file=str(path))
        (self._count,) = struct.unpack(">Q", self._bytes[len(MAGIC) : head])
        if len(self._bytes) != head + self._count * WIDTH:
            raise ListUnreadable(file=str(path))

    def __len__(self) -> int:
        return int(self._count)

    def __contains__(self, password: str) -> bool:
        wanted, low, high = digest_password(password), 0, int(self._count)
        while low < high:
            middle = (low + high) // 2
            start = self._head + middle * WIDTH
            entry = self._bytes[start : start + WIDTH]
            if entry == wanted:
                return True
            low, high = (middle + 1, high) if entry < wanted else (low, middle)
        return False
