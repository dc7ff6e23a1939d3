"""A change of daily life taken back: as if it had not been, but on record; refused once something was built upon it."""

import json
import uuid

import pytest

from foundation.handling import drain
from foundation.shell import Actor
from provisioning.people.jobs import HANDLERS
from tests.provisioning.people.conftest import Call, Office
from tests.services.clock import MovableClock

MOVE = ("--unit", "H61.2", "--title", "Kế toán", "--from", "2025-06-25", "--decision", "2/QĐ")
LEAVE = ("--why", "retired", "--from", "2025-08-01", "--decision", "9/QĐ")


@pytest.fixture
def clerk(office: Office) -> uuid.UUID:
    """Somebody with a post."""
    return office.record("Trần Thị Đào", "x1", "dao.tt")


def do(call: Call, office: Office, hr: Actor, *words: str) -> int:
    """A verb that works; gives the change."""
    answer = call(office.runtime, hr, "person", *words, "--output", "json")
    assert answer.code == 0, answer.talk
    return int(json.loads(answer.out)["change"])


@pytest.mark.parametrize("words", [("move", "dao.tt", *MOVE), ("leave", "dao.tt", *LEAVE)], ids=["move", "leave"])
def test_as_if_it_had_not_been(
    office: Office, clerk: uuid.UUID, hr: Actor, call: Call, clock: MovableClock, words: tuple[str, ...]
) -> None:
    before = office.digest()
    change = do(call, office, hr, *words)
    assert office.digest() != before
    clock.advance(days=1)
    assert call(office.runtime, hr, "person", "undo", str(change), "--reason", "nhầm người").code == 0
    assert office.digest() == before
    clock.set("2025-08-02")
    drain(office.runtime, HANDLERS)
    assert office.state(clerk) == "active"
    assert call(office.runtime, hr, "person", "undo", str(change), "--reason", "lại").code == 65


def test_what_was_built_upon_it_is_taken_back_first(office: Office, clerk: uuid.UUID, hr: Actor, call: Call) -> None:
    first = do(call, office, hr, "move", "dao.tt", *MOVE)
    second = do(call, office, hr, "leave", "dao.tt", *LEAVE)
    before = office.digest()
    answer = call(office.runtime, hr, "person", "undo", str(first), "--reason", "nhầm")
    assert (answer.code, f"#{second}" in answer.talk) == (75, True)
    assert office.digest() == before
    for change in (second, first):
        assert call(office.runtime, hr, "person", "undo", str(change), "--reason", "nhầm").code == 0
    assert office.posts(clerk) == [("Chuyên viên", True)]


def test_only_changes_of_posts_and_only_with_the_right(
    office: Office, clerk: uuid.UUID, hr: Actor, commune_hr: Actor, call: Call
) -> None:
    for number in ("1", "4711"):
        assert call(office.runtime, hr, "person", "undo", number, "--reason", "thử").code == 65
    other = office.record("Võ Văn Ba", "x2", "ba.vv")
    change = do(call, office, hr, "leave", str(other), *LEAVE)
    assert call(office.runtime, commune_hr, "person", "undo", str(change), "--reason", "thử").code == 77
