"""The usual dirt of rosters, sown from the seed; every instance knows what the importer must say about it.

restored    the importer mends it alone: the true value can be read from what stands there
fault       the importer must report it and change nothing: only HR knows the true value
duplicate   the same person again, by personal number: one human
candidate   perhaps the same person, perhaps not: a human decides, nobody is joined by name and birth date
ok          two people who share a name and a birth date and nothing else: they stay two, nobody has to be asked
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from trial.draws import open_draws
from trial.officials import Official, Register, draw_login, draw_personal_number, draw_phone
from trial.posts import PostKind
from trial.rosters import Book, Cell, Dirt, Row, Sheet, build_post_values

DIRTY_SHARE = 0.008
"""The share of rows of a sheet that get each kind of restorable dirt."""

PAIRS = {
    "row_twice": ("duplicate", 4),
    "two_rosters": ("duplicate", 6),
    "typo_number": ("candidate", 5),
    "homonym": ("ok", 6),
}
"""Kinds of doubled people: what the importer must say, and how many of each stand in a merger."""

FAULTS_OF_EACH_KIND = 3

_EPOCH_1900, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to spoil one cell; `spoil` takes the cell and the book it stands in."""

    name: str
    column: str
    spoil: Callable[[Cell, Book], Cell]
    formats: tuple[str, ...] = ("xlsx", "csv")


def _day(cell: Cell) -> date:
    assert isinstance(cell, date)
    return cell


def _serial(cell: Cell, book: Book) -> int:
    return (_day(cell) - (_EPOCH_1904 if book.date_1904 else _EPOCH_1900)).days


def _number_without_zero(cell: Cell, book: Book) -> Cell:
    shorter = int(str(cell))
    return shorter if book.format == "xlsx" else str(shorter)


def _grouped(cell: Cell, book: Book) -> str:
    digits = str(cell)
    return " ".join((digits[:3], digits[3:6], digits[6:9], digits[9:]))


RESTORABLE = (
    Kind("nfd_name", "name", lambda cell, book: unicodedata.normalize("NFD", str(cell))),
    Kind("nbsp_name", "name", lambda cell, book: f" {str(cell).replace(' ', chr(0xA0))}  "),
    Kind("upper_name", "name", lambda cell, book: str(cell).upper()),
    Kind("lost_zero_number", "personal_number", _number_without_zero),
    Kind("spaces_in_number", "personal_number", _grouped),
    Kind("lost_zero_phone", "phone", _number_without_zero),
    Kind("phone_with_country", "phone", lambda cell, book: f"+84 {str(cell)[1:4]} {str(cell)[4:7]} {str(cell)[7:]}"),
    Kind("date_with_dots", "birth_date", lambda cell, book: f"{_day(cell):%d.%m.%Y}"),
    Kind("date_year_first", "birth_date", lambda cell, book: f"{_day(cell):%Y-%m-%d}"),
    Kind("date_as_number", "birth_date", _serial, ("xlsx",)),
    Kind("code_in_small_letters", "unit_code", lambda cell, book: f"{str(cell).lower()} "),
    Kind("email_in_capitals", "email", lambda cell, book: str(cell).upper()),
)

FAULTS = (
    Kind("unknown_code", "unit_code", lambda cell, book: "H99.99.99"),
    Kind("number_with_letters", "personal_number", lambda cell, book: f"{str(cell)[:7]}X{str(cell)[8:]}"),
    Kind("number_too_short", "personal_number", lambda cell, book: str(cell)[:9]),
    Kind("impossible_date", "birth_date", lambda cell, book: f"31/02/{_day(cell).year}"),
    Kind("name_missing", "name", lambda cell, book: ""),
)


def true_text(cell: Cell) -> str:
    """A clean cell as `roster check` prints it: dates in ISO."""
    return cell.isoformat() if isinstance(cell, date) else str(cell or "")


def soil_books(
    books: list[Book], register: Register, seed: int, scope: str, by_name: frozenset[str] = frozenset()
) -> list[Book]:
    """The books with restorable dirt and doubled people; faults are sown separately.

    Nobody is doubled into the units of `by_name` (refs): their people are placed by name, and a double is on no list.
    """
    draws = open_draws(seed, "dirt", scope)
    for book in books:
        for sheet in book.sheets:
            _soil_sheet(sheet, book, draws)
    for number, row_and_place in enumerate(_draw_pairs(books, register, draws, by_name), _next_key(books)):
        row, sheet = row_and_place
        sheet.rows.append(replace(row, key=number))
    return books


def draw_faults(books: list[Book], seed: int, scope: str) -> dict[int, tuple[Dirt, Cell]]:
    """For some clean rows, by key: the fault and the faulty cell that stands there in the first version."""
    draws = open_draws(seed, "faults", scope)
    mates = {row.dirt.mate for _, _, row in walk(books) if row.dirt}
    places = [(book, row) for book, _, row in walk(books) if row.dirt is None and row.key not in mates and _usual(row)]
    chosen = iter(draws.sample(places, min(len(places), FAULTS_OF_EACH_KIND * len(FAULTS))))
    faults: dict[int, tuple[Dirt, Cell]] = {}
    for _ in range(FAULTS_OF_EACH_KIND):
        for kind, (book, row) in zip(FAULTS, chosen, strict=False):
            clean = row.values[kind.column]
            faults[row.key] = (Dirt(kind.name, "fault", kind.column, true_text(clean)), kind.spoil(clean, book))
    return faults


