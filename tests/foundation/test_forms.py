"""What a request carries: empty is absent, twice is remembered, everything is bounded."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response

from foundation.errors import BadInput
from foundation.forms import FormTooLarge, find_length, parse_pairs, set_cookie


def test_empty_parameters_are_absent() -> None:
    form = parse_pairs("a=&b=1&a=")
    assert dict(form) == {"b": "1"}
    assert form.repeated == frozenset()


@pytest.mark.parametrize("text", ["a=1&a=2", "a=1&a=1", "a=x&b=y&a=x"])
def test_a_parameter_sent_twice_is_remembered(text: str) -> None:
    assert parse_pairs(text).repeated == {"a"}


def test_letters_arrive_as_they_were() -> None:
    assert parse_pairs("t=%C4%91%E1%BB%AF+%2B%26").text("t") == "đữ +&"


@pytest.mark.parametrize("text", ["a=%ff", "a=%00", "a%00=1", "a=\x00", "a=\x00&b=%41"])
def test_bytes_that_are_no_text_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_pairs(text)


@pytest.mark.parametrize("value", ["1", "%31"])
def test_too_many_fields_are_refused(value: str) -> None:
    assert len(parse_pairs("&".join(f"a{n}={value}" for n in range(200)))) == 200
    with pytest.raises(FormTooLarge):
        parse_pairs("&".join(f"a{n}={value}" for n in range(201)))


@pytest.mark.parametrize(
    ("https", "kept", "written"),
    [
        (False, {}, "device=a-B_9.c; HttpOnly; Path=/; SameSite=lax"),
        (True, {"max_age": 60}, "__Host-device=a-B_9.c; HttpOnly; Max-Age=60; Path=/; SameSite=lax; Secure"),
        (True, {"across_sites": True}, "__Host-device=a-B_9.c; HttpOnly; Path=/; SameSite=none; Secure"),
    ],
)
def test_a_cookie_says_where_it_goes(https: bool, kept: dict[str, Any], written: str) -> None:
    response = Response()
    set_cookie(response, "device", "a-B_9.c", https, **kept)
    assert response.headers.getlist("set-cookie") == [written]


@pytest.mark.parametrize("value", ["", "a b", "a;b", "a\r\nset-cookie: b", "đ", '"a"', "a\n"])
def test_what_a_cookie_cannot_carry_is_refused(value: str) -> None:
    response = Response()
    with pytest.raises(ValueError, match="cookie"):
        set_cookie(response, "device", value, https=False)
    assert "set-cookie" not in response.headers


@given(st.text(max_size=200))
def test_any_text_is_a_form_or_a_refusal(text: str) -> None:
    with contextlib.suppress(BadInput):
        parse_pairs(text)


@pytest.mark.parametrize(
    ("announced", "length"),
    [(None, None), ("", None), ("0", 0), ("42", 42), ("-1", None), ("٣", None), ("1_0", None), ("9" * 5000, None)],
)
def test_a_length_that_no_body_has_is_none(announced: str | None, length: int | None) -> None:
    """A number of thousands of digits is more than Python reads, and would be a fault of ours."""
    assert find_length(announced) == length
