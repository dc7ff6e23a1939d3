"""`/register`: an application registers itself (RFC 7591 §3), reads, replaces and ends its registration (RFC 7592 §2).

A registration token belongs to one application and opens that one alone; whoever shows another's, an unknown or a
malformed one learns nothing but 401 (CVE-2026-0707, CVE-2026-9803).
"""

import dataclasses
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from authlib.oauth2 import OAuth2Error
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from foundation.bearers import read_bearer
from foundation.database import Reads, Writes
from foundation.errors import BadInput
from foundation.forms import FORM_BYTES, read_body
from foundation.web import Endpoint
from sso.client_keeping import add_client, change_client, remove_client
from sso.client_registration import NewClient
from sso.clients import Client, by_keys
from sso.headers import NO_STORE
from sso.keys import ensure_keys
from sso.opaque import is_same, new_opaque
from sso.particulars import NAMES
from sso.provider import Provider
from sso.registration.initial_tokens import is_initial_token_good, spend_initial_token
from sso.registration.metadata import GRANTS, MEMBERS, MetadataError, read_metadata
from sso.registration.outside import check_outside, fetch_picture
from sso.registration.register import (
    count_recent,
    describe_settings,
    find_registration,
    keep_picture,
    keep_registration_token,
)
from sso.scopes import PERSON_SCOPES

HOUR: Final = timedelta(hours=1)
ACTOR: Final = "dynamic registration"
SAID: Final = ("name", "redirect_uris", "post_logout_redirect_uris", "id_token_alg", "backchannel_logout_uri")
"""What an application says of itself, beside its particulars."""
Body = Mapping[str, Any]


