"""`private_key_jwt`: an application proves itself by a token it signed (RFC 7523 §2.2, OpenID Connect Core §9).

Numbered, each step a refusal of its own reason in the log and of the same words outside:

1. the type is the one there is, the token names one client, in `iss` and `sub` alike
2. the client is registered and proves itself this way
3. a key of its signed the token, by an algorithm it registered or any of ours
4. it is meant for us: our issuer or an endpoint of ours is its audience
5. it is in time, and no longer than an hour
6. it was never sent before (`jti`)
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import sqlalchemy as sa
from joserfc.errors import JoseError
from joserfc.jws import extract_compact

from foundation.database import Reads, Writes
from sso import models
from sso.algorithms import ALGORITHMS
from sso.client_keys import LONGEST, SignatureRefused
from sso.clients import Client
from sso.fetching import FetchFailed, FetchRefused
from sso.opaque import digest
from sso.particulars import KEYS
from sso.provider import Provider

TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LEEWAY: Final = timedelta(seconds=30)
LIFE: Final = timedelta(hours=1)
AUDIENCES: Final = ("", "/token", "/par", "/introspect", "/revoke", "/device_authorization")
USED: Final = cast(sa.Table, models.UsedAssertion.__table__)
ADD_USED: Final = sa.text(
    "INSERT INTO sso_used_assertion (assertion_hash, ends_at) VALUES (:hash, :ends) ON CONFLICT DO NOTHING RETURNING 1"
).bindparams(sa.bindparam("hash", type_=USED.c.assertion_hash.type), sa.bindparam("ends", type_=USED.c.ends_at.type))


class UnprovedError(Exception):
    """An assertion that proves nothing; the reason is for the log."""


def prepare_assertion(provider: Provider, form: Mapping[str, str]) -> None:
    """Fetch the keys an assertion needs, before the transaction that checks it opens; a failure is seen there, as missing keys."""
    token = form.get("client_assertion")
    if token is None or len(token) > LONGEST:
        return
    with provider.database.read() as reads:
        client = provider.clients.find(reads, read_issuer(token) or "")
    if client is not None and client.particulars.token_endpoint_auth_method == KEYS:
        try:
            provider.client_keys.prepare(client, token)
        except (FetchRefused, FetchFailed, SignatureRefused) as error:
            provider.log.info("keys of %s not fetched: %s", client.client_id, error)


def check_assertion(provider: Provider, reads: Reads, form: Mapping[str, str]) -> Client:
    """The application an assertion proves, the steps of the module in order. Raises UnprovedError."""
    token = form["client_assertion"]
    client_id = read_issuer(token)
    if form.get("client_assertion_type") != TYPE or client_id is None or form.get("client_id", client_id) != client_id:
        raise UnprovedError("1: type or client")
    client = provider.clients.find(reads, client_id)
    if client is None or client.particulars.token_endpoint_auth_method != KEYS:
        raise UnprovedError("2: no client that proves itself so")
    named = client.particulars.token_endpoint_auth_signing_alg
    try:
        claims = provider.client_keys.read(client, token, (named,) if named else ALGORITHMS)
    except SignatureRefused as error:
        raise UnprovedError("3: signature") from error
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise UnprovedError("1: issuer or subject")
    check_audience(provider.issuer, claims.get("aud"))
    ends_at = check_time(claims, provider.now())
    spend(reads, client_id, claims.get("jti"), ends_at)
    return client


def check_audience(issuer: str, audience: Any) -> None:
    """Step 4. Raises UnprovedError."""
    named = [audience] if isinstance(audience, str) else audience
    ours = {issuer + path for path in AUDIENCES}
    if not isinstance(named, list) or not ours.intersection(entry for entry in named if isinstance(entry, str)):
        raise UnprovedError("4: audience")


def check_time(claims: Mapping[str, Any], now: datetime) -> datetime:
    """Step 5; gives when it ends. Raises UnprovedError."""
    try:
        ends_at = datetime.fromtimestamp(float(claims["exp"]), UTC)
        begins_at = datetime.fromtimestamp(float(claims.get("nbf", claims.get("iat", 0))), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise UnprovedError("5: time unreadable") from error
    if not now - LEEWAY < ends_at < now + LIFE + LEEWAY or begins_at > now + LEEWAY:
        raise UnprovedError("5: too late, too early or too long")
    return ends_at


def spend(reads: Reads, client_id: str, jti: Any, ends_at: datetime) -> None:
    """Step 6, in one statement: of two at once one is believed. Raises UnprovedError."""
    if not isinstance(jti, str) or not jti or not isinstance(reads, Writes):
        raise UnprovedError("6: no jti")
    row = {"hash": digest(f"{client_id}\x00{jti}"), "ends": ends_at + LEEWAY}
    if reads.connection().execute(ADD_USED, row).first() is None:
        raise UnprovedError("6: sent before")


def read_issuer(token: str) -> str | None:
    """Who an assertion says it is of, unverified."""
    if len(token) > LONGEST or not token.isascii():
        return None
    try:
        claims = extract_compact(token.encode()).payload
        issuer = json.loads(claims).get("iss")
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
        return None
    return issuer if isinstance(issuer, str) else None
