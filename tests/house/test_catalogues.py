"""Every sentence for people stands in Vietnamese, too, with the same values filled in."""

import pytest

from foundation.catalogues import fields, find_lacks, find_messages, read_catalogue
from tests.house.source import FLOORS, HOUSE


@pytest.mark.parametrize("room", FLOORS)
def test_every_sentence_is_translated(room: str) -> None:
    assert find_lacks(HOUSE / room, "vi") == []


@pytest.mark.parametrize("room", FLOORS)
def test_no_translation_outlives_its_sentence(room: str) -> None:
    said = find_messages(HOUSE / room)
    assert [text for text in read_catalogue(HOUSE / room, "vi") if text not in said] == []


def test_rooms_agree_on_the_sentences_they_share() -> None:
    """One English sentence is one Vietnamese sentence, whichever room's catalogue is read last."""
    seen: dict[str, str] = {}
    quarrels = []
    for room in FLOORS:
        for text, translation in read_catalogue(HOUSE / room, "vi").items():
            if seen.setdefault(text, translation) != translation:
                quarrels.append(f"{text!r}: {seen[text]!r} and {translation!r}")
    assert quarrels == []


def test_the_values_of_a_sentence_are_found() -> None:
    assert fields("{count} of {{total}} in {unit}") == {"count", "unit"}
