"""Consent: what a person lets an application that is not the administration's own have; kept until it asks for more."""

import uuid
from datetime import datetime
from typing import Final, cast

import sqlalchemy as sa

from foundation import audit
from foundation.database import Reads, Writes
from sso import models
from sso.scopes import join_scope, split_scope

TABLE: Final = cast(sa.Table, models.Consent.__table__)
FIND: Final = sa.select(TABLE.c.scope, TABLE.c.given_at).where(
    TABLE.c.person_id == sa.bindparam("person"), TABLE.c.client_id == sa.bindparam("client")
)


def find_consent(reads: Reads, person_id: uuid.UUID, client_id: str) -> tuple[str, ...]:
    """The scopes a person has let an application have."""
    row = reads.execute(
        sa.select(TABLE.c.scope).where(TABLE.c.person_id == person_id, TABLE.c.client_id == client_id)
    ).first()
    return split_scope(row.scope) if row else ()


def find_allowed(reads: Reads, person_id: uuid.UUID, client_id: str, scopes: tuple[str, ...]) -> datetime | None:
    """When all of these scopes were allowed, or None; asking for none is asking for something, too."""
    row = reads.connection().execute(FIND, {"person": person_id, "client": client_id}).first()
    return row.given_at if row is not None and set(scopes) <= set(split_scope(row.scope)) else None


def record_consent(writes: Writes, person_id: uuid.UUID, client_id: str, scope: str, now: datetime) -> None:
    """Keep a consent; scopes allowed before stay allowed."""
    allowed = join_scope(tuple(dict.fromkeys((*find_consent(writes, person_id, client_id), *split_scope(scope)))))
    mine = (TABLE.c.person_id == person_id, TABLE.c.client_id == client_id)
    if not writes.execute(
        sa.update(TABLE).where(*mine).values(scope=allowed, given_at=now).returning(TABLE.c.scope)
    ).first():
        writes.execute(sa.insert(TABLE).values(person_id=person_id, client_id=client_id, scope=allowed, given_at=now))
    audit.record(writes, now, "sso.consent.given", str(person_id), client_id, {"scope": scope})
