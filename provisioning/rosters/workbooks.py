"""XLSX workbooks as tables, streamed: one row in memory at a time, whatever the size (ECMA-376 part 1, §18.2–18.8).

Read by ourselves because a roster of 300,000 people must not cost its whole size in memory, and because what a spreadsheet did to the
data is seen only here: true numbers behind `7.9E+10`, the date system, merged and hidden cells, formulas without a result.
"""

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from xml.parsers import expat

from provisioning.rosters.birth_dates import EPOCHS, DateSystem
from provisioning.rosters.cells import Cell
from provisioning.rosters.containers import open_zip, read_member
from provisioning.rosters.errors import BrokenFile, OversizedFile
from provisioning.rosters.tables import WIDEST, Book, Row, Sheet

# Number formats that show a day (ECMA-376 part 1, §18.8.30), and the letters that make a format of one's own show one.
DAY_FORMATS: Final = frozenset((*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)))
NOT_CODE: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
MERGE: Final = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
TEXTS_LIMIT: Final = 1 << 29
LAST_DAY: Final = 100_000


@dataclass(frozen=True)
class Member:
    """One sheet as the workbook lists it."""

    name: str
    path: str
    hidden: bool


class Reader:
    """An expat parser that refuses document types and forgets namespaces' prefixes."""

    def __init__(
        self,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None],
        text: Callable[[str], None] | None = None,
    ) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = start
        self._parser.EndElementHandler = end
        self._parser.CharacterDataHandler = text
        self._parser.StartDoctypeDeclHandler = self._refuse

    @staticmethod
    def _refuse(*_declaration: object) -> None:
        raise BrokenFile

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        """Parse a piece. Raises BrokenFile."""
        try:
            self._parser.Parse(piece, last)
        except (expat.ExpatError, ValueError, OverflowError) as error:
            # A number that is none stands in an attribute: the file is as broken as one that is no XML.
            raise BrokenFile from error

    def read(self, pieces: Iterator[bytes]) -> None:
        """Parse all pieces. Raises BrokenFile."""
        for piece in pieces:
            self.feed(piece)
        self.feed(b"", last=True)


def local(tag: str) -> str:
    """The name of an element without its prefix."""
    return tag.rsplit(":", 1)[-1]


def open_workbook(path: Path) -> Book:
    """A workbook as sheets. Raises BrokenFile, EncryptedFile or OversizedFile."""
    with open_zip(path) as archive:
        members = {member.filename.lstrip("/"): member for member in archive.infolist()}
    system, sheets = read_workbook(path, members)
    days = read_day_styles(path, members)
    texts = SharedTexts(path, members)
    facts = {"format": "xlsx", "encoding": None, "delimiter": None, "date_system": system}

    def open_sheet(member: Member) -> Sheet:
        entry = members[member.path]
        unseen: set[int] = set()
        return Sheet(
            member.name, lambda: read_rows(path, entry, texts.load(), days, system, unseen), member.hidden, unseen
        )

    return Book(tuple(open_sheet(sheet) for sheet in sheets if sheet.path in members), facts)


def read_workbook(path: Path, members: Mapping[str, zipfile.ZipInfo]) -> tuple[DateSystem, list[Member]]:
    """The date system and the sheets in their order."""
    place = next((name for name in members if name.endswith("workbook.xml")), None)
    if place is None:
        raise BrokenFile
    folder = posixpath.dirname(place)
    targets = read_relations(path, members.get(f"{folder}/_rels/workbook.xml.rels".lstrip("/")), folder)
    sheets: list[Member] = []
    system: DateSystem = 1900

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal system
        name = local(tag)
        if name == "workbookPr" and attributes.get("date1904", "0") in ("1", "true"):
            system = 1904
        elif name == "sheet":
            key = next((value for attribute, value in attributes.items() if local(attribute) == "id"), "")
            state = attributes.get("state", "visible")
            sheets.append(Member(attributes.get("name", ""), targets.get(key, ""), state != "visible"))

    Reader(start, lambda _tag: None).read(read_member(path, members[place]))
    return system, sheets


def read_relations(path: Path, member: zipfile.ZipInfo | None, folder: str) -> dict[str, str]:
    """Relationship id → member of the container."""
    targets: dict[str, str] = {}

    def start(_tag: str, attributes: dict[str, str]) -> None:
        target = attributes.get("Target", "")
        full = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        targets[attributes.get("Id", "")] = full

    if member is not None:
        Reader(start, lambda _tag: None).read(read_member(path, member))
    return targets


