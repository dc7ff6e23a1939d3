"""Log-ins made from names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.logins import LoginBook, build_login, is_login, login_key


@pytest.mark.parametrize(
    ("name", "login"),
    [
        ("Lê Thị Hoa", "hoa.lt"),
        ("Đặng Thị Hoà", "hoa.dt"),
        ("Nguyễn Đức", "duc.n"),
        ("Hoa", "hoa"),
        ("H'Hen Niê", "nie.h"),
        ("Nguyễn Phước Quý Ngọc", "ngoc.npq"),
    ],
)
def test_a_login_is_the_given_name_and_the_initials(name: str, login: str) -> None:
    assert build_login(name) == login
    assert is_login(login)


@pytest.mark.parametrize("typed", ["hoa.lt", "Hoa.LT", " hoa.lt ", "hòa.lt", "hoa .lt", "HOA.LT\u00a0"])
def test_a_login_is_understood_as_people_type_it(typed: str) -> None:
    assert login_key(typed) == "hoa.lt"


@pytest.mark.parametrize("login", ["", ".hoa", "hoa.", "Hoa", "hoa lt", "hòa", "a" * 65])
def test_what_is_not_a_login_is_told_apart(login: str) -> None:
    assert not is_login(login)


def test_a_number_follows_when_the_login_was_ever_given() -> None:
    book = LoginBook(is_taken={"hoa.lt"}.__contains__)
    assert [book.give("Lê Thị Hoa") for _ in range(3)] == ["hoa.lt2", "hoa.lt3", "hoa.lt4"]


def test_a_claimed_login_is_given_to_nobody_else() -> None:
    book = LoginBook(is_taken=lambda _key: False)
    assert book.claim("Hoa.LT")
    assert not book.claim("hoa.lt")
    assert book.give("Lê Thị Hoa") == "hoa.lt2"


def test_a_name_without_letters_still_gets_a_login() -> None:
    assert LoginBook(is_taken=lambda _key: False).give("…") == "user"


@given(st.text(max_size=60))
def test_the_key_of_a_key_is_itself(text: str) -> None:
    assert login_key(login_key(text)) == login_key(text)
