"""`/userinfo` (OpenID Connect Core §5.3): the claims a token opens, as the register has them now; plain, or signed for clients that ask.

A token for another resource opens nothing here. Where the settings want a fresh log-in, an older one gets the challenge
that tells its application what to ask for (RFC 9470 §3).
"""

from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from foundation.answers import JsonAnswer
from foundation.bearers import read_bearer
from foundation.forms import Form
from sso.claims import Claims, build_claims, choose_claims
from sso.clients import Client
from sso.headers import NO_STORE
from sso.levels import reaches
from sso.previews import find_instant, tell_preview
from sso.provider import Provider
from sso.subjects import name_subject
from sso.tokens import VerifiedClaims, find_token

UNMET: Final = "insufficient_user_authentication"


def tell_userinfo(provider: Provider, request: Request, form: Form) -> Response:
    """`GET`, or `POST` with the token in header or body."""
    header = request.headers.get("authorization")
    in_body = form.get("access_token") if request.method == "POST" else None
    if header and in_body:
        return refuse_bearer("invalid_request", 400)
    token = read_bearer(header) if header else in_body
    if token is None:
        return refuse_bearer(None if not header else "invalid_token", 401)
    now = provider.now()
    with provider.database.read_quickly() as reads:
        found = find_token(reads, token, now)
        client = provider.clients.find(reads, found.client_id) if found else None
        if found is None or client is None or found.person_id is None or is_elsewhere(found, provider.issuer):
            return refuse_bearer("invalid_token", 401)
        if "openid" not in found.scopes:
            return refuse_bearer("insufficient_scope", 403)
        if unmet := find_unmet(provider, found, now):
            return refuse_bearer(UNMET, 401, **unmet)
        subject = provider.portraits.find(reads, found.person_id, find_instant(provider.runtime.clocks, client).at)
        if subject is None:
            return refuse_bearer("invalid_token", 401)
        claims = build_claims(subject, found.scopes, found.wished, provider.find_own(reads, found.person_id))
        # The subject of the ID token this belongs to (§5.3.2 there), also where that record was joined to another since.
        claims["sub"] = name_subject(provider.runtime.sealer, client, found.person_id)
    return tell(provider, client, choose_claims(client, claims) | tell_preview(found.register_time))


def is_elsewhere(found: VerifiedClaims, issuer: str) -> bool:
    """Whether a token is for other resources than the provider."""
    return bool(found.resources) and issuer not in found.resources


def find_unmet(provider: Provider, found: VerifiedClaims, now: datetime) -> dict[str, object]:
    """What the settings want of a log-in and the one behind a token lacks, in the words to ask for it with: all at once, so that the
    person steps up once.
    """
    fresh, level = provider.policy.userinfo_fresh_seconds, provider.policy.userinfo_level
    unmet: dict[str, object] = {}
    if level and not reaches(found.acr, (level,)):
        unmet["acr_values"] = level
    if fresh and (found.auth_time is None or found.auth_time + timedelta(seconds=fresh) <= now):
        unmet["max_age"] = fresh
    return unmet


def tell(provider: Provider, client: Client, claims: Claims) -> Response:
    """The claims, in the form the client registered for."""
    alg = client.particulars.userinfo_signed_response_alg
    if alg is None:
        return JsonAnswer(claims, headers=NO_STORE)
    now = provider.now()
    provider.keys.prepare(now)
    signed = provider.keys.sign({**claims, "iss": provider.issuer, "aud": client.client_id}, alg, now)
    return Response(signed, media_type="application/jwt", headers=NO_STORE)


def refuse_bearer(error: str | None, status: int, **more: object) -> Response:
    """A refusal in RFC 6750 §3's words; without a token there is only the challenge."""
    parts = ['Bearer realm="Hop Nhat"', *([f'error="{error}"'] if error else [])]
    challenge = ", ".join([*parts, *(f'{name}="{value}"' for name, value in more.items())])
    return JsonAnswer({"error": error} if error else {}, status, headers={"WWW-Authenticate": challenge, **NO_STORE})
