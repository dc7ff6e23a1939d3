"""Doing a plan exactly: short transactions under one unpublished change, shown by one row at the end.

1. the file is read and found unchanged; 2. it was approved and its guards hold; 3. the register is still what the plan read;
4. the lines are written, a few hundred people a transaction, each with its place in the journal; 5. nothing of it was touched
meanwhile, and the change is published. A kill anywhere before 5 leaves nothing visible; `resume` goes on where the journal stands.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from foundation.audit import record
from foundation.changes import Change, open_change, publish
from foundation.clocks import parse_instant
from foundation.database import Reads, Writes
from foundation.errors import BadInput
from foundation.outbox import cancel_of_change, enqueue
from foundation.plans import (
    Plan,
    PlanNotApproved,
    PlanRun,
    find_approval,
    find_run,
    keep_plan,
    read_plan,
    start_run,
)
from foundation.runtime import Runtime
from foundation.shell import Actor
from provisioning.merger import staleness
from provisioning.merger.run_states import AlreadyRun
from provisioning.merger.transactions import Work, write_beside, write_in_a_row
from provisioning.plan_rights import check_may_change, name_actor

PEOPLE_AT_ONCE = 500
MOST_SHOWN = 5
LOOK_AT_NEWCOMERS = "look_at_newcomers"
"""A job of `provisioning.people`: whether those whom a roster brought are known, and where they go on in a merger that is written."""
APPLIED = "provisioning.plan.apply"
STARTED = "provisioning.plan.start"


class GuardsBroken(BadInput):
    """A count of the plan lies outside what the decree declares."""

    code = "guards_broken"
    sentence = "The plan does not find what the decree declares, or does to a unit what nobody declared: {guards}."


@dataclass(frozen=True)
class Applied:
    """What was done: the change that shows it, how many lines, how long it took in seconds."""

    change_id: int
    lines: int
    seconds: float


def apply_plan(
    runtime: Runtime, path: Path, actor: Actor, on_progress: Callable[[int], None] = lambda done: None
) -> Applied:
    """Apply a plan that was never started. Raises PlanBroken, PlanNotApproved, GuardsBroken, PlanStale, AlreadyRun, NotPermitted."""
    plan = read_plan(keep_plan(read_plan(path), runtime.settings.data))  # nobody else's hands are on the copy
    with runtime.database.read() as reads:
        check_ready(reads, plan)
        check_may_change(reads, actor, plan, runtime.clocks.register())
        run = find_run(reads, plan.digest)
        if run is not None:
            raise AlreadyRun(run.state)
        staleness.check_state(reads, plan, name_actor(reads))
        known = staleness.note_published(reads)
    change_id = begin_run(runtime, plan, plan.path, actor, plan.header.title)
    return work_through(runtime, plan, change_id, 0, actor, known, on_progress)


def begin_run(runtime: Runtime, plan: Plan, kept: Path, actor: Actor, reason: str) -> int:
    """Open the change nobody sees yet and the journal. Gives the change. Raises AlreadyRun when another process was first."""
    now = runtime.clocks.wall()
    try:
        with runtime.database.write() as writes:
            approval = find_approval(writes, plan.digest)
            change = open_change(
                writes, plan.header.kind, actor.label, now, reason=reason, decision=plan.header.decision,
                approved_by=approval.approver if approval else None, plan_digest=plan.digest,
            )  # fmt: skip
            start_run(writes, plan, change.id, actor.label, kept, now)
            record(writes, now, STARTED, actor.label, plan.digest, {"change": change.id, "title": plan.header.title})
            return change.id
    except sa.exc.IntegrityError as error:
        raise AlreadyRun(state="running") from error


def resume_plan(
    runtime: Runtime, digest: str, actor: Actor, on_progress: Callable[[int], None] = lambda done: None
) -> Applied:
    """Go on with a plan that was interrupted, from the installation's own copy. Raises as `apply_plan`."""
    with runtime.database.read() as reads:
        run = find_run(reads, digest)
        if run is None or run.state != "running":
            raise AlreadyRun(run.state if run else None)
        plan = read_plan(Path(run.file))
        check_may_change(reads, actor, plan, runtime.clocks.register())
        staleness.check_state(reads, plan, name_actor(reads))
        known = staleness.note_published(reads)
        change_id, position = run.change_id, run.position
    return work_through(runtime, plan, change_id, position, actor, known, on_progress)


def check_ready(reads: Reads, plan: Plan) -> None:
    """Refuse a plan whose guards do not hold, or that nobody else approved."""
    check_guards(plan)
    if find_approval(reads, plan.digest) is None:
        raise PlanNotApproved


def check_guards(plan: Plan) -> None:
    """Refuse a plan that does not find what its decree declares. Raises GuardsBroken."""
    broken = [guard for guard in plan.header.guards if not guard.holds]
    if broken:
        more = f"; +{len(broken) - MOST_SHOWN}" if len(broken) > MOST_SHOWN else ""
        raise GuardsBroken(guards="; ".join(str(guard) for guard in broken[:MOST_SHOWN]) + more)


def work_through(
    runtime: Runtime,
    plan: Plan,
    change_id: int,
    position: int,
    actor: Actor,
    known: staleness.Known,
    on_progress: Callable[[int], None],
) -> Applied:
    """Write the lines after `position` and show them."""
    begun = time.monotonic()
    due = parse_instant(plan.header.effective) if plan.header.effective else runtime.clocks.wall()
    write = write_in_a_row if runtime.database.sqlite else write_beside
    write(Work(runtime, plan, change_id, due), position, PEOPLE_AT_ONCE, on_progress)
    show(runtime, plan, change_id, actor, known)
    return Applied(change_id, plan.header.lines, time.monotonic() - begun)


def show(runtime: Runtime, plan: Plan, change_id: int, actor: Actor, known: staleness.Known) -> None:
    """Publish the change by one row, if nothing of the plan was touched meanwhile. Raises PlanStale."""
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        staleness.check_nothing_since(writes, plan, known, change_id, name_actor(writes))
        change = writes.get_one(Change, change_id)
        publish(writes, change, now)
        run = writes.get_one(PlanRun, plan.digest)
        run.state, run.finished_at = "done", now
        if "undoes" in plan.header.summary:
            close_undone(writes, plan.header.summary["undoes"], change_id)
        if "retimes" in plan.header.summary:
            close_undone(writes, plan.header.summary["retimes"], change_id, "postponed")
        if "person.load" in plan.header.counts:
            enqueue(writes, LOOK_AT_NEWCOMERS, str(change_id), now, {"change": change_id}, change_id=change_id)
        detail = {"change": change_id, "lines": plan.header.lines, "kind": plan.header.kind}
        record(writes, now, APPLIED, actor.label, plan.digest, detail)


def close_undone(writes: Writes, digest: str, change_id: int, state: str = "undone") -> None:
    """Mark the run that was taken back or moved, and those it had moved, and cancel what they still had to do outside."""
    undone = writes.get_one(PlanRun, digest)
    undone.state = state
    change = writes.get_one(Change, undone.change_id)
    change.undone_by = change.undone_by or change_id
    cancel_of_change(writes, undone.change_id)
    earlier = read_plan(Path(undone.file)).header.summary.get("retimes")
    if earlier is not None and state == "undone":
        close_undone(writes, earlier, change_id)
