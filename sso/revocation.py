"""Revocation: an access token ends alone, a refresh token with its whole family (RFC 7009 §2.1)."""

from typing import Final

import sqlalchemy as sa

from foundation import audit
from sso.clients import Client
from sso.grants.families import end_family
from sso.opaque import digest
from sso.provider import Work
from sso.self_contained import revoke_programs
from sso.tokens import ACCESS, GRANT, REFRESH

REVOKE_ACCESS: Final = (
    sa.update(ACCESS)
    .where(
        ACCESS.c.token_hash == sa.bindparam("hash"),
        ACCESS.c.client_id == sa.bindparam("client"),
        ACCESS.c.revoked_at.is_(None),
    )
    .values(revoked_at=sa.bindparam("now"))
    .returning(ACCESS.c.grant_id)
)
FIND_FAMILY: Final = (
    sa.select(REFRESH.c.grant_id)
    .join(GRANT, GRANT.c.id == REFRESH.c.grant_id)
    .where(REFRESH.c.token_hash == sa.bindparam("hash"), GRANT.c.client_id == sa.bindparam("client"))
)


def revoke_token(work: Work, client: Client, token: str) -> None:
    """End a token of this client, whatever its kind; another's or an unknown one is left as it is, and nobody is told."""
    key = {"hash": digest(token), "client": client.client_id}
    ended = work.writes.connection().execute(REVOKE_ACCESS, {**key, "now": work.now}).first() is not None
    if not ended and not revoke_programs(work, client, token):
        family = work.writes.connection().execute(FIND_FAMILY, key).scalar()
        if family is None:
            return
        end_family(work, family, "revoked")
    audit.record(work.writes, work.now, "sso.token.revoked", client.client_id)
