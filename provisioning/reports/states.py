"""In which state an account was at an instant, and what is known of that.

Accounts and credentials are ordinary rows: they say what is so now. `state_since` tells since when, so an account that has not
changed since the instant is in its state of then. For one that changed later the audit is asked: the first row after the instant
that changed its state names the state before it. An account that came in later with an old password wrote no such row; it was
issued before. What stood behind an issued account (a code, an old password) is not kept once it is used, so it is told for now
only, and merged into “not activated” for any instant of the past.
"""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from directory.units import chunked
from foundation.audit import AuditRow
from foundation.database import Reads

ACTIVATED: Final = "sso.account.activated"
SUSPENDED: Final = "provisioning.account.suspend"
RESUMED: Final = "provisioning.account.resume"
CLOSED: Final = "provisioning.account.close"
CHANGING: Final = (ACTIVATED, SUSPENDED, RESUMED, CLOSED)


def find_earlier_states(reads: Reads, accounts: Mapping[uuid.UUID, str], at: datetime) -> dict[uuid.UUID, str]:
    """The state at the instant of accounts that changed after it; `accounts` maps the person to the state now."""
    first = read_first_changes(reads, accounts, at)
    came_in = read_came_in(
        reads, [person for person, (event, told) in first.items() if event == SUSPENDED and not told], at
    )
    found: dict[uuid.UUID, str] = {}
    for person in accounts:
        event, told = first.get(person, (ACTIVATED, None))
        if event == RESUMED:
            found[person] = "suspended"
        elif event == ACTIVATED:
            found[person] = "issued"
        else:
            found[person] = told or ("active" if person in came_in else "issued")
    return found


def read_first_changes(
    reads: Reads, people: Iterable[uuid.UUID], at: datetime
) -> dict[uuid.UUID, tuple[str, str | None]]:
    """For each person the first row after the instant that changed their account, and the state before it if it says so."""
    found: dict[uuid.UUID, tuple[str, str | None]] = {}
    for part in chunked(people):
        names = [str(person) for person in part]
        rows = reads.execute(
            sa.select(AuditRow.event, AuditRow.actor, AuditRow.subject, AuditRow.detail)
            .where(
                AuditRow.at > at, AuditRow.outcome == "done",
                sa.or_(
                    sa.and_(AuditRow.event == ACTIVATED, AuditRow.actor.in_(names)),
                    sa.and_(AuditRow.event.in_(CHANGING[1:]), AuditRow.subject.in_(names)),
                ),
            )
            .order_by(AuditRow.id)
        )  # fmt: skip
        for event, actor, subject, detail in rows:
            person = uuid.UUID(actor if event == ACTIVATED else subject)
            found.setdefault(person, (event, detail.get("before")))
    return found


def read_came_in(reads: Reads, people: Iterable[uuid.UUID], at: datetime) -> set[uuid.UUID]:
    """Who of them had come in by the instant."""
    found: set[uuid.UUID] = set()
    for part in chunked(people):
        rows = reads.execute(
            sa.select(AuditRow.actor)
            .where(
                AuditRow.event.in_((ACTIVATED, "sso.session.opened")), AuditRow.outcome == "done", AuditRow.at <= at,
                AuditRow.actor.in_([str(person) for person in part]),
            )
            .distinct()
        )  # fmt: skip
        found |= {uuid.UUID(actor) for actor in rows.scalars()}
    return found
