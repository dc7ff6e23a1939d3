"""Between a merger's apply and its day: hires, moves, retirements and deaths are carried by its rules or asked about, never lost."""

import json
import uuid

import pytest
import sqlalchemy as sa

from directory.models import Person, Post
from directory.people import find_posts
from directory.units import find_units
from foundation.changes import AsOf, visible
from foundation.clocks import parse_instant
from foundation.handling import drain
from foundation.outbox import enqueue
from foundation.plans import Plan
from foundation.shell import Actor
from provisioning.merger.apply import LOOK_AT_NEWCOMERS, apply_plan
from provisioning.merger.command import merger_group
from provisioning.people.command import person_group
from provisioning.people.jobs import HANDLERS
from tests.provisioning.commands import build_caller
from tests.provisioning.merger.conftest import DECREE, Administration
from tests.provisioning.people.conftest import Call
from tests.services.clock import MovableClock

EVE = AsOf(parse_instant("2025-06-30T23:00:00+07:00"))
DAY = AsOf(parse_instant("2025-07-01"))
RULED = DECREE + (
    "rules:\n"
    "  - {units: [{scheme: admin-2004, code: '829'}], to: {ref: an-hoi}}\n"
    "  - {units: [{scheme: admin-2004, code: '28756'}], body: front, to: undecided}\n"
)
FROM = ("--from", "2025-06-25", "--decision", "5/QĐ")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """The verbs of both groups, in English."""
    monkeypatch.setenv("HOPNHAT_LANG", "en")
    return build_caller({"person": person_group, "merger": merger_group}, {}, capsys)


@pytest.fixture
def merger(administration: Administration, clock: MovableClock) -> Plan:
    """A merger of 1 July, applied on 20 June; it is 22 June now."""
    plan = administration.plan(RULED)
    administration.approve(plan)
    apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"))
    clock.advance(days=2)
    return plan


@pytest.fixture
def hr(administration: Administration) -> Actor:
    """HR of everything."""
    return administration.actor("Lê Thị Hoa")


def held(administration: Administration, person: str | uuid.UUID, as_of: AsOf) -> list[tuple[str, str, bool]]:
    """Unit, title and whether main."""
    with administration.runtime.database.read() as reads:
        posts = find_posts(reads, [uuid.UUID(str(person))], as_of).get(uuid.UUID(str(person)), [])
        units = find_units(reads, [post.unit_id for post in posts], as_of)
        return [(units[post.unit_id].name, post.title, post.main) for post in posts]


def status(administration: Administration, call: Call, hr: Actor, plan: Plan) -> dict[str, tuple[str, bool]]:
    """What `merger status` says of each person: the outcome, and whether somebody must decide."""
    answer = call(administration.runtime, hr, "merger", "status", plan.digest[:8], "--output", "json")
    return {one["name"]: (one["outcome"], one["open"]) for one in json.loads(answer.out)["between"]}


def hire(administration: Administration, call: Call, hr: Actor, unit: str, *more: str, code: int = 0) -> str:
    """A hire of 25 June; gives the person."""
    words = ("hire", "Đến Sau", "--unit", unit, "--title", "Chuyên viên", *FROM, *more, "--output", "json")
    answer = call(administration.runtime, hr, "person", *words)
    assert answer.code == code, answer.talk
    return str(json.loads(answer.out)["person"])


def test_who_is_hired_into_a_unit_that_ends_goes_on_by_the_merger(
    administration: Administration, merger: Plan, hr: Actor, call: Call
) -> None:
    by_heir = hire(administration, call, hr, "H08.31.22")
    by_rule = hire(administration, call, hr, "H08.31")
    assert held(administration, by_heir, EVE) == [("Phường Phú Khương", "Chuyên viên", True)]
    assert held(administration, by_rule, EVE) == [("Thành phố Bến Tre", "Chuyên viên", True)]
    for person in (by_heir, by_rule):
        assert held(administration, person, DAY) == [("Phường An Hội", "Chuyên viên", True)]
    assert status(administration, call, hr, merger) == {"Đến Sau": ("carried", False)}


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(("--duties", "leader"), id="a leader"),
        pytest.param(("--body", "front"), id="a rule leaves it open"),
    ],
)
def test_where_nobody_has_decided_it_is_said_and_listed(
    administration: Administration, merger: Plan, hr: Actor, call: Call, more: tuple[str, ...]
) -> None:
    person = hire(administration, call, hr, "H08.31.22", *more, code=1)
    assert len(held(administration, person, EVE)) == 1
    assert held(administration, person, DAY) == []
    assert status(administration, call, hr, merger) == {"Đến Sau": ("undecided", True)}
    placed = ("--unit", "H61.101", "--title", "Chuyên viên", "--from", "2025-07-01", "--decision", "6/QĐ")
    assert call(administration.runtime, hr, "person", "move", person, *placed).code == 0
    assert held(administration, person, DAY) == [("Phường An Hội", "Chuyên viên", True)]
    assert status(administration, call, hr, merger) == {"Đến Sau": ("carried", False)}


