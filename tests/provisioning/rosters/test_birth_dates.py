"""Birth dates as written and as stored."""

from collections import Counter
from datetime import date, datetime

import pytest

from provisioning.rosters.birth_dates import Evidence, judge_column, read_birth_date
from provisioning.rosters.cells import Cell

TODAY = date(2025, 6, 24)


@pytest.mark.parametrize(
    ("cell", "year", "day", "restored"),
    [
        ("25/12/1980", None, date(1980, 12, 25), False),
        ("25.12.1980", None, date(1980, 12, 25), False),
        ("25-12-1980", None, date(1980, 12, 25), False),
        ("5/3/1980", None, date(1980, 3, 5), False),
        ("1980-12-25", None, date(1980, 12, 25), False),
        ("1980-12-25 00:00:00", None, date(1980, 12, 25), False),
        ("ngày 25 tháng 12 năm 1980", None, date(1980, 12, 25), False),
        (date(1980, 12, 25), None, date(1980, 12, 25), False),
        (datetime(1980, 12, 25, 7), None, date(1980, 12, 25), False),  # noqa: DTZ001 — a cell has no zone
        ("12/25/1980", None, date(1980, 12, 25), True),
        ("1980-25-12", None, date(1980, 12, 25), True),
        ("25/12/80", 1980, date(1980, 12, 25), True),
        ("25121980", 1980, date(1980, 12, 25), True),
        ("19801225", 1980, date(1980, 12, 25), True),
        (5031980, 1980, date(1980, 3, 5), True),
        (29580, 1980, date(1980, 12, 25), True),
        ("29580", 1980, date(1980, 12, 25), True),
    ],
    ids=str,
)
def test_a_certain_date_is_taken(cell: Cell, year: int | None, day: date, restored: bool) -> None:
    taken, found, _evidence = read_birth_date(cell, year, TODAY)
    assert taken == day
    assert bool(found) is restored
    assert all(fault.restored and fault.proposal == day.isoformat() for fault in found)


@pytest.mark.parametrize(
    ("cell", "year", "code", "proposal"),
    [
        (None, None, "birth-date-missing", None),
        ("31/02/1980", 1980, "birth-date-impossible", None),
        ("29/02/1981", 1980, "birth-date-impossible", "1980-02-29"),
        ("29/02/1981", 1981, "birth-date-impossible", None),
        ("25/12/80", None, "birth-date-year-short", None),
        ("1980", 1980, "birth-date-year-only", None),
        (1980, 1980, "birth-date-year-only", None),
        (29580, None, "birth-date-serial", "1980-12-25"),
        (29580, 1985, "birth-date-serial", None),
        (28118, 1980, "birth-date-system", "1980-12-25"),
        (date(1976, 12, 24), 1980, "birth-date-system", "1980-12-25"),
        ("25121980", None, "birth-date-shape", "1980-12-25"),
        ("khoảng 1980", None, "birth-date-shape", None),
        ("25/12/2020", 2020, "birth-date-unlikely", None),
        ("25/12/1880", None, "birth-date-unlikely", None),
    ],
    ids=str,
)
def test_a_doubtful_date_is_a_fault(cell: Cell, year: int | None, code: str, proposal: str | None) -> None:
    taken, found, _evidence = read_birth_date(cell, year, TODAY)
    assert taken is None
    assert [(fault.code, fault.proposal) for fault in found] == [(code, proposal)]


def test_serial_numbers_are_counted_by_the_date_system_of_the_file() -> None:
    assert read_birth_date(28118, 1980, TODAY, 1904)[0] == date(1980, 12, 25)
    assert read_birth_date(28118, 1980, TODAY, 1900)[0] is None


@pytest.mark.parametrize(
    ("evidence", "doubtful"),
    [
        ({"text-day-first": 9, "text-open": 4}, set()),
        ({"text-month-first": 1, "text-open": 4}, {"text-open"}),
        ({"stored-open": 4, "text-day-first": 6}, {"stored-open"}),
        ({"stored-open": 4, "stored-closed": 1, "text-day-first": 6}, set()),
        ({"stored-open": 3, "text-open": 2, "text-day-first": 6}, set()),
        ({"stored-open": 1, "text-day-first": 6}, {"stored-open"}),
        ({"stored-open": 400}, set()),
    ],
)
def test_the_order_of_a_column_is_weighed_over_the_sheet(
    evidence: dict[Evidence, int], doubtful: set[Evidence]
) -> None:
    assert judge_column(Counter(evidence)) == doubtful
