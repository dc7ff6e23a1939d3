"""Until when what is old goes on, where its plan is moved: old log-ins and old addresses are accepted for as long after the new instant
as they would have been after the old.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from directory.models import Account, Login, MailAddress
from foundation.changes import visible
from foundation.clocks import as_rfc3339
from foundation.database import Reads


def each_login(reads: Reads, change: int, later: timedelta) -> Iterator[dict[str, Any]]:
    """The log-ins that the change lets end at a date, as lines with their new one."""
    wanted = (
        sa.select(Login.row_id, Login.login, Login.valid_to, Account.person_id)
        .join(Account, Account.id == Login.account_id)
        .where(Login.change_id == change, Login.valid_to.is_not(None), visible(Login))
        .order_by(Login.row_id)
    )
    for row in reads.execute(wanted):
        until = as_rfc3339(row.valid_to + later)
        yield {"person": str(row.person_id), "row": row.row_id, "login": row.login, "until": until}


@dataclass
class Dated:
    """Somebody's old addresses by their new end: those that begin at the moved instant, and those that were old before."""

    begin: dict[datetime, list[int]] = field(default_factory=dict)
    stand: dict[datetime, list[int]] = field(default_factory=dict)

    @property
    def rows(self) -> list[int]:
        """All of them."""
        return [row for way in (self.begin, self.stand) for rows in way.values() for row in rows]

    def lines(self) -> list[dict[str, Any]]:
        """As they stand in a line of the plan, one entry for each end."""
        return [
            {"until": as_rfc3339(end), "begin": self.begin.get(end, []), "stand": self.stand.get(end, [])}
            for end in sorted({*self.begin, *self.stand})
        ]


def each_dated_address(reads: Reads, change: int, old: datetime, new: datetime) -> dict[uuid.UUID, Dated]:
    """The addresses that the change lets end at a date which is not the moved instant itself, by person."""
    wanted = (
        sa.select(MailAddress.person_id, MailAddress.row_id, MailAddress.valid_from, MailAddress.valid_to)
        .where(MailAddress.change_id == change, MailAddress.valid_to.is_not(None), MailAddress.valid_to != old)
        .where(visible(MailAddress))
        .order_by(MailAddress.row_id)
    )
    found: dict[uuid.UUID, Dated] = {}
    for row in reads.execute(wanted):
        dated = found.setdefault(row.person_id, Dated())
        way = dated.begin if row.valid_from == old else dated.stand
        way.setdefault(row.valid_to + (new - old), []).append(row.row_id)
    return found