def walk(books: list[Book]) -> Iterator[tuple[Book, Sheet, Row]]:
    """Every row with the sheet and the book it stands in."""
    for book in books:
        for sheet in book.sheets:
            for row in sheet.rows:
                yield book, sheet, row


def _usual(row: Row) -> bool:
    """Whether the row may be spoilt: nobody the story follows, nobody with two posts."""
    return not row.official.persona and len(row.official.chair.posts) == 1


def _soil_sheet(sheet: Sheet, book: Book, draws: random.Random) -> None:
    kinds = [kind for kind in RESTORABLE if book.format in kind.formats]
    places = [place for place, row in enumerate(sheet.rows) if _usual(row)]
    each = max(1, round(len(sheet.rows) * DIRTY_SHARE))
    chosen = iter(draws.sample(places, min(len(places), each * len(kinds))))
    for _ in range(each):
        for kind, place in zip(kinds, chosen, strict=False):
            row = sheet.rows[place]
            clean = row.values[kind.column]
            spoilt = kind.spoil(clean, book)
            if spoilt != clean and not (kind.name == "lost_zero_number" and _is_short(row)):
                dirt = Dirt(kind.name, "restored", kind.column, true_text(clean))
                sheet.rows[place] = replace(row, values=row.values | {kind.column: spoilt}, dirt=dirt)


def _is_short(row: Row) -> bool:
    """Whether the unit's code might have lost zeros too (589, or 00589 of another province): beside such a number that is a doubt."""
    code = str(row.values["unit_code"])
    return code.isdigit() and len(code) < 5


def _next_key(books: list[Book]) -> int:
    return max(row.key for _, _, row in walk(books)) + 1


def _draw_pairs(
    books: list[Book], register: Register, draws: random.Random, by_name: frozenset[str]
) -> Iterator[tuple[Row, Sheet]]:
    """The rows that double someone, each with the sheet it goes to; no source is taken twice."""
    places = [(book, sheet, row) for book, sheet, row in walk(books) if row.dirt is None and _usual(row)]
    hosts = [
        (book, sheet, fitting)
        for book in books
        for sheet in book.sheets
        if (fitting := [row for row in sheet.rows if _usual(row) and row.unit.ref not in by_name])
    ]
    wanted = [(kind, outcome) for kind, (outcome, times) in PAIRS.items() for _ in range(times)]
    for (kind, outcome), (book, sheet, row) in zip(wanted, draws.sample(places, len(wanted)), strict=True):
        dirt = Dirt(kind, outcome, "personal_number", true_text(row.values["personal_number"]), mate=row.key)
        if kind == "row_twice":
            yield replace(row, dirt=dirt), sheet
            continue
        others = [place for place in hosts if place[0] is not book] or hosts
        _, target, fitting = draws.choice(others)
        host = draws.choice(fitting)
        yield _double(kind, row, host, dirt, register, draws), target


def _double(kind: str, row: Row, host: Row, dirt: Dirt, register: Register, draws: random.Random) -> Row:
    """The person of `row` once more, as the roster of `host` would carry them: in its unit, with its own log-in."""
    official = row.official
    login = draw_login(official.name, host.unit.province, register)
    double = replace(
        official,
        personal_number=_number_of_double(kind, official, host, register, draws),
        phone=official.phone if kind != "homonym" else draw_phone(draws),
        login=login, email=f"{login}@{host.official.email.partition('@')[2]}",
        staff_code=f"{host.official.staff_code}B", password_hash="", unit=host.unit,
    )  # fmt: skip
    post = PostKind("Công chức (biệt phái)", host.official.chair.posts[0].body)
    values = build_post_values(double, post, host.unit, str(host.values["unit_scheme"]), main=True)
    values["unit_code"] = host.unit.admin if values["unit_scheme"] == "admin-2004" else host.unit.agency
    return Row(0, host.unit, values, double, dirt)


def _number_of_double(kind: str, official: Official, host: Row, register: Register, draws: random.Random) -> str:
    if kind == "homonym":
        return draw_personal_number(draws, host.unit.province, official.sex, official.born, register)
    if kind == "typo_number":
        return _swap_digits(official.personal_number, register)
    return official.personal_number


def _swap_digits(number: str, register: Register) -> str:
    """The number with two neighbours among the last six digits exchanged, as a typist does."""
    for place in range(10, 5, -1):
        swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        if swapped != number and swapped not in register.numbers:
            register.numbers.add(swapped)
            return swapped
    return number[:-1] + str((int(number[-1]) + 1) % 10)
