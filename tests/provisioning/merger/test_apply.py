"""A plan is done exactly, seen all at once, and by nobody without the right."""

import dataclasses
import hashlib
import json
import os
import threading
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.errors import RightMissing
from directory.models import Login, UnitVersion
from directory.people import find_posts
from directory.succession import answer_successors
from directory.units import find_units, get_unit_by_code
from foundation.changes import AsOf, Change, in_force, publish, register_digest
from foundation.clocks import parse_instant
from foundation.database import Writes
from foundation.errors import HopnhatError
from foundation.outbox import OutboxJob
from foundation.plans import Plan, PlanBroken, PlanNotApproved, PlanRun
from foundation.shell import Actor
from provisioning.merger import apply as applying
from provisioning.merger.apply import GuardsBroken, apply_plan
from provisioning.merger.approval import SaidOtherwise, approve_plan
from provisioning.merger.run_states import AlreadyRun
from provisioning.merger.transactions import UnknownLine
from provisioning.plan_rights import GlassCannotApprove, OwnPlan
from tests.provisioning.merger.conftest import DECREE, Administration

AFTER = AsOf(parse_instant("2025-07-02"))
BEFORE = AsOf(parse_instant("2025-06-30"))


def test_a_merger_is_seen_on_its_day_and_not_before(administration: Administration) -> None:
    rows = [
        administration.row("Phạm Chủ Tịch", "H08.31.21", "H61.101", "Chủ tịch UBND phường", duties=("leader",)),
        administration.row("Võ Văn Huyện", "H08.31", None),
    ]
    plan = administration.plan(DECREE, rows)
    assert plan.header.open == {"undecided": 1, "conflicts": 0, "codes_to_confirm": 1}
    people = {"people": 6, "move": 3, "stay": 1, "leave": 1, "undecided": 1, "empty_units": 1}
    assert plan.header.summary["people"] == people
    administration.approve(plan)
    applied = apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"))
    assert applied.lines == plan.header.lines
    binh, chair = administration.people["Trần Văn Bình"], administration.people["Phạm Chủ Tịch"]
    with administration.runtime.database.read() as reads:
        ward = get_unit_by_code(reads, "H61.101", AFTER)
        assert ward.name == "Phường An Hội"
        assert [post.unit_id for post in find_posts(reads, [binh], BEFORE)[binh]] == [administration.units["28789"]]
        assert [post.unit_id for post in find_posts(reads, [binh], AFTER)[binh]] == [ward.id]
        assert find_posts(reads, [chair], AFTER)[chair][0].duties == ("leader",)
        assert find_posts(reads, [administration.people["Võ Văn Huyện"]], AFTER) == {}
        assert find_posts(reads, [administration.people["Đỗ Chủ Tịch"]], AFTER) == {}
        for code in ("28756", "28789"):
            origin = answer_successors(reads, [code], AFTER, "admin-2004", BEFORE.at)[0]["origins"][0]
            assert [heir["unit"] for heir in origin["successors"]] == [str(ward.id)]


def test_old_log_ins_that_several_share_end_on_the_decrees_day(administration: Administration) -> None:
    plan = administration.plan(DECREE)
    administration.approve(plan)
    apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"))
    with administration.runtime.database.read() as reads:
        ends = reads.execute(sa.select(Login.valid_to).where(Login.login == "cuc.nt", Login.withdrawn_by.is_(None)))
        assert [parse_instant("2025-12-31")] == list(ends.scalars())


def test_jobs_are_due_at_the_instant_and_tied_to_the_change(administration: Administration) -> None:
    plan = administration.plan(DECREE, [administration.row("Võ Văn Huyện", "H08.31", None)])
    administration.approve(plan)
    applied = apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"))
    with administration.runtime.database.read() as reads:
        jobs = reads.execute(sa.select(OutboxJob)).scalars().all()
    assert {job.kind for job in jobs} == {"print_person", "print_unit", "suspend_leavers", "propose_certificates"}
    assert {job.change_id for job in jobs} == {applied.change_id}
    assert {job.due for job in jobs} == {parse_instant("2025-07-01")}


def test_a_plan_holds_no_personal_number(administration: Administration) -> None:
    plan = administration.plan(DECREE)
    text = plan.path.read_text(encoding="utf-8")
    assert not [number for number in administration.numbers.values() if number in text]
    sealer = administration.runtime.sealer
    indexes = [sealer.blind_index(number, "person_detail.number").hex() for number in administration.numbers.values()]
    assert not [index for index in indexes if index in text]


