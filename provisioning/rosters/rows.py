"""One row of a sheet as values of a person, with every finding: all columns are read before anything is refused."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from foundation.i18n import Message
from provisioning.rosters.addresses import read_email, read_login
from provisioning.rosters.birth_dates import DateSystem, Evidence, read_birth_date
from provisioning.rosters.cells import Cell, cell_text, find_foreign, shown_value
from provisioning.rosters.password_hashes import read_hash
from provisioning.rosters.personal_numbers import DIGITS, SEPARATORS, number_year, read_number
from provisioning.rosters.phones import read_phone
from provisioning.rosters.post_words import read_body, read_duties, read_main
from provisioning.rosters.unit_codes import UnitBook, read_unit_code
from provisioning.rosters.vocabulary import Fault, Values
from provisioning.rosters.written_names import read_name

LONGEST_TITLE: Final = 200
# What an error or a formula begins with, spaces before it too; asked of every cell before anything slower.
SUSPICIOUS: Final = frozenset("=@+-#\t\r\n \u00a0")


@dataclass(frozen=True, slots=True)
class Sight:
    """What a row is read with: where its columns stand, the known units, the day, the sheet's date system."""

    columns: Mapping[str, int]
    units: UnitBook
    today: date
    system: DateSystem = 1900


class ReadRow(NamedTuple):
    """A person's row: its values, its findings, and what its birth date tells about the column's order."""

    values: Values
    faults: tuple[Fault, ...]
    evidence: Evidence | None
    birth_cell: str | None


def read_row(cells: Sequence[Cell], sight: Sight) -> ReadRow:
    """The row as values; a value with a fault is None."""
    columns = sight.columns
    width = len(cells)
    foreign: list[Fault] = []
    for column, place in columns.items():
        if (
            place < width
            and type(cells[place]) is str
            and (found := find_foreign(column, str(cells[place]))) is not None
        ):
            foreign.append(found)
    strange = {fault.column for fault in foreign}

    def take(column: str) -> Cell:
        """The cell of a column; an error or a formula in it is told once and read as nothing."""
        place = columns.get(column, width)
        return cells[place] if place < width and column not in strange else None

    name, name_faults = read_name(take_name(take, columns))
    number_cell = take("personal_number")
    birth_cell = take("birth_date")
    if birth_cell is None and "birth_date_women" in columns:
        birth_cell = take("birth_date_women")
    birth, birth_faults, evidence = read_birth_date(birth_cell, guess_year(number_cell), sight.today, sight.system)
    number, number_faults = read_number(number_cell, birth)
    unit, scheme, unit_faults = read_unit_code(take("unit_code"), take("unit_scheme"), sight.units)
    title, title_faults = read_title(take("title"))
    duties, duty_faults = read_duties(take("duties"))
    body, body_faults = read_body(take("body"))
    main, main_faults = read_main(take("main"))
    email, email_faults = read_email(take("email"))
    phone, phone_faults = read_phone(take("phone"))
    login, login_faults = read_login(take("login"))
    hashed, hash_faults = read_hash(take("password_hash"))
    values = Values(
        name, birth, number, unit, scheme, title, duties, body, main, email, phone, login,
        cell_text(take("staff_code")), read_new_code(take("new_unit_code")), cell_text(take("new_title")), hashed,
    )  # fmt: skip
    faults = (
        *name_faults, *birth_faults, *number_faults, *unit_faults, *title_faults, *duty_faults, *body_faults, *main_faults,
        *email_faults, *phone_faults, *login_faults, *hash_faults,
    )  # fmt: skip
    if foreign:
        faults = (*foreign, *(fault for fault in faults if fault.column not in strange))
    return ReadRow(values, faults, evidence, shown_value(birth_cell))


def take_name(take: Callable[[str], Cell], columns: Mapping[str, int]) -> Cell:
    """The name from its column, or from the two columns for family and given name."""
    if "name" in columns:
        whole = take("name")
        given = take("given_name") if "given_name" in columns and columns["given_name"] == columns["name"] + 1 else None
        return f"{whole} {given}" if whole and given else whole
    parts = [str(part) for part in (take("family_name"), take("given_name")) if part]
    return " ".join(parts) or None


def guess_year(cell: Cell) -> int | None:
    """The birth year a number seems to tell, its lost zeros thought back; for proving dates."""
    text = cell_text(cell)
    digits = text.translate(SEPARATORS) if text else ""
    if not digits.isascii() or not digits.isdigit() or not DIGITS - 2 <= len(digits) <= DIGITS:
        return None
    return number_year(digits.zfill(DIGITS))


def read_title(cell: Cell) -> tuple[str | None, tuple[Fault, ...]]:
    """The title of the post as it is written."""
    title = cell_text(cell)
    if title is None:
        return None, (Fault("title", None, "title-missing", Message("The title of the post is missing.")),)
    if len(title) > LONGEST_TITLE or title.isdigit():
        return None, (Fault("title", shown_value(cell), "title-shape", Message("This is no title of a post.")),)
    return title, ()


def read_new_code(cell: Cell) -> str | None:
    """The code of the unit a person is to move to; it is judged by the merger, which knows the new units."""
    text = cell_text(cell)
    return text.upper() if text else None
