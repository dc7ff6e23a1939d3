"""Text files as tables: the character set and the delimiter recognised, then read row by row."""

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TextIO

from provisioning.rosters.encodings import SAMPLE, Encoding, find_encoding
from provisioning.rosters.errors import BrokenFile, OversizedFile
from provisioning.rosters.headings import find_headings
from provisioning.rosters.tables import WIDEST, Book, Row, Sheet

DELIMITERS: Final = (",", ";", "\t", "|")
LOOKED_AT: Final = 50
# A roster has at least three columns, so its delimiter stands twice in the headings alone.
ENOUGH: Final = 2
LONGEST_CELL: Final = 1 << 16
LONGEST_LINE: Final = 1 << 20


def open_text(path: Path) -> Book:
    """A text file as one sheet. Raises UnknownEncoding or BrokenFile."""
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    encoding = find_encoding(trim_sample(sample), is_utf8(path))
    delimiter = find_delimiter(path, encoding)
    facts = {
        "format": "csv",
        "encoding": encoding.name,
        "delimiter": delimiter,
        "date_system": None,
        "encoding_evidence": dict(encoding.evidence),
    }
    return Book((Sheet(None, lambda: read_rows(path, encoding, delimiter)),), facts)


def trim_sample(sample: bytes) -> bytes:
    """The sample up to its last whole line, so that no letter is cut in two."""
    end = sample.rfind(b"\n")
    return sample[: end + 1] if len(sample) == SAMPLE and end > 0 else sample


def is_utf8(path: Path) -> bool:
    """Whether the whole file is UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while piece := file.read(1 << 20):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def find_delimiter(path: Path, encoding: Encoding) -> str:
    """The sign between the cells: the one that shows most headings, else the one that makes most cells."""

    def weigh(delimiter: str) -> tuple[int, int]:
        rows = []
        for row in read_rows(path, encoding, delimiter):
            rows.append((row.number, row.cells))
            if len(rows) == LOOKED_AT:
                break
        found = find_headings(rows)
        return len(found.columns) if found else 0, sum(len(cells) for _number, cells in rows)

    with path.open(encoding=encoding.codec, errors="replace", newline="") as file:
        beginning = file.read(SAMPLE)
    used = [delimiter for delimiter in DELIMITERS if beginning.count(delimiter) >= ENOUGH]
    return max(used or DELIMITERS[:1], key=weigh)


def each_line(file: TextIO) -> Iterator[str]:
    """The lines; one that does not end within a megabyte is no row of a roster. Raises OversizedFile."""
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE and not line.endswith(("\n", "\r")):
            raise OversizedFile
        yield line


def read_rows(path: Path, encoding: Encoding, delimiter: str) -> Iterator[Row]:
    """The rows as a spreadsheet would number them: a line break inside quotes begins no row."""
    csv.field_size_limit(LONGEST_CELL)
    turn = encoding.turn
    with path.open(encoding=encoding.codec, errors=encoding.errors, newline="") as file:
        reader = csv.reader(each_line(file), delimiter=delimiter)
        try:
            for number, cells in enumerate(reader, 1):
                if len(cells) > WIDEST:
                    cells = cells[:WIDEST]
                yield Row(number, [turn(cell) for cell in cells] if turn else cells)
        except (csv.Error, UnicodeError) as error:
            raise BrokenFile from error
