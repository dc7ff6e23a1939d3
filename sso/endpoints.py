"""The endpoints that programs call: token, introspection, revocation, keys, discovery. Plain routes, prebuilt statements."""

from typing import Any, Final

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from starlette.requests import Request
from starlette.responses import Response

from foundation.answers import JsonAnswer
from foundation.database import Reads
from foundation.forms import Form
from sso.assertions import prepare_assertion
from sso.certificates.settings import ClientCertificateSection
from sso.client_authentication import authenticate_client
from sso.clients import Client
from sso.discovery import CLAIMS_SCHEMA, build_metadata
from sso.grants.requests import TokenRequest
from sso.grants.server import Answer, TokenServer
from sso.headers import NO_STORE
from sso.previews import find_instant, tell_preview
from sso.provider import Provider, Work
from sso.resources import name_audience
from sso.revocation import revoke_token
from sso.scopes import join_scope
from sso.self_contained import find_any_token
from sso.subjects import name_subject
from sso.tokens import VerifiedClaims

SERVER: Final = TokenServer()
PUBLIC: Final = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}


def answer_json(answer: Answer) -> JsonAnswer:
    """An answer as HTTP; never stored."""
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name.lower() not in ("content-type", "cache-control", "pragma")
    }
    return JsonAnswer(answer.body, answer.status, headers={**headers, **NO_STORE})


def give_token(provider: Provider, request: Request, form: Form) -> Response:
    """`POST /token` (RFC 6749 §3.2)."""
    provider.keys.prepare(provider.now())
    prepare_assertion(provider, form)
    with provider.database.write_quickly() as writes:
        work = Work(provider, writes, provider.now())
        asked = TokenRequest(work, "/token", form, request.headers.get("authorization"))
        return answer_json(SERVER.answer(asked, form.repeated))


def introspect(provider: Provider, request: Request, form: Form) -> Response:
    """`POST /introspect` (RFC 7662): whether a token is good, for the confidential applications it concerns."""
    provider.keys.prepare(provider.now())
    prepare_assertion(provider, form)
    # A token that proves the client is spent by being seen, which is writing.
    opened = provider.database.write_quickly if "client_assertion" in form else provider.database.read_quickly
    with opened() as reads:
        try:
            client = prove_client(provider, reads, request, form)
            if client.public or "token" not in form:
                raise InvalidRequestError("A token, and a client with a secret, are needed.")
        except OAuth2Error as error:
            return answer_json(SERVER.refuse(error))
        named_at = find_instant(provider.runtime.clocks, client).at if client.own else None
        found = find_any_token(reads, provider.keys, provider.issuer, form["token"], provider.now(), named_at)
        body = (
            describe_token(provider, reads, client, found)
            if found and may_introspect(client, found)
            else {"active": False}
        )
    return JsonAnswer(body, headers=NO_STORE)


def prove_client(provider: Provider, reads: Reads, request: Request, form: Form) -> Client:
    """The application that calls. Raises OAuth2Error."""
    if form.repeated:
        raise InvalidRequestError("A parameter was sent twice.")
    return authenticate_client(provider, reads, form, request.headers.get("authorization"))


def may_introspect(client: Client, found: VerifiedClaims) -> bool:
    """Whether a token concerns this application: it is its own, is for a resource it guards, or is for no resource at all
    and the application is the administration's. Previews have to do with nobody, and nobody with them.
    """
    if found.client_id == client.client_id:
        return True
    if found.register_time or client.register_time:
        return False
    return bool(set(found.resources) & set(client.particulars.resources)) if found.resources else client.own


def describe_token(provider: Provider, reads: Reads, client: Client, found: VerifiedClaims) -> dict[str, Any]:
    """The answer about a good token; `username` is the log-in mail servers know (RFC 7662 §2.2), told to the administration's own."""
    body: dict[str, Any] = {
        "active": True,
        "scope": join_scope(found.scopes),
        "client_id": found.client_id,
        "token_type": "Bearer",
        "iss": provider.issuer,
        "iat": int(found.made_at.timestamp()),
        "exp": int(found.ends_at.timestamp()),
        "sub": tell_subject(provider, reads, found),
        "aud": client.client_id if found.register_time else name_audience(found.resources, provider.issuer),
        **tell_preview(found.register_time),
    }
    if found.account_id and found.auth_time:
        body |= {"auth_time": int(found.auth_time.timestamp()), "acr": found.acr, "amr": list(found.amr)}
    if found.login:
        body["username"] = found.login
    return body


def tell_subject(provider: Provider, reads: Reads, found: VerifiedClaims) -> str:
    """Whom a token speaks of, as its client knows the person; the client itself where there is none."""
    client = provider.clients.find(reads, found.client_id)
    if found.person_id is None or client is None:
        return found.client_id
    return name_subject(provider.runtime.sealer, client, found.person_id)


def revoke(provider: Provider, request: Request, form: Form) -> Response:
    """`POST /revoke` (RFC 7009): 200 for every token that is dead afterwards, also one that was dead before."""
    provider.keys.prepare(provider.now())
    prepare_assertion(provider, form)
    with provider.database.write_quickly() as writes:
        work = Work(provider, writes, provider.now())
        try:
            client = prove_client(provider, writes, request, form)
            if "token" not in form:
                raise InvalidRequestError("The token is missing.")
        except OAuth2Error as error:
            return answer_json(SERVER.refuse(error))
        revoke_token(work, client, form["token"])
    return Response(status_code=200, headers=NO_STORE)


def show_keys(provider: Provider, _request: Request, _form: Form) -> Response:
    """`GET /jwks`: as the keys are this moment, so that a new one is told at once."""
    provider.keys.look()
    provider.keys.prepare(provider.now())
    return JsonAnswer(provider.keys.public_set(), headers=PUBLIC)


def show_metadata(provider: Provider, _request: Request, _form: Form) -> Response:
    """`GET /.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`."""
    certificates = provider.settings[ClientCertificateSection].enabled
    return JsonAnswer(build_metadata(provider.issuer, provider.policy, certificates=certificates), headers=PUBLIC)


def show_claims_schema(_provider: Provider, _request: Request, _form: Form) -> Response:
    """`GET /schemas/claims.json`."""
    return JsonAnswer(CLAIMS_SCHEMA, headers=PUBLIC, media_type="application/schema+json")
