"""The log: one JSON object a line, the request's id, nothing that opens a door."""

import json
import logging
from pathlib import Path

import pytest

from foundation.log import Line, blank_secrets, write_entry
from foundation.requests import request


@pytest.mark.parametrize(
    "text",
    [
        "password=hunter2",
        "{'password': 'hunter2', 'x': 1}",
        '{"new_password_again":"hunter2"}',
        "Authorization: Bearer hunter2hunter2",
        "client_secret=hunter2&grant_type=x",
        "GET /cb?code=hunter2&state=1",
        "Basic aHVudGVyMg==hunter2",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.hunter2",
        "refresh_token: hunter2",
        "id_token_hint=hunter2",
    ],
)
def test_secrets_are_blanked(text: str) -> None:
    blanked = blank_secrets(text)
    assert "hunter2" not in blanked
    assert "…" in blanked


def test_plain_words_stay() -> None:
    text = "unit H61.12 passed whole; 3 people; status code was fine"
    assert blank_secrets(text) == text


def test_a_line_is_one_object_with_the_requests_id() -> None:
    record = logging.LogRecord(
        "hopnhat.web", logging.INFO, __file__, 1, "refused: %s\nsecond line", ("đăng nhập",), None
    )
    record.password, record.path = "hunter2", "/login"
    with request("abc123"):
        line = Line().format(record)
    entry = json.loads(line)
    assert "\n" not in line
    assert (entry["request"], entry["path"], entry["password"]) == ("abc123", "/login", "…")
    assert entry["message"].startswith("refused: đăng nhập")


def test_whatever_its_values_are_an_entry_is_spelled_the_same_way() -> None:
    """Who looks for `"level":"warning"` in the log finds every such line."""
    assert write_entry({"level": "info", "tries": 1}) == '{"level":"info","tries":1}'
    assert write_entry({"level": "info", "place": Path("/a")}) == '{"level":"info","place":"/a"}'


def test_a_trace_is_blanked_too() -> None:
    try:
        raise ValueError("password=hunter2")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, __file__, 1, "failed", (), (ValueError, error, error.__traceback__)
        )
    assert "hunter2" not in Line().format(record)
