"""A small XLS workbook for tests: BIFF8 records ([MS-XLS] §2.4) in a compound file ([MS-CFB]), as Excel 97 wrote them."""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SECTOR = 512
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
SMALLEST = 4096


def record(number: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", number, len(content)) + content


def text(value: str, size: str) -> bytes:
    return struct.pack(size, len(value)) + b"\x01" + value.encode("utf-16-le")


def write_xls(
    path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]], merges: Sequence[tuple[int, int, int, int]] = ()
) -> Path:
    """A workbook of texts and numbers; `merges` are first row, last row, first column, last column of the first sheet."""
    begin = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0x07CC, 0, 6))
    names = [text(name, "<B") for name in sheets]
    offset = len(begin) + sum(4 + 6 + len(name) for name in names) + 4
    globals_, parts = begin, []
    for place, (name, rows) in enumerate(zip(names, sheets.values(), strict=True)):
        globals_ += record(0x0085, struct.pack("<IBB", offset, 0, 0) + name)
        parts.append(build_sheet(rows, merges if place == 0 else ()))
        offset += len(parts[-1])
    path.write_bytes(wrap((globals_ + record(0x000A) + b"".join(parts)).ljust(SMALLEST, b"\0")))
    return path


def build_sheet(rows: Sequence[Sequence[Any]], merges: Sequence[tuple[int, int, int, int]]) -> bytes:
    raw = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0x07CC, 0, 6))
    for line, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                raw += record(0x0204, struct.pack("<HHH", line, column, 0) + text(cell, "<H"))
            elif cell is not None:
                raw += record(0x0203, struct.pack("<HHHd", line, column, 0, cell))
    if merges:
        raw += record(
            0x00E5, struct.pack("<H", len(merges)) + b"".join(struct.pack("<HHHH", *merge) for merge in merges)
        )
    return raw + record(0x000A)


def wrap(stream: bytes) -> bytes:
    """One stream named Workbook in a compound file: header, allocation table, directory, content."""
    sectors = -(-len(stream) // SECTOR)
    tables = -(-(sectors + 2) // 126)
    chain = [FAT] * tables + [END] + [*range(tables + 2, tables + 1 + sectors), END]
    header = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, tables, tables, 0, SMALLEST, END, 0, END, 0)
    header += b"".join(struct.pack("<I", place if place < tables else FREE) for place in range(109))
    table = b"".join(struct.pack("<I", entry) for entry in chain).ljust(tables * SECTOR, b"\xff")
    folder = entry("Root Entry", 5, 1, END, 0) + entry("Workbook", 2, FREE, tables + 1, len(stream)) + bytes(256)
    return header + table + folder + stream.ljust(sectors * SECTOR, b"\0")


def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    raw = name.encode("utf-16-le")
    return (
        raw.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(raw) + 2, kind, 1, FREE, FREE, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
