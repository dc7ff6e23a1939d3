"""Requests that do not stand in the query: a signed request object by value or by reference (OpenID Connect Core §6, RFC
9101), or the reference of a request that was pushed to us (RFC 9126 §4).

An object is believed whole: what stands beside it in the query counts only where nothing depends on it. A challenge in
another place than the request it protects is refused (CVE-2023-48228's kin). Only signed objects are read; a reference
leads to an address its client registered, through the guarded fetcher, or to what we keep ourselves.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error

from foundation.database import Reads
from foundation.forms import Form
from sso.algorithms import ALGORITHMS
from sso.authorization.pushed import PREFIX, find_request
from sso.authorization.requests import ASKED, CHOSEN, IN_QUERY, Source
from sso.client_keys import SignatureRefused, read_header
from sso.clients import Client
from sso.fetching import FetchFailed, FetchRefused
from sso.provider import Provider
from sso.response_types import CODE

OUTSIDE: Final = ("response_type", "redirect_uri", "scope", "state", "response_mode", "ui_locales", "display")
"""What may stand beside an object that does not say it itself."""
PROTECTED: Final = ("code_challenge", "code_challenge_method", "nonce", "claims", "resource")
"""What is refused beside an object: it would change what the signature covers."""
NEVER_INSIDE: Final = ("request", "request_uri", "client_secret", "client_assertion", ASKED, CHOSEN)
TYPES: Final = (None, "JWT", "jwt", "oauth-authz-req+jwt")
LEEWAY: Final = timedelta(seconds=30)
LONGEST_URI: Final = 512


class RequestObjectRefused(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types.
    """A request object that is unsigned, changed, another's, over or contradicts the query (OpenID Connect Core §3.1.2.6)."""

    error = "invalid_request_object"


