"""Whom somebody sees in lists: those without a post too, where their unit ended and passed on to units of theirs."""

import json
from datetime import timedelta

import pytest

from foundation.shell import Actor
from tests.provisioning.people.conftest import Call, Office, call, commune_hr, hr, office
from tests.provisioning.test_account_command import end_unit
from tests.services.clock import MovableClock

__all__ = ["call", "commune_hr", "hr", "office"]
LISTS = (("find", "Đào"), ("unused", "--days", "5"), ("match",))


def seen(office: Office, actor: Actor, call: Call) -> list[bool]:
    """Whether each of the lists shows Trần Thị Đào, without a post since her unit ended."""
    answers = [call(office.runtime, actor, "person", *words, "--output", "json") for words in LISTS]
    return ["Trần Thị Đào" in json.dumps(json.loads(answer.out), ensure_ascii=False) for answer in answers]


@pytest.mark.parametrize(
    ("heirs", "shown"),
    [(["x2"], True), (["x2", "x3"], False), (["x3"], False), ([], False)],
    ids=["theirs-alone", "theirs-and-another", "another", "no-heirs"],
)
def test_whom_a_merger_left_without_a_post_is_on_the_lists_of_who_took_their_unit_over(
    office: Office, commune_hr: Actor, hr: Actor, call: Call, clock: MovableClock, heirs: list[str], shown: bool
) -> None:
    office.add_units(("x3", "commune", "Xã Cồn Xa", "86", {"admin-2004": "28790", "agency": "H61.3"}))
    taker = office.record("Võ Văn Tư", "x2", "tu.vv", duties="hr")
    for login in ("dao.tt", "dao.hai"):
        office.record("Trần Thị Đào", "x1", login, phone="0912345678", staff_code="7")
    call(office.runtime, hr, "person", "match", "--search")
    actor = Actor(str(taker), taker, "Võ Văn Tư")
    assert seen(office, actor, call) == [False] * len(LISTS)
    end_unit(office.runtime, office.units["x1"], [office.units[heir] for heir in heirs], clock.now + timedelta(days=7))
    clock.advance(days=7)
    assert seen(office, actor, call) == [shown] * len(LISTS)
    assert seen(office, hr, call) == [True] * len(LISTS), "the whole province's"
