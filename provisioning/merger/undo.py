"""Taking a change back, and giving up one that was begun and never shown.

The inverse plan (`undo_plan`) is approved by a second person and applied like every plan: it gives back posts and rights that a
second person had agreed to take. What was never shown is given up by one person alone.
"""

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from foundation.audit import record
from foundation.changes import Change, recorded_tables
from foundation.database import Database
from foundation.errors import NotPermitted, TryAgain
from foundation.outbox import cancel_of_change
from foundation.plans import Plan, PlanRun, find_run, read_plan
from foundation.runtime import Runtime
from foundation.shell import Actor
from provisioning.merger.left_behind import WHY, Left
from provisioning.merger.planning import Author
from provisioning.merger.undo_plan import AT_ONCE, UndoBlocked, plan_undo
from provisioning.plan_rights import check_may_change

UNDONE = "provisioning.plan.undo"
MADE = "provisioning.plan.make"
ABANDONED = "provisioning.plan.abandon"


class GlassCannotUndo(NotPermitted):
    """A plan that nobody could approve is not made."""

    code = "glass_cannot_undo"
    sentence = (
        "Taking a plan back is a plan that a second person approves, and none made under --break-glass can be. Log in."
    )


@dataclass(frozen=True)
class Undoing:
    """The inverse plan, which somebody else approves, and who could not be put back."""

    plan: Plan
    left: tuple[Left, ...]


def plan_taking_back(runtime: Runtime, run: PlanRun, out: Path, actor: Actor, author: Author, reason: str) -> Undoing:
    """Write the plan that takes a finished run back; nothing is changed yet, and the making is on record.

    Raises GlassCannotUndo, NotPermitted, UndoBlocked.
    """
    if actor.break_glass is not None:
        raise GlassCannotUndo
    now = runtime.clocks.wall()
    with runtime.database.read() as reads:
        check_may_change(reads, actor, read_plan(Path(run.file)), runtime.clocks.register())
        plan, left = plan_undo(reads, run, out, author, reason, now)
    with runtime.database.write() as writes:
        detail = {"title": plan.header.title, "lines": plan.header.lines, "undoes": run.digest, "left": len(left)}
        record(writes, now, MADE, actor.label, plan.digest, {**detail, "reason": reason})
    return Undoing(plan, tuple(left))


def abandon_run(runtime: Runtime, run: PlanRun, actor: Actor) -> None:
    """Give up a run that was interrupted: what it wrote is never seen, what it withdrew stands again. Safe to repeat.

    In short transactions: the rows are invisible all the while, so nobody sees a difference.
    """
    with runtime.database.read() as reads:
        check_may_change(reads, actor, read_plan(Path(run.file)), runtime.clocks.register())
    with runtime.database.write() as writes:
        current = find_run(writes, run.digest)
        change = writes.get_one(Change, run.change_id)
        if current is None or current.state not in ("running", "abandoning") or change.published_at is not None:
            raise TryAgain("This plan is no longer interrupted.")
        current.state = "abandoning"
    for table in reversed(recorded_tables()):
        restore_table(runtime.database, table, run.change_id, table.c.change_id == run.change_id, run.change_id)
    for table in recorded_tables():
        restore_table(runtime.database, table, run.change_id, table.c.change_id != run.change_id, None)
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        current, change = writes.get_one(PlanRun, run.digest), writes.get_one(Change, run.change_id)
        current.state, current.finished_at, change.abandoned_at = "abandoned", now, now
        cancel_of_change(writes, run.change_id)
        record(writes, now, ABANDONED, actor.label, run.digest, {"change": run.change_id})


def restore_table(
    database: Database, table: sa.Table, change: int, where: sa.ColumnElement[bool], withdrawn_by: int | None
) -> None:
    """Withdraw the change's own rows by itself (`withdrawn_by` is the change), or free those of others (None), a few at a time."""
    waiting = table.c.withdrawn_by.is_(None) if withdrawn_by is not None else table.c.withdrawn_by == change
    while True:
        with database.write() as writes:
            ids = writes.execute(sa.select(table.c.row_id).where(where, waiting).limit(AT_ONCE * 2)).scalars().all()
            if not ids:
                return
            writes.connection().execute(
                sa.update(table).where(table.c.row_id.in_(ids)).values(withdrawn_by=withdrawn_by)
            )


__all__ = ["ABANDONED", "UNDONE", "WHY", "Left", "UndoBlocked", "Undoing", "abandon_run", "plan_taking_back"]
