"""Browsers we know: a cookie that says "this one has been in before", per account, kept as a digest.

It opens nothing. A known browser keeps a count of guesses of its own, so that a stranger's guesses shut out the stranger only; and
where its owner asked for it, it is not asked for a second factor for a while.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from foundation.database import Reads, Writes
from foundation.forms import find_cookie, set_cookie
from foundation.settings import Settings
from sso.factors.models import Device
from sso.opaque import digest, new_opaque

COOKIE: Final = "device"
KNOWN_FOR: Final = timedelta(days=365)
TABLE: Final = cast(sa.Table, Device.__table__)
FIND: Final = sa.select(TABLE).where(
    TABLE.c.cookie_hash == sa.bindparam("cookie_hash"),
    TABLE.c.account_id == sa.bindparam("account"),
    TABLE.c.ends_at > sa.bindparam("now"),
)
ADD: Final = sa.insert(TABLE)
SEE: Final = (
    sa.update(TABLE)
    .where(TABLE.c.id == sa.bindparam("device"))
    .values(
        seen_at=sa.bindparam("now"),
        ends_at=sa.bindparam("ends"),
        remembered_until=sa.bindparam("until"),
        agent=sa.bindparam("by"),
    )
)
MOST_KNOWN: Final = 20
"""So many browsers of an account are known, the latest: one that forgets its cookies would else leave a row at every log-in."""
FORGET_OLDEST: Final = sa.delete(TABLE).where(
    TABLE.c.id.in_(
        sa.select(TABLE.c.id)
        .where(TABLE.c.account_id == sa.bindparam("account"))
        .order_by(TABLE.c.seen_at.desc(), TABLE.c.id)
        .offset(MOST_KNOWN)
    )
)


@dataclass(frozen=True)
class KnownDevice:
    """A browser this account has come in with."""

    id: uuid.UUID
    agent: str
    made_at: datetime
    seen_at: datetime
    remembered_until: datetime | None

    def is_remembered(self, now: datetime) -> bool:
        """Whether its owner is let in without the second factor for now."""
        return self.remembered_until is not None and self.remembered_until > now


def read_device(request: Request, settings: Settings) -> str | None:
    """The cookie's value of a request."""
    found = find_cookie(request, COOKIE, settings.issuer.startswith("https:"))
    return found if found and len(found) <= 100 else None


def hand_device(response: Response, cookie: str, settings: Settings) -> None:
    """Give the browser the value it is known by."""
    https = settings.issuer.startswith("https:")
    set_cookie(response, COOKIE, cookie, https, max_age=int(KNOWN_FOR.total_seconds()))


def find_device(reads: Reads, account_id: uuid.UUID, cookie: str | None, now: datetime) -> KnownDevice | None:
    """The browser as this account knows it, or None."""
    if cookie is None:
        return None
    given = {"cookie_hash": digest(cookie), "account": account_id, "now": now}
    row = reads.connection().execute(FIND, given).first()
    return build_device(row) if row is not None else None


def list_devices(reads: Reads, account_id: uuid.UUID, now: datetime) -> tuple[KnownDevice, ...]:
    """Every browser the account knows, the latest first."""
    wanted = sa.select(TABLE).where(TABLE.c.account_id == account_id, TABLE.c.ends_at > now)
    return tuple(build_device(row) for row in reads.connection().execute(wanted.order_by(TABLE.c.seen_at.desc())))


def build_device(row: sa.Row[tuple[object, ...]]) -> KnownDevice:
    """A row as a value."""
    return KnownDevice(row.id, row.agent, row.made_at, row.seen_at, row.remembered_until)


def keep_device(
    writes: Writes,
    account_id: uuid.UUID,
    cookie: str | None,
    agent: str,
    now: datetime,
    remember_until: datetime | None = None,
) -> str:
    """Know this browser from now on; gives the value of its cookie, a new one where this account did not know it."""
    known = find_device(writes, account_id, cookie, now)
    if known is not None and cookie is not None:
        until = remember_until or known.remembered_until
        values = {"now": now, "ends": now + KNOWN_FOR, "until": until, "by": agent[:200], "device": known.id}
        writes.tell(SEE, values)
        return cookie
    # A value that was put into this browser before must not vouch for who comes in now: it gets another, with all its accounts.
    former, cookie = cookie, new_opaque()
    if former is not None:
        of_browser = TABLE.c.cookie_hash == digest(former)
        writes.connection().execute(sa.delete(TABLE).where(of_browser, TABLE.c.account_id == account_id))
        writes.connection().execute(sa.update(TABLE).where(of_browser).values(cookie_hash=digest(cookie)))
    writes.tell(
        ADD,
        {
            "id": uuid.uuid4(),
            "account_id": account_id,
            "cookie_hash": digest(cookie),
            "agent": agent[:200],
            "made_at": now,
            "seen_at": now,
            "remembered_until": remember_until,
            "ends_at": now + KNOWN_FOR,
        },
    )
    writes.tell(FORGET_OLDEST, {"account": account_id})
    return cookie


def end_device(writes: Writes, account_id: uuid.UUID, device_id: uuid.UUID) -> bool:
    """Know one of the account's browsers no longer. Gives whether there was one."""
    gone = sa.delete(TABLE).where(TABLE.c.id == device_id, TABLE.c.account_id == account_id)
    return writes.connection().execute(gone).rowcount > 0


def forget_devices(writes: Writes, account_id: uuid.UUID) -> None:
    """Ask every browser of the account for the second factor again; after a new password or factor."""
    writes.connection().execute(sa.update(TABLE).where(TABLE.c.account_id == account_id).values(remembered_until=None))
