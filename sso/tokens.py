"""Tokens: issued for a grant or for a program of its own, and checked.

`check_token` is the one place where a string becomes `VerifiedClaims`; every way in (userinfo, introspection, acting
verbs, other rooms) goes through its statement, so that revoked, ended, removed and suspended are honoured at once
everywhere.
"""

import base64
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

import sqlalchemy as sa

from directory.models import Account, Login
from foundation.changes import visible
from foundation.database import Reads
from sso import models
from sso.claims import SCOPE_OF, build_claims, choose_claims
from sso.clients import TABLE as CLIENT
from sso.clients import Client
from sso.errors import TokenRefused
from sso.keys import ACCESS_TOKEN
from sso.opaque import digest, new_opaque
from sso.previews import find_instant, tell_preview
from sso.provider import Work
from sso.resources import name_audience
from sso.scopes import ACT_SCOPE, CLAIMS, split_scope
from sso.subjects import name_subject

ACCESS: Final = cast(sa.Table, models.AccessToken.__table__)
REFRESH: Final = cast(sa.Table, models.RefreshToken.__table__)
GRANT: Final = cast(sa.Table, models.Grant.__table__)
ACCOUNT: Final = cast(sa.Table, Account.__table__)
LOGIN: Final = cast(sa.Table, Login.__table__)

OPAQUE: Final = "opaque"
ADD_ACCESS: Final = sa.insert(ACCESS)
ADD_REFRESH: Final = sa.insert(REFRESH)
ADD_GRANT: Final = sa.insert(GRANT)
FIND_ACCESS: Final = (
    sa.select(
        ACCESS.c.client_id,
        ACCESS.c.scope,
        ACCESS.c.made_at,
        ACCESS.c.ends_at,
        ACCESS.c.grant_id,
        ACCESS.c.resources,
        CLIENT.c.register_time,
        CLIENT.c.scopes.label("allowed"),
        GRANT.c.wishes,
        GRANT.c.person_id,
        GRANT.c.account_id,
        GRANT.c.session_id,
        GRANT.c.auth_time,
        GRANT.c.acr,
        GRANT.c.amr,
    )
    .join(CLIENT, CLIENT.c.client_id == ACCESS.c.client_id)
    .outerjoin(GRANT, GRANT.c.id == ACCESS.c.grant_id)
    .outerjoin(ACCOUNT, ACCOUNT.c.id == GRANT.c.account_id)
    .where(
        ACCESS.c.token_hash == sa.bindparam("token_hash"),
        ACCESS.c.ends_at > sa.bindparam("now"),
        ACCESS.c.revoked_at.is_(None),
        CLIENT.c.removed_at.is_(None),
        sa.or_(ACCESS.c.grant_id.is_(None), sa.and_(GRANT.c.ended_at.is_(None), ACCOUNT.c.state == "active")),
    )
)

OWN_LOGIN: Final = (
    sa.select(LOGIN.c.login)
    .where(
        LOGIN.c.account_id == GRANT.c.account_id,
        LOGIN.c.kind == "own",
        LOGIN.c.valid_from <= sa.bindparam("at"),
        sa.or_(LOGIN.c.valid_to.is_(None), LOGIN.c.valid_to > sa.bindparam("at")),
        visible(LOGIN),
    )
    .limit(1)
    .scalar_subquery()
)
FIND_NAMED: Final = FIND_ACCESS.add_columns(OWN_LOGIN.label("login"))
"""The same with the log-in of its account at an instant of the register."""


@dataclass(frozen=True)
class VerifiedClaims:
    """A token that was checked: in time, not revoked, its grant open, its account active, its client entitled to `scopes`."""

    client_id: str
    scopes: tuple[str, ...]
    made_at: datetime
    ends_at: datetime
    grant_id: uuid.UUID | None
    person_id: uuid.UUID | None
    account_id: uuid.UUID | None
    session_id: uuid.UUID | None
    auth_time: datetime | None
    acr: str | None
    amr: tuple[str, ...]
    resources: tuple[str, ...] = ()
    wished: tuple[str, ...] = ()
    register_time: datetime | None = None
    """Set for a token of a preview, which is its client's alone."""
    login: str | None = None
    """Of its account, where it was asked for."""


@dataclass(frozen=True)
class Granted:
    """What tokens for a person are made from: the grant's own row as a value."""

    grant_id: uuid.UUID
    client: Client
    person_id: uuid.UUID
    account_id: uuid.UUID
    session_id: uuid.UUID | None
    scope: str
    auth_time: datetime
    acr: str
    amr: str
    ends_at: datetime
    wishes: Mapping[str, Sequence[str]] | None = None
    resources: tuple[str, ...] = ()


