"""Taking a merger back: the register is what it was, what happened since is kept and named."""

import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.models import Account, Post
from directory.people import find_posts
from foundation.changes import AsOf, Change, register_digest, withdraw
from foundation.clocks import parse_instant
from foundation.database import Writes
from foundation.handling import drain
from foundation.outbox import OutboxJob
from foundation.plans import Plan, PlanRun, PlanStale, find_run
from provisioning.merger.apply import apply_plan
from provisioning.merger.jobs import HANDLERS
from provisioning.merger.planning import Author
from provisioning.merger.staleness import check_state
from provisioning.merger.undo import UndoBlocked, abandon_run
from provisioning.merger.undo_plan import plan_undo
from tests.provisioning.merger.conftest import DECREE, Administration
from tests.services.clock import MovableClock

LATER = AsOf(parse_instant("2025-07-10"))


def digest(administration: Administration) -> str:
    with administration.runtime.database.read() as reads:
        return register_digest(reads)


def applied(administration: Administration) -> Plan:
    plan = administration.plan(DECREE, [administration.row("Võ Văn Huyện", "H08.31", None)])
    administration.approve(plan)
    apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"))
    return plan


def get_run(administration: Administration, plan: Plan) -> PlanRun:
    with administration.runtime.database.read() as reads:
        run = find_run(reads, plan.digest)
    assert run is not None
    return run


def test_an_undone_merger_leaves_the_register_as_it_was(administration: Administration) -> None:
    before = digest(administration)
    plan = applied(administration)
    after = digest(administration)
    assert after != before
    undone = administration.take_back(plan)
    assert undone.left == ()
    assert digest(administration) == before
    assert get_run(administration, plan).state == "undone"
    with administration.runtime.database.read() as reads:
        change = reads.get_one(Change, get_run(administration, plan).change_id)
        assert change.undone_by == undone.applied.change_id
        states = reads.execute(sa.select(OutboxJob.state).where(OutboxJob.change_id == change.id)).scalars()
        assert set(states) == {"cancelled"}


def test_what_was_known_before_the_undo_can_still_be_read(administration: Administration, clock: MovableClock) -> None:
    plan = applied(administration)
    known = clock.now
    clock.advance(days=1)
    administration.take_back(plan)
    binh = administration.people["Trần Văn Bình"]
    with administration.runtime.database.read() as reads:
        now = find_posts(reads, [binh], LATER)[binh][0]
        then = find_posts(reads, [binh], AsOf(LATER.at, known))[binh][0]
    assert now.unit_id == administration.units["28789"]
    assert then.unit_id != now.unit_id


def test_somebody_moved_since_stays_where_they_are_and_is_named(
    administration: Administration, clock: MovableClock
) -> None:
    plan = applied(administration)
    clock.set("2025-07-05T09:00:00+07:00")
    binh = administration.people["Trần Văn Bình"]
    at = clock.now

    def move(writes: Writes, change: Change) -> None:
        post = writes.execute(
            sa.select(Post).where(Post.person_id == binh, Post.withdrawn_by.is_(None), Post.valid_to.is_(None))
        ).scalar_one()
        withdraw(writes, Post, change, [post.row_id])
        common = {"person_id": binh, "title": post.title, "change_id": change.id}
        writes.add(Post(post_id=post.post_id, unit_id=post.unit_id, valid_from=post.valid_from, valid_to=at, **common))
        writes.add(Post(post_id=uuid.uuid4(), unit_id=administration.units["86"], valid_from=at, **common))

    administration.write("person.move", move)
    undone = administration.take_back(plan)
    assert [(one.person, one.code) for one in undone.left] == [(binh, "changed_since")]
    with administration.runtime.database.read() as reads:
        assert find_posts(reads, [binh], LATER)[binh][0].unit_id == administration.units["86"]
        cuc = administration.people["Nguyễn Thị Cúc"]
        assert find_posts(reads, [cuc], LATER)[cuc][0].unit_id == administration.units["28756"]


