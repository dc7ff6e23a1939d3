"""A check of rosters from first file to last line of the report.

1. Every file is opened by its content, every sheet searched for headings, every row read (`Check.read`).
2. Over each sheet the order of day and month is weighed; over all files people are held against each other.
3. Every row of every file gets one line with its outcome (`Check.lines`), in the order of the files.

Rows wait between the two looks in a spool, so that memory stays flat.
"""

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from foundation.i18n import Message
from provisioning.rosters.birth_dates import DateSystem, Evidence, doubt_order, judge_column
from provisioning.rosters.cells import Cell
from provisioning.rosters.crosschecks import Crosschecks
from provisioning.rosters.encodings import Encoding
from provisioning.rosters.errors import NobodyNamed, NoRoster, UnreadableFile
from provisioning.rosters.files import open_book
from provisioning.rosters.headings import SEARCHED, Headings, find_headings, is_heading_again
from provisioning.rosters.old_fonts import read_font, turn_sheet, weigh_sheet
from provisioning.rosters.rows import ReadRow, Sight, read_row
from provisioning.rosters.spools import Spool
from provisioning.rosters.surroundings import (
    NAMING,
    TELLING,
    filled_cells,
    is_closing,
    is_group_heading,
    places,
    tells_person,
)
from provisioning.rosters.tables import Book, Row, Sheet
from provisioning.rosters.unit_codes import UnitBook
from provisioning.rosters.vocabulary import Fault, Line, Outcome, Place, Values

# Between the file and the rest of a place in the source column of a result file.
SOURCE_SIGN: Final = " · "
LOUD: Final[frozenset[Outcome]] = frozenset({"fault", "candidate"})


class Waiting(NamedTuple):
    """A row between the two looks: its sheet, its number, and what was read of it (None: read past)."""

    sheet: int
    row: int
    read: ReadRow | None


# A row as the spool keeps it: plain tuples are written and read several times faster than named ones.
Packed = tuple[
    int, int, tuple[tuple[Any, ...], tuple[Fault, ...], Evidence | None, str | None, Mapping[str, str]] | None
]


def pack(waiting: Waiting) -> Packed:
    """A row for the spool."""
    read = waiting.read
    if read is None:
        return waiting.sheet, waiting.row, None
    return waiting.sheet, waiting.row, (tuple(read.values), read.faults, read.evidence, read.birth_cell, read.raw)


def unpack(packed: Packed) -> Waiting:
    """A row from the spool."""
    sheet, row, read = packed
    if read is None:
        return Waiting(sheet, row, None)
    values, faults, evidence, birth_cell, raw = read
    # The same as Values(*values), several times faster.
    return Waiting(sheet, row, ReadRow(tuple.__new__(Values, values), faults, evidence, birth_cell, raw))


class PersonRow(NamedTuple):
    """One row of a human: its index among the people's rows, its place, its values."""

    person: int
    place: Place
    values: Values


@dataclass
class SheetNotes:
    """What is known of one sheet after the first look."""

    file: int
    name: str | None
    evidence: Counter[Evidence] = field(default_factory=Counter)
    doubtful: frozenset[Evidence] = frozenset()


@dataclass
class FileNotes:
    """What is known of one file after the first look."""

    name: str
    facts: dict[str, Any]
    refusal: UnreadableFile | None = None


