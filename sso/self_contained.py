"""Self-contained tokens of programs (RFC 9068): nothing is kept of them, so what they say is read from themselves.

One is good while it is in time, one of our keys signed it, its application is registered, and it was not revoked: a revoked one is kept
until it is over. A person's self-contained token has a row like an opaque one, because its grant, session and account may end before it.
"""

from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from joserfc.errors import JoseError

from foundation.database import Reads
from sso.clients import TABLE as CLIENT
from sso.clients import Client
from sso.keys import ACCESS_TOKEN, KeyRing
from sso.opaque import digest
from sso.provider import Work
from sso.tokens import ACCESS, VerifiedClaims, find_token, narrow_scope

FIND_STANDING: Final = sa.select(
    CLIENT.c.register_time,
    CLIENT.c.scopes,
    sa.exists().where(ACCESS.c.token_hash == sa.bindparam("token_hash")).label("revoked"),
).where(CLIENT.c.client_id == sa.bindparam("client"), CLIENT.c.removed_at.is_(None))


REVOKE: Final = sa.text(
    "INSERT INTO sso_access_token (token_hash, client_id, scope, made_at, ends_at, revoked_at) "
    "VALUES (:hash, :client, :scope, :made, :ends, :now) ON CONFLICT DO NOTHING"
).bindparams(
    sa.bindparam("hash", type_=ACCESS.c.token_hash.type),
    *(sa.bindparam(name, type_=ACCESS.c.ends_at.type) for name in ("made", "ends", "now")),
)


def find_any_token(
    reads: Reads, keys: KeyRing, issuer: str, token: str, now: datetime, named_at: datetime | None = None
) -> VerifiedClaims | None:
    """The checked claims of an access token of whatever form, or None when it is not good (any more); a person's with the log-in as of
    `named_at`.
    """
    found = find_token(reads, token, now, named_at)
    return found if found is not None or "." not in token else find_programs(reads, keys, issuer, token, now)


def find_programs(reads: Reads, keys: KeyRing, issuer: str, token: str, now: datetime) -> VerifiedClaims | None:
    """The checked claims of a program's self-contained token, or None."""
    try:
        claims = keys.read(token, ACCESS_TOKEN)
        made_at, ends_at = (datetime.fromtimestamp(int(claims[name]), UTC) for name in ("iat", "exp"))
        client_id, scope = str(claims["client_id"]), str(claims["scope"])
    except (JoseError, ValueError, KeyError, TypeError, OverflowError):
        return None
    if claims.get("iss") != issuer or claims.get("sub") != client_id or ends_at <= now or "auth_time" in claims:
        return None
    row = reads.connection().execute(FIND_STANDING, {"client": client_id, "token_hash": digest_signed(token)}).first()
    if row is None or row.revoked or is_preview(claims) != (row.register_time is not None):
        return None
    return VerifiedClaims(
        client_id=client_id,
        scopes=narrow_scope(scope, row.scopes),
        made_at=made_at,
        ends_at=ends_at,
        grant_id=None,
        person_id=None,
        account_id=None,
        session_id=None,
        auth_time=None,
        acr=None,
        amr=(),
        resources=read_resources(claims, issuer),
        register_time=row.register_time,
    )


def digest_signed(token: str) -> bytes:
    """What a revoked token is known by: what was signed, without the signature. Of an ECDSA signature anybody makes a second good one,
    and of base64 another spelling, without the key.
    """
    return digest(token.rpartition(".")[0])


def is_preview(claims: dict[str, Any]) -> bool:
    """Whether a token was given to an application that saw the register as of another instant."""
    return claims.get("preview") is True


def read_resources(claims: dict[str, Any], issuer: str) -> tuple[str, ...]:
    """The resources a token names as its audience; none where it is for the provider itself, or of a preview."""
    audience = claims.get("aud")
    if audience == issuer or is_preview(claims):
        return ()
    return tuple(map(str, audience)) if isinstance(audience, list) else (str(audience),)


def revoke_programs(work: Work, client: Client, token: str) -> bool:
    """Keep that a self-contained token of this program is revoked, until it is over. Gives whether there was one."""
    provider = work.provider
    found = find_programs(work.writes, provider.keys, provider.issuer, token, work.now)
    if found is None or found.client_id != client.client_id:
        return False
    given = {
        "hash": digest_signed(token),
        "client": client.client_id,
        "scope": " ".join(found.scopes),
        "made": found.made_at,
        "ends": found.ends_at,
        "now": work.now,
    }
    work.writes.connection().execute(REVOKE, given)
    return True