def find_token(reads: Reads, token: str, now: datetime, named_at: datetime | None = None) -> VerifiedClaims | None:
    """The checked claims of an access token, or None when it is not good (any more); with its log-in as of `named_at`."""
    statement, given = FIND_ACCESS, {"token_hash": digest(token), "now": now}
    if named_at is not None:
        statement, given = FIND_NAMED, {**given, "at": named_at}
    row = reads.connection().execute(statement, given).first()
    if row is None:
        return None
    wished = (row.wishes or {}).get("userinfo", ())
    return VerifiedClaims(
        client_id=row.client_id,
        scopes=narrow_scope(row.scope, row.allowed),
        made_at=row.made_at,
        ends_at=row.ends_at,
        grant_id=row.grant_id,
        person_id=row.person_id,
        account_id=row.account_id,
        session_id=row.session_id,
        auth_time=row.auth_time,
        acr=row.acr,
        amr=tuple((row.amr or "").split()),
        resources=tuple(row.resources or ()),
        wished=tuple(name for name in wished if SCOPE_OF.get(name) in row.allowed),
        register_time=row.register_time,
        login=row.login if named_at is not None else None,
    )


def narrow_scope(granted: str, allowed: Sequence[str]) -> tuple[str, ...]:
    """What is left of a token's scopes: what was taken from its application since counts no more, in no token it holds."""
    return tuple(scope for scope in split_scope(granted) if scope in allowed)


def check_token(reads: Reads, token: str, now: datetime) -> VerifiedClaims:
    """The checked claims of an access token. Raises TokenRefused."""
    found = find_token(reads, token, now)
    if found is None:
        raise TokenRefused()
    return found


def get_actor(reads: Reads, token: str, now: datetime) -> VerifiedClaims:
    """Who acts on the command line: a person's token with the scope `act`. Raises TokenRefused.

    Rights are asked of the register, not here.
    """
    actor = check_token(reads, token, now)
    if actor.person_id is None or ACT_SCOPE not in actor.scopes or actor.register_time is not None:
        raise TokenRefused()
    return actor


def open_grant(work: Work, granted: Granted) -> None:
    """Keep what a log-in gave an application; its tokens follow."""
    work.writes.tell(
        ADD_GRANT,
        {
            "id": granted.grant_id,
            "client_id": granted.client.client_id,
            "person_id": granted.person_id,
            "account_id": granted.account_id,
            "session_id": granted.session_id,
            "scope": granted.scope,
            "auth_time": granted.auth_time,
            "acr": granted.acr,
            "amr": granted.amr,
            "made_at": work.now,
            "ends_at": granted.ends_at,
            "wishes": granted.wishes,
            "resources": list(granted.resources) or None,
        },
    )


def issue_person_tokens(
    work: Work,
    granted: Granted,
    scope: str,
    nonce: str | None = None,
    resources: Sequence[str] = (),
    refresh: str | None = None,
) -> dict[str, Any]:
    """The answer of the token endpoint for a person: access token, refresh token if the client may, ID token with `openid`.

    `refresh`: a refresh token that is kept already.
    """
    answer = issue_access(work, granted.client, scope, granted, resources)
    if refresh is not None:
        answer["refresh_token"] = refresh
    elif granted.client.check_grant_type("refresh_token"):
        answer["refresh_token"] = issue_refresh(work, granted)
    if "openid" in split_scope(scope):
        answer["id_token"] = build_id_token(work, granted, scope, nonce, answer["access_token"])
    return answer


def issue_access(
    work: Work,
    client: Client,
    scope: str,
    granted: Granted | None = None,
    resources: Sequence[str] = (),
    at_most: int | None = None,
) -> dict[str, Any]:
    """An access token of the client's format for these resources, with what the answer says about it; it lives `at_most` so many
    seconds, where that is said.

    It is kept as a digest, but for a program's self-contained one (`sso.self_contained`).
    """
    policy = work.provider.policy
    opaque = client.access_token_format == OPAQUE
    seconds = policy.access_seconds if opaque else policy.self_contained_seconds
    if at_most is not None:
        seconds = min(seconds, at_most)
    token = new_opaque() if opaque else sign_access(work, client, scope, seconds, granted, resources)
    if opaque or granted is not None:
        row = {
            "token_hash": digest(token),
            "grant_id": granted.grant_id if granted else None,
            "client_id": client.client_id,
            "scope": scope,
            "made_at": work.now,
            "ends_at": work.now + timedelta(seconds=seconds),
            "resources": list(resources) or None,
        }
        work.writes.tell(ADD_ACCESS, row)
    return {"access_token": token, "token_type": "Bearer", "expires_in": seconds, "scope": scope}