class Check:
    """One check over several files. Use it as a context; `read` once, then `lines` as often as wanted."""

    def __init__(self, units: UnitBook) -> None:
        self._units = units
        self._waiting: Spool[Packed] = Spool()
        self._sheets: list[SheetNotes] = []
        self._files: list[FileNotes] = []
        # The people among the waiting rows: their indexes in the spool.
        self._people = array("Q")
        self._crosschecks = Crosschecks(self._place_of_person)
        self._sources: dict[tuple[int, str], int] = {}
        self.outcomes: Counter[Outcome] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.close()

    @property
    def refusals(self) -> list[UnreadableFile]:
        """Why files could not be read at all."""
        return [notes.refusal for notes in self._files if notes.refusal is not None]

    @property
    def day(self) -> datetime:
        """The instant the rosters speak of."""
        return self._units.at

    @property
    def file_names(self) -> list[str]:
        """The files in their order."""
        return [notes.name for notes in self._files]

    @property
    def rows_read(self) -> int:
        """How many rows speak of a person."""
        return len(self._people)

    def read(self, paths: Sequence[Path]) -> None:
        """The first look at all files. A file that cannot be read is noted, the others are read all the same."""
        for path in paths:
            notes = FileNotes(str(path), {})
            self._files.append(notes)
            try:
                self._read_book(open_book(path), notes)
            except UnreadableFile as refusal:
                notes.refusal = refusal
        for sheet in self._sheets:
            sheet.doubtful = judge_column(sheet.evidence)

    def _read_book(self, book: Book, notes: FileNotes) -> None:
        """Every sheet of a file. Raises NoRoster when none has the headings of one, NobodyNamed when none names anybody."""
        notes.facts = {**book.facts, "header_rows": [], "sheets_used": [], "sheets_ignored": [], **build_hidden()}
        used, before = False, len(self._people)
        for sheet in book.sheets:
            if self._read_sheet(sheet, book, notes):
                used = True
        if not used:
            raise NoRoster
        if len(self._people) == before:
            raise NobodyNamed

    def _read_sheet(self, sheet: Sheet, book: Book, notes: FileNotes) -> bool:
        """One sheet; whether it is a roster. Of one that is not every row is read past."""
        place = len(self._sheets)
        self._sheets.append(SheetNotes(len(self._files) - 1, sheet.name))
        rows = sheet.rows()
        first = list(islice(rows, SEARCHED))
        font = weigh_sheet(row.cells for row in first)
        if font is not None:
            sheet = turn_sheet(sheet, font)
            rows = sheet.rows()
            first = list(islice(rows, SEARCHED))
        lines = [(row.number, [read_font(cell) for cell in row.cells] if font else row.cells) for row in first]
        headings = None if sheet.hidden else find_headings(lines)
        note_sheet(notes, sheet, headings, font)
        if headings is None:
            for row in chain(first, rows):
                self._waiting.add((place, row.number, None))
            return False
        sight = Sight(headings.columns, self._units, self._units.at.date(), book_system(book), headings.twice)
        self._read_people(chain(first, rows), place, headings, sight, notes)
        return True

    def _read_people(self, rows: Iterator[Row], place: int, headings: Headings, sight: Sight, notes: FileNotes) -> None:
        """Every row of a sheet that is a roster: what stands around the people is read past."""
        closed = False
        known = places(headings.columns, TELLING), places(headings.columns, NAMING)
        for row in rows:
            if row.number <= headings.last or not self._is_person(row, headings, known, closed):
                closed = closed or (row.number > headings.last and is_closing(filled_cells(row.cells)))
                self._waiting.add((place, row.number, None))
                continue
            closed = False
            notes.facts["hidden_rows"] += row.hidden
            read = read_row(row.cells, sight)
            self._people.append(self._waiting.add(pack(Waiting(place, row.number, read))))
            self._crosschecks.note(self._source(place, row.cells, headings), read.values)
            if read.evidence is not None:
                self._sheets[place].evidence[read.evidence] += 1

    def _source(self, place: int, cells: Sequence[Cell], headings: Headings) -> int:
        """The number of the file a row came from: this one, or the one that a repaired result file names."""
        column = headings.columns.get("source")
        file = self._sheets[place].file
        name, sign, _place = (
            str(cells[column]).partition(SOURCE_SIGN) if column is not None and column < len(cells) else ("",) * 3
        )
        if not sign:
            return file
        return self._sources.setdefault((file, name), len(self._sources) + (1 << 20))

    @staticmethod
    def _is_person(row: Row, headings: Headings, known: tuple[Sequence[int], Sequence[int]], closed: bool) -> bool:
        """Whether a row speaks of a person; under a total or a signature only what nobody else's row has says so."""
        if tells_person(row.cells, *known):
            return not is_heading_again(row.cells, headings)
        filled = filled_cells(row.cells)
        if not filled or is_heading_again(row.cells, headings):
            return False
        return not (closed or is_closing(filled) or is_group_heading(filled, headings.columns))

    def lines(self) -> Iterator[Line]:
        """The second look: a line for each file, followed by one for each of its rows."""
        self.outcomes.clear()
        person = 0
        file = -1
        for waiting in map(unpack, self._waiting.each()):
            while file < self._sheets[waiting.sheet].file:
                file += 1
                yield self._file_line(self._files[file])
            place = self._place(waiting)
            if waiting.read is None:
                line = Line(place, "ignored", None)
            else:
                line = self._judge(person, place, waiting)
                person += 1
            self.outcomes[line.outcome] += 1
            yield line
        for notes in self._files[file + 1 :]:
            yield self._file_line(notes)

    def _file_line(self, notes: FileNotes) -> Line:
        """The line of a file: what was recognised of it, and why it could not be read if so."""
        place = Place(notes.name, None, None)
        if notes.refusal is None:
            return Line(place, "ok", None, (), notes.facts)
        refusal = notes.refusal
        fault = Fault(None, notes.name, refusal.code, Message(refusal.message, refusal.values))
        return Line(place, "fault", None, (fault,), notes.facts)

    def _judge(self, person: int, place: Place, waiting: Waiting) -> Line:
        """A person's row with everything its cells, its sheet and the other rows say."""
        assert waiting.read is not None
        values, faults = waiting.read.values, waiting.read.faults
        birth = values.birth_date
        if birth is not None and waiting.read.evidence in self._sheets[waiting.sheet].doubtful:
            faults = (*faults, doubt_order(waiting.read.birth_cell, birth))
        verdict, more = self._crosschecks.judge(person, values)
        return Line(place, weigh(faults, verdict), values, (*faults, *more), None, waiting.read.raw)

    def people(self) -> Iterator[list[PersonRow]]:
        """Each human once, with all rows that speak of them (told twice left out), in the order of their first rows."""
        checks = self._crosschecks
        for person in range(len(self._people)):
            if checks.first_of(person) != person:
                continue
            rows = [self._person_row(other) for other in checks.rows_of(person)]
            if len(rows) > 1:
                rows = [row for row in rows if not checks.is_twice(row.person)]
            yield rows

    def _person_row(self, person: int) -> PersonRow:
        """A person's row, fetched again."""
        waiting = unpack(self._waiting.get(self._people[person]))
        assert waiting.read is not None
        return PersonRow(person, self._place(waiting), waiting.read.values)

    def _place(self, waiting: Waiting) -> Place:
        notes = self._sheets[waiting.sheet]
        return Place(self._files[notes.file].name, notes.name, waiting.row)

    def _place_of_person(self, person: int) -> Place:
        return self._place(unpack(self._waiting.get(self._people[person])))


