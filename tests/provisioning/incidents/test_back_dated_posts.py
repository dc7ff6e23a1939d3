"""One HR officer wrote a post into last year: a signature of last year that had not counted counted now."""

import pytest

from directory.people import find_posts
from foundation.changes import AsOf
from foundation.clocks import parse_instant
from foundation.shell import Actor
from tests.provisioning.incidents.conftest import approve_and_apply
from tests.provisioning.merger.conftest import Administration
from tests.provisioning.people.conftest import Call, Office
from tests.services.clock import MovableClock

FAR, NEAR = "2025-05-18", "2025-05-20"
TO = ("--unit", "H61.1", "--title", "Trưởng ban", "--decision", "1/QĐ", "--from")


@pytest.mark.parametrize(
    "words",
    [
        ("hire", "Mới Vào", *TO),
        ("move", "dao.tt", *TO),
        ("post", "dao.tt", *TO),
        ("end", "dao.tt", "--unit", "H61.2", "--decision", "1/QĐ", "--from"),
        ("leave", "dao.tt", "--why", "retired", "--decision", "1/QĐ", "--from"),
        ("external", "Khách", "--sponsor", "H61.1", "--until", "2026-01-01", "--decision", "1/QĐ", "--from"),
    ],
    ids=lambda words: words[0],
)
def test_reach_back_as_far_as_the_installation_allows(
    office: Office, hr: Actor, call: Call, words: tuple[str, ...]
) -> None:
    office.record("Trần Thị Đào", "x2", "dao.tt", begins=parse_instant("2025-01-01"))
    before = office.digest()
    answer = call(office.runtime, hr, "person", *words, FAR)
    assert (answer.code, "31 days" in answer.talk) == (77, True)
    assert office.digest() == before
    assert call(office.runtime, hr, "person", *words, NEAR).code == 0


def test_are_not_made_by_taking_an_old_change_back(office: Office, hr: Actor, call: Call, clock: MovableClock) -> None:
    office.record("Trần Thị Đào", "x2", "dao.tt")
    number = call(office.runtime, hr, "person", "move", "dao.tt", *TO, "2025-06-20", "--output", "json").out
    change = number.split('"change": ')[1].split(",")[0]
    clock.advance(days=33)
    assert call(office.runtime, hr, "person", "undo", change, "--reason", "nhầm").code == 77
    clock.advance(days=-2)
    assert call(office.runtime, hr, "person", "undo", change, "--reason", "nhầm").code == 0


def test_of_long_ago_are_a_plan_of_two_people(administration: Administration) -> None:
    decree = """
title: Ghi bổ sung
decision: {number: 2/QĐ, date: 2025-01-10, issuer: Sở Nội vụ}
effective: 2025-02-01
"""
    approve_and_apply(
        administration, administration.plan(decree, [administration.row("Trần Văn Bình", None, "H61", "B")])
    )
    binh = administration.people["Trần Văn Bình"]
    with administration.runtime.database.read() as reads:
        held = find_posts(reads, [binh], AsOf(parse_instant("2025-02-02")))[binh]
    assert [post.title for post in held] == ["B"]