class RequestUriRefused(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types.
    """A reference that is unknown, not registered, spent, too old, or leads to nothing readable (§3.1.2.6 there)."""

    error = "invalid_request_uri"


@dataclass(frozen=True)
class Unfolded:
    """A request as it is to be checked: where it came from, and what was wrong with it if anything."""

    form: Form
    error: OAuth2Error | None = None
    source: Source = IN_QUERY


def unfold(provider: Provider, form: Form) -> Unfolded:
    """The request a query means. Waits for the network at times: call it before a transaction opens.

    A fault is kept in `error`, to be told wherever the query itself allows.
    """
    if "request" not in form and "request_uri" not in form:
        return Unfolded(form)
    with provider.database.read() as reads:
        client = provider.clients.find(reads, form.text("client_id"))
    if client is None or "client_id" in form.repeated:
        return Unfolded(form)
    try:
        if form.repeated.intersection(("request", "request_uri")) or ("request" in form and "request_uri" in form):
            raise InvalidRequestError("One request object, by value or by reference.")
        if form.text("request_uri").startswith(PREFIX):
            with provider.database.read() as reads:
                return recall(reads, client, form, provider.now())
        token = form.get("request") or fetch_object(provider, client, form.text("request_uri"))
        return Unfolded(merge(form, read_object(provider, client, token)), source=Source(signed=True))
    except OAuth2Error as error:
        return Unfolded(form, error=error)


def recall(reads: Reads, client: Client, form: Form, now: datetime) -> Unfolded:
    """A request kept under this reference. Raises RequestUriRefused."""
    uri = form["request_uri"]
    found = find_request(reads, client.client_id, uri, now)
    if found is None:
        raise RequestUriRefused()
    pairs = list_pairs(found.parameters)
    pairs += [(name, form[name]) for name in (ASKED, CHOSEN) if name in form]
    return Unfolded(Form(pairs), source=Source(uri, found.signed, found.late))


def fetch_object(provider: Provider, client: Client, uri: str) -> str:
    """The object at an address that this client registered, letter for letter. Raises RequestUriRefused."""
    if len(uri) > LONGEST_URI or uri not in client.particulars.request_uris:
        raise RequestUriRefused()
    try:
        accepted = "application/oauth-authz-req+jwt, application/jwt"
        fetched = provider.fetcher.get_shared(uri.partition("#")[0], accepted)
        return fetched.content.decode("ascii").strip()
    except (FetchRefused, FetchFailed, UnicodeDecodeError) as error:
        provider.log.info("request object of %s not fetched: %s", client.client_id, error)
        raise RequestUriRefused() from error


def read_object(provider: Provider, client: Client, token: str) -> Mapping[str, Any]:
    """The claims of a request object that its client signed, meant for us and in time. Raises RequestObjectRefused."""
    named = client.particulars.request_object_signing_alg
    try:
        if read_header(token).get("typ") not in TYPES:
            raise RequestObjectRefused()
        provider.client_keys.prepare(client, token)
        claims = provider.client_keys.read(client, token, (named,) if named else ALGORITHMS)
    except (SignatureRefused, FetchRefused, FetchFailed) as error:
        raise RequestObjectRefused() from error
    check_binding(claims, client.client_id, provider.issuer)
    check_time(claims, provider.now())
    return claims


def check_binding(claims: Mapping[str, Any], client_id: str, issuer: str) -> None:
    """Refuse an object of another client, for another provider, or one that is really a client's proof (RFC 9101 §10.8)."""
    audience = claims.get("aud", issuer)
    audiences = audience if isinstance(audience, list) else [audience]
    wrong = (
        claims.get("iss", client_id) != client_id,
        claims.get("client_id", client_id) != client_id,
        claims.get("sub") == client_id,
        issuer not in audiences,
        any(name in claims for name in NEVER_INSIDE),
    )
    if any(wrong):
        raise RequestObjectRefused()


def check_time(claims: Mapping[str, Any], now: datetime) -> None:
    """Refuse an object that is over or not yet good. Raises RequestObjectRefused."""
    try:
        over = "exp" in claims and datetime.fromtimestamp(float(claims["exp"]), UTC) <= now - LEEWAY
        early = "nbf" in claims and datetime.fromtimestamp(float(claims["nbf"]), UTC) > now + LEEWAY
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise RequestObjectRefused() from error
    if over or early:
        raise RequestObjectRefused()


def merge(form: Form, claims: Mapping[str, Any]) -> Form:
    """The request of an object, with what may stand beside it. Raises RequestObjectRefused where the two contradict."""
    inside = {name: value for name, value in claims.items() if name not in ("iss", "aud", "exp", "nbf", "iat", "jti")}
    if any(name in form and name not in inside for name in PROTECTED):
        raise RequestObjectRefused()
    if "response_type" in inside and form.text("response_type") not in ("", inside["response_type"]):
        raise RequestObjectRefused()
    if "response_type" not in inside and form.text("response_type") not in ("", CODE.name):
        raise RequestObjectRefused()  # Tokens by way of the browser are given to a signature that says so.
    beside = {name: form[name] for name in OUTSIDE if name in form and name not in inside}
    pairs = list_pairs({"client_id": form["client_id"], **beside, **inside})
    pairs += [(name, form[name]) for name in (ASKED, CHOSEN) if name in form]
    return Form(pairs)


def list_pairs(parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Parameters as a form has them: numbers and objects as text, lists as several. Raises RequestObjectRefused."""
    pairs: list[tuple[str, str]] = []
    for name, value in parameters.items():
        if name == "resource" and isinstance(value, list):
            pairs += [(name, str(entry)) for entry in value]
        elif isinstance(value, dict):
            pairs.append((name, json.dumps(value)))
        elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            pairs.append((name, str(value)))
        elif not isinstance(value, (bool, list)) and value is not None:
            raise RequestObjectRefused()
    check_text("".join(part for pair in pairs for part in pair))
    return pairs


def check_text(text: str) -> None:
    """Refuse what no address and no database can hold: NUL, and halves of letters that JSON can spell. Raises RequestObjectRefused."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise RequestObjectRefused() from error
    if "\x00" in text:
        raise RequestObjectRefused()