def test_who_moves_before_the_day_is_not_moved_back_by_it(
    administration: Administration, merger: Plan, hr: Actor, call: Call
) -> None:
    binh = administration.people["Trần Văn Bình"]
    assert held(administration, binh, DAY)[0][0] == "Phường An Hội"
    words = ("move", str(binh), "--unit", "H61", "--title", "Kế toán", *FROM)
    assert call(administration.runtime, hr, "person", *words).code == 0
    for as_of in (EVE, DAY):
        assert held(administration, binh, as_of) == [("Tỉnh Vĩnh Long", "Kế toán", True)]
    assert status(administration, call, hr, merger) == {"Trần Văn Bình": ("carried", False)}


def test_who_moves_between_two_units_that_end_arrives_where_the_second_goes(
    administration: Administration, merger: Plan, hr: Actor, call: Call
) -> None:
    binh = administration.people["Trần Văn Bình"]
    words = ("move", str(binh), "--unit", "H08.31.22", "--title", "Kế toán", *FROM)
    assert call(administration.runtime, hr, "person", *words).code == 0
    assert held(administration, binh, EVE) == [("Phường Phú Khương", "Kế toán", True)]
    assert held(administration, binh, DAY) == [("Phường An Hội", "Kế toán", True)]


@pytest.mark.parametrize(("why", "day"), [("retired", "2025-06-25"), ("died", "2025-06-22"), ("retired", "2025-07-01")])
def test_who_leaves_before_the_day_does_not_come_back_with_it(
    administration: Administration, merger: Plan, hr: Actor, call: Call, why: str, day: str
) -> None:
    binh = administration.people["Trần Văn Bình"]
    words = ("leave", str(binh), "--why", why, "--from", day, "--decision", "7/QĐ")
    assert call(administration.runtime, hr, "person", *words).code == 0
    assert held(administration, binh, DAY) == []
    assert status(administration, call, hr, merger) == {"Trần Văn Bình": ("left", False)}
    with administration.runtime.database.read() as reads:
        later = sa.select(Post.row_id).where(Post.person_id == binh, visible(Post), Post.valid_from >= DAY.at)
        assert reads.execute(later).all() == []


def test_who_retires_after_the_day_goes_along_until_then(
    administration: Administration, merger: Plan, hr: Actor, call: Call
) -> None:
    binh = administration.people["Trần Văn Bình"]
    words = ("leave", str(binh), "--why", "retired", "--from", "2025-08-01", "--decision", "7/QĐ")
    assert call(administration.runtime, hr, "person", *words).code == 0
    assert held(administration, binh, DAY) == [("Phường An Hội", "Chuyên viên", True)]
    assert held(administration, binh, AsOf(parse_instant("2025-08-01"))) == []


def test_a_merger_taken_back_keeps_what_happened_since(
    administration: Administration, merger: Plan, hr: Actor, call: Call, clock: MovableClock
) -> None:
    binh = administration.people["Trần Văn Bình"]
    call(administration.runtime, hr, "person", "leave", str(binh), "--why", "retired", *FROM)
    clock.advance(days=1)
    undone = administration.take_back(merger, author="Lê Thị Hoa")
    assert [one.name for one in undone.left] == ["Trần Văn Bình"]
    assert held(administration, binh, DAY) == []


def test_nothing_is_placed_into_a_unit_after_its_end(
    administration: Administration, merger: Plan, hr: Actor, call: Call
) -> None:
    words = ("hire", "Đến Sau", "--unit", "H08.31.22", "--title", "A", "--from", "2025-07-02", "--decision", "5/QĐ")
    answer = call(administration.runtime, hr, "person", *words)
    assert (answer.code, "successors" in answer.talk) == (65, True)


def test_the_screen_lists_each_for_people(administration: Administration, merger: Plan, hr: Actor, call: Call) -> None:
    hire(administration, call, hr, "H08.31.22", "--duties", "leader", code=1)
    answer = call(administration.runtime, hr, "merger", "status", merger.digest[:8])
    assert answer.code == 0
    assert "life touched 1 people of these units; 1 of them need a decision" in answer.talk
    assert "→ nobody has decided; keeps the account, without duties" in answer.out


@pytest.mark.parametrize(("duties", "outcome"), [("", ("carried", False)), ("leader", ("undecided", True))])
def test_what_a_roster_brings_meanwhile_goes_on_by_the_merger(
    administration: Administration, merger: Plan, hr: Actor, call: Call, duties: str, outcome: tuple[str, bool]
) -> None:
    person = administration.add_person("Từ Danh Sách", "28756", duties)
    runtime = administration.runtime
    assert status(administration, call, hr, merger) == {"Từ Danh Sách": ("undecided", True)}
    for _again in range(2):
        with runtime.database.write() as writes:
            change = writes.execute(sa.select(sa.func.max(Person.change_id))).scalar_one()
            enqueue(writes, LOOK_AT_NEWCOMERS, str(uuid.uuid4()), runtime.clocks.wall(), {"change": change})
        drain(runtime, HANDLERS)
    assert held(administration, person, EVE) == [("Phường Phú Khương", "Chuyên viên", True)]
    assert held(administration, person, DAY) == ([] if duties else [("Phường An Hội", "Chuyên viên", True)])
    assert status(administration, call, hr, merger) == {"Từ Danh Sách": outcome}
