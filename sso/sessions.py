"""Browser sessions: opened at a log-in, found by their cookie, ended by log-out, time or a change of the account.

A new id at every log-in; the cookie's value is kept as a digest. A session is good only while its account is:
suspended means suspended at the next request.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from directory.account_use import note_use
from directory.joins import find_joined_accounts
from directory.models import Account
from foundation.database import Reads, Writes
from foundation.forms import drop_cookie, find_cookie, set_cookie
from foundation.settings import Settings
from sso import models
from sso.certificates.openings import is_opener_revoked
from sso.levels import OWING, PASSWORD, is_by_certificate
from sso.logouts import ask_for_logouts
from sso.opaque import digest, new_opaque
from sso.settings import SsoSection

TABLE: Final = cast(sa.Table, models.BrowserSession.__table__)
ACCOUNT: Final = cast(sa.Table, Account.__table__)
COOKIE: Final = "session"
TOUCH_SECONDS: Final = 60

FIND: Final = (
    sa.select(TABLE, ACCOUNT.c.kind)
    .join(ACCOUNT, ACCOUNT.c.id == TABLE.c.account_id)
    .where(TABLE.c.cookie_hash == sa.bindparam("cookie_hash"), TABLE.c.ended_at.is_(None), ACCOUNT.c.state == "active")
)
HOLD_ACCOUNT: Final = sa.select(ACCOUNT.c.id).where(ACCOUNT.c.id == sa.bindparam("account")).with_for_update()
HOLD: Final = sa.select(TABLE.c.id).where(TABLE.c.id == sa.bindparam("session")).with_for_update()
ADD: Final = sa.insert(TABLE)
TOUCH: Final = sa.update(TABLE).where(TABLE.c.id == sa.bindparam("session_id")).values(seen_at=sa.bindparam("now"))
END: Final = (
    sa.update(TABLE)
    .where(TABLE.c.id == sa.bindparam("session_id"), TABLE.c.ended_at.is_(None))
    .values(ended_at=sa.bindparam("now"))
)


@dataclass(frozen=True)
class OpenSession:
    """A session that was checked: open, in time, of an active account."""

    id: uuid.UUID
    person_id: uuid.UUID
    account_id: uuid.UUID
    auth_time: datetime
    seen_at: datetime
    acr: str
    amr: str
    kind: str

    @property
    def owing(self) -> bool:
        """Whether the second factor is still owed."""
        return self.acr == OWING


def find_session(
    reads: Reads, cookie: str | None, policy: SsoSection, now: datetime, *, owing: bool = False
) -> OpenSession | None:
    """The open session of a cookie's value, or None: unknown, ended, idle or too old, or its account is not active.

    A session that still owes its second factor is none, except for who asks with `owing`: the page that takes the factor.
    """
    if not cookie or len(cookie) > 100:
        return None
    row = reads.connection().execute(FIND, {"cookie_hash": digest(cookie)}).first()
    if row is None or row.ends_at <= now or row.seen_at + idle_of(policy, row.kind) <= now:
        return None
    if row.acr == OWING and not owing:
        return None
    if is_by_certificate(row.amr) and is_opener_revoked(reads, row.id, now):
        return None
    return OpenSession(row.id, row.person_id, row.account_id, row.auth_time, row.seen_at, row.acr, row.amr, row.kind)


def get_opened(reads: Reads, cookie: str) -> uuid.UUID:
    """The id of a session that was opened or renewed just now, by its cookie's value."""
    found: uuid.UUID = reads.execute(sa.select(TABLE.c.id).where(TABLE.c.cookie_hash == digest(cookie))).scalar_one()
    return found


def hold_session(
    writes: Writes, session: OpenSession, cookie: str | None, policy: SsoSection, now: datetime
) -> OpenSession | None:
    """The same session if it still is what it was when the request came, held until the transaction ends; else None.

    For acts of two transactions with work in between: a suspension, a log-out elsewhere or another step of the same browser that came
    meanwhile counts, and one that comes now waits. First the account, then the session, as whoever suspends does.
    """
    writes.connection().execute(HOLD_ACCOUNT, {"account": session.account_id})
    writes.connection().execute(HOLD, {"session": session.id})
    found = find_session(writes, cookie, policy, now, owing=True)
    return found if found is not None and (found.id, found.acr) == (session.id, session.acr) else None


def idle_of(policy: SsoSection, kind: str) -> timedelta:
    """How long a session of this kind of account lasts without being asked for."""
    seconds = policy.session_idle_seconds if kind == "business" else policy.administration_idle_seconds
    return timedelta(seconds=seconds)


def life_of(policy: SsoSection, acr: str) -> timedelta:
    """How long a session lasts at most; one that owes its second factor only as long as it takes to fetch a phone."""
    return timedelta(seconds=policy.owing_seconds if acr == OWING else policy.session_seconds)


def touch_session(writes: Writes, session: OpenSession, now: datetime) -> None:
    """Remember that the session was used; at most once a minute."""
    if (now - session.seen_at).total_seconds() >= TOUCH_SECONDS:
        writes.tell(TOUCH, {"session_id": session.id, "now": now})


