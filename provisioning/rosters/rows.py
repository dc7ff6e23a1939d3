"""One row of a sheet as values of a person, with every finding: all columns are read before anything is refused."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from foundation.i18n import Message
from provisioning.rosters.addresses import read_email, read_login
from provisioning.rosters.birth_dates import DateSystem, Evidence, read_birth_date
from provisioning.rosters.cells import Cell, cell_text, find_foreign, shown_value
from provisioning.rosters.old_fonts import TwoReadings, find_old_font
from provisioning.rosters.password_hashes import read_hash
from provisioning.rosters.personal_numbers import DIGITS, OLD_CARD, SEPARATORS, is_whole, number_year, read_number
from provisioning.rosters.phones import read_phone
from provisioning.rosters.post_words import read_body, read_duties, read_main
from provisioning.rosters.unit_codes import UnitBook, read_unit_code
from provisioning.rosters.vocabulary import COLUMNS, Fault, Values
from provisioning.rosters.written_names import MISREAD, REPLACED, read_name, reread, tell_old_font, tell_two_readings

LONGEST_TITLE: Final = 200
LOST: Final = re.compile("[?□\ufffd]")
# Greek and Cyrillic, and the Icelandic and African letters that are drawn like Đ.
FOREIGN_LETTER: Final = re.compile("[\u0370-\u052fÐðƉɖ]")
NOTHING: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Sight:
    """What a row is read with: where its columns stand, the known units, the day, the sheet's date system."""

    columns: Mapping[str, int]
    units: UnitBook
    today: date
    system: DateSystem = 1900
    twice: Mapping[str, Sequence[int]] = field(default_factory=dict)


class ReadRow(NamedTuple):
    """A person's row: its values, its findings, and what its birth date tells about the column's order."""

    values: Values
    faults: tuple[Fault, ...]
    evidence: Evidence | None
    birth_cell: str | None
    raw: Mapping[str, str] = {}


def read_row(cells: Sequence[Cell], sight: Sight) -> ReadRow:
    """The row as values; a value with a fault is None."""
    columns = sight.columns
    width = len(cells)
    given = {column: cells[place] for column, place in columns.items() if place < width}
    foreign = [
        found
        for column, cell in given.items()
        if type(cell) is str and cell and not cell[0].isalnum() and (found := find_foreign(column, cell)) is not None
    ]
    if sight.twice:
        foreign.extend(find_contradictions(cells, sight))
    strange = {fault.column for fault in foreign}
    for column in strange:
        given.pop(str(column), None)  # An error or a formula is told once and read as nothing.
    take = given.get

    name, name_faults = read_name(take("name") if "given_name" not in columns else take_name(take, columns))
    number_cell = take("personal_number")
    birth_cell = take("birth_date")
    if birth_cell in (None, "") and "birth_date_women" in columns:
        birth_cell = take("birth_date_women")
    birth, birth_faults, evidence = read_birth_date(birth_cell, guess_year(number_cell), sight.today, sight.system)
    number, number_faults = read_number(number_cell, birth)
    kept = isinstance(number_cell, str) and number_cell.startswith("0")
    unit, scheme, unit_faults = read_unit_code(take("unit_code"), take("unit_scheme"), sight.units, kept)
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
    wrong = {fault.column for fault in faults if not fault.restored}
    raw = find_raw(cells, columns, values, wrong) if wrong else NOTHING
    return ReadRow(values, faults, evidence, shown_value(birth_cell) if evidence else None, raw)


def find_raw(
    cells: Sequence[Cell], columns: Mapping[str, int], values: Values, wrong: Set[str | None]
) -> dict[str, str]:
    """What stands in the columns that are wrong or gave no value, for the file to be repaired; a hash that is none is not repeated."""
    whole = {column: cells[place] for column, place in columns.items() if place < len(cells)}
    whole["name"] = take_name(whole.get, columns)
    if not cell_text(whole.get("birth_date")) and "birth_date_women" in whole:
        whole["birth_date"] = whole["birth_date_women"]
    found = {
        column: cell_text(whole.get(column))
        for column in COLUMNS
        if column in wrong or getattr(values, column) in (None, ())
    }
    return {column: text for column, text in found.items() if text and column != "password_hash"}