def weigh(faults: Sequence[Fault], verdict: str) -> Outcome:
    """The outcome of a row: a fault outweighs all, but a missing or wrong number of somebody found elsewhere is a candidate."""
    hard = [fault for fault in faults if not fault.restored]
    if verdict == "candidate" and all(fault.column == "personal_number" for fault in hard):
        return "candidate"
    if hard or verdict == "fault":
        return "fault"
    if verdict == "duplicate":
        return "duplicate"
    return "restored" if faults else "ok"


def note_sheet(notes: FileNotes, sheet: Sheet, headings: Headings | None, font: Encoding | None) -> None:
    """Write down what a sheet is and where its headings stand."""
    facts = notes.facts
    if headings is None:
        if sheet.name is not None:
            facts["sheets_ignored"].append(sheet.name)
        if sheet.hidden:
            facts["hidden_sheets"].append(sheet.name)
        return
    if font is not None:
        facts["encoding"] = font.name
    for column, place in headings.columns.items():
        if place in sheet.hidden_columns:
            facts["hidden_columns"].append(column)
    lines = list(range(headings.first, headings.last + 1))
    if sheet.name is not None:
        facts["sheets_used"].append(sheet.name)
    if not facts["header_rows"]:
        facts["header_rows"] = lines
        facts["columns"] = sorted(headings.columns, key=lambda column: headings.columns[column])
    elif facts["header_rows"] != lines:
        facts.setdefault("header_rows_by_sheet", {})[sheet.name] = lines


def build_hidden() -> dict[str, Any]:
    """What of a file its reader does not see on the screen: nothing so far."""
    return {"hidden_rows": 0, "hidden_columns": [], "hidden_sheets": []}


def book_system(book: Book) -> DateSystem:
    """The date system of a file; text has none, and counts from 1900 where a serial number stands in it."""
    return 1904 if book.facts["date_system"] == 1904 else 1900
