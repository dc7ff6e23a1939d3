"""Plan files: what was read is what runs."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa

from foundation.changes import open_change
from foundation.database import Database
from foundation.errors import TryAgain
from foundation.plans import (
    Guard,
    Plan,
    PlanApproval,
    PlanBroken,
    PlanHeader,
    PlanNotApproved,
    PlanWriter,
    advance_run,
    compare_state,
    digest_rows,
    find_approval,
    find_run,
    keep_plan,
    read_plan,
    record_approval,
    start_run,
)

NOW = datetime(2025, 6, 24, tzinfo=UTC)
MANY = 6
HEADER = PlanHeader(kind="merger", title="Sáp nhập", made_at="2025-06-24T09:00:00Z", made_by="hoa.lt", author="a")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """A plan of three lines."""
    with PlanWriter(tmp_path / "x.plan") as writer:
        writer.add("unit.begin", name="Xã An Bình")
        writer.add("post.move", person="1")
        writer.add("post.move", person="2")
        return writer.finish(replace(HEADER, guards=[Guard("people", 2, 1, 3)]))


def test_a_plan_counts_its_lines_and_gives_them_in_order(plan: Plan) -> None:
    assert plan.header.counts == {"post.move": 2, "unit.begin": 1}
    assert [line["n"] for line in plan.each_line()] == [1, 2, 3]
    assert [line["person"] for line in plan.each_line(after=1)] == ["1", "2"]
    assert plan.header.guards == [Guard("people", 2, 1, 3)]


def test_an_unfinished_plan_leaves_nothing(tmp_path: Path) -> None:
    with PlanWriter(tmp_path / "x.plan") as writer:
        writer.add("unit.begin")
    assert list(tmp_path.iterdir()) == []


def test_a_draft_of_a_killed_writer_goes_with_the_next_plan_of_its_name(tmp_path: Path) -> None:
    killed, written = tmp_path / ".x.plan.999999999-0a1b2c3d", tmp_path / f".x.plan.{os.getpid()}-0a1b2c3d"
    others = [written, tmp_path / ".y.plan.999999999-0a1b2c3d", tmp_path / ".x.plan.draft"]
    for file in (killed, *others):
        file.write_bytes(b"")
    with PlanWriter(tmp_path / "x.plan") as writer:
        writer.finish(HEADER)
    assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "x.plan", *others])


def damage(text: str, kind: str) -> str:
    """The file's text, changed in one of many ways."""
    lines = text.splitlines(keepends=True)
    header = json.loads(lines[0])
    match kind:
        case "a changed line":
            lines[1] = lines[1].replace("An Bình", "An Định")
        case "a missing line":
            del lines[2]
        case "lines in another order":
            lines[1], lines[2] = lines[2], lines[1]
        case "a line more":
            lines.append(lines[-1])
        case "another version":
            lines[0] = json.dumps(header | {"format": "hopnhat-plan/9"}) + "\n"
        case "an unknown field":
            lines[0] = json.dumps(header | {"colour": "red"}) + "\n"
        case "no plan at all":
            lines = ["Kính gửi\n"]
        case "nothing":
            lines = []
    return "".join(lines)


@pytest.mark.parametrize(
    "kind",
    ["a changed line", "a missing line", "lines in another order", "a line more", "another version", "an unknown field",
     "no plan at all", "nothing"],
)  # fmt: skip
def test_a_changed_file_is_refused(plan: Plan, kind: str) -> None:
    plan.path.write_text(damage(plan.path.read_text(), kind))
    with pytest.raises(PlanBroken):
        read_plan(plan.path)


def test_the_author_does_not_approve_alone(database: Database, plan: Plan) -> None:
    with pytest.raises(PlanNotApproved), database.write() as writes:
        record_approval(writes, plan, "a", NOW, {})
    with database.write() as writes:
        record_approval(writes, plan, "b", NOW, {"undecided": 12})
    with database.read() as reads:
        approval = find_approval(reads, plan.digest)
        assert approval is not None
        assert (approval.approver, approval.said) == ("b", {"undecided": 12})
        assert find_approval(reads, "0" * 64) is None


def test_agreements_in_the_same_moment_are_one(database: Database, plan: Plan) -> None:
    together = Barrier(MANY)

    def agree(_: int) -> bool:
        together.wait(timeout=30)
        with database.write() as writes:
            return record_approval(writes, plan, "b", NOW, {"undecided": 12})

    with ThreadPoolExecutor(MANY) as pool:
        new = sum(pool.map(agree, range(MANY)))
    with database.write() as writes:
        assert record_approval(writes, plan, "c", NOW, {}), "somebody else's agreement is another"
    with database.read() as reads:
        found = reads.execute(sa.select(PlanApproval.approver).order_by(PlanApproval.row_id)).scalars().all()
    assert (new, found) == (1, ["b", "c"])


def test_two_processes_do_not_do_the_same_lines(database: Database, plan: Plan, tmp_path: Path) -> None:
    with database.write() as writes:
        change = open_change(writes, "merger", "b", NOW)
        start_run(writes, plan, change.id, "b", keep_plan(plan, tmp_path), NOW)
    with database.write() as writes:
        advance_run(writes, plan.digest, 0, 2)
    with pytest.raises(TryAgain), database.write() as writes:
        advance_run(writes, plan.digest, 0, 2)
    with database.read() as reads:
        run = find_run(reads, plan.digest)
        assert run is not None
        assert run.position == 2


@pytest.mark.parametrize(
    ("guard", "holds"), [(Guard("x", 5), True), (Guard("x", 5, 6), False), (Guard("x", 5, None, 4), False)]
)
def test_a_guard_holds_within_its_bounds(guard: Guard, holds: bool) -> None:
    assert guard.holds is holds


def test_state_is_compared_group_by_group() -> None:
    planned = {"unit:1": digest_rows(["1", "2, 3"]), "unit:2": digest_rows(["4"])}
    found = {"unit:1": digest_rows(["2, 3", "1"]), "unit:2": digest_rows(["5"])}
    assert compare_state(planned, found) == ["unit:2"]
