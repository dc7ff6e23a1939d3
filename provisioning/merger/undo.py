"""Taking a change back: an inverse plan that withdraws what the change wrote and writes again what it had withdrawn.

What happened since is kept: a person whose posts were changed later stays as they are and is listed; units are taken back whole, so a
later change of one of them must be undone first. A change that was begun and never shown is given up instead.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa

from directory.models import (
    Account,
    ForeignAccount,
    Login,
    MailAddress,
    PersonDetail,
    Post,
    UnitCode,
    UnitEvent,
    UnitEventLink,
    UnitVersion,
)
from directory.units import chunked
from foundation.audit import AuditRow, record
from foundation.changes import Change, recorded_tables, visible
from foundation.clocks import as_rfc3339
from foundation.database import Database, Reads
from foundation.errors import TryAgain
from foundation.i18n import _
from foundation.outbox import OutboxJob, cancel_of_change
from foundation.plans import Plan, PlanHeader, PlanRun, PlanWriter, find_run, keep_plan, read_plan
from foundation.runtime import Runtime
from foundation.shell import Actor
from provisioning.merger import staleness
from provisioning.merger.apply import SUSPEND_LEAVERS, Applied, begin_run, work_through
from provisioning.merger.jobs import REOPENED, SUSPENDED
from provisioning.merger.planning import Author
from provisioning.plan_rights import check_may_change, name_actor

KIND = "undo"
UNDONE = "provisioning.plan.undo"
ABANDONED = "provisioning.plan.abandon"
AT_ONCE = 200


class UndoBlocked(TryAgain):
    """Later changes build on the units of this one."""

    code = "undo_blocked"
    sentence = "Later changes build on these units; take them back first: {changes}"


@dataclass(frozen=True)
class Left:
    """Somebody who could not be put back, and why."""

    person: uuid.UUID
    name: str
    code: str
    change: int | None
    actor: str = ""
    at: datetime | None = None


WHY = {
    "changed_since": _("was changed since; stays as they are now"),
    "post_since": _("got a main post since; stays as they are now"),
    "unit_gone": _("holds a post, written since, in a unit that is taken back; must be placed"),
}


@dataclass
class Rows:
    """Row numbers by table: those to withdraw and those to write again."""

    withdraw: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    again: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    @property
    def content(self) -> dict[str, Any]:
        """As it stands in a line."""
        return {"withdraw": dict(self.withdraw), "again": dict(self.again)}


@dataclass(frozen=True)
class Undone:
    """What was taken back, and who could not be put back."""

    applied: Applied
    left: tuple[Left, ...]


# --- the inverse plan ----------------------------------------------------------------------------------------------


def plan_undo(
    reads: Reads, run: PlanRun, out: Path, author: Author, reason: str, now: datetime
) -> tuple[Plan, list[Left]]:
    """The inverse plan of a finished run, and who it leaves as they are. Raises UndoBlocked."""
    change = run.change_id
    check_units_unchanged(reads, change)
    people = gather_people(reads, change)
    left = find_left(reads, change, people)
    kept = {one.person for one in left}
    begun = find_begun_units(reads, change)
    original = read_plan(Path(run.file))
    with PlanWriter(out) as writer:
        for content in each_unit_line(reads, change):
            writer.add("undo.units", **content)
        for person, rows in people.items():
            if person not in kept:
                writer.add("undo.person", person=str(person), **rows.content)
        left += find_stranded(reads, change, begun, kept)
        for one in left:
            writer.add("undo.left", person=str(one.person), name=one.name, why=one.code, change=one.change)
        reopened = find_suspended(reads, change)
        for ids in chunked((person for person in reopened if uuid.UUID(person) not in kept), AT_ONCE):
            writer.add("undo.reopen", people=ids)
        header = PlanHeader(
            kind=KIND,
            title=original.header.title,
            made_at=as_rfc3339(now),
            made_by=author.shown,
            author=author.id,
            decision=reason,
            scope=original.header.scope,
            known_change=reads.execute(sa.select(sa.func.max(Change.id))).scalar_one() or 0,
            summary={"undoes": run.digest, "change": change},
            open={"left": len(left)},
        )
        return writer.finish(header), left


def check_units_unchanged(reads: Reads, change: int) -> None:
    """Refuse when a later change edited a unit of this one, or put something under a unit that it began. Raises UndoBlocked."""
    later: set[int] = set()
    for model in (UnitVersion, UnitCode, UnitEvent, UnitEventLink):
        wanted = sa.select(model.withdrawn_by).where(model.change_id == change, is_withdrawn_since(model, change))
        later.update(cast(int, number) for number in reads.execute(wanted.distinct()).scalars())
    begun = find_begun_units(reads, change)
    for ids in chunked(begun):
        under = sa.select(UnitVersion.change_id).where(
            UnitVersion.parent_id.in_(ids), UnitVersion.change_id != change, visible(UnitVersion)
        )
        later.update(reads.execute(under.distinct()).scalars())
    if later:
        namer = name_actor(reads)
        found = reads.execute(sa.select(Change).where(Change.id.in_(later)).order_by(Change.id)).scalars()
        raise UndoBlocked(changes="; ".join(f"#{one.id} {one.kind} ({namer(one.actor)})" for one in found))


def is_withdrawn_since(model: Any, change: int) -> sa.ColumnElement[bool]:
    """Rows that a later, published change withdrew."""
    published = sa.select(Change.id).where(Change.published_at.is_not(None)).scalar_subquery()
    return sa.and_(model.withdrawn_by.is_not(None), model.withdrawn_by != change, model.withdrawn_by.in_(published))


def find_begun_units(reads: Reads, change: int) -> list[uuid.UUID]:
    """The units of which this change wrote versions and had withdrawn none: they began with it."""
    withdrawn = sa.select(UnitVersion.unit_id).where(UnitVersion.withdrawn_by == change)
    wanted = sa.select(UnitVersion.unit_id).where(
        UnitVersion.change_id == change, UnitVersion.unit_id.not_in(withdrawn)
    )
    return list(reads.execute(wanted.distinct()).scalars())


def gather_people(reads: Reads, change: int) -> dict[uuid.UUID, Rows]:
    """What the change wrote and withdrew of each person."""
    people: dict[uuid.UUID, Rows] = defaultdict(Rows)
    for model, key in PERSON_TABLES.items():
        for way, column in (("withdraw", model.change_id), ("again", model.withdrawn_by)):
            wanted = sa.select(key, model.row_id).where(column == change).order_by(model.row_id)
            if way == "withdraw":
                wanted = wanted.where(model.withdrawn_by.is_(None))
            if model is Login:
                wanted = wanted.join(Account, Account.id == Login.account_id)
            for person, row_id in reads.execute(wanted):
                getattr(people[person], way)[model.__tablename__].append(row_id)
    return people


PERSON_TABLES: dict[Any, Any] = {
    PersonDetail: PersonDetail.person_id,
    Post: Post.person_id,
    Login: Account.person_id,
    MailAddress: MailAddress.person_id,
    ForeignAccount: ForeignAccount.person_id,
}
UNIT_TABLES: tuple[Any, ...] = (UnitEventLink, UnitEvent, UnitCode, UnitVersion)


def find_left(reads: Reads, change: int, people: Mapping[uuid.UUID, Rows]) -> list[Left]:
    """People of the change whose record went on since: changed rows, or a new main post."""
    found: dict[uuid.UUID, tuple[str, int]] = {}
    for model, key in PERSON_TABLES.items():
        wanted = sa.select(key, model.withdrawn_by).where(model.change_id == change, is_withdrawn_since(model, change))
        if model is Login:
            wanted = wanted.join(Account, Account.id == Login.account_id)
        for person, later in reads.execute(wanted):
            found.setdefault(person, ("changed_since", later))
    for person, later in reads.execute(
        sa.select(Post.person_id, Post.change_id).where(Post.change_id > change, Post.main, visible(Post))
    ):
        if person in people:
            found.setdefault(person, ("post_since", later))
    return tell_left(reads, found)


def find_stranded(reads: Reads, change: int, begun: list[uuid.UUID], kept: set[uuid.UUID]) -> list[Left]:
    """People with a post, written by another change, in a unit that is taken back."""
    found: dict[uuid.UUID, tuple[str, int]] = {}
    for ids in chunked(begun):
        wanted = sa.select(Post.person_id, Post.change_id).where(
            Post.unit_id.in_(ids), Post.change_id != change, visible(Post)
        )
        for person, later in reads.execute(wanted):
            if person not in kept:
                found.setdefault(person, ("unit_gone", later))
    return tell_left(reads, found)


def tell_left(reads: Reads, found: Mapping[uuid.UUID, tuple[str, int]]) -> list[Left]:
    """With names, and who did it when."""
    names: dict[uuid.UUID, str] = {}
    for ids in chunked(found):
        rows = reads.execute(
            sa.select(PersonDetail.person_id, PersonDetail.name).where(
                PersonDetail.person_id.in_(ids), visible(PersonDetail)
            )
        )
        names |= {row.person_id: row.name for row in rows}
    changes: dict[int, Change] = {}
    for numbers in chunked({later for _code, later in found.values()}):
        changes |= {one.id: one for one in reads.execute(sa.select(Change).where(Change.id.in_(numbers))).scalars()}
    namer = name_actor(reads)
    return [
        Left(person, names.get(person, ""), code, later, namer(changes[later].actor), changes[later].published_at)
        for person, (code, later) in sorted(found.items(), key=lambda item: names.get(item[0], ""))
    ]


def each_unit_line(reads: Reads, change: int) -> Iterator[dict[str, Any]]:
    """Everything of units: first all withdrawals, then all that is written again, so that every code is free before it returns."""
    for way in ("withdraw", "again"):
        for model in UNIT_TABLES if way == "withdraw" else reversed(UNIT_TABLES):
            key = model.unit_id if hasattr(model, "unit_id") else sa.null()
            wanted = sa.select(model.row_id, key).order_by(model.row_id)
            if way == "withdraw":
                wanted = wanted.where(model.change_id == change, model.withdrawn_by.is_(None))
            else:
                wanted = wanted.where(model.withdrawn_by == change)
            for rows in chunked(reads.execute(wanted).all(), AT_ONCE):
                units = sorted({str(unit) for _row, unit in rows if unit is not None})
                yield {way: {model.__tablename__: [row_id for row_id, _unit in rows]}, "units": units}


STATE_EVENTS = (SUSPENDED, REOPENED, "provisioning.account.close")


def find_suspended(reads: Reads, change: int) -> list[str]:
    """Leavers whose accounts the change's jobs have suspended, and nobody else before or since."""
    keys = set(
        reads.execute(
            sa.select(OutboxJob.key).where(
                OutboxJob.change_id == change, OutboxJob.kind == SUSPEND_LEAVERS, OutboxJob.state == "done"
            )
        ).scalars()
    )
    last: dict[str, AuditRow] = {}
    for row in reads.execute(
        sa.select(AuditRow).where(AuditRow.event.in_(STATE_EVENTS)).order_by(AuditRow.id)
    ).scalars():
        if row.subject is not None and row.outcome == "done":
            last[row.subject] = row
    return [person for person, row in last.items() if row.event == SUSPENDED and row.detail.get("key") in keys]


# --- doing it ------------------------------------------------------------------------------------------------------


def undo_run(
    runtime: Runtime,
    run: PlanRun,
    actor: Actor,
    author: Author,
    reason: str,
    on_progress: Callable[[int], None] = lambda done: None,
) -> Undone:
    """Take a finished run back under a new change. Raises NotPermitted, UndoBlocked, PlanStale."""
    now = runtime.clocks.wall()
    out = runtime.settings.data / "plans" / f"undo-{run.digest[:12]}-{uuid.uuid4().hex[:6]}.plan"
    with runtime.database.read() as reads:
        check_may_change(reads, actor, read_plan(Path(run.file)), runtime.clocks.register())
        plan, left = plan_undo(reads, run, out, author, reason, now)
        known = staleness.note_published(reads)
    kept = keep_plan(plan, runtime.settings.data)
    out.unlink()
    plan = replace(plan, path=kept)
    change_id = begin_run(runtime, plan, kept, actor, reason)
    applied = work_through(runtime, plan, change_id, 0, actor, known, on_progress)
    return Undone(applied, tuple(left))


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
