"""Closing the accounts of those who left, as a step of its own: a plan that one person makes and another approves and applies.

Nothing is deleted: a closed account keeps its log-ins, so that nobody else ever gets them. Who has come back, or whose departure was
taken back, is passed over when the plan is applied.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from directory.departures import PersonDeparture, find_departures
from directory.joins import find_survivor
from directory.models import Account
from directory.people import find_people
from directory.printing.jobs import ask_for_people
from directory.rights import find_roots
from directory.units import chunked
from foundation import audit
from foundation.changes import AsOf, Change, visible
from foundation.clocks import as_rfc3339
from foundation.database import Reads, Writes
from foundation.plans import Plan, PlanHeader, PlanWriter
from provisioning.account_states import find_answering_units, shut_out
from provisioning.merger.planning import Author
from provisioning.people.closing_lines import CLOSE
from provisioning.people.leaving import has_left

KIND = "closing"
CLOSED = "provisioning.account.close"


@dataclass(frozen=True)
class Closable:
    """A suspended account of somebody who left; `units` are those they left last, none where nobody knows."""

    person: uuid.UUID
    name: str
    login: str
    why: str
    left_at: datetime
    units: tuple[uuid.UUID, ...]


def list_closable(reads: Reads, days: int, now: datetime) -> list[Closable]:
    """Who left at least so many days ago, holds no post and whose account is suspended, the earliest first."""
    wanted = (
        sa.select(Account.person_id)
        .join(PersonDeparture, PersonDeparture.person_id == Account.person_id)
        .where(
            Account.kind == "business",
            Account.state == "suspended",
            PersonDeparture.at <= now - timedelta(days=days),
            visible(PersonDeparture),
        )
        .distinct()
    )
    found: list[Closable] = []
    for ids in chunked(reads.execute(wanted).scalars()):
        people, departures = find_people(reads, ids, AsOf(now)), find_departures(reads, ids)
        answering = find_answering_units(reads, ids, AsOf(now))
        for person in ids:
            facts = people.get(person)
            if (
                facts is None
                or facts.id != person
                or not has_left(reads, person, now - timedelta(days=days))
                or facts.posts
            ):
                continue
            left = departures[person]
            login = facts.logins[0] if facts.logins else ""
            found.append(Closable(person, facts.name, login, left.why, left.at, tuple(answering[person])))
    return sorted(found, key=lambda one: (one.left_at, one.name))


def write_closing(reads: Reads, people: Sequence[Closable], out: Path, author: Author, now: datetime) -> Plan:
    """The plan that closes these accounts."""
    with PlanWriter(out) as writer:
        for one in people:
            unit = str(one.units[0]) if one.units else None
            writer.add(CLOSE, person=str(one.person), name=one.name, login=one.login, unit=unit, by=one.why)
        return writer.finish(
            PlanHeader(
                kind=KIND,
                title=f"{len(people)} × {CLOSE}",
                made_at=as_rfc3339(now),
                made_by=author.shown,
                author=author.id,
                scope=[str(unit) for unit in find_scope(reads, people, now)],
                known_change=reads.execute(sa.select(sa.func.max(Change.id))).scalar_one() or 0,
                summary={"accounts": len(people)},
            )
        )


def find_scope(reads: Reads, people: Sequence[Closable], now: datetime) -> list[uuid.UUID]:
    """The units a right must cover: every unit these people left, and everything where somebody left none."""
    roots = [] if all(one.units for one in people) else find_roots(reads, AsOf(now))
    return list(dict.fromkeys([*roots, *(unit for one in people for unit in one.units)]))


def close_departed(writes: Writes, person: uuid.UUID, actor: str, key: str, now: datetime) -> None:
    """Close the account if its owner, by whatever id they go on, still has left and it is still suspended; safe to repeat."""
    person = find_survivor(writes, person)
    account = writes.execute(
        sa.select(Account).where(Account.person_id == person, Account.kind == "business", Account.state == "suspended")
    ).scalar_one_or_none()
    if account is not None and has_left(writes, person, now):
        account.state, account.state_since = "closed", now
        shut_out(writes, account, now)
        audit.record(writes, now, CLOSED, actor, str(person), {"before": "suspended", "key": key})
        ask_for_people(writes, [person], now)
