"""Personal numbers: what is right, what can be proved, what only a person can say."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.rosters.cells import Cell
from provisioning.rosters.personal_numbers import read_number

BORN = date(1980, 12, 25)


@pytest.mark.parametrize(
    ("cell", "number", "code"),
    [
        ("086180001234", "086180001234", None),
        ("086 180 001 234", "086180001234", "number-separators"),
        ("086.180.001.234", "086180001234", "number-separators"),
        ("'086180001234", "086180001234", "number-separators"),
        (86180001234, "086180001234", "number-zeros"),
        ("86180001234", "086180001234", "number-zeros"),
        (86180001234.0, "086180001234", "number-zeros"),
        ("8.6180001234E+10", "086180001234", "number-zeros"),
        (1180001234, "001180001234", "number-zeros"),
    ],
    ids=str,
)
def test_what_is_certain_is_taken_and_said(cell: Cell, number: str, code: str | None) -> None:
    taken, found = read_number(cell, BORN)
    assert taken == number
    assert [fault.code for fault in found] == ([code] if code else [])
    assert all(fault.restored and fault.proposal == number for fault in found)


@pytest.mark.parametrize(
    ("cell", "birth", "code", "proposal"),
    [
        (None, BORN, "number-missing", None),
        ("-", BORN, "number-missing", None),
        ("86180001234", None, "number-zeros-unproved", "086180001234"),
        ("86180001234", date(1979, 1, 1), "number-zeros-unproved", None),
        ("01180001234", BORN, "number-length", "001180001234"),
        ("331234567", BORN, "number-old-card", None),
        ("0861800012345", BORN, "number-length", None),
        ("086180001234", date(1979, 1, 1), "number-birth-year", None),
        ("098180001234", BORN, "number-province", None),
        ("000180001234", BORN, "number-province", None),
        ("086480001234", BORN, "number-century", None),
        ("8.618E+10", BORN, "number-rounded", None),
        ("8,618E+10", BORN, "number-rounded", None),
        ("0861800O1234", BORN, "number-letters", "086180001234"),
        ("0861800X1234", BORN, "number-letters", None),
        (86180001234.5, BORN, "number-length", None),
        ("０８６１８０００１２３４", BORN, "number-letters", "086180001234"),
    ],
    ids=str,
)
def test_what_is_doubtful_is_a_fault(cell: Cell, birth: date | None, code: str, proposal: str | None) -> None:
    taken, found = read_number(cell, birth)
    assert taken is None
    assert [(fault.code, fault.proposal, fault.restored) for fault in found] == [(code, proposal, False)]


def test_a_number_that_was_cut_off_is_not_taken_for_one_that_lost_its_zero() -> None:
    # 0 + these digits would be a number of a person born in 1980, but so would the digits themselves with an end missing.
    digits = "10108018080"
    taken, found = read_number(digits, date(1980, 1, 1))
    assert taken is None
    assert found[0].code == "number-zeros-unproved"


@given(st.integers(1, 96), st.integers(0, 3), st.integers(0, 99), st.integers(0, 999_999))
def test_lost_zeros_are_restored_to_what_they_were_or_not_at_all(place: int, sex: int, year: int, rest: int) -> None:
    number = f"{place:03}{sex}{year:02}{rest:06}"
    birth = date((1900 if sex < 2 else 2000) + year, 6, 15)
    taken, found = read_number(int(number), birth)
    assert taken in (number, None)
    assert found or taken == number
