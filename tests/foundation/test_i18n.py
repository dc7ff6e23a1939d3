"""Two languages: sentences, values, days."""

from datetime import UTC, date, datetime

import pytest

from foundation.clocks import VIETNAM
from foundation.i18n import Message, choose_language, format_day, format_instant, read_accepted, translate


def test_a_sentence_is_said_in_either_language() -> None:
    assert translate("en", "What you can do") == "What you can do"
    assert translate("vi", "What you can do") == "Bạn có thể làm gì"


def test_a_sentence_nobody_translated_is_said_in_english() -> None:
    assert translate("vi", "No such sentence {value}.", value=1) == "No such sentence 1."


def test_values_are_said_in_the_readers_language() -> None:
    inner = Message("There is nothing here.")
    assert translate("vi", "{what} {day}", what=inner, day=date(2025, 7, 1)) == "Không có gì ở đây. 1/7/2025"
    assert translate("en", "{what} {day}", what=inner, day=date(2025, 7, 1)) == "There is nothing here. 1 July 2025"


def test_braces_in_values_are_only_text() -> None:
    assert translate("en", "Held by {names}.", names="{x.__class__}") == "Held by {x.__class__}."


def test_days_and_instants_are_written_as_the_reader_writes_them() -> None:
    assert format_day("vi", date(2025, 7, 1)) == "1/7/2025"
    assert format_day("en", date(2025, 7, 1)) == "1 July 2025"
    assert format_instant("vi", datetime(2025, 6, 30, 17, tzinfo=UTC), VIETNAM) == "00:00, 1/7/2025"


@pytest.mark.parametrize(
    "header, languages",
    [
        ("vi-VN,vi;q=0.9,en;q=0.8", ["vi", "vi", "en"]),
        ("en;q=0.1, vi;q=0.5", ["vi", "en"]),
        ("en;q=0", []),
        ("", []),
        (";q=1", []),
        ("en;q=one", []),
    ],
)
def test_accept_language_is_read_best_first(header: str, languages: list[str]) -> None:
    assert read_accepted(header) == languages


def test_the_first_known_wish_wins() -> None:
    assert choose_language([None, "fr-FR en-GB vi"], "vi", "vi") == "en"
    assert choose_language([None, ""], None, "vi") == "vi"
