"""ODS workbooks as tables, streamed like XLSX (OpenDocument 1.3 part 3, §9): repetitions are counted and not believed.

All sheets stand in one member; each is read by going through it up to that sheet's end. Rows and columns that are repeated beyond
any roster are layout where they are blank, and a refusal where they are not.
"""

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from provisioning.rosters.birth_dates import DateSystem
from provisioning.rosters.cells import Cell
from provisioning.rosters.containers import check_members, open_zip, read_member
from provisioning.rosters.errors import BrokenFile, EncryptedFile, OversizedFile
from provisioning.rosters.tables import WIDEST, Book, Row, Sheet
from provisioning.rosters.workbook_rows import fill_merged
from provisioning.rosters.workbook_xml import Reader, local

CONTENT: Final = "content.xml"
MANIFEST: Final = "META-INF/manifest.xml"
MOST_SHEETS: Final = 256
# LibreOffice writes equal rows once with their number; so many equal people are no roster.
MOST_EQUAL: Final = 1000
UNSEEN: Final = frozenset({"collapse", "filter"})
CELLS: Final = frozenset({"table-cell", "covered-table-cell"})


@dataclass(frozen=True)
class Contents:
    """What the document says of itself: its sheets with their styles, the styles that hide one, and how days are counted."""

    sheets: Sequence[tuple[str, str]]
    hiding: frozenset[str]
    system: DateSystem


def open_opendocument(path: Path) -> Book:
    """An ODS workbook as sheets. Raises BrokenFile, EncryptedFile or OversizedFile."""
    check_members(path)
    with open_zip(path) as archive:
        members = {member.filename: member for member in archive.infolist()}
    if CONTENT not in members:
        raise BrokenFile
    if MANIFEST in members and any(b"encryption-data" in piece for piece in read_member(path, members[MANIFEST])):
        raise EncryptedFile
    content = members[CONTENT]
    found = read_contents(path, content)
    facts = {"format": "ods", "encoding": None, "delimiter": None, "date_system": found.system}

    def open_sheet(place: int, name: str, style: str) -> Sheet:
        unseen: set[int] = set()
        return Sheet(name, lambda: read_rows(path, content, place, unseen), style in found.hiding, unseen)

    return Book(tuple(open_sheet(place, *sheet) for place, sheet in enumerate(found.sheets)), facts)


def read_contents(path: Path, content: zipfile.ZipInfo) -> Contents:
    """The sheets in their order, without their rows."""
    sheets: list[tuple[str, str]] = []
    hiding: set[str] = set()
    state = {"style": "", "depth": "0"}
    system: DateSystem = 1900

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal system
        name, given = local(tag), {local(key): value for key, value in attributes.items()}
        if name == "style":
            state["style"] = given.get("name", "")
        elif name == "table-properties" and given.get("display") == "false":
            hiding.add(state["style"])
        elif name == "null-date" and given.get("date-value", "").startswith("1904"):
            system = 1904
        elif name == "table":
            if state["depth"] == "0":
                sheets.append((given.get("name", ""), given.get("style-name", "")))
            state["depth"] = str(int(state["depth"]) + 1)

    def end(tag: str) -> None:
        if local(tag) == "table":
            state["depth"] = str(int(state["depth"]) - 1)

    Reader(start, end).read(read_member(path, content))
    if len(sheets) > MOST_SHEETS:
        raise OversizedFile
    return Contents(sheets, frozenset(hiding), system)


def read_rows(path: Path, content: zipfile.ZipInfo, place: int, unseen: set[int]) -> Iterator[Row]:
    """The rows of one sheet; a cell merged downwards holds its value in every row it covers."""
    collector = TableCollector(place, unseen)
    reader = Reader(collector.start, collector.end, collector.text)
    for piece in read_member(path, content):
        reader.feed(piece)
        yield from collector.take()
        if collector.done:
            return