def test_a_concurrent_reader_never_sees_half(administration: Administration, monkeypatch: pytest.MonkeyPatch) -> None:
    """A watcher samples units and posts through every transaction: all of before, or all of after."""
    administration.add_crowd("28756", 60)
    plan = administration.plan(DECREE, [administration.row("Võ Văn Huyện", "H08.31", None)])
    administration.approve(plan)
    monkeypatch.setattr(applying, "PEOPLE_AT_ONCE", 5)
    seen: set[tuple[int, int]] = set()
    stop = threading.Event()

    def watch() -> None:
        old, at = administration.units["28756"], AFTER
        while not stop.is_set():
            with administration.runtime.database.read() as reads:
                standing = reads.execute(
                    sa.select(sa.func.count()).select_from(UnitVersion).where(in_force(UnitVersion, at))
                )
                posts = [post for post in find_posts(reads, everybody, at).values() if post[0].unit_id == old]
                seen.add((standing.scalar_one(), len(posts)))

    with administration.runtime.database.read() as reads:
        everybody = [uuid.UUID(line["person"]) for line in plan.each_line() if line["op"] == "person.move"]
        assert len(find_units(reads, administration.units.values(), AFTER)) == 6
    watcher = threading.Thread(target=watch)
    watcher.start()
    apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"))
    stop.set()
    watcher.join()
    with administration.runtime.database.read() as reads:
        now = reads.execute(sa.select(sa.func.count()).select_from(UnitVersion).where(in_force(UnitVersion, AFTER)))
        assert seen <= {(6, 61), (now.scalar_one(), 0)}
    assert (6, 61) in seen


