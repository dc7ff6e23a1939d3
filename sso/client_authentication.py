"""How an application proves itself at the endpoints for programs (RFC 6749 §2.3): its secret by Basic or in the body, a
token it signed (`assertions.py`), or no secret at all.

One method a request; an unknown id and a wrong secret get the same words and status. A failure touches nothing else:
the code or token that came with it stays as it was.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError

from foundation.database import Reads
from sso.assertions import UnprovedError, check_assertion
from sso.clients import Client
from sso.provider import Provider

LONGEST: Final = 1000


class ClientRefused(InvalidClientError):  # type: ignore[misc]  # Authlib ships no types.
    """The one refusal: 401, and a challenge where Basic was tried (RFC 6749 §5.2)."""

    def __init__(self, *, basic: bool) -> None:
        super().__init__("The client could not be authenticated.", status_code=401)
        self.basic = basic

    def get_headers(self) -> list[tuple[str, str]]:
        """JSON, not stored, and the challenge."""
        headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("Pragma", "no-cache")]
        return [*headers, ("WWW-Authenticate", 'Basic realm="Hop Nhat"')] if self.basic else headers


@dataclass(frozen=True)
class Offered:
    """What a request offers as proof; a secret may be empty."""

    client_id: str
    secret: str
    basic: bool


def authenticate_client(provider: Provider, reads: Reads, form: Mapping[str, str], authorization: str | None) -> Client:
    """The application that asks, proved. Raises ClientRefused; InvalidRequestError when two proofs are offered."""
    if "client_assertion" in form:
        return accept_assertion(provider, reads, form, authorization)
    offered = read_offer(form, authorization)
    client = provider.clients.find(reads, offered.client_id)
    if client is None:
        raise ClientRefused(basic=offered.basic)
    proved = not offered.secret if client.public else client.has_secret(offered.secret, provider.now())
    if not proved:
        raise ClientRefused(basic=offered.basic)
    return client


def accept_assertion(provider: Provider, reads: Reads, form: Mapping[str, str], authorization: str | None) -> Client:
    """The application a token of its own proves. Raises ClientRefused, InvalidRequestError."""
    if authorization or "client_secret" in form:
        raise InvalidRequestError("More than one way of client authentication.")
    try:
        return check_assertion(provider, reads, form)
    except UnprovedError as error:
        provider.log.info("assertion refused: %s", error)
        raise ClientRefused(basic=False) from error


def read_offer(form: Mapping[str, str], authorization: str | None) -> Offered:
    """The proof a request offers. `client_id` repeated in the body is no second method. Raises as above."""
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    if not authorization:
        if not client_id or len(secret) > LONGEST:
            raise ClientRefused(basic=False)
        return Offered(client_id, secret, basic=False)
    if secret:
        raise InvalidRequestError("More than one way of client authentication.")
    basic_id, basic_secret = read_basic(authorization)
    if client_id and client_id != basic_id:
        raise InvalidRequestError("Two clients are named.")
    return Offered(basic_id, basic_secret, basic=True)


def read_basic(authorization: str) -> tuple[str, str]:
    """Id and secret of a Basic header: split first, then form-decoded (RFC 6749 §2.3.1). Raises ClientRefused."""
    scheme, _space, text = authorization.partition(" ")
    if scheme.lower() != "basic" or len(text) > 4 * LONGEST:
        raise ClientRefused(basic=True)
    try:
        client_id, colon, secret = base64.b64decode(text.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError) as error:
        raise ClientRefused(basic=True) from error
    if not colon:
        raise ClientRefused(basic=True)
    return unquote_plus(client_id), unquote_plus(secret)
