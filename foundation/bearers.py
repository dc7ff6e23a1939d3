"""Who holds a token: the door that rooms share without knowing the room that gives tokens out.

The provider's router brings `check_token`; `build_app` keeps it for all. A room that serves programs says what it
needs: `bearer = check_bearer(request, "verify")`, and gets who asks, or refuses in RFC 6750's words.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.requests import Request

from foundation.errors import HopnhatError

LONGEST: Final = 4096


@dataclass(frozen=True)
class Bearer:
    """A token that was checked just now: whose it is and what it opens. `person` is None for a program of its own.

    `logged_in_at` is when the person last proved who they are, `level` how surely (`acr`). `register_time` is set for the token
    of a preview: whoever takes it answers as of that instant.
    """

    client: str
    person: uuid.UUID | None
    scopes: frozenset[str]
    logged_in_at: datetime | None = None
    level: str | None = None
    register_time: datetime | None = None


TokenCheck = Callable[[str], Bearer]
"""Gives the bearer of a token, or raises a HopnhatError."""


class TokenMissing(HopnhatError):
    """No token was sent, or one that is not (or no longer) good (RFC 6750 §3.1 invalid_token)."""

    code = "invalid_token"
    status = 401
    exit_code = 77
    sentence = "An access token is needed here, and none that is valid was sent."


class ScopeMissing(HopnhatError):
    """The token does not open this (RFC 6750 §3.1 insufficient_scope)."""

    code = "insufficient_scope"
    status = 403
    exit_code = 77
    sentence = "The access token does not have the scope “{scope}”."


def read_bearer(header: str | None) -> str | None:
    """The token of an Authorization header (RFC 6750 §2.1), or None."""
    scheme, _space, token = (header or "").partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and token and len(token) <= LONGEST and token.isascii() else None


def check_bearer(request: Request, scope: str, *, previews: bool = False) -> Bearer:
    """Who asks, by the token in the Authorization header. Raises TokenMissing, ScopeMissing. Asks the database: call it on a thread.

    The token of a preview opens only what says that it answers as of another instant, by `previews`.
    """
    bearer = find_bearer(request)
    if bearer is None or (bearer.register_time is not None and not previews):
        raise TokenMissing()
    if scope not in bearer.scopes:
        raise ScopeMissing(scope=scope)
    return bearer


def find_bearer(request: Request) -> Bearer | None:
    """Who asks where nobody has to say so: None without a token. One that was sent is looked at, once: raises TokenMissing."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    known: Bearer | None = getattr(request.state, "bearer", None)
    if known is not None:
        return known
    token = read_bearer(header)
    check: TokenCheck | None = getattr(request.app.state, "check_token", None)
    if token is None or check is None:
        raise TokenMissing()
    request.state.bearer = checked = check(token)
    return checked
