"""Doing a plan exactly: short transactions under one unpublished change, shown by one row at the end.

1. the file is read and found unchanged; 2. it was approved and its guards hold; 3. the register is still what the plan read;
4. the lines are written, a few hundred people a transaction, each with its place in the journal; 5. nothing of it was touched
meanwhile, and the change is published. A kill anywhere before 5 leaves nothing visible; `resume` goes on where the journal stands.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import count, islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from foundation.audit import record
from foundation.changes import Change, open_change, publish
from foundation.clocks import parse_instant
from foundation.database import Database, Reads, Writes, broken_guard
from foundation.errors import BadInput
from foundation.outbox import cancel_of_change, enqueue, enqueue_many
from foundation.plans import (
    Plan,
    PlanNotApproved,
    PlanRun,
    PlanStale,
    advance_run,
    find_approval,
    find_run,
    keep_plan,
    read_plan,
    start_run,
)
from foundation.runtime import Runtime
from foundation.shell import Actor
from provisioning.merger import staleness
from provisioning.merger.batches import Batch
from provisioning.merger.bulk import look_up_by_key
from provisioning.merger.holding import FEW, checkpoint_now_and_then, fit_size, open_writer
from provisioning.merger.run_states import AlreadyRun
from provisioning.merger.turns import Turns, may_write_beside
from provisioning.merger.writers import WRITERS, Writer
from provisioning.plan_rights import check_may_change, name_actor

PEOPLE_AT_ONCE = 500
WRITERS_AT_ONCE = 2
"""Connections that write beside each other where the database allows it."""
MOST_SHOWN = 5
SUSPEND_LEAVERS = "suspend_leavers"
LOOK_AT_NEWCOMERS = "look_at_newcomers"
"""A job of `provisioning.people`: whether those whom a roster brought are known, and where they go on in a merger that is written."""
PRINTED_ONE_BY_ONE = 200
"""A plan of more lines is printed to the directory by one job that compares everything (docs/decisions/0008)."""
APPLIED = "provisioning.plan.apply"
STARTED = "provisioning.plan.start"


class GuardsBroken(BadInput):
    """A count of the plan lies outside what the decree declares."""

    code = "guards_broken"
    sentence = "The plan does not find what the decree declares, or does to a unit what nobody declared: {guards}."


class UnknownLine(BadInput):
    """A line of the plan this release does not know."""

    code = "unknown_line"
    sentence = "This release does not know the change “{op}” of the plan."


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
    one_writer = runtime.database.sqlite
    lines, size = plan.each_line(position), min(FEW, PEOPLE_AT_ONCE) if one_writer else PEOPLE_AT_ONCE
    turns, at_once, started, alone = Turns(position), 1 if one_writer else WRITERS_AT_ONCE, position, position
    writing: deque[Future[float]] = deque()
    transactions = count(1)
    with (
        open_writer(runtime.database) as database,
        ThreadPoolExecutor(1, "packing") as packer,
        ThreadPoolExecutor(at_once, "writing") as pool,
    ):
        # The next rows are packed while the database writes these: nobody waits for the writer any longer for it.
        waiting = packer.submit(pack_lines, runtime, plan, change_id, due, lines, size)
        while (packed := waiting.result()).count or writing:
            if packed.count:
                waiting = packer.submit(pack_lines, runtime, plan, change_id, due, lines, size)
                needed = alone if packed.beside else started
                writing.append(pool.submit(write_lines, database, plan, started, packed, turns, needed))
                started += packed.count
                alone = alone if packed.beside else started
            if len(writing) >= at_once or not packed.count:
                seconds = writing.popleft().result()
                if one_writer:
                    size = fit_size(packed.count or size, seconds, PEOPLE_AT_ONCE)
                    checkpoint_now_and_then(database, next(transactions))
                on_progress(turns.position)
    show(runtime, plan, change_id, actor, known)
    return Applied(change_id, plan.header.lines, time.monotonic() - begun)


@dataclass(frozen=True)
class Packed:
    """Lines turned into rows that are ready for the database; `count` is how many lines, 0 at the end of the plan.

    `beside`: none of them needs what another line of the plan writes.
    """

    batch: Batch
    count: int
    beside: bool


def pack_lines(
    runtime: Runtime, plan: Plan, change_id: int, due: datetime, lines: Iterator[Mapping[str, Any]], size: int
) -> Packed:
    """The next lines of the plan as rows. Raises UnknownLine."""
    batch = Batch(change_id, due, runtime.clocks.wall(), many=plan.header.lines > PRINTED_ONE_BY_ONE)
    packed, beside = 0, True
    for line in islice(lines, size):
        find_writer(line["op"])(batch, line)
        packed += 1
        beside = beside and may_write_beside(line)
    batch.pack(runtime.database.engine.dialect)
    return Packed(batch, packed, beside)


def write_lines(database: Database, plan: Plan, position: int, packed: Packed, turns: Turns, needed: int) -> float:
    """One short transaction: these lines and the journal's new place, after everything up to `needed`.

    Gives the seconds for which it held the writer. Raises PlanStale, and then nothing after it is written either.
    """
    batch, after = packed.batch, position + packed.count
    try:
        turns.wait(needed)
        with database.write() as writes:
            look_up_by_key(writes)
            since = time.monotonic()
            batch.write(writes)
            turns.wait(position)
            advance_run(writes, plan.digest, position, after)
            batch.add_jobs(writes)
            if batch.leavers:
                keyed: list[tuple[str, Mapping[str, Any]]] = [(f"{batch.change_id}:{after}", {"people": batch.leavers})]
                enqueue_many(writes, SUSPEND_LEAVERS, keyed, batch.now, batch.effective, batch.change_id)
    except sa.exc.IntegrityError as error:
        turns.give_up()
        raise PlanStale(changes=broken_guard(error) or str(error.orig)) from error
    except BaseException:
        turns.give_up()
        raise
    held = time.monotonic() - since
    turns.move(after)
    return held


def find_writer(op: str) -> Writer:
    """The function that writes a line of this kind. Raises UnknownLine."""
    writer = WRITERS.get(op)
    if writer is None:
        raise UnknownLine(op=op)
    return writer


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