class TableCollector:
    """Turns the events of one table into rows."""

    def __init__(self, wanted: int, unseen: set[int]) -> None:
        self.done = False
        self._wanted = wanted
        self._unseen = unseen
        self._seen = -1
        self._depth = 0
        self._rows: list[Row] = []
        self._merges: list[tuple[int, int, Cell]] = []
        self._number = 1
        self._repeat = 1
        self._hidden = False
        self._columns = 0
        self._cells: list[Cell] = []
        self._place = 0
        self._given: dict[str, str] = {}
        self._parts: list[str] = []
        self._in_text = 0
        self._in_note = 0

    def take(self) -> list[Row]:
        """The rows that are complete."""
        rows, self._rows = self._rows, []
        return rows

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        name = local(tag)
        if name == "table":
            self._depth += 1
            self._seen += self._depth == 1
        if self._seen != self._wanted or self._depth != 1 or self.done:
            return
        if name in CELLS:
            self._given = {local(key): value for key, value in attributes.items()}
            self._parts = []
        elif name == "table-row":
            given = {local(key): value for key, value in attributes.items()}
            self._repeat = count(given.get("number-rows-repeated"))
            self._hidden = given.get("visibility") in UNSEEN
            self._cells, self._place = [], 0
        elif name == "table-column":
            given = {local(key): value for key, value in attributes.items()}
            repeat = count(given.get("number-columns-repeated"))
            if given.get("visibility") in UNSEEN:
                self._unseen.update(range(self._columns, min(self._columns + repeat, WIDEST)))
            self._columns += repeat
        elif name == "annotation":
            self._in_note += 1
        elif name == "p":
            self._in_text += 1
            if self._parts and not self._in_note:
                self._parts.append("\n")
        elif name in ("s", "tab", "line-break") and self._in_text and not self._in_note:
            self._parts.append(" ")

    def text(self, content: str) -> None:
        """Characters of a paragraph that is no comment."""
        if self._in_text and not self._in_note:
            self._parts.append(content)

    def end(self, tag: str) -> None:
        """An element ends."""
        name = local(tag)
        if name == "table":
            self.done = self.done or (self._seen == self._wanted and self._depth == 1)
            self._depth -= 1
        if self._seen != self._wanted or self._depth != 1 or self.done:
            return
        if name == "p":
            self._in_text -= 1
        elif name == "annotation":
            self._in_note -= 1
        elif name in CELLS:
            self._end_cell(covered=name == "covered-table-cell")
        elif name == "table-row":
            self._end_row()

    def _end_cell(self, *, covered: bool) -> None:
        """One cell, as often as it is repeated within the width of a roster."""
        repeat = count(self._given.get("number-columns-repeated"))
        value = None if covered else read_value(self._given, "".join(self._parts))
        if value is not None and self._place < WIDEST:
            self._cells.extend([None] * (self._place - len(self._cells)))
            self._cells.extend([value] * min(repeat, WIDEST - self._place))
            spanned = count(self._given.get("number-rows-spanned"))
            if spanned > 1:
                self._merges.append((self._place, self._number + spanned - 1, value))
        self._place += repeat

    def _end_row(self) -> None:
        """One row, as often as it is repeated; blank ones are only counted."""
        cells: Sequence[Cell] = self._cells
        if cells:
            if self._repeat > MOST_EQUAL:
                raise OversizedFile
            if self._merges:
                self._merges = [merge for merge in self._merges if merge[1] >= self._number]
                cells = fill_merged(cells, self._merges)
            self._rows.extend(Row(self._number + more, cells, self._hidden) for more in range(self._repeat))
        self._number += self._repeat


def count(text: str | None) -> int:
    """How often something is repeated. Raises BrokenFile."""
    if text is None:
        return 1
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BrokenFile
    return max(int(text), 1)


def read_value(given: dict[str, str], text: str) -> Cell:
    """The value by the cell's type; a formula without a result is told as one. Raises BrokenFile."""
    kind = given.get("value-type")
    try:
        if kind in ("float", "percentage", "currency"):
            return read_number(given["value"])
        if kind == "date":
            return date.fromisoformat(given["date-value"][:10])
        if kind == "boolean":
            return given["boolean-value"] == "true"
    except (KeyError, ValueError) as error:
        raise BrokenFile from error
    said = given.get("string-value", text)
    if not said and "formula" in given:
        return "=…"
    return said or None


def read_number(text: str) -> Cell:
    """A number; whole ones keep every digit."""
    if text.isascii() and text.isdigit():
        return int(text)
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < 1 << 53 else number
