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
from foundation.changes import stream
from foundation.database import Reads

ACTIVATED: Final = "sso.account.activated"
SUSPENDED: Final = "provisioning.account.suspend"
RESUMED: Final = "provisioning.account.resume"
CLOSED: Final = "provisioning.account.close"
CHANGING: Final = (ACTIVATED, SUSPENDED, RESUMED, CLOSED)


def find_earlier_states(reads: Reads, accounts: Mapping[uuid.UUID, uuid.UUID], at: datetime) -> dict[uuid.UUID, str]:
    """The state at the instant of business accounts that changed after it; `accounts` maps the person to the account."""
    first = read_first_changes(reads, accounts, at)
    unsaid = [accounts[person] for person, (event, told) in first.items() if event == SUSPENDED and not told]
    came_in = read_came_in(reads, unsaid, at)
    found: dict[uuid.UUID, str] = {}
    for person, account in accounts.items():
        event, told = first.get(person, (ACTIVATED, None))
        if event == RESUMED:
            found[person] = "suspended"
        elif event == ACTIVATED:
            found[person] = "issued"
        else:
            found[person] = told or ("active" if account in came_in else "issued")
    return found


def read_first_changes(
    reads: Reads, accounts: Mapping[uuid.UUID, uuid.UUID], at: datetime
) -> dict[uuid.UUID, tuple[str, str | None]]:
    """For each person the first row after the instant that changed their business account, and the state before it if it says so."""
    owners = {str(account): person for person, account in accounts.items()}
    people = {str(person): person for person in accounts}
    found: dict[uuid.UUID, tuple[str, str | None]] = {}
    rows = stream(
        reads,
        sa.select(AuditRow.event, AuditRow.subject, AuditRow.detail)
        .where(AuditRow.event.in_(CHANGING), AuditRow.at > at, AuditRow.outcome == "done")
        .order_by(AuditRow.id),
    )
    for event, subject, detail in rows:
        # An activation names the account, everything else the person; rows about accounts of other kinds say so.
        person = (owners if event == ACTIVATED else people).get(subject)
        if person is not None and "kind" not in detail:
            found.setdefault(person, (event, detail.get("before")))
    return found


def read_came_in(reads: Reads, accounts: Iterable[uuid.UUID], at: datetime) -> set[uuid.UUID]:
    """Which of these accounts had been come in by before the instant."""
    found: set[uuid.UUID] = set()
    for part in chunked(accounts):
        rows = reads.execute(
            sa.select(AuditRow.subject)
            .where(
                AuditRow.event.in_((ACTIVATED, "sso.session.opened")), AuditRow.outcome == "done", AuditRow.at <= at,
                AuditRow.subject.in_([str(account) for account in part]),
            )
            .distinct()
        )  # fmt: skip
        found |= {uuid.UUID(subject) for subject in rows.scalars() if subject is not None}
    return found
