"""Phones, addresses, words for posts, hashes, formulas: one table of what is taken and one of what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioning.rosters.addresses import read_email, read_login
from provisioning.rosters.cells import Cell, disarm, find_foreign
from provisioning.rosters.password_hashes import read_hash
from provisioning.rosters.phones import read_phone
from provisioning.rosters.post_words import read_body, read_duties, read_main

Read = Callable[[Cell], tuple[Any, tuple[Any, ...]]]


def name_case(value: object) -> str:
    """A value as it stands in a test's name; a reader by its own name, because its address differs from process to process."""
    return str(getattr(value, "__name__", value))


@pytest.mark.parametrize(
    ("read", "cell", "value", "code"),
    [
        (read_phone, "0912345678", "0912345678", None),
        (read_phone, "0912 345 678", "0912345678", None),
        (read_phone, None, None, None),
        (read_phone, 912345678, "0912345678", "phone-zero"),
        (read_phone, "2703822222", "02703822222", "phone-zero"),
        (read_phone, "+84 912 345 678", "0912345678", "phone-country-code"),
        (read_phone, "84912345678", "0912345678", "phone-country-code"),
        (read_email, "Hoa.LT@VinhLong.gov.vn", "hoa.lt@vinhlong.gov.vn", None),
        (read_email, "<hoa@vinhlong.gov.vn>;", "hoa@vinhlong.gov.vn", "email-wrapped"),
        (read_login, "Hoa.LT", "hoa.lt", None),
        (read_duties, "Văn thư; đầu mối", ("clerk", "focal_point"), None),
        (read_duties, "leader,hr", ("leader", "hr"), None),
        (read_body, "Đảng uỷ", "party", None),
        (read_body, "UBND", "committee", None),
        (read_main, "Kiêm nhiệm", False, None),
        (read_main, "x", True, None),
        (read_hash, "{SSHA}mYfA2Lq1tT0tqv8w1B2C3D4E5F6=", "{SSHA}mYfA2Lq1tT0tqv8w1B2C3D4E5F6=", None),
    ],
    ids=name_case,
)
def test_what_is_taken(read: Read, cell: Cell, value: object, code: str | None) -> None:
    taken, found = read(cell)
    assert taken == value
    assert [fault.code for fault in found] == ([code] if code else [])


@pytest.mark.parametrize(
    ("read", "cell", "code", "proposal"),
    [
        (read_phone, "01681234567", "phone-old-prefix", "0381234567"),
        (read_phone, "0912345678; 0987654321", "phone-several", "0912345678"),
        (read_phone, "12345", "phone-shape", None),
        (read_email, "hòa lt@vinhlong,gov.vn", "email-shape", "hoalt@vinhlong.gov.vn"),
        (read_email, "không rõ", "email-shape", None),
        (read_login, "Lê Hòa", "login-shape", "lehoa"),
        (read_duties, "văn thơ", "duty-unknown", "văn thư"),
        (read_body, "hội đồng nhân", "body-unknown", "HĐND"),
        (read_main, "tạm", "main-unknown", None),
        (read_hash, "Matkhau@123", "hash-unknown", None),
    ],
    ids=name_case,
)
def test_what_is_refused(read: Read, cell: Cell, code: str, proposal: str | None) -> None:
    _taken, found = read(cell)
    assert [(fault.code, fault.proposal) for fault in found] == [(code, proposal)]


def test_a_password_in_the_column_of_hashes_is_not_repeated() -> None:
    _taken, (found,) = read_hash("Matkhau@123")
    assert found.value == "…"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ('=HYPERLINK("http://x")', "cell-formula"),
        ("@SUM(A1:A9)", "cell-formula"),
        ("+cmd|'/c calc'!A0", "cell-formula"),
        ("#N/A", "cell-error"),
        ("#REF!", "cell-error"),
    ],
)
def test_formulas_and_errors_are_told_and_never_run(cell: str, code: str) -> None:
    found = find_foreign("title", cell)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("cell", ["+84912345678", "- Phó Chủ tịch", "Văn thư", "#1"])
def test_signs_that_are_no_formula_are_left_alone(cell: str) -> None:
    assert find_foreign("title", cell) is None


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_what_we_write_is_never_run(text: str) -> None:
    assert disarm(text) == f"'{text}"
