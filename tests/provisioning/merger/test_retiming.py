"""A postponed decree is one plan: afterwards the register is the one of a merger that was dated so from the beginning."""

import uuid
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.models import Account, Login
from directory.people import find_posts
from directory.succession import answer_successors
from directory.units import find_units
from foundation.changes import AsOf, Change, register_digest, visible
from foundation.clocks import parse_instant
from foundation.handling import drain
from foundation.outbox import OutboxJob
from foundation.plans import Plan, PlanRun, find_run, read_plan
from provisioning.merger.apply import apply_plan
from provisioning.merger.jobs import HANDLERS
from provisioning.merger.planning import Author
from provisioning.merger.rehearsal import rehearse_plan
from provisioning.merger.retiming import RetimeBlocked, RetimeTooLate, plan_retime
from provisioning.people.jobs import HANDLERS as PEOPLE
from tests.provisioning.incidents.hiring import hire
from tests.provisioning.merger.conftest import DECREE, Administration
from tests.provisioning.merger.test_command import Terminal, terminal
from tests.provisioning.people.conftest import Call, call
from tests.services.clock import MovableClock

__all__ = ["call", "terminal"]
OLD, NEW = parse_instant("2025-07-01"), parse_instant("2025-09-01")


def digest(administration: Administration) -> str:
    with administration.runtime.database.read() as reads:
        return register_digest(reads)


def do(administration: Administration, plan: Plan) -> Plan:
    administration.approve(plan)
    apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"))
    return plan


def run_of(administration: Administration, plan: Plan) -> PlanRun:
    with administration.runtime.database.read() as reads:
        run = find_run(reads, plan.digest)
    assert run is not None
    return run


def retime(administration: Administration, plan: Plan, to: str = "2025-09-01") -> Plan:
    hoa, run = administration.actor("Lê Thị Hoa"), run_of(administration, plan)
    with administration.runtime.database.read() as reads:
        out, now = administration.files / f"to-{to}.plan", administration.runtime.clocks.wall()
        return plan_retime(reads, run, parse_instant(to), out, Author(hoa.label, hoa.name), "9/QĐ", now)


def merged(administration: Administration) -> Plan:
    return do(administration, administration.plan(DECREE, [administration.row("Võ Văn Huyện", "H08.31", None)]))


def unit_of(administration: Administration, word: str, at: str) -> list[str]:
    person = administration.people[word]
    with administration.runtime.database.read() as reads:
        posts = find_posts(reads, [person], AsOf(parse_instant(at))).get(person, [])
        names = find_units(reads, [post.unit_id for post in posts], AsOf(parse_instant(at)))
    return [names[post.unit_id].name for post in posts]


@pytest.mark.parametrize("to", ["2025-09-01", "2025-06-28"], ids=["later", "sooner"])
def test_everything_happens_at_the_new_instant_and_nothing_at_the_old(administration: Administration, to: str) -> None:
    plan = merged(administration)
    moved = do(administration, retime(administration, plan, to))
    first, last = sorted(("2025-07-01", to))
    merged_on = parse_instant(to)
    for day, after in ((first, merged_on <= parse_instant(first)), (last, True)):
        expected = ["Phường An Hội"] if after else ["Phường Phú Khương"]
        assert unit_of(administration, "Nguyễn Thị Cúc", day) == expected
        as_of = AsOf(parse_instant(day))
        with administration.runtime.database.read() as reads:
            origin = answer_successors(reads, ["28756"], as_of, "admin-2004", parse_instant("2025-06-01"))[0][
                "origins"
            ][0]
        assert origin["ended"] is after
    with administration.runtime.database.read() as reads:
        waiting = sa.select(OutboxJob.due).where(OutboxJob.state == "waiting", OutboxJob.change_id.is_not(None))
        assert set(reads.execute(waiting).scalars()) == {merged_on}
    assert run_of(administration, plan).state == "postponed"
    assert run_of(administration, moved).state == "done"


def test_there_and_back_again_is_the_same_register(administration: Administration) -> None:
    plan = merged(administration)
    before = digest(administration)
    there = do(administration, retime(administration, plan, "2025-09-01"))
    assert digest(administration) != before
    do(administration, retime(administration, there, "2025-07-01"))
    assert digest(administration) == before


def test_it_is_taken_back_as_a_whole(administration: Administration) -> None:
    empty = digest(administration)
    plan = merged(administration)
    moved = do(administration, retime(administration, plan))
    assert administration.take_back(moved).left == ()
    assert digest(administration) == empty
    assert run_of(administration, plan).state == run_of(administration, moved).state == "undone"
    with administration.runtime.database.read() as reads:
        states = reads.execute(
            sa.select(OutboxJob.state).where(OutboxJob.change_id == run_of(administration, moved).change_id)
        )
        assert set(states.scalars()) == {"cancelled"}
        assert reads.get_one(Change, run_of(administration, plan).change_id).undone_by is not None


def test_who_came_between_goes_along_and_is_named_when_it_is_taken_back(
    administration: Administration, clock: MovableClock
) -> None:
    plan = merged(administration)
    clock.advance(days=1)
    ward = next(line["unit"] for line in plan.each_line() if line["op"] == "unit.begin")
    administration.units["new ward"] = uuid.UUID(ward)
    hired = administration.add_person("Người Mới", "86")
    hire(administration, hired, "new ward", main=False)
    moved = do(administration, retime(administration, plan))
    assert unit_of(administration, "Người Mới", "2025-07-02") == ["Tỉnh Vĩnh Long"]
    assert sorted(unit_of(administration, "Người Mới", "2025-09-01")) == ["Phường An Hội", "Tỉnh Vĩnh Long"]
    undone = administration.take_back(moved)
    assert [(one.person, one.code) for one in undone.left] == [(hired, "unit_gone")]