class RegistrationError(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types.
    """Nobody may register by themselves here, not without a token, or not so many (RFC 6750 §3.1 words)."""

    error = "invalid_token"


def registration_route(provider: Provider) -> Endpoint:
    """The endpoint of both addresses: reads a JSON body, works on a thread, answers JSON."""

    async def endpoint(request: Request) -> Response:
        request.state.program = True
        content = await read_body(request, FORM_BYTES)
        return await run_in_threadpool(answer, provider, request, content)

    return endpoint


def answer(provider: Provider, request: Request, content: bytes) -> Response:
    """The answer to a registration request, whatever it asks."""
    client_id = request.path_params.get("client_id")
    token = read_bearer(request.headers.get("authorization"))
    try:
        if client_id is None:
            return register(provider, token, read_json(content))
        if request.method == "PUT":
            return replace(provider, client_id, token, read_json(content))
        return read_or_end(provider, client_id, token, ends=request.method == "DELETE")
    except RegistrationError as error:
        headers = {"WWW-Authenticate": f'Bearer realm="Hop Nhat", error="{error.error}"', **NO_STORE}
        return JSONResponse({"error": error.error, "error_description": error.description}, 401, headers=headers)
    except OAuth2Error as error:
        return JSONResponse({"error": error.error, "error_description": error.description}, 400, headers=NO_STORE)
    except BadInput as error:
        return JSONResponse(
            {"error": "invalid_client_metadata", "error_description": error.shown}, 400, headers=NO_STORE
        )


def read_json(content: bytes) -> Body:
    """The body as a JSON object. Raises MetadataError."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise MetadataError("The body is not JSON.") from error
    if not isinstance(body, dict) or b"\\u0000" in content:
        raise MetadataError("The body is not a JSON object.")
    return body


def register(provider: Provider, token: str | None, body: Body) -> Response:
    """Register an application: 201 with what stands now, its secret and its token, both shown this once."""
    mode, now = provider.policy.registration, provider.now()
    if mode == "off" or (mode == "token" and token is None):
        raise RegistrationError("Registration needs an initial access token, or is closed.")
    with provider.database.read() as reads:  # before anything is fetched for somebody who may not register at all
        check_leave(provider, reads, mode, is_initial_token_good(reads, token or "", now), now)
    new = read_metadata(body, provider.policy)
    check_outside(provider.fetcher, new)
    picture = fetch_picture(provider.fetcher, new.particulars.logo_uri)
    registration_token = new_opaque()
    with provider.database.write() as writes:
        spent = mode == "token" and spend_initial_token(writes, token or "", now)
        check_leave(provider, writes, mode, spent, now)
        client, secret = add_client(writes, new, ACTOR, now)
        keep_registration_token(writes, client.client_id, registration_token)
        keep_picture(writes, client.client_id, picture)
        ensure_needed_keys(provider, writes, client, now)
        described = describe(provider, client, now, secret)
    body_out = {**described, **tell_management(provider, client, registration_token)}
    return JSONResponse(body_out, 201, headers=NO_STORE)


def check_leave(provider: Provider, reads: Reads, mode: str, invited: bool, now: datetime) -> None:
    """Refuse who may not register now. Raises RegistrationError."""
    if mode == "token" and not invited:
        raise RegistrationError("The initial access token is not good.")
    if mode == "open" and count_recent(reads, now - HOUR) >= provider.policy.registrations_per_hour:
        raise RegistrationError("Too many registrations in this hour.")


def ensure_needed_keys(provider: Provider, writes: Writes, client: Client, now: datetime) -> None:
    """Have a key for each algorithm this application asked for."""
    wanted = {client.id_token_alg, *filter(None, [client.particulars.userinfo_signed_response_alg])}
    ensure_keys(writes, provider.runtime.sealer, ACTOR, now, tuple(sorted(wanted)))
    provider.keys.forget()


def replace(provider: Provider, client_id: str, token: str | None, body: Body) -> Response:
    """Replace a registration (RFC 7592 §2.2): members left out fall back to their defaults; id, secret, kind and what operators
    set stay, and nothing is had that was not had before (`keep_bounds`). A secret may be written, not chosen.
    """
    if body.get("client_id", client_id) != client_id:
        raise MetadataError("client_id is another's.")
    now = provider.now()
    with provider.database.read() as reads:
        check_holder(find_registration(reads, client_id), token)
    new = read_metadata(body, provider.policy)
    check_outside(provider.fetcher, new)
    picture = fetch_picture(provider.fetcher, new.particulars.logo_uri)
    with provider.database.write() as writes:
        present = check_holder(find_registration(writes, client_id), token)
        if (secret := body.get("client_secret")) is not None and not (
            isinstance(secret, str) and present.has_secret(secret, now)
        ):
            raise MetadataError("client_secret is not the present one; it cannot be chosen.")
        changes = keep_bounds(present, new)
        client = change_client(writes, client_id, changes, ACTOR, now)
        if client.kind != new.kind:
            raise MetadataError("token_endpoint_auth_method cannot change between none and the others.")
        keep_picture(writes, client_id, picture)
        ensure_needed_keys(provider, writes, client, now)
        described = describe(provider, client, now, None)
    provider.clients.forget(client_id)
    return JSONResponse({**described, **tell_management(provider, client, token or "")}, headers=NO_STORE)


def keep_bounds(present: Client, new: NewClient) -> dict[str, Any]:
    """What of a replacement is taken: no scope or grant that was not had before, since an operator may have cut it, and nothing
    that is theirs alone to say. Who needs more asks them, or registers anew and is a stranger to everybody again.
    """
    theirs = {name: getattr(present.particulars, name) for name in NAMES if name not in MEMBERS}
    types = tuple(one for one in present.particulars.response_types if one in new.particulars.response_types)
    return {
        **{name: getattr(new, name) for name in SAID},
        "scopes": tuple(one for one in present.scopes if one in (new.scopes or ()) or one not in PERSON_SCOPES),
        "grant_types": tuple(one for one in present.grant_types if one in (new.grant_types or ()) or one not in GRANTS),
        "pkce_required": present.pkce_required or new.pkce_required,
        "particulars": dataclasses.replace(new.particulars, **{**theirs, "response_types": types}),
    }


def read_or_end(provider: Provider, client_id: str, token: str | None, *, ends: bool) -> Response:
    """What stands (RFC 7592 §2.1), or its end with 204 (§2.3)."""
    with provider.database.write() as writes:
        client = check_holder(find_registration(writes, client_id), token)
        if ends:
            remove_client(writes, client_id, ACTOR, provider.now())
    if ends:
        provider.clients.forget(client_id)
        return Response(status_code=204, headers=NO_STORE)
    described = describe(provider, client, client.made_at, None)
    return JSONResponse({**described, **tell_management(provider, client, token or "")}, headers=NO_STORE)


def check_holder(found: tuple[Client, bytes | None] | None, token: str | None) -> Client:
    """The application whose registration token this is. Raises RegistrationError."""
    if found is None or token is None or not is_same(token, found[1]):
        raise RegistrationError("The registration access token is not good for this application.")
    return found[0]


def describe(provider: Provider, client: Client, issued_at: datetime, secret: str | None) -> dict[str, Any]:
    """A registration in the specification's own names (RFC 7591 §3.2.1)."""
    body = {"client_id": client.client_id, "client_id_issued_at": int(issued_at.timestamp())}
    if secret is not None and not by_keys(client.particulars):
        body |= {"client_secret": secret, "client_secret_expires_at": 0}
    return {**body, **describe_settings(client)}


def tell_management(provider: Provider, client: Client, token: str) -> dict[str, str]:
    """Where and with what the application manages its registration (RFC 7592 §3)."""
    address = f"{provider.issuer}/register/{client.client_id}"
    return {"registration_client_uri": address, "registration_access_token": token}