def find_contradictions(cells: Sequence[Cell], sight: Sight) -> Iterator[Fault]:
    """The faults of columns that stand twice under one heading and say two things of one person."""
    for column, places in sight.twice.items():
        written = (cell_text(cells[place]) for place in places if place < len(cells))
        said = list(dict.fromkeys(text for text in written if text is not None))
        if column == "personal_number":
            said = list({strip_number(text): text for text in said if len(strip_number(text)) > OLD_CARD}.values())
        if len(said) > 1:
            message = Message(
                "Two columns of this heading say different things: {said}. Keep one.", {"said": " · ".join(said)}
            )
            yield Fault(column, said[0], "column-twice", message)


def strip_number(text: str) -> str:
    """The digits of a number without signs and leading zeros, for comparing."""
    return text.translate(SEPARATORS).lstrip("0")


def take_name(take: Callable[[str], Cell | None], columns: Mapping[str, int]) -> Cell:
    """The name from its column, or from the two columns for family and given name."""
    if "name" in columns:
        whole = take("name")
        given = take("given_name") if "given_name" in columns and columns["given_name"] == columns["name"] + 1 else None
        return join_parts([whole, given]) if whole and given else whole
    return join_parts([part for part in (take("family_name"), take("given_name")) if part])


def join_parts(parts: Sequence[Cell]) -> str | None:
    """The parts of a name as one text, with both readings where a part has two."""
    text = " ".join(map(str, parts))
    if any(isinstance(part, TwoReadings) for part in parts):
        return TwoReadings(text, " ".join(part.other if isinstance(part, TwoReadings) else str(part) for part in parts))
    return text or None


def guess_year(cell: Cell) -> int | None:
    """The birth year a number seems to tell, its lost zeros thought back; for proving dates."""
    if type(cell) is str and is_whole(cell):
        return number_year(cell)
    text = cell_text(cell)
    digits = text.translate(SEPARATORS) if text else ""
    if not digits.isascii() or not digits.isdigit() or not DIGITS - 2 <= len(digits) <= DIGITS:
        return None
    return number_year(digits.zfill(DIGITS))


def read_title(cell: Cell) -> tuple[str | None, tuple[Fault, ...]]:
    """The title of the post as it is written; titles repeat, so what was said of one is remembered."""
    if isinstance(cell, TwoReadings):
        return None, (tell_two_readings("title", cell),)
    return judge_title(cell)


@lru_cache(maxsize=8192, typed=True)
def judge_title(cell: Cell) -> tuple[str | None, tuple[Fault, ...]]:
    """The same, worked out."""
    title = cell_text(cell)
    if title is None:
        return None, (Fault("title", None, "title-missing", Message("The title of the post is missing.")),)
    if (found := judge_title_letters(title, shown_value(cell))) is not None:
        return None, (found,)
    if len(title) > LONGEST_TITLE or title.isdigit():
        return None, (Fault("title", shown_value(cell), "title-shape", Message("This is no title of a post.")),)
    return title, ()


def judge_title_letters(title: str, value: str | None) -> Fault | None:
    """The fault of a title with letters that were lost, misread, of an old font or of another alphabet."""
    if LOST.search(title):
        message = Message("Letters were lost in a conversion (“?” or “□”). Type the title anew.")
        return Fault("title", value, "title-letters-lost", message)
    if MISREAD.search(title):
        message = Message("The title was read in a wrong character set.")
        return Fault("title", value, "title-misread", message, reread(title))
    if (written := find_old_font(title)) is not None:
        return tell_old_font("title", value, written[0].name, written[1])
    if FOREIGN_LETTER.search(title):
        message = Message("A letter of another alphabet stands here that looks like ours.")
        return Fault("title", value, "title-lookalike", message, title.translate(REPLACED))
    return None


def read_new_code(cell: Cell) -> str | None:
    """The code of the unit a person is to move to; it is judged by the merger, which knows the new units."""
    text = cell_text(cell)
    return text.upper() if text else None
