"""Placement lists: who goes where, read from XLSX, XLS, ODS or CSV with every fault at file, sheet, row and column.

A list names a person by personal number, a new unit by a code it bears from the day on, and the post. A row whose new title is a
word for leaving and whose new unit is empty says that the person leaves. A roster with a new-unit column is read the same way;
there the other columns speak of the old post and are passed over.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from directory.names import fold_name
from foundation.errors import BadInput
from foundation.i18n import Message, _
from provisioning.rosters.cells import Cell, cell_text, shown_value
from provisioning.rosters.files import open_book
from provisioning.rosters.headings import find_column, heading_key
from provisioning.rosters.personal_numbers import read_number
from provisioning.rosters.post_words import read_body, read_duties, read_main
from provisioning.rosters.tables import Row, Sheet
from provisioning.rosters.vocabulary import Fault, Place

SEARCHED = 40
DECISIONS = frozenset(heading_key(text) for text in ("Số quyết định", "Quyết định", "Số QĐ", "Căn cứ", "decision"))
LEAVING = frozenset(
    fold_name(text)
    for text in ("Nghỉ hưu", "Nghỉ việc", "Thôi việc", "Nghỉ", "Nghỉ hưu trước tuổi", "Nghỉ chế độ", "Tinh giản biên chế",
                 "Từ trần", "Chuyển ngành", "leave", "leaves", "retired", "retires")
)  # fmt: skip
SPEAKING = ("new_unit_code", "new_title")


class PlacementFaulty(BadInput):
    """The lists cannot be used; `faults` holds every one, with its place."""

    code = "placement_faulty"
    sentence = "The placement lists have {count} faults. Nothing was changed."

    def __init__(self, faults: Sequence[tuple[Place, Fault]]) -> None:
        self.faults = list(faults)
        super().__init__(count=len(self.faults))


class PlacementEmpty(BadInput):
    """A list without a single row that places somebody."""

    code = "placement_empty"
    sentence = "{file} places nobody. An empty list stops the plan; leave it out if that is meant."


class PlacedRow(NamedTuple):
    """One row as it was read: codes are still text; `leaves` where it says so. Units and people are looked up later."""

    place: Place
    number: str
    name: str
    old_unit_code: str | None
    new_unit_code: str | None
    leaves: bool
    title: str | None
    duties: tuple[str, ...] | None
    body: str | None
    main: bool | None
    decision: str | None


@dataclass(frozen=True)
class Columns:
    """Where the columns stand; `roster` if the file speaks of old posts too."""

    places: Mapping[str, int]
    last: int

    @property
    def roster(self) -> bool:
        """Whether duties and the like are those of the old post."""
        return "title" in self.places

    def cell(self, row: Row, column: str) -> Cell:
        """The cell of this column, None where the row is short."""
        place = self.places.get(column)
        return row.cells[place] if place is not None and place < len(row.cells) else None


def read_placements(paths: Sequence[Path]) -> list[PlacedRow]:
    """Every row of every list. Raises PlacementFaulty with all faults together, PlacementEmpty, or what the file's reader says."""
    rows: list[PlacedRow] = []
    faults: list[tuple[Place, Fault]] = []
    for path in paths:
        before = len(rows) + len(faults)
        for found in read_file(path):
            if isinstance(found, PlacedRow):
                rows.append(found)
            else:
                faults.append(found)
        if len(rows) + len(faults) == before:
            raise PlacementEmpty(file=path.name)
    if faults:
        raise PlacementFaulty(faults)
    return rows


def read_file(path: Path) -> Iterator[PlacedRow | tuple[Place, Fault]]:
    """The rows and faults of one file. Raises BadInput where the file is no list."""
    if not path.is_file():
        raise BadInput(_("{file} cannot be read."), file=str(path))
    found = False
    for sheet in open_book(path).sheets:
        columns = find_columns(sheet)
        if columns is not None:
            found = True
            yield from read_sheet(path.name, sheet, columns)
    if not found:
        raise BadInput(
            _("{file} is no placement list: a column for the personal number and one for the new unit are needed."),
            file=path.name,
        )


def find_columns(sheet: Sheet) -> Columns | None:
    """The headings among the first rows, None if the sheet has none."""
    for row in sheet.rows():
        if row.number > SEARCHED:
            return None
        places: dict[str, int] = {}
        for index, cell in enumerate(row.cells):
            text = cell_text(cell)
            column = name_column(text) if text else None
            if column is not None:
                places.setdefault(column, index)
        if {"personal_number", "new_unit_code"} <= places.keys():
            return Columns(places, row.number)
    return None


def name_column(text: str) -> str | None:
    """The column of a heading: a roster's, and the decision."""
    return "decision" if heading_key(text) in DECISIONS else find_column(text)


def read_sheet(file: str, sheet: Sheet, columns: Columns) -> Iterator[PlacedRow | tuple[Place, Fault]]:
    """The rows below the headings that say something."""
    for row in sheet.rows():
        if row.number <= columns.last or not any(cell_text(columns.cell(row, column)) for column in SPEAKING):
            continue
        number_text = cell_text(columns.cell(row, "personal_number"))
        if name_column(number_text or "") == "personal_number" or is_aside(row, columns):
            continue
        yield from read_row(Place(file, sheet.name, row.number), row, columns)


def is_aside(row: Row, columns: Columns) -> bool:
    """A group heading, a total or a signature: neither a number nor a name."""
    return cell_text(columns.cell(row, "personal_number")) is None and cell_text(columns.cell(row, "name")) is None


def read_row(place: Place, row: Row, columns: Columns) -> Iterator[PlacedRow | tuple[Place, Fault]]:
    """One row, or its faults."""
    number, faults = read_number(columns.cell(row, "personal_number"), None)
    found = [fault for fault in faults if not fault.restored]
    unit = cell_text(columns.cell(row, "new_unit_code"))
    title = cell_text(columns.cell(row, "new_title"))
    leaves = unit is None and title is not None and fold_name(title) in LEAVING
    if unit is None and not leaves:
        why = Message(_("Say the new unit's code, or a word for leaving such as “Nghỉ hưu” as the new post."))
        found.append(Fault("new_unit_code", shown_value(columns.cell(row, "new_title")), "destination-missing", why))
    duties, body, main = read_post(row, columns, found)
    if found or number is None:
        yield from ((place, fault) for fault in found)
        return
    yield PlacedRow(
        place=place,
        number=number,
        name=cell_text(columns.cell(row, "name")) or "",
        old_unit_code=cell_text(columns.cell(row, "unit_code")),
        new_unit_code=unit,
        leaves=leaves,
        title=None if leaves else title,
        duties=duties,
        body=body,
        main=main,
        decision=cell_text(columns.cell(row, "decision")),
    )


def read_post(row: Row, columns: Columns, found: list[Fault]) -> tuple[tuple[str, ...] | None, str | None, bool | None]:
    """Duties, body and main of the new post; nothing of a roster's, which are the old post's."""
    if columns.roster:
        return None, None, None
    duties, duty_faults = read_duties(columns.cell(row, "duties"))
    body, body_faults = read_body(columns.cell(row, "body"))
    main, main_faults = read_main(columns.cell(row, "main"))
    found += [fault for fault in (*duty_faults, *body_faults, *main_faults) if not fault.restored]
    return (duties if "duties" in columns.places else None), body, main
