"""Which certificate opened which session, and whether it has been revoked since.

A row stays as long as a family of tokens from that session may live, which is longer than the session's own row.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, cast

import sqlalchemy as sa

from directory.certificates import find_certificate
from foundation.database import Reads, Writes
from sso import models
from sso.certificates.holders import Holder
from sso.settings import SsoSection

TABLE: Final = cast(sa.Table, models.CertificateSession.__table__)
SESSION: Final = cast(sa.Table, models.BrowserSession.__table__)
GRANT: Final = cast(sa.Table, models.Grant.__table__)
FIND: Final = sa.select(TABLE.c.sha256).where(TABLE.c.session_id == sa.bindparam("session"))


def note_opening(writes: Writes, session_id: uuid.UUID, holder: Holder, policy: SsoSection, now: datetime) -> None:
    """Remember that this certificate opened the session, or opened it again, and what its path needs."""
    ends_at = now + timedelta(seconds=policy.session_seconds + policy.refresh_seconds)
    writes.connection().execute(sa.delete(TABLE).where(TABLE.c.session_id == session_id))
    row = {"session_id": session_id, "sha256": holder.sha256, "ends_at": ends_at, "authorities_between": holder.between}
    writes.connection().execute(sa.insert(TABLE).values(row))


def is_opener_revoked(reads: Reads, session_id: uuid.UUID | None, now: datetime) -> bool:
    """Whether the certificate that opened a session is revoked by now, or the register knows it no longer."""
    sha256 = reads.connection().execute(FIND, {"session": session_id}).scalar()
    if sha256 is None:
        return False
    known = find_certificate(reads, sha256)
    return known is None or (known.revoked_at is not None and known.revoked_at <= now)


def find_opened(reads: Reads, sha256: str) -> Sequence[uuid.UUID]:
    """The sessions that a certificate opened."""
    return reads.execute(sa.select(TABLE.c.session_id).where(TABLE.c.sha256 == sha256)).scalars().all()


def find_living(reads: Reads, now: datetime) -> Sequence[str]:
    """The certificates that opened something which still is open."""
    wanted = sa.select(TABLE.c.sha256).where(is_living(now)).distinct()
    return reads.execute(wanted.order_by(TABLE.c.sha256)).scalars().all()


def find_kept(reads: Reads, sha256: str, now: datetime) -> Sequence[bytes | None]:
    """What is kept (`keeping`) of the paths by which a certificate opened what still is open, each once; None where nothing is."""
    wanted = sa.select(TABLE.c.authorities_between).where(TABLE.c.sha256 == sha256, is_living(now))
    return reads.execute(wanted.distinct()).scalars().all()


def is_living(now: datetime) -> sa.ColumnElement[bool]:
    """Whether something is open still of what a row tells: the session, or a grant of it."""
    session = sa.exists().where(
        SESSION.c.id == TABLE.c.session_id, SESSION.c.ended_at.is_(None), SESSION.c.ends_at > now
    )
    grant = sa.exists().where(
        GRANT.c.session_id == TABLE.c.session_id, GRANT.c.ended_at.is_(None), GRANT.c.ends_at > now
    )
    return sa.and_(TABLE.c.ends_at > now, sa.or_(session, grant))