def test_the_leaver_is_suspended_on_the_new_day(administration: Administration, clock: MovableClock) -> None:
    plan = merged(administration)
    do(administration, retime(administration, plan))

    def states() -> list[str]:
        with administration.runtime.database.read() as reads:
            jobs = reads.execute(
                sa.select(OutboxJob.state).where(OutboxJob.kind == "suspend_leavers").order_by(OutboxJob.id)
            )
            return list(jobs.scalars())

    clock.set("2025-07-02")
    drain(administration.runtime, HANDLERS)
    assert states() == ["cancelled", "waiting"]
    clock.set(NEW)
    drain(administration.runtime, HANDLERS)
    assert states() == ["cancelled", "done"]


def test_old_log_ins_are_accepted_for_as_long_after_the_new_instant(administration: Administration) -> None:
    """The decree lets them end half a year after its day, whichever that will be."""
    plan = merged(administration)

    def ends() -> set[datetime]:
        with administration.runtime.database.read() as reads:
            wanted = sa.select(Login.valid_to).where(Login.login == "cuc.nt", visible(Login))
            return {end for end in reads.execute(wanted).scalars() if end is not None}

    assert ends() == {parse_instant("2025-12-31")}
    moved = do(administration, retime(administration, plan))
    assert ends() == {parse_instant("2026-03-03")}
    do(administration, retime(administration, moved, "2025-07-01"))
    assert ends() == {parse_instant("2025-12-31")}


def test_who_retires_on_the_very_day_retires_all_the_same(
    administration: Administration, clock: MovableClock, call: Call
) -> None:
    """The end of their posts was moved with the merger's, and the account stayed open for two months."""
    plan = merged(administration)
    hoa = administration.actor("Lê Thị Hoa")
    binh = administration.people["Trần Văn Bình"]
    words = ("leave", str(binh), "--why", "retired", "--from", "2025-07-01", "--decision", "5/QĐ")
    assert call(administration.runtime, hoa, "person", *words).code == 0
    do(administration, retime(administration, plan))
    assert unit_of(administration, "Trần Văn Bình", "2025-07-02") == []
    clock.set("2025-07-02")
    drain(administration.runtime, PEOPLE)
    with administration.runtime.database.read() as reads:
        assert reads.execute(sa.select(Account.state).where(Account.person_id == binh)).scalar_one() == "suspended"


def test_a_post_outside_the_units_of_the_decree_moves_too(administration: Administration) -> None:
    plan = do(
        administration,
        administration.plan(
            DECREE, [administration.row("Trần Văn Bình", "H08.31.21", "A00", "Chuyên viên Trung ương")]
        ),
    )
    do(administration, retime(administration, plan))
    assert unit_of(administration, "Trần Văn Bình", "2025-08-31") == ["Phường An Hội"]
    assert unit_of(administration, "Trần Văn Bình", "2025-09-01") == ["Chính quyền thử"]


def test_it_is_rehearsed_like_any_plan(administration: Administration) -> None:
    plan = merged(administration)
    moved = retime(administration, plan)
    found = rehearse_plan(administration.runtime, moved, administration.actor("Lê Thị Hoa"))
    do(administration, moved)
    assert digest(administration) == found.digest_after


def test_what_has_taken_effect_is_not_moved(administration: Administration, clock: MovableClock) -> None:
    plan = merged(administration)
    with pytest.raises(RetimeTooLate):
        retime(administration, plan, "2025-07-01")
    with pytest.raises(RetimeTooLate):
        retime(administration, plan, "2025-06-01")
    clock.set(OLD)
    with pytest.raises(RetimeTooLate):
        retime(administration, plan)


def test_what_would_begin_before_its_unit_must_be_decided_first(
    administration: Administration, clock: MovableClock
) -> None:
    plan = merged(administration)
    later = administration.plan(
        "title: Đổi tên\ndecision: {number: '3', date: 2025-06-19, issuer: x}\neffective: 2025-08-01\n"
        "events: [{kind: rename, unit: {scheme: admin, code: '28789'}, name: Phường Khác}]\n"
    )
    do(administration, later)
    with pytest.raises(RetimeBlocked, match="Phường Khác"):
        retime(administration, plan)
    administration.take_back(later)
    retime(administration, plan)


def test_the_verb_makes_a_plan_that_another_approves(
    administration: Administration, terminal: Terminal, tmp_path: Path
) -> None:
    plan = merged(administration)
    out = tmp_path / "later.plan"
    words = ("postpone", plan.digest[:8], "--to", "2025-09-01", "--decision", "9/QĐ", "--out", str(out))
    assert terminal("Trần Văn Bình", *words) == 77
    assert terminal("Lê Thị Hoa", *words) == 0
    made = read_plan(out)
    assert "takes effect 2025-09-01" in terminal.out
    assert terminal("Lê Thị Hoa", "approve", str(out), "--digest", made.digest[:8]) == 77
    assert terminal("Nam Trần", "approve", str(out), "--digest", made.digest[:8]) == 0
    assert terminal("Lê Thị Hoa", "apply", str(out), "--digest", made.digest[:8]) == 0
    assert terminal("Lê Thị Hoa", "status", plan.digest[:8]) == 0
    assert "moved to another instant" in terminal.out
    assert terminal("Lê Thị Hoa", "status", made.digest[:8]) == 0
    assert terminal("Lê Thị Hoa", "status") == 0