def test_every_transaction_is_on_the_disk_before_a_plan_is_shown(
    administration: Administration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite a plan's commits wait for nothing and its log is synced after each; PostgreSQL's commits are on the disk themselves."""
    administration.add_crowd("28756", 60)
    plan = administration.plan(DECREE)
    administration.approve(plan)
    happened: list[str] = []
    sync = os.fsync

    def note_sync(descriptor: int) -> None:
        sync(descriptor)
        if Path(f"/proc/self/fd/{descriptor}").readlink().name.endswith("-wal"):
            happened.append("synced")

    def note_publishing(writes: Writes, change: Change, at: datetime) -> None:
        happened.append("published")
        publish(writes, change, at)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(applying, "publish", note_publishing)
    monkeypatch.setattr(applying, "PEOPLE_AT_ONCE", 20)
    turns: list[int] = []
    apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"), turns.append)
    assert len(turns) > 2
    synced = ["synced"] * len(turns) if administration.runtime.database.sqlite else []
    assert happened == [*synced, "published"]


# --- refusals ------------------------------------------------------------------------------------------------------


def unapproved(administration: Administration, plan: Plan) -> None:
    """Nobody agreed."""


def approved(administration: Administration, plan: Plan) -> None:
    administration.approve(plan)


def applied_before(administration: Administration, plan: Plan) -> None:
    administration.approve(plan)
    apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"))


def touched_by_hand(administration: Administration, plan: Plan) -> None:
    administration.approve(plan)
    plan.path.write_text(plan.path.read_text(encoding="utf-8").replace("Chuyên viên", "Giám đốc"), encoding="utf-8")


def shortened(administration: Administration, plan: Plan) -> None:
    administration.approve(plan)
    plan.path.write_bytes(plan.path.read_bytes()[:-40])


def made_again(administration: Administration, plan: Plan) -> None:
    """Another plan lies under the approved one's name."""
    administration.approve(plan)
    plan.path.write_bytes(administration.plan(DECREE).path.read_bytes())


@pytest.mark.parametrize(
    ("prepare", "who", "refusal", "exit_code"),
    [
        pytest.param(unapproved, "Lê Thị Hoa", PlanNotApproved, 77, id="nobody-approved"),
        pytest.param(approved, "Trần Văn Bình", RightMissing, 77, id="without-the-right"),
        pytest.param(approved, "Trưởng 86", RightMissing, 77, id="of-another-subtree"),
        pytest.param(applied_before, "Lê Thị Hoa", AlreadyRun, 75, id="applied-before"),
        pytest.param(touched_by_hand, "Lê Thị Hoa", PlanBroken, 65, id="edited"),
        pytest.param(shortened, "Lê Thị Hoa", PlanBroken, 65, id="cut"),
        pytest.param(made_again, "Lê Thị Hoa", PlanNotApproved, 77, id="another-plan-of-the-same-name"),
    ],
)
def test_a_plan_is_refused_and_nothing_changes(
    administration: Administration,
    prepare: Callable[[Administration, Plan], None],
    who: str,
    refusal: type[HopnhatError],
    exit_code: int,
) -> None:
    administration.add_person("Trưởng 86", "86", "hr")
    plan = administration.plan(DECREE)
    prepare(administration, plan)
    before = digest(administration)
    with pytest.raises(refusal) as refused:
        apply_plan(administration.runtime, plan.path, administration.actor(who))
    assert refused.value.exit_code == exit_code
    assert digest(administration) == before


def digest(administration: Administration) -> str:
    with administration.runtime.database.read() as reads:
        return register_digest(reads)


def test_a_refusal_names_the_right_and_who_holds_it(administration: Administration) -> None:
    plan = administration.plan(DECREE)
    administration.approve(plan)
    with pytest.raises(RightMissing) as refused:
        apply_plan(administration.runtime, plan.path, administration.actor("Trần Văn Bình"))
    assert "human resources" in refused.value.shown
    assert "Lê Thị Hoa" in refused.value.shown


def test_a_plan_that_does_not_find_what_was_declared_is_neither_approved_nor_applied(
    administration: Administration,
) -> None:
    plan = administration.plan(DECREE + "expect: {people: {count: 100, tolerance: 5}, leave: {at_most: 0}}\n")
    assert [guard.holds for guard in plan.header.guards] == [False, True]
    with pytest.raises(GuardsBroken):
        approve_plan(administration.runtime, plan, administration.actor("Nam Trần"), dict(plan.header.open))
    administration.approve(plan)
    with pytest.raises(GuardsBroken):
        apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"))


@pytest.mark.parametrize(
    ("who", "said", "refusal"),
    [
        pytest.param("Lê Thị Hoa", {}, OwnPlan, id="its-author"),
        pytest.param("Trần Văn Bình", {}, RightMissing, id="without-the-right"),
        pytest.param("Nam Trần", {}, SaidOtherwise, id="nothing-said-aloud"),
        pytest.param("Nam Trần", {"undecided": 2, "codes_to_confirm": 1}, SaidOtherwise, id="another-number"),
        pytest.param("Nam Trần", {"undecided": 3}, SaidOtherwise, id="codes-not-confirmed"),
    ],
)
def test_an_approval_is_refused(
    administration: Administration, who: str, said: dict[str, int], refusal: type[HopnhatError]
) -> None:
    plan = administration.plan(DECREE)
    assert plan.header.open == {"undecided": 3, "conflicts": 0, "codes_to_confirm": 1}
    with pytest.raises(refusal):
        approve_plan(administration.runtime, plan, administration.actor(who), said)


def test_a_second_person_who_says_the_numbers_approves(administration: Administration) -> None:
    plan = administration.plan(DECREE)
    said = {"undecided": 3, "codes_to_confirm": 1}
    approval = approve_plan(administration.runtime, plan, administration.actor("Nam Trần"), said)
    assert approval.approver == str(administration.people["Nam Trần"])
    apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"))


def test_breaking_the_glass_applies_but_never_approves(administration: Administration) -> None:
    glass = Actor("break-glass:root", None, "root", "nobody can log in")
    plan = administration.plan(DECREE)
    with pytest.raises(GlassCannotApprove):
        approve_plan(administration.runtime, plan, glass, {"undecided": 3, "codes_to_confirm": 1})
    administration.approve(plan)
    apply_plan(administration.runtime, plan.path, glass)
    with administration.runtime.database.read() as reads:
        assert reads.execute(sa.select(PlanRun.actor)).scalar_one() == "break-glass:root"


def test_a_line_of_a_later_release_is_refused(administration: Administration, tmp_path: Path) -> None:
    plan = administration.plan(DECREE)
    lines = (
        plan.path.read_text(encoding="utf-8")
        .replace('"op":"person.move"', '"op":"person.teleport"')
        .splitlines(keepends=True)
    )
    header = json.loads(lines[0])
    header["lines_sha256"] = hashlib.sha256("".join(lines[1:]).encode()).hexdigest()
    plan.path.write_text(json.dumps(header) + "\n" + "".join(lines[1:]), encoding="utf-8")
    changed = dataclasses.replace(plan, digest=hashlib.sha256(plan.path.read_bytes()).hexdigest())
    administration.approve(changed)
    with pytest.raises(UnknownLine):
        apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"))
