"""Queries are written and read as the standard library does, sign for sign."""

from urllib.parse import parse_qsl, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2.utils import url_quote

from foundation.escapes import read_text, split_query, write_address, write_query, write_text

SIGNS = "ab-_.~%&=/:?+ đ;'\"\n0129afAF"
TEXTS = st.one_of(st.text(SIGNS, max_size=60), st.text(max_size=60))
PIECES = st.lists(st.sampled_from(["%25", "%26", "%3D", "%3d", "%2F", "%20", "%C4%91", "%", "%2", "+", "a", "25", "é"]))


@given(TEXTS)
def test_a_text_is_written_as_the_library_does(text: str) -> None:
    assert write_text(text) == quote_plus(text)
    assert read_text(write_text(text)) == text


@given(TEXTS)
def test_an_address_is_written_as_templates_do(text: str) -> None:
    assert write_address(text) == url_quote(text)


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5))
def test_pairs_are_written_as_the_library_does(pairs: list[tuple[str, str]]) -> None:
    assert write_query(pairs) == urlencode(pairs)
    assert write_query(dict(pairs)) == urlencode(dict(pairs))


@given(st.text(SIGNS, max_size=60))
def test_a_query_is_split_as_the_library_does(text: str) -> None:
    if "%" in text:
        text = quote_plus(text, safe="&=%+")
    wanted = parse_qsl(text, keep_blank_values=True, errors="replace")
    try:
        found = split_query(text)
    except UnicodeError:
        assert any("\ufffd" in name + value for name, value in wanted)
    else:
        assert found == wanted


@given(PIECES)
def test_escapes_of_every_kind_are_read_as_the_library_does(pieces: list[str]) -> None:
    text = f"a={''.join(pieces)}"
    try:
        wanted = parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeError:
        with pytest.raises(UnicodeError):
            split_query(text)
    else:
        assert split_query(text) == wanted


@pytest.mark.parametrize("text", ["%ff", "%C4", "a%ffb%25"])
def test_bytes_that_are_no_utf8_are_refused(text: str) -> None:
    with pytest.raises(UnicodeError):
        read_text(text)
