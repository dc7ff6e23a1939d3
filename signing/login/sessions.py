"""Sessions of the signing pages: a random value in a cookie, its hash in a table; no right comes from one.

A session lasts some hours, and only while its person's account is active and the sign-on service has not said that it is over.
"""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from directory.models import Account
from foundation import audit
from foundation.database import Reads, Writes
from signing.login.provider import Identity
from signing.models import SigningSession, SignOnLogout

COOKIE = "signing"
USABLE_KINDS = ("business", "administration")


@dataclass(frozen=True)
class Session:
    """Who is at the pages and when they logged in."""

    person_id: uuid.UUID
    logged_in_at: datetime
    token_hash: bytes


def open_session(writes: Writes, identity: Identity, now: datetime, life: timedelta) -> str:
    """A new session for who logged in. Gives the cookie's value, which is kept nowhere else."""
    token = secrets.token_urlsafe(32)
    writes.execute(sa.delete(SigningSession).where(SigningSession.ends_at < now))
    writes.add(
        SigningSession(
            token_hash=hash_token(token),
            person_id=identity.person_id,
            sid=identity.sid,
            logged_in_at=identity.logged_in_at,
            started_at=now,
            ends_at=now + life,
        )
    )
    audit.record(writes, now, "signing.session.open", str(identity.person_id))
    writes.flush()
    return token


def find_session(reads: Reads, token: str | None, now: datetime) -> Session | None:
    """The session of a cookie, if it has not ended, here or at the sign-on service, and its person still has an active account."""
    if not token:
        return None
    row = reads.get(SigningSession, hash_token(token))
    if row is None or row.ends_at <= now or was_logged_out(reads, row):
        return None
    active = sa.select(sa.func.count()).where(
        Account.person_id == row.person_id, Account.kind.in_(USABLE_KINDS), Account.state == "active"
    )
    if reads.execute(active).scalar_one() == 0:
        return None
    return Session(row.person_id, row.logged_in_at, row.token_hash)


def was_logged_out(reads: Reads, row: SigningSession) -> bool:
    """Whether the sign-on service said that this session is over: also when it said so before the session was opened here."""
    everything = sa.and_(SignOnLogout.sid.is_(None), SignOnLogout.told_at >= row.logged_in_at)
    of_person = sa.and_(SignOnLogout.person_id == row.person_id, everything)
    meant = sa.or_(SignOnLogout.sid == row.sid, of_person) if row.sid else of_person
    return reads.execute(sa.select(SignOnLogout.jti_hash).where(meant).limit(1)).first() is not None


def close_session(writes: Writes, token: str | None, now: datetime) -> None:
    """End the session of a cookie, if there is one."""
    row = writes.get(SigningSession, hash_token(token)) if token else None
    if row is not None:
        audit.record(writes, now, "signing.session.close", str(row.person_id))
        writes.delete(row)
        writes.flush()


def hash_token(token: str) -> bytes:
    """What is kept of a cookie's value."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
