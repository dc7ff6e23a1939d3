"""Requests for help of people who cannot get in: one open one an account, until a code is handed over or two weeks have passed.

A request opens nothing. Who answers for the person sees it (`hopnhat account requests`), makes sure who asks, and hands over a new
code; where an address outside was confirmed before, a code also goes there by mail.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from directory.models import Account, Credential
from foundation.database import Reads, Writes
from foundation.outbox import enqueue
from sso.factors.models import HelpRequest

LASTS: Final = timedelta(days=14)
AGAIN: Final = timedelta(hours=1)
"""Asking more often changes nothing, so nobody's mailbox is filled by a stranger."""
ASKED: Final = "recovery_asked"
"""The outbox's word for it; whoever can reach the person outside takes it from there."""


@dataclass(frozen=True)
class OpenRequest:
    """Somebody waits for help."""

    person_id: uuid.UUID
    account_id: uuid.UUID
    kind: str
    asked_at: datetime
    times: int
    caller: str


def ask_for_help(writes: Writes, account_id: uuid.UUID, caller: str, now: datetime) -> bool:
    """Keep the request. Gives whether it is new, or old enough to be told once more."""
    known = writes.execute(
        sa.select(HelpRequest)
        .where(HelpRequest.account_id == account_id, HelpRequest.answered_at.is_(None))
        .with_for_update()
    ).scalar_one_or_none()
    if known is None:
        given = {"account_id": account_id, "asked_at": now, "caller": caller, "times": 1, "ends_at": now + LASTS}
        writes.add(HelpRequest(id=uuid.uuid4(), **given))
    elif known.asked_at + AGAIN > now:
        return False
    else:
        known.asked_at, known.caller, known.times, known.ends_at = now, caller, known.times + 1, now + LASTS
    writes.flush()
    enqueue(writes, ASKED, str(account_id), now)
    return True


def answer_requests(writes: Writes, account_id: uuid.UUID, by: str, now: datetime) -> None:
    """The person is back in; nobody has to help any more."""
    mine = sa.and_(HelpRequest.account_id == account_id, HelpRequest.answered_at.is_(None))
    writes.execute(sa.update(HelpRequest).where(mine).values(answered_at=now, answered_by=by))


def list_requests(reads: Reads, now: datetime) -> tuple[OpenRequest, ...]:
    """Who waits, the longest first; whoever got a code since then waits no longer."""
    helped = sa.func.coalesce(Credential.code_made_at, HelpRequest.asked_at) > HelpRequest.asked_at
    wanted = (
        sa.select(HelpRequest, Account.person_id, Account.kind)
        .join(Account, Account.id == HelpRequest.account_id)
        .outerjoin(Credential, Credential.account_id == HelpRequest.account_id)
        .where(HelpRequest.answered_at.is_(None), HelpRequest.ends_at > now, sa.not_(helped))
        .order_by(HelpRequest.asked_at)
    )
    return tuple(
        OpenRequest(found.person_id, row.account_id, found.kind, row.asked_at, row.times, row.caller)
        for found in reads.execute(wanted)
        for row in (found.HelpRequest,)
    )