def test_somebody_hired_into_a_unit_that_is_taken_back_is_named(
    administration: Administration, clock: MovableClock
) -> None:
    plan = applied(administration)
    clock.set("2025-07-05T09:00:00+07:00")
    begun = next(line["unit"] for line in plan.each_line() if line["op"] == "unit.begin")
    administration.units["an-hoi"] = uuid.UUID(begun)
    hired = administration.add_person("Mới Vào", "an-hoi")
    undone = administration.take_back(plan)
    assert [(one.person, one.code) for one in undone.left] == [(hired, "unit_gone")]


def test_a_later_change_of_a_unit_must_be_undone_first(administration: Administration, clock: MovableClock) -> None:
    plan = applied(administration)
    begun = next(line["unit"] for line in plan.each_line() if line["op"] == "unit.begin")
    administration.units["an-hoi"] = uuid.UUID(begun)
    administration.add_units(("room", "division", "Phòng mới", "an-hoi", {"agency": "H61.101.1"}))
    with pytest.raises(UndoBlocked, match=r"unit\.import"):
        administration.take_back(plan)


LATER_DECREE = """
format: hopnhat-decree/1
title: Đổi tên sau sáp nhập
decision: {number: 9/NQ-HĐND, date: 2025-07-05, issuer: HĐND tỉnh}
effective: 2025-07-08
events:
  - {kind: rename, unit: {scheme: admin, code: "28789"}, name: Phường Mới}
"""


@pytest.mark.parametrize("rounds", [1, 2], ids=["once", "twice"])
def test_a_later_change_that_was_undone_stands_in_nobodys_way(
    administration: Administration, clock: MovableClock, rounds: int
) -> None:
    before = digest(administration)
    plan = applied(administration)
    merged = digest(administration)
    clock.advance(days=14)
    for _round in range(rounds):
        clock.advance(days=1)
        binh = administration.people["Trần Văn Bình"]
        later = administration.plan(LATER_DECREE, [administration.row("Trần Văn Bình", "H61.101", "H61", "Phó phòng")])
        administration.approve(later)
        apply_plan(administration.runtime, later.path, administration.actor("Lê Thị Hoa"))
        with pytest.raises(UndoBlocked):
            administration.take_back(plan)
        assert administration.take_back(later).left == ()
        assert digest(administration) == merged
    assert administration.take_back(plan).left == ()
    assert digest(administration) == before
    with administration.runtime.database.read() as reads:
        assert find_posts(reads, [binh], LATER)[binh][0].unit_id == administration.units["28789"]


def test_the_undoing_reads_what_it_touches_and_is_stale_when_that_changed(
    administration: Administration, tmp_path: Path
) -> None:
    plan = applied(administration)
    run = get_run(administration, plan)
    with administration.runtime.database.read() as reads:
        undoing, _left = plan_undo(reads, run, tmp_path / "undo.plan", Author("x", "x"), "Hoãn", run.started_at)
        assert len(undoing.header.state) > len(plan.header.state)
        check_state(reads, undoing)
    administration.add_person("Người Mới", "86")
    with administration.runtime.database.read() as reads, pytest.raises(PlanStale):
        check_state(reads, undoing)


def test_leavers_are_suspended_that_day_and_come_back_with_the_undo(
    administration: Administration, clock: MovableClock
) -> None:
    plan = applied(administration)
    leaver = administration.people["Võ Văn Huyện"]

    def state() -> str:
        drain(administration.runtime, HANDLERS)
        with administration.runtime.database.read() as reads:
            return reads.execute(sa.select(Account.state).where(Account.person_id == leaver)).scalar_one()

    assert state() == "active"
    clock.set("2025-07-01T00:00:01+07:00")
    assert state() == "suspended"
    administration.take_back(plan)
    assert state() == "active"


def test_a_run_that_was_interrupted_is_given_up(
    administration: Administration, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digest(administration)
    monkeypatch.setattr("provisioning.merger.apply.PEOPLE_AT_ONCE", 4)
    monkeypatch.setattr("provisioning.merger.apply.show", stop)
    with pytest.raises(RuntimeError):
        applied(administration)
    with administration.runtime.database.read() as reads:
        run = reads.execute(sa.select(PlanRun)).scalar_one()
    assert digest(administration) == before
    abandon_run(administration.runtime, run, administration.actor("Lê Thị Hoa"))
    assert digest(administration) == before
    monkeypatch.undo()
    applied(administration)


def stop(*_: object) -> None:
    raise RuntimeError("killed")
