"""A decree that was postponed, or brought forward: one plan that writes its change again for another instant.

What ends or begins at the old instant in the units of the change ends or begins at the new one, whoever wrote it: a hire of the weeks
between goes along; who retires on that very day does not. Dates until which old log-ins and addresses are accepted move by the same
time. Jobs for the old instant are cancelled and asked for anew. Nothing is guessed: what would begin before its unit, or end before it
began, is named and must be decided first. The old instant must still be ahead; what has taken effect is corrected, not moved.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from directory.departures import PersonDeparture
from directory.models import (
    ForeignAccount,
    MailAddress,
    PersonDetail,
    Post,
    UnitCode,
    UnitEvent,
    UnitVersion,
)
from directory.units import chunked
from foundation.changes import Change, visible
from foundation.clocks import as_rfc3339
from foundation.database import Reads
from foundation.errors import BadInput, TryAgain
from foundation.outbox import OutboxJob
from foundation.plans import Plan, PlanHeader, PlanRun, PlanWriter, read_plan
from provisioning.mail.address_plan import KIND as ADDRESSES
from provisioning.merger.last_names import last_name
from provisioning.merger.planning import Author
from provisioning.merger.retiming_ends import each_dated_address, each_login
from provisioning.merger.staleness import digest_units
from provisioning.merger.transactions import SUSPEND_LEAVERS
from provisioning.merger.writers import PROPOSE_CERTIFICATES

KIND = "retime"
AT_ONCE = 200
UNIT_ROWS: tuple[Any, ...] = (UnitCode, UnitVersion)
PERSON_ROWS: tuple[Any, ...] = (PersonDetail, MailAddress, ForeignAccount)
MOST_SHOWN = 5


class RetimeTooLate(BadInput):
    """Only what lies ahead can be moved."""

    code = "retime_too_late"
    sentence = "Only what still lies ahead can be moved, and only to an instant ahead; this one is of {instant}."


class RetimeBlocked(TryAgain):
    """Something between the two instants must be decided first."""

    code = "retime_blocked"
    sentence = "Something between the two instants must be decided first: {what}"


@dataclass(frozen=True)
class Move:
    """From one instant to another, in these units, under this change."""

    change: int
    units: frozenset[uuid.UUID]
    old: datetime
    new: datetime


def plan_retime(
    reads: Reads, run: PlanRun, to: datetime, out: Path, author: Author, decision: str, now: datetime
) -> Plan:
    """The plan that moves a finished run to another instant. Raises RetimeTooLate, RetimeBlocked."""
    if run.effective is None or run.effective <= now or to <= now or to == run.effective:
        raise RetimeTooLate(instant=as_rfc3339(run.effective) if run.effective else "—")
    original = read_plan(Path(run.file))
    units = {uuid.UUID(unit) for unit in original.header.state} | find_units_of(reads, run.change_id)
    # An order for addresses reads units and changes none: what else happens there at its instant is not its own.
    moved = frozenset() if original.header.kind == ADDRESSES else frozenset(units)
    move = Move(run.change_id, moved, run.effective, to)
    check_nothing_between(reads, move)
    with PlanWriter(out) as writer:
        for op, content in each_line(reads, move):
            writer.add(op, **content)
        header = PlanHeader(
            kind=KIND,
            title=original.header.title,
            made_at=as_rfc3339(now),
            made_by=author.shown,
            author=author.id,
            effective=as_rfc3339(to),
            decision=decision,
            scope=original.header.scope,
            known_change=reads.execute(sa.select(sa.func.max(Change.id))).scalar_one() or 0,
            state=digest_units(reads, units, to),
            summary={"retimes": run.digest, "change": run.change_id, "was": as_rfc3339(run.effective)},
        )
        return writer.finish(header)


def find_units_of(reads: Reads, change: int) -> set[uuid.UUID]:
    """The units of which the change wrote a version or a code."""
    found: set[uuid.UUID] = set()
    for model in UNIT_ROWS:
        found.update(reads.execute(sa.select(model.unit_id).where(model.change_id == change).distinct()).scalars())
    return found


def check_nothing_between(reads: Reads, move: Move) -> None:
    """Refuse where a row would begin before its unit does or end before it begins. Raises RetimeBlocked."""
    first, last = sorted((move.old, move.new))
    found: list[str] = []
    for units in chunked(move.units):
        for model, told in (
            (UnitVersion, UnitVersion.name),
            (UnitCode, UnitCode.code),
            (Post, last_name(Post.person_id)),
        ):
            between = sa.or_(
                sa.and_(model.valid_from > first, model.valid_from <= last, model.valid_from != move.old),
                sa.and_(model.valid_to > first, model.valid_to <= last, model.valid_to != move.old),
                sa.and_(model.valid_from == move.old, model.valid_to <= move.new),
                sa.and_(model.valid_to == move.old, model.valid_from >= move.new),
            )
            theirs = sa.or_(model.unit_id.in_(units), model.change_id == move.change)
            rows = reads.execute(sa.select(told).where(theirs, visible(model), between))
            found += [str(name) for name in rows.scalars()]
    found = list(dict.fromkeys(found))
    if found:
        more = f"; +{len(found) - MOST_SHOWN}" if len(found) > MOST_SHOWN else ""
        raise RetimeBlocked(what="; ".join(found[:MOST_SHOWN]) + more)


def each_line(reads: Reads, move: Move) -> Iterator[tuple[str, dict[str, Any]]]:
    """Units first: all withdrawals, then all that is written again; then people, one by one; then what was to be done that day."""
    moved = {model: find_moved(reads, model, model.unit_id, move) for model in UNIT_ROWS}
    events = (
        sa.select(UnitEvent.row_id)
        .where(UnitEvent.change_id == move.change, visible(UnitEvent))
        .order_by(UnitEvent.row_id)
    )
    happened = list(reads.execute(events).scalars())
    yield "retime.units", {"withdraw": {UnitEvent.__tablename__: happened}, "units": []}
    for model, rows in moved.items():
        for part in chunked(rows, AT_ONCE):
            yield "retime.units", {"withdraw": {model.__tablename__: [row for row, _unit, _way in part]}, "units": []}
    for model, rows in moved.items():
        for part in chunked(rows, AT_ONCE):
            units = sorted({str(unit) for _row, unit, _way in part})
            yield "retime.units", {**split_ways(model, part), "units": units}
    yield "retime.units", {"instant": {UnitEvent.__tablename__: happened}, "units": []}
    yield from each_person(reads, move)
    for login in each_login(reads, move.change, move.new - move.old):
        yield "login.until", login
    yield from each_job(reads, move)


Moved = tuple[int, uuid.UUID, str]
"""A row, whose it is, and whether it begins or ends at the old instant."""


def find_moved(reads: Reads, model: Any, owner: Any, move: Move, *, own: bool = False) -> list[Moved]:
    """The rows of these units that begin or end at the old instant; with `own` those of the change, of whatever unit."""
    found: list[Moved] = []
    for way, column in (("begin", model.valid_from), ("end", model.valid_to)):
        wanted = sa.select(model.row_id, owner).where(column == move.old, visible(model)).order_by(model.row_id)
        if own:
            found += [(row[0], row[1], way) for row in reads.execute(wanted.where(model.change_id == move.change))]
            continue
        for units in chunked(move.units):
            found += [(row[0], row[1], way) for row in reads.execute(wanted.where(model.unit_id.in_(units)))]
    return found


def split_ways(model: Any, rows: list[Moved]) -> dict[str, dict[str, list[int]]]:
    """Rows as they stand in a line: those that begin and those that end."""
    ways: dict[str, list[int]] = defaultdict(list)
    for row, _owner, way in rows:
        ways[way].append(row)
    return {way: {model.__tablename__: ids} for way, ids in ways.items()}


def each_person(reads: Reads, move: Move) -> Iterator[tuple[str, dict[str, Any]]]:
    """The posts of everybody in the units, and what else the change wrote of people for its instant."""
    people: dict[uuid.UUID, dict[str, dict[str, list[int]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    gathered: list[tuple[Any, list[Moved]]] = [(Post, find_moved_posts(reads, move))]
    gathered += [(model, find_moved(reads, model, model.person_id, move, own=True)) for model in PERSON_ROWS]
    dated = each_dated_address(reads, move.change, move.old, move.new)
    taken = {row for one in dated.values() for row in one.rows}
    for model, rows in gathered:
        for row, person, way in rows:
            if model is MailAddress and row in taken:
                continue
            people[person]["withdraw"][model.__tablename__].append(row)
            people[person][way][model.__tablename__].append(row)
    for person in dict.fromkeys([*people, *dated]):
        ways = {way: dict(tables) for way, tables in people[person].items()} if person in people else {}
        addresses = {"addresses": dated[person].lines()} if person in dated else {}
        yield "retime.person", {"person": str(person), **ways, **addresses}


def find_moved_posts(reads: Reads, move: Move) -> list[Moved]:
    """The posts in these units and, wherever they are, those the change wrote; not the end of a service that ends that very day.

    Who retires on the day of a merger that is put off retires all the same: a decision of their own says so.
    """
    ways = (find_moved(reads, Post, Post.person_id, move), find_moved(reads, Post, Post.person_id, move, own=True))
    found = dict.fromkeys(row for rows in ways for row in rows)
    leaving: set[uuid.UUID] = set()
    for people in chunked({person for _row, person, _way in found}):
        wanted = sa.select(PersonDeparture.person_id).where(
            PersonDeparture.person_id.in_(people), PersonDeparture.at == move.old, visible(PersonDeparture)
        )
        leaving.update(reads.execute(wanted).scalars())
    return [row for row in found if row[2] == "begin" or row[1] not in leaving]


def each_job(reads: Reads, move: Move) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the change had asked for at its instant: leavers are suspended then, certificates proposed."""
    jobs = sa.select(OutboxJob).where(
        OutboxJob.change_id == move.change,
        OutboxJob.state == "waiting",
        OutboxJob.kind.in_((SUSPEND_LEAVERS, PROPOSE_CERTIFICATES)),
    )
    for job in reads.execute(jobs.order_by(OutboxJob.id)).scalars():
        if job.kind == SUSPEND_LEAVERS:
            yield "retime.leavers", {"people": list(job.payload["people"])}
        else:
            yield "retime.certificates", {"units": list(job.payload["units"])}


def find_chain(reads: Reads, run: PlanRun) -> list[int]:
    """The change of a run, and those it moved to its instant: taken back, they are taken back together."""
    chain, header = [run.change_id], read_plan(Path(run.file)).header
    while "retimes" in header.summary:
        earlier = reads.get_one(PlanRun, header.summary["retimes"])
        chain.append(earlier.change_id)
        header = read_plan(Path(earlier.file)).header
    return chain
