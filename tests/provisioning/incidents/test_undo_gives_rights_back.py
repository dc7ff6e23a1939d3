"""An undo that needs less than the deed: what somebody with more rights took away comes back by somebody with fewer.

Whoever takes a change back gives its posts and takes them, and needs the right to give them.
"""

import json
import uuid

import pytest

from directory.people import find_posts
from foundation.changes import AsOf
from foundation.shell import Actor
from tests.provisioning.people.conftest import Call, Office
from tests.services.clock import MovableClock

ELSEWHERE = ("--title", "Văn thư", "--from", "2025-06-19", "--decision", "1/QĐ")


@pytest.fixture
def operator(office: Office) -> Actor:
    """Somebody who gives and takes duties that act upon others."""
    office.record("Vũ Quản Trị", "86", "quan.tri", duties="hr operator")
    return office.actor("quan.tri")


def move(call: Call, office: Office, actor: Actor, *words: str) -> str:
    """A move that works; gives the change."""
    answer = call(office.runtime, actor, "person", "move", *words, *ELSEWHERE, "--output", "json")
    assert answer.code == 0, answer.talk
    return str(json.loads(answer.out)["change"])


def duties(office: Office, person: uuid.UUID, clock: MovableClock) -> set[str]:
    """What somebody may do now."""
    with office.runtime.database.read() as reads:
        posts = find_posts(reads, [person], AsOf(clock.now)).get(person, [])
        return {duty for post in posts for duty in post.duties}


def test_a_duty_that_an_operator_took_away(
    office: Office, hr: Actor, operator: Actor, call: Call, clock: MovableClock
) -> None:
    friend = office.record("Bạn Của Hoa", "x1", "ban.h", duties="approver")
    change = move(call, office, operator, "ban.h", "--unit", "H61.1")
    clock.advance(minutes=1)
    assert duties(office, friend, clock) == set()
    assert call(office.runtime, hr, "person", "undo", change, "--reason", "nhầm").code == 77
    assert duties(office, friend, clock) == set()
    assert call(office.runtime, operator, "person", "undo", change, "--reason", "nhầm").code == 0
    assert duties(office, friend, clock) == {"approver"}


def test_a_post_in_a_unit_over_which_one_has_no_right(
    office: Office, hr: Actor, commune_hr: Actor, call: Call, clock: MovableClock
) -> None:
    someone = office.record("Trần Thị Đào", "x2", "dao.tt", title="Kế toán trưởng")
    change = move(call, office, hr, "dao.tt", "--unit", "H61.1")
    clock.advance(minutes=1)
    assert call(office.runtime, commune_hr, "person", "undo", change, "--reason", "nhầm").code == 77
    with office.runtime.database.read() as reads:
        held = find_posts(reads, [someone], AsOf(clock.now))[someone]
    assert [post.unit_id for post in held] == [office.units["x1"]]


def test_a_duty_of_two_records_that_are_parted(
    office: Office, hr: Actor, operator: Actor, call: Call, clock: MovableClock
) -> None:
    """A post that both records held was written once when they were joined; it was ended once, and must not stand again."""
    kept, lost = (office.record("Bạn Của Hoa", "x1", login, duties="approver") for login in ("ban.h", "ban.h2"))
    pair = (str(kept), str(lost), "--reason", "một người")
    assert call(office.runtime, operator, "person", "join", *pair).code == 0
    clock.advance(minutes=1)
    move(call, office, operator, "ban.h", "--unit", "H61.1")
    clock.advance(minutes=1)
    assert call(office.runtime, hr, "person", "part", *pair).code == 77
    assert duties(office, lost, clock) == duties(office, kept, clock) == set()
    assert call(office.runtime, operator, "person", "part", *pair).code in (0, 1)
    assert duties(office, lost, clock) == {"approver"}
