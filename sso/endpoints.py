"""The endpoints that programs call: token, userinfo, introspection, revocation, keys, discovery. Plain routes, prebuilt statements."""

from typing import Any, Final, cast

import sqlalchemy as sa
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from directory.models import Login
from directory.portrait import find_portrait
from foundation.bearers import read_bearer
from foundation.changes import visible
from foundation.database import Reads
from foundation.forms import Form
from sso.claims import build_claims
from sso.client_authentication import authenticate_client
from sso.clients import Client
from sso.discovery import CLAIMS_SCHEMA, build_metadata
from sso.grants.requests import TokenRequest
from sso.grants.server import Answer, TokenServer
from sso.opaque import digest
from sso.provider import Provider, Work
from sso.revocation import revoke_token
from sso.scopes import join_scope
from sso.tokens import VerifiedClaims, find_token

SERVER: Final = TokenServer()
OWN_LOGIN: Final = cast(sa.Table, Login.__table__)
LOGIN: Final = sa.select(OWN_LOGIN.c.login).where(
    OWN_LOGIN.c.account_id == sa.bindparam("account"),
    OWN_LOGIN.c.kind == "own",
    OWN_LOGIN.c.valid_from <= sa.bindparam("at"),
    sa.or_(OWN_LOGIN.c.valid_to.is_(None), OWN_LOGIN.c.valid_to > sa.bindparam("at")),
    visible(OWN_LOGIN),
)
NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
PUBLIC: Final = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}


def answer_json(answer: Answer) -> JSONResponse:
    """An answer as HTTP; never stored."""
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name.lower() not in ("content-type", "cache-control", "pragma")
    }
    return JSONResponse(answer.body, answer.status, headers={**headers, **NO_STORE})


def give_token(provider: Provider, request: Request, form: Form) -> Response:
    """`POST /token` (RFC 6749 §3.2)."""
    provider.keys.prepare(provider.now())
    with provider.database.write() as writes:
        work = Work(provider, writes, provider.now())
        asked = TokenRequest(work, "/token", form, request.headers.get("authorization"))
        return answer_json(SERVER.answer(asked, form.repeated))


def tell_userinfo(provider: Provider, request: Request, form: Form) -> Response:
    """`GET` or `POST /userinfo` (OpenID Connect Core §5.3): the claims of the token's scopes, as the register has them now."""
    header = request.headers.get("authorization")
    in_body = form.get("access_token") if request.method == "POST" else None
    if header and in_body:
        return refuse_bearer("invalid_request", 400)
    token = read_bearer(header) if header else in_body
    if token is None:
        return refuse_bearer(None if not header else "invalid_token", 401)
    with provider.database.read() as reads:
        found = find_token(reads, token, provider.now())
        if found is None or found.person_id is None:
            return refuse_bearer("invalid_token", 401)
        if "openid" not in found.scopes:
            return refuse_bearer("insufficient_scope", 403)
        subject = find_portrait(reads, found.person_id, provider.as_of().at)
    if subject is None:
        return refuse_bearer("invalid_token", 401)
    # The subject of the ID token this belongs to (§5.3.2), also where that record was joined to another since.
    claims = build_claims(subject, found.scopes) | {"sub": str(found.person_id)}
    return JSONResponse(claims, headers=NO_STORE)


def refuse_bearer(error: str | None, status: int) -> Response:
    """A refusal in RFC 6750 §3's words; without a token there is only the challenge."""
    challenge = 'Bearer realm="Hop Nhat"' + (f', error="{error}"' if error else "")
    return JSONResponse({"error": error} if error else {}, status, headers={"WWW-Authenticate": challenge, **NO_STORE})


def introspect(provider: Provider, request: Request, form: Form) -> Response:
    """`POST /introspect` (RFC 7662): whether a token is good, for the confidential applications it concerns."""
    with provider.database.read() as reads:
        try:
            client = prove_client(provider, reads, request, form)
            if client.public or "token" not in form:
                raise InvalidRequestError("A token, and a client with a secret, are needed.")
        except OAuth2Error as error:
            return answer_json(SERVER.refuse(error))
        found = find_token(reads, form["token"], provider.now())
        body = describe_token(provider, reads, found) if found and may_introspect(client, found) else {"active": False}
    return JSONResponse(body, headers=NO_STORE)


def prove_client(provider: Provider, reads: Reads, request: Request, form: Form) -> Client:
    """The application that calls. Raises OAuth2Error."""
    if form.repeated:
        raise InvalidRequestError("A parameter was sent twice.")
    return authenticate_client(provider, reads, form, request.headers.get("authorization"))


def may_introspect(client: Client, found: VerifiedClaims) -> bool:
    """Whether a token concerns this application: it is its own, or speaks of a person whom a registered application of the house serves."""
    return found.client_id == client.client_id or client.own


def describe_token(provider: Provider, reads: Reads, found: VerifiedClaims) -> dict[str, Any]:
    """The answer about a good token; `username` is the log-in mail servers know (RFC 7662 §2.2)."""
    body: dict[str, Any] = {
        "active": True,
        "scope": join_scope(found.scopes),
        "client_id": found.client_id,
        "token_type": "Bearer",
        "iss": provider.issuer,
        "iat": int(found.made_at.timestamp()),
        "exp": int(found.ends_at.timestamp()),
        "sub": str(found.person_id) if found.person_id else found.client_id,
    }
    if found.account_id and found.auth_time:
        body |= {"auth_time": int(found.auth_time.timestamp()), "acr": found.acr, "amr": list(found.amr)}
        key = {"account": found.account_id, "at": provider.as_of().at}
        login = reads.connection().execute(LOGIN, key).scalar()
        body |= {"username": login} if login else {}
    return body


def revoke(provider: Provider, request: Request, form: Form) -> Response:
    """`POST /revoke` (RFC 7009): 200 for every token that is dead afterwards, also one that was dead before."""
    with provider.database.write() as writes:
        work = Work(provider, writes, provider.now())
        try:
            client = prove_client(provider, writes, request, form)
            if "token" not in form:
                raise InvalidRequestError("The token is missing.")
        except OAuth2Error as error:
            return answer_json(SERVER.refuse(error))
        revoke_token(work, client, digest(form["token"]))
    return Response(status_code=200, headers=NO_STORE)


def show_keys(provider: Provider, _request: Request, _form: Form) -> Response:
    """`GET /jwks`."""
    provider.keys.prepare(provider.now())
    return JSONResponse(provider.keys.public_set(), headers=PUBLIC)


def show_metadata(provider: Provider, _request: Request, _form: Form) -> Response:
    """`GET /.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`."""
    return JSONResponse(build_metadata(provider.issuer), headers=PUBLIC)


def show_claims_schema(_provider: Provider, _request: Request, _form: Form) -> Response:
    """`GET /schemas/claims.json`."""
    return JSONResponse(CLAIMS_SCHEMA, headers=PUBLIC, media_type="application/schema+json")
