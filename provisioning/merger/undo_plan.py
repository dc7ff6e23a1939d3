"""The inverse plan of a change: it withdraws what the change wrote and writes again what it had withdrawn.

What happened since is kept: a person whose posts were changed later stays as they are and is listed; units are taken back whole, so a
later change of one of them must be undone first. A later change that was undone itself stands in nobody's way.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from directory.models import UnitCode, UnitEvent, UnitEventLink, UnitVersion
from directory.units import chunked
from foundation.audit import AuditRow
from foundation.changes import Change, visible
from foundation.clocks import as_rfc3339
from foundation.database import Reads
from foundation.errors import TryAgain
from foundation.outbox import OutboxJob
from foundation.plans import Plan, PlanHeader, PlanRun, PlanWriter, read_plan
from provisioning.merger.jobs import REOPENED, SUSPENDED
from provisioning.merger.left_behind import (
    PERSON_TABLES,
    Left,
    find_left,
    find_stranded,
    is_withdrawn_since,
    of_person,
)
from provisioning.merger.planning import Author
from provisioning.merger.retiming import find_chain
from provisioning.merger.staleness import digest_units
from provisioning.merger.standing_rows import find_all_copies
from provisioning.merger.transactions import SUSPEND_LEAVERS
from provisioning.plan_rights import name_actor

KIND = "undo"
AT_ONCE = 200
UNIT_TABLES: tuple[Any, ...] = (UnitEventLink, UnitEvent, UnitCode, UnitVersion)
STATE_EVENTS = (SUSPENDED, REOPENED, "provisioning.account.close")


class UndoBlocked(TryAgain):
    """Later changes build on the units of this one."""

    code = "undo_blocked"
    sentence = "Later changes build on these units; take them back first: {changes}"


@dataclass
class Rows:
    """Row numbers by table: those to withdraw and those to write again."""

    withdraw: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    again: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    @property
    def content(self) -> dict[str, Any]:
        """As it stands in a line."""
        return {"withdraw": dict(self.withdraw), "again": dict(self.again)}


Copies = dict[Any, dict[int, int]]
"""By table: rows of the change and the rows that stand for them today."""


def plan_undo(
    reads: Reads, run: PlanRun, out: Path, author: Author, reason: str, now: datetime
) -> tuple[Plan, list[Left]]:
    """The inverse plan of a finished run, and who it leaves as they are. Raises UndoBlocked."""
    change, chain = run.change_id, find_chain(reads, run)
    copies: Copies = {model: find_all_copies(reads, model, chain) for model in (*UNIT_TABLES, *PERSON_TABLES)}
    begun = find_begun_units(reads, chain)
    check_units_unchanged(reads, chain, begun, copies)
    people = gather_people(reads, chain, copies)
    left = find_left(reads, chain, find_people(reads, chain[-1]))
    kept = {one.person for one in left}
    original = read_plan(Path(run.file))
    with PlanWriter(out) as writer:
        for content in each_unit_line(reads, chain, copies):
            writer.add("undo.units", **content)
        for person, rows in people.items():
            if person not in kept:
                writer.add("undo.person", person=str(person), **rows.content)
        posts = next(set(copies[model].values()) for model in copies if model.__tablename__ == "post")
        left += find_stranded(reads, chain, begun, kept, posts)
        for one in left:
            writer.add("undo.left", person=str(one.person), name=one.name, why=one.code, change=one.change)
        reopened = find_suspended(reads, chain)
        for ids in chunked((person for person in reopened if uuid.UUID(person) not in kept), AT_ONCE):
            writer.add("undo.reopen", people=ids)
        units = {uuid.UUID(unit) for unit in original.header.state} | set(begun)
        header = PlanHeader(
            kind=KIND,
            title=original.header.title,
            made_at=as_rfc3339(now),
            made_by=author.shown,
            author=author.id,
            decision=reason,
            scope=original.header.scope,
            known_change=reads.execute(sa.select(sa.func.max(Change.id))).scalar_one() or 0,
            state=digest_units(reads, units, run.effective or now),
            summary={"undoes": run.digest, "change": change, "read_at": as_rfc3339(run.effective or now)},
            open={"left": len(left)},
        )
        return writer.finish(header), left


def check_units_unchanged(reads: Reads, chain: Sequence[int], begun: Collection[uuid.UUID], copies: Copies) -> None:
    """Refuse when a later change edited a unit of this one, or put something under a unit that it began. Raises UndoBlocked."""
    later: set[int] = set()
    for model in UNIT_TABLES:
        rows = reads.execute(
            sa.select(model.row_id, model.withdrawn_by).where(
                model.change_id.in_(chain), is_withdrawn_since(model, chain)
            )
        )
        later.update(number for row_id, number in rows if row_id not in copies[model])
        for ids in chunked(copies[model].values()):
            gone = sa.select(model.withdrawn_by).where(model.row_id.in_(ids), is_withdrawn_since(model, chain))
            later.update(reads.execute(gone).scalars())
    own = set(copies[UnitVersion].values())
    for units in chunked(begun):
        under = sa.select(UnitVersion.row_id, UnitVersion.change_id).where(
            UnitVersion.parent_id.in_(units), UnitVersion.change_id.not_in(chain), visible(UnitVersion)
        )
        later.update(number for row_id, number in reads.execute(under) if row_id not in own)
    if later:
        namer = name_actor(reads)
        found = reads.execute(sa.select(Change).where(Change.id.in_(later)).order_by(Change.id)).scalars()
        raise UndoBlocked(changes="; ".join(f"#{one.id} {one.kind} ({namer(one.actor)})" for one in found))


def find_begun_units(reads: Reads, chain: Sequence[int]) -> list[uuid.UUID]:
    """The units of which these changes wrote versions and had withdrawn none of others: they began with them."""
    withdrawn = sa.select(UnitVersion.unit_id).where(
        UnitVersion.withdrawn_by.in_(chain), UnitVersion.change_id.not_in(chain)
    )
    wanted = sa.select(UnitVersion.unit_id).where(
        UnitVersion.change_id.in_(chain), UnitVersion.unit_id.not_in(withdrawn)
    )
    return list(reads.execute(wanted.distinct()).scalars())


def find_people(reads: Reads, change: int) -> set[uuid.UUID]:
    """Whom the change itself touched: not who only went along when it was moved to another instant."""
    found: set[uuid.UUID] = set()
    for model, key in PERSON_TABLES.items():
        touched = sa.or_(model.change_id == change, model.withdrawn_by == change)
        rows = reads.execute(of_person(model, sa.select(model.row_id, key)).where(touched))
        found.update(row[1] for row in rows)
    return found


def gather_people(reads: Reads, chain: Sequence[int], copies: Copies) -> dict[uuid.UUID, Rows]:
    """What these changes wrote and withdrew of each person; where an undoing wrote a row again, the row that stands today."""
    people: dict[uuid.UUID, Rows] = defaultdict(Rows)
    for model, key in PERSON_TABLES.items():
        name = model.__tablename__
        wanted = of_person(model, sa.select(key, model.row_id)).order_by(model.row_id)
        for person, row_id in reads.execute(wanted.where(model.change_id.in_(chain), model.withdrawn_by.is_(None))):
            people[person].withdraw[name].append(row_id)
        for ids in chunked(copies[model].values()):
            standing = wanted.where(model.row_id.in_(ids), model.withdrawn_by.is_(None))
            for person, row_id in reads.execute(standing):
                people[person].withdraw[name].append(row_id)
        for person, row_id in reads.execute(wanted.where(*withdrawn_of_others(model, chain))):
            people[person].again[name].append(row_id)
    return people


def each_unit_line(reads: Reads, chain: Sequence[int], copies: Copies) -> Iterator[dict[str, Any]]:
    """Everything of units: first all withdrawals, then all that is written again, so that every code is free before it returns."""
    for model in UNIT_TABLES:
        yield from tell_rows(model, "withdraw", find_standing_rows(reads, model, chain, copies[model]))
    for model in reversed(UNIT_TABLES):
        wanted = (
            sa.select(model.row_id, unit_of(model)).where(*withdrawn_of_others(model, chain)).order_by(model.row_id)
        )
        yield from tell_rows(model, "again", [tuple(row) for row in reads.execute(wanted)])


def withdrawn_of_others(model: Any, chain: Sequence[int]) -> tuple[sa.ColumnElement[bool], ...]:
    """What these changes withdrew and had not written themselves."""
    return model.withdrawn_by.in_(chain), model.change_id.not_in(chain)


def unit_of(model: Any) -> Any:
    """The column that says whose row it is; an event belongs to none."""
    return model.unit_id if hasattr(model, "unit_id") else sa.null()


def find_standing_rows(reads: Reads, model: Any, chain: Sequence[int], copied: dict[int, int]) -> list[tuple[Any, ...]]:
    """What these changes wrote and still stands, itself or as a copy."""
    wanted = sa.select(model.row_id, unit_of(model)).where(model.withdrawn_by.is_(None)).order_by(model.row_id)
    rows = [tuple(row) for row in reads.execute(wanted.where(model.change_id.in_(chain)))]
    for ids in chunked(copied.values()):
        rows += [tuple(row) for row in reads.execute(wanted.where(model.row_id.in_(ids)))]
    return rows


def tell_rows(model: Any, way: str, found: list[tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    """Lines of a few hundred rows each."""
    for rows in chunked(found, AT_ONCE):
        units = sorted({str(unit) for _row, unit in rows if unit is not None})
        yield {way: {model.__tablename__: [row_id for row_id, _unit in rows]}, "units": units}


def find_suspended(reads: Reads, chain: Sequence[int]) -> list[str]:
    """Leavers whose accounts the changes' jobs have suspended, and nobody else before or since."""
    keys = set(
        reads.execute(
            sa.select(OutboxJob.key).where(
                OutboxJob.change_id.in_(chain), OutboxJob.kind == SUSPEND_LEAVERS, OutboxJob.state == "done"
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
