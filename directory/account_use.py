"""When an account was last used, to the day: what lists of unused accounts are made from (45 days at level 3, TCVN 14423:2026 §5)."""

import uuid
from datetime import datetime, timedelta
from typing import Final, cast

import sqlalchemy as sa

from directory.models import Account
from foundation.database import Instant, Writes

GRAIN: Final = timedelta(days=1)
ACCOUNT: Final = cast(sa.Table, Account.__table__)
NOTE: Final = (
    sa.update(ACCOUNT)
    .where(
        ACCOUNT.c.id == sa.bindparam("account"),
        sa.or_(ACCOUNT.c.last_used_at.is_(None), ACCOUNT.c.last_used_at < sa.bindparam("before", type_=Instant())),
    )
    .values(last_used_at=sa.bindparam("now", type_=Instant()))
)


def is_worth_noting(last_used_at: datetime | None, now: datetime) -> bool:
    """Whether `note_use` would write anything, for who knows when the account was used."""
    return last_used_at is None or last_used_at < now - GRAIN


def note_use(writes: Writes, account_id: uuid.UUID, now: datetime) -> None:
    """The account is used now; written once a day, so that a busy account costs nothing."""
    writes.tell(NOTE, {"account": account_id, "before": now - GRAIN, "now": now})
