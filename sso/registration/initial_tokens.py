"""Initial access tokens: leave for somebody to register an application or a few (RFC 7591 §3), kept as digests, counted down."""

from datetime import datetime
from typing import Final, cast

import sqlalchemy as sa

from foundation import audit
from foundation.database import Reads, Writes
from sso import models
from sso.opaque import digest, new_opaque

TABLE: Final = cast(sa.Table, models.InitialToken.__table__)


def issue_initial_token(writes: Writes, note: str, uses: int, actor: str, now: datetime, ends_at: datetime) -> str:
    """A token good for so many registrations until then; shown this once."""
    token = new_opaque()
    row = {"token_hash": digest(token), "note": note, "uses_left": uses, "made_at": now, "ends_at": ends_at}
    writes.execute(sa.insert(TABLE).values(**row))
    audit.record(writes, now, "sso.client.invited", actor, None, {"note": note, "uses": uses})
    return token


def is_initial_token_good(reads: Reads, token: str, now: datetime) -> bool:
    """Whether a token would be taken now; spends nothing."""
    good = (TABLE.c.token_hash == digest(token), TABLE.c.ends_at > now, TABLE.c.uses_left > 0)
    return reads.connection().execute(sa.select(TABLE.c.uses_left).where(*good)).first() is not None


def spend_initial_token(writes: Writes, token: str, now: datetime) -> bool:
    """Use a token once, in one statement. Gives whether it was good."""
    good = (TABLE.c.token_hash == digest(token), TABLE.c.ends_at > now, TABLE.c.uses_left > 0)
    spent = sa.update(TABLE).where(*good).values(uses_left=TABLE.c.uses_left - 1).returning(TABLE.c.uses_left)
    return writes.connection().execute(spent).first() is not None