def read_day_styles(path: Path, members: Mapping[str, zipfile.ZipInfo]) -> frozenset[str]:
    """The cell styles that show a number as a day, as the `s` attribute names them."""
    member = next((entry for name, entry in members.items() if name.endswith("styles.xml")), None)
    if member is None:
        return frozenset()
    formats: dict[int, str] = {}
    styles: list[int] = []
    inside = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        name = local(tag)
        if name == "numFmt":
            formats[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            inside = True
        elif name == "xf" and inside:
            styles.append(int(attributes.get("numFmtId", "0")))

    def end(tag: str) -> None:
        nonlocal inside
        inside = inside and local(tag) != "cellXfs"

    Reader(start, end).read(read_member(path, member))
    return frozenset(str(place) for place, number in enumerate(styles) if shows_day(number, formats.get(number)))


def shows_day(number: int, code: str | None) -> bool:
    """Whether a number format shows a day."""
    if code is None:
        return number in DAY_FORMATS
    letters = NOT_CODE.sub("", code.lower())
    return "y" in letters or "d" in letters


class SharedTexts:
    """The workbook's table of texts, read when the first sheet asks for it."""

    def __init__(self, path: Path, members: Mapping[str, zipfile.ZipInfo]) -> None:
        self._path = path
        self._member = next((entry for name, entry in members.items() if name.endswith("sharedStrings.xml")), None)
        self._texts: list[str] | None = None

    def load(self) -> Sequence[str]:
        """All texts in their order; phonetic guides are left out."""
        if self._texts is None:
            self._texts = []
            if self._member is not None:
                self._read(self._member)
        return self._texts

    def _read(self, member: zipfile.ZipInfo) -> None:
        texts: list[str] = []
        parts: list[str] = []
        state = {"text": False, "guide": False}
        size = 0

        def start(tag: str, _attributes: dict[str, str]) -> None:
            name = local(tag)
            if name == "si":
                parts.clear()
            elif name == "rPh":
                state["guide"] = True
            elif name == "t":
                state["text"] = not state["guide"]

        def end(tag: str) -> None:
            nonlocal size
            name = local(tag)
            if name == "t":
                state["text"] = False
            elif name == "rPh":
                state["guide"] = False
            elif name == "si":
                texts.append("".join(parts))
                size += len(texts[-1])
                if size > TEXTS_LIMIT:
                    raise OversizedFile

        def text(content: str) -> None:
            if state["text"]:
                parts.append(content)

        Reader(start, end, text).read(read_member(self._path, member))
        self._texts = texts


def column_index(letters: str) -> int:
    """`A` → 0, `AA` → 26."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def read_merges(path: Path, member: zipfile.ZipInfo) -> dict[int, list[tuple[int, int, int]]]:
    """Vertical merges of a sheet, by their first row: (column, first row, last row). They stand at its end, so it is read once for them."""
    merges: dict[int, list[tuple[int, int, int]]] = {}
    rest = b""
    for piece in read_member(path, member):
        window = rest + piece
        for left, top, _right, bottom in MERGE.findall(window):
            if int(bottom) > int(top):
                merges.setdefault(int(top), []).append((column_index(left.decode()), int(top), int(bottom)))
        cut = window.rfind(b"<")
        rest = window[cut:] if cut >= 0 and len(window) - cut < 256 else b""
    return merges


def read_rows(
    path: Path,
    member: zipfile.ZipInfo,
    texts: Sequence[str],
    days: frozenset[str],
    system: DateSystem,
    unseen: set[int],
) -> Iterator[Row]:
    """The rows of a sheet; a cell merged downwards holds its value in every row it covers."""
    merges = read_merges(path, member)
    open_merges: list[tuple[int, int, Cell]] = []
    for row in stream_rows(path, member, texts, days, system, unseen):
        for place, _top, bottom in merges.pop(row.number, ()):
            if place < len(row.cells):
                open_merges.append((place, bottom, row.cells[place]))
        if open_merges:
            open_merges = [merge for merge in open_merges if merge[1] >= row.number]
            row = Row(row.number, fill_merged(row.cells, open_merges), row.hidden)
        yield row


def fill_merged(cells: Sequence[Cell], merges: Sequence[tuple[int, int, Cell]]) -> Sequence[Cell]:
    """The cells with the values that are merged down into them; a row with nothing of its own stays blank."""
    if all(cell is None or cell == "" for cell in cells):
        return cells
    filled = list(cells)
    for place, _bottom, value in merges:
        filled.extend([None] * (place + 1 - len(filled)))
        if filled[place] is None or filled[place] == "":
            filled[place] = value
    return filled


def stream_rows(
    path: Path,
    member: zipfile.ZipInfo,
    texts: Sequence[str],
    days: frozenset[str],
    system: DateSystem,
    unseen: set[int],
) -> Iterator[Row]:
    """The rows of a sheet as they stand in the file; the indexes of its hidden columns go into `unseen`."""
    collector = RowCollector(texts, days, system, unseen)
    reader = Reader(collector.start, collector.end, collector.text)
    for piece in read_member(path, member):
        reader.feed(piece)
        yield from collector.take()
    reader.feed(b"", last=True)
    yield from collector.take()


class RowCollector:
    """Turns the events of one sheet's XML into rows.

    The hottest code of a roster: fifteen cells a person, three events a cell. So the state is plain attributes and the
    column of a reference is remembered.
    """

    def __init__(self, texts: Sequence[str], days: frozenset[str], system: DateSystem, unseen: set[int]) -> None:
        self._texts = texts
        self._unseen = unseen
        self._days = days
        self._epoch = EPOCHS[system]
        self._places: dict[str, int] = {}
        self._rows: list[Row] = []
        self._cells: list[Cell] = []
        self._number = 0
        self._hidden = False
        self._place = -1
        self._kind = "n"
        self._style = ""
        self._raw = ""
        self._wanted = False
        self._formula = False

    def take(self) -> list[Row]:
        """The rows that are complete."""
        rows, self._rows = self._rows, []
        return rows

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        name = tag if ":" not in tag else local(tag)
        if name == "c":
            reference = attributes.get("r")
            if reference is None:
                self._place += 1
            else:
                letters = reference.rstrip("0123456789")
                place = self._places.get(letters)
                self._place = self._learn_place(letters) if place is None else place
            self._kind = attributes.get("t", "n")
            self._style = attributes.get("s", "")
            self._raw = ""
            self._formula = False
        elif name == "v" or name == "t":  # two comparisons are quicker than a tuple here
            self._wanted = True
        elif name == "f":
            self._formula = True
        elif name == "row":
            self._number = int(attributes.get("r") or self._number + 1)
            self._hidden = attributes.get("hidden") in ("1", "true")
            self._cells = []
            self._place = -1
        elif name == "col" and attributes.get("hidden") in ("1", "true"):
            self._hide(attributes)

    def _hide(self, attributes: Mapping[str, str]) -> None:
        """Columns that are hidden, from 1 in the file; what lies beyond any roster's width is layout."""
        first, last = int(attributes.get("min", "1")), int(attributes.get("max", "1"))
        self._unseen.update(range(first - 1, min(last, WIDEST)))

    def _learn_place(self, letters: str) -> int:
        """The index of a column seen for the first time. Raises BrokenFile."""
        if not 0 < len(letters) < 4 or not letters.isascii() or not letters.isupper():
            raise BrokenFile
        place = self._places[letters] = column_index(letters)
        return place

    def text(self, content: str) -> None:
        """Characters; long ones may come in parts."""
        if self._wanted:
            self._raw += content

    def end(self, tag: str) -> None:
        """An element ends; what stands beyond any roster's width is layout."""
        name = tag if ":" not in tag else local(tag)
        if name == "c":
            if self._place < WIDEST and (self._raw or self._formula):
                self._put(self._value(self._raw) if self._raw else "=…")
        elif name == "v" or name == "t":  # as above
            self._wanted = False
        elif name == "row":
            self._rows.append(Row(self._number, self._cells, self._hidden))

    def _put(self, value: Cell) -> None:
        """Put a value where it belongs; cells that are left out are blank."""
        cells = self._cells
        missing = self._place - len(cells)
        if missing == 0:
            cells.append(value)
        elif missing > 0:
            cells.extend([None] * missing)
            cells.append(value)
        else:
            cells[self._place] = value

    def _value(self, raw: str) -> Cell:
        """The value by the cell's type. Raises BrokenFile for one that is not what its type says."""
        kind = self._kind
        try:
            if kind == "s":
                return self._texts[int(raw)]
            if kind == "n":
                return self._number_value(raw)
            if kind == "b":
                return raw in ("1", "true")
            if kind == "d":
                return date.fromisoformat(raw[:10])
        except (ValueError, IndexError) as error:
            raise BrokenFile from error
        return raw

    def _number_value(self, raw: str) -> Cell:
        """A number, or the day it is shown as; whole numbers keep every digit."""
        if self._style in self._days:
            days = float(raw)
            return self._epoch + timedelta(days=int(days)) if 0 < days < LAST_DAY else days
        if raw.isascii() and raw.isdigit():
            return int(raw)
        number = float(raw)
        return int(number) if number.is_integer() and abs(number) < 1 << 53 else number
