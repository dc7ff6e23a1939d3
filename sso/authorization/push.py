"""`POST /par` (RFC 9126): an application brings its authorization request itself, proved, and gets a reference for the browser."""

from typing import Final

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from foundation.errors import HopnhatError
from foundation.forms import Form
from sso.assertions import prepare_assertion
from sso.authorization.checks import build_asked, check_redirect_uri, check_request
from sso.authorization.objects import unfold
from sso.authorization.pushed import REQUESTS, keep_request
from sso.authorization.requests import REPEATABLE, Source
from sso.client_authentication import authenticate_client
from sso.clients import Client
from sso.headers import NO_STORE
from sso.provider import Provider
from sso.waiting import LETTERS_AT_MOST, make_room

PROOFS: Final = ("client_secret", "client_assertion", "client_assertion_type")
PUSHED: Final = Source("pushed")
"""What a request says of itself while it is being checked here."""


def push(provider: Provider, request: Request, form: Form) -> Response:
    """Keep a request that passes every check a browser's would."""
    prepare_assertion(provider, form)
    provider.keys.prepare(provider.now())
    try:
        if form.repeated - REPEATABLE:
            raise InvalidRequestError("A parameter was sent twice.")
        if "request_uri" in form:
            raise InvalidRequestError("A pushed request is no reference to another.")
        with provider.database.write() as writes:
            client = authenticate_client(provider, writes, form, request.headers.get("authorization"))
        reference = keep(provider, client, form, request.state.caller)
    except OAuth2Error as error:
        headers = {**dict(error.get_headers()), **NO_STORE}
        body = {"error": error.error, "error_description": error.get_error_description()}
        return JSONResponse(body, error.status_code, headers=headers)
    body = {"request_uri": reference, "expires_in": provider.policy.pushed_seconds}
    return JSONResponse(body, 201, headers=NO_STORE)


def keep(provider: Provider, client: Client, form: Form, caller: str) -> str:
    """The reference of a checked request. Raises OAuth2Error."""
    pairs = [(name, value) for name in form if name not in PROOFS for value in form.every(name)]
    if client.public and sum(len(value) for _name, value in pairs) > LETTERS_AT_MOST:
        raise InvalidRequestError("The request is too long.")
    unfolded = unfold(provider, Form([("client_id", client.client_id), *(p for p in pairs if p[0] != "client_id")]))
    if unfolded.error is not None:
        raise unfolded.error
    inner = unfolded.form
    with provider.database.write() as writes:
        try:
            redirect_uri = check_redirect_uri(client, inner)
        except HopnhatError as error:
            raise InvalidRequestError("The redirect_uri is not registered.") from error
        source = Source(PUSHED.reference, signed=unfolded.source.signed)
        asked = build_asked(client, redirect_uri, inner, source)
        check_request(provider, writes, asked, inner)
        kept = {**asked.parameters, "resource": list(asked.resources)}
        client_id, now = client.client_id, provider.now()
        place = make_room(provider, writes, REQUESTS, client_id, caller) if client.public else {}
        seconds, signed = provider.policy.pushed_seconds, source.signed
        return keep_request(writes, client_id, kept, now, seconds, signed=signed, place=place)