def open_session(
    writes: Writes,
    person_id: uuid.UUID,
    account_id: uuid.UUID,
    policy: SsoSection,
    now: datetime,
    *,
    kind: str,
    amr: str,
    caller: str,
    agent: str,
    acr: str = PASSWORD,
) -> tuple[OpenSession, str]:
    """A new session of an account of this kind, and the value of its cookie, which is shown to the browser only."""
    note_use(writes, account_id, now)
    cookie, session_id = new_opaque(), uuid.uuid4()
    session = OpenSession(session_id, person_id, account_id, now, now, acr, amr, kind)
    writes.tell(
        ADD,
        {
            "id": session_id,
            "cookie_hash": digest(cookie),
            "person_id": person_id,
            "account_id": account_id,
            "auth_time": now,
            "seen_at": now,
            "ends_at": now + life_of(policy, acr),
            "acr": session.acr,
            "amr": amr,
            "caller": caller,
            "agent": agent[:200],
        },
    )
    return session, cookie


def renew_session(
    writes: Writes, session: OpenSession, policy: SsoSection, now: datetime, *, amr: str, acr: str | None = None
) -> str:
    """A new cookie for a session whose owner proved themselves again: the same `sid`, so that applications keep what they have.

    `acr`: the level reached now, where it changed.
    """
    cookie, level = new_opaque(), acr or session.acr
    ends_at = now + life_of(policy, level)
    values = {"cookie_hash": digest(cookie), "auth_time": now, "seen_at": now, "ends_at": ends_at}
    writes.execute(sa.update(TABLE).where(TABLE.c.id == session.id).values(**values, amr=amr, acr=level))
    return cookie


def raise_session(
    writes: Writes, session: OpenSession, policy: SsoSection, now: datetime, *, amr: str, acr: str
) -> str:
    """A new cookie for a session whose owner proved a factor more. When they logged in stays as it was: they did not do so again."""
    cookie = new_opaque()
    values = {"cookie_hash": digest(cookie), "seen_at": now, "amr": amr, "acr": acr}
    ends_at = session.auth_time + life_of(policy, acr)
    writes.execute(sa.update(TABLE).where(TABLE.c.id == session.id).values(**values, ends_at=ends_at))
    return cookie


def end_session(writes: Writes, session_id: uuid.UUID, now: datetime) -> None:
    """End a session and the grants that live only as long as it does, those without offline access; applications are told."""
    ask_for_logouts(writes, [session_id], now)
    writes.connection().execute(END, {"session_id": session_id, "now": now})
    grants = cast(sa.Table, models.Grant.__table__)
    bound = (
        grants.c.session_id == session_id,
        grants.c.ended_at.is_(None),
        sa.not_(grants.c.scope.contains("offline_access")),
    )
    writes.execute(sa.update(grants).where(*bound).values(ended_at=now, ended_why="logged out"))


def end_sessions_wholly(writes: Writes, session_ids: Sequence[uuid.UUID], why: str, now: datetime) -> int:
    """End sessions and every grant of theirs, offline access too: what opened them counts no more. Gives how many were open."""
    grants = cast(sa.Table, models.Grant.__table__)
    open_ones = (TABLE.c.id.in_(session_ids), TABLE.c.ended_at.is_(None))
    ended = writes.execute(sa.update(TABLE).where(*open_ones).values(ended_at=now).returning(TABLE.c.id)).scalars()
    count = len(ended.all())
    ask_for_logouts(writes, session_ids, now)
    given = (grants.c.session_id.in_(session_ids), grants.c.ended_at.is_(None))
    writes.execute(sa.update(grants).where(*given).values(ended_at=now, ended_why=why))
    return count


def end_account_sessions(
    writes: Writes, account_id: uuid.UUID, now: datetime, *, keep: uuid.UUID | None = None
) -> None:
    """End every session and grant of an account, and of those joined to it: after a reset or a change of its password.

    `keep` is the session at hand.
    """
    grants = cast(sa.Table, models.Grant.__table__)
    accounts = [account_id, *find_joined_accounts(writes, account_id)]
    mine: list[sa.ColumnElement[bool]] = [TABLE.c.account_id.in_(accounts), TABLE.c.ended_at.is_(None)]
    given: list[sa.ColumnElement[bool]] = [grants.c.account_id.in_(accounts), grants.c.ended_at.is_(None)]
    if keep is not None:
        mine.append(TABLE.c.id != keep)
        given.append(sa.or_(grants.c.session_id.is_(None), grants.c.session_id != keep))
    ended = writes.execute(sa.update(TABLE).where(*mine).values(ended_at=now).returning(TABLE.c.id)).scalars().all()
    ask_for_logouts(writes, ended, now)
    writes.execute(sa.update(grants).where(*given).values(ended_at=now, ended_why="account"))


def read_cookie(request: Request, settings: Settings) -> str | None:
    """The session cookie's value of a request."""
    return find_cookie(request, COOKIE, settings.issuer.startswith("https:"))


def hand_cookie(response: Response, cookie: str, settings: Settings) -> None:
    """Give the browser its session; it ends with the browser."""
    https = settings.issuer.startswith("https:")
    set_cookie(response, COOKIE, cookie, https, across_sites=settings[SsoSection].frames_of_other_sites)


def take_cookie(response: Response, settings: Settings) -> None:
    """Take the session from the browser."""
    drop_cookie(response, COOKIE, settings.issuer.startswith("https:"))
