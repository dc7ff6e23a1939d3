"""The rows of a workbook's sheet, streamed: values by type and style, merged cells filled downwards, hidden rows and columns marked.

ECMA-376 part 1, §18.3.
"""

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from provisioning.rosters.birth_dates import EPOCHS, DateSystem
from provisioning.rosters.cells import Cell
from provisioning.rosters.containers import read_member
from provisioning.rosters.errors import BrokenFile
from provisioning.rosters.plain_rows import STRIDE, Plain, PlainRows
from provisioning.rosters.tables import WIDEST, Row
from provisioning.rosters.workbook_xml import Reader, local

MERGE: Final = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
LAST_DAY: Final = 100_000


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
        for left, top, _right, bottom in MERGE.findall(window) if b"mergeCell" in window else ():
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
    collector.mark = reader.mark
    rows = PlainRows(reader)
    for piece in read_member(path, member):
        for plain in rows.split(piece):
            collector.put_plain(plain)
        yield from collector.take()
    rows.end()
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
        self.mark: Callable[[], None] = lambda: None

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
        elif name == "sheetData":
            self.mark()
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
            self.mark()

    def put_plain(self, plain: Plain) -> None:
        """A row that passed by the parser. Raises BrokenFile as `end` does."""
        self._number = plain.number
        cells: list[Cell] = []
        self._cells = cells
        parts, places = plain.parts, self._places
        for letters, style, kind, value, text in zip(
            parts[1::STRIDE], parts[2::STRIDE], parts[3::STRIDE], parts[4::STRIDE], parts[5::STRIDE], strict=True
        ):
            raw = value or text
            if not raw:
                continue
            known = places.get(letters)
            self._place = self._learn_place(letters) if known is None else known
            if self._place < WIDEST:
                self._kind = kind or "n"
                self._style = style or ""
                self._put(self._value(raw))
        self._rows.append(Row(plain.number, cells))

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