def sign_access(
    work: Work, client: Client, scope: str, seconds: int, granted: Granted | None, resources: Sequence[str]
) -> str:
    """A self-contained access token (RFC 9068): ES256, typ at+jwt."""
    now = int(work.now.timestamp())
    claims = {
        "iss": work.provider.issuer,
        "sub": name_subject(work.provider.runtime.sealer, client, granted.person_id) if granted else client.client_id,
        # Whoever reads it alone looks at the audience: of a preview that is the application itself.
        "aud": client.client_id if client.register_time else name_audience(resources, work.provider.issuer),
        **tell_preview(client.register_time),
        "client_id": client.client_id,
        "scope": scope,
        "iat": now,
        "exp": now + seconds,
        "jti": new_opaque(),
    }
    if granted:
        claims |= {"auth_time": int(granted.auth_time.timestamp()), "acr": granted.acr, "amr": granted.amr.split()}
    return work.provider.keys.sign(claims, "ES256", work.now, ACCESS_TOKEN)


def issue_refresh(work: Work, granted: Granted) -> str:
    """A refresh token of the grant's family, kept as a digest."""
    token = new_opaque()
    keep_refresh(work, token, granted.grant_id, granted.ends_at)
    return token


def keep_refresh(work: Work, token: str, grant_id: uuid.UUID, ends_at: datetime) -> None:
    """Keep a refresh token as a digest."""
    row = {"token_hash": digest(token), "grant_id": grant_id, "made_at": work.now, "ends_at": ends_at}
    work.writes.tell(ADD_REFRESH, row)


def build_id_token(work: Work, granted: Granted, scope: str, nonce: str | None, access_token: str | None) -> str:
    """The ID token (OpenID Connect Core §2): who, when, how, in which session, and the claims asked for here as of now.

    `auth_time` is the session's, `at_hash` binds the access token that goes with it. Claims of scopes stand in it where
    the client registered so, else at userinfo alone; where there is no access token, there is no userinfo (§5.4 there).
    """
    now, client = int(work.now.timestamp()), granted.client
    told_here = client.particulars.claims_in_id_token or access_token is None
    claims = gather_claims(work, granted, scope if told_here else "") | {
        "iss": work.provider.issuer,
        # The id the grant was given for, also where that record was joined to another since (§12.2 there).
        "sub": name_subject(work.provider.runtime.sealer, client, granted.person_id),
        "aud": client.client_id,
        "iat": now,
        "exp": now + work.provider.policy.id_token_seconds,
        "auth_time": int(granted.auth_time.timestamp()),
        "acr": granted.acr,
        "amr": granted.amr.split(),
        **tell_preview(client.register_time),
    }
    if access_token is not None:
        claims["at_hash"] = half_hash(access_token, client.id_token_alg)
    if granted.session_id:
        claims["sid"] = str(granted.session_id)
    if nonce:
        claims["nonce"] = nonce
    return work.provider.keys.sign(claims, client.id_token_alg, work.now)


def gather_claims(work: Work, granted: Granted, scope: str) -> dict[str, Any]:
    """The claims about the person for an ID token; the register is asked only if there is something to tell."""
    scopes = split_scope(scope)
    asked = (granted.wishes or {}).get("id_token", ())
    wished = [name for name in asked if SCOPE_OF.get(name) in granted.client.scopes]
    if not wished and not any(name in CLAIMS for name in scopes):
        return {}
    subject = work.provider.portraits.find(
        work.writes, granted.person_id, find_instant(work.provider.runtime.clocks, granted.client).at
    )
    if subject is None:
        return {}
    own = work.provider.find_own(work.writes, granted.person_id)
    return choose_claims(granted.client, build_claims(subject, scopes, wished, own))


def half_hash(token: str, alg: str) -> str:
    """The left half of the hash the algorithm signs with, in base64url (OpenID Connect Core §3.1.3.6); Ed25519 has SHA-512."""
    hashed = hashlib.sha512(token.encode("ascii")) if alg == "EdDSA" else hashlib.sha256(token.encode("ascii"))
    half = hashed.digest()[: hashed.digest_size // 2]
    return base64.urlsafe_b64encode(half).decode().rstrip("=")
