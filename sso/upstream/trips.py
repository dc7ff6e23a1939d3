"""A trip to another provider and back: what was asked is sealed into a cookie of the browser that asked, for ten minutes.

So an answer that somebody brings to another browser is nobody's (RFC 6749 §10.12), and no row is kept for who never comes back.
"""

import base64
import hashlib
import json
import secrets
import uuid
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from foundation.errors import HopnhatError
from foundation.forms import drop_cookie, find_cookie, set_cookie
from foundation.sealing import Sealer, same_secret
from sso.upstream.documents import Metadata
from sso.upstream.errors import TripLost
from sso.upstream.settings import UpstreamProvider

COOKIE: Final = "upstream"
CONTEXT: Final = "sso.upstream.trip"
LASTS: Final = timedelta(minutes=10)
LONGEST_BACK: Final = 1800
"""A way back longer than this does not fit a cookie: the person lands on their own page then."""

Purpose = Literal["login", "link"]


@dataclass(frozen=True)
class Trip:
    """What was asked of which provider, and why."""

    provider: str
    purpose: Purpose
    back: str
    ends_at: str
    session: str = ""
    """The session that wants the link."""
    fresh_since: str = ""
    """Since when the person has to have logged in there; a log-in of any age will do where it is empty."""
    state: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))


def begin(
    provider: UpstreamProvider,
    purpose: Purpose,
    back: str,
    now: datetime,
    session_id: uuid.UUID | None = None,
    *,
    fresh: bool = False,
) -> Trip:
    """A new trip; `fresh`: the person has to prove themselves there anew."""
    short = back if len(back) <= LONGEST_BACK else "/me"
    since = now.isoformat() if fresh else ""
    return Trip(provider.name, purpose, short, (now + LASTS).isoformat(), str(session_id or ""), since)


def send_out(
    trip: Trip, provider: UpstreamProvider, metadata: Metadata, own: str, sealer: Sealer, language: str
) -> Response:
    """To the provider: an authorization request by code, PKCE and nonce (OpenID Connect Core §3.1.2.1, RFC 7636). `own`: our issuer."""
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": own + provider.path,
        "scope": " ".join(provider.scopes),
        "state": trip.state,
        "nonce": trip.nonce,
        "code_challenge": challenge_of(trip.verifier),
        "code_challenge_method": "S256",
        "ui_locales": language,
    }
    if trip.fresh_since:
        # With `max_age` the ID token has to say when the log-in was (§3.1.2.1, §2), so leaving `prompt` out on the way is found.
        asked |= {"prompt": "login", "max_age": "0"}
    joint = "&" if "?" in metadata.authorization_endpoint else "?"
    response = RedirectResponse(f"{metadata.authorization_endpoint}{joint}{urlencode(asked)}", 303)
    sealed = sealer.seal(json.dumps(asdict(trip)).encode(), CONTEXT)
    set_cookie(response, COOKIE, sealed, own.startswith("https:"), max_age=int(LASTS.total_seconds()))
    return response


def challenge_of(verifier: str) -> str:
    """S256 (RFC 7636 §4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def read_trip(request: Request, sealer: Sealer, provider: str, state: str, now: datetime, https: bool) -> Trip:
    """The trip of this browser that this is an answer to. Raises TripLost."""
    sealed = find_cookie(request, COOKIE, https)
    if not sealed:
        raise TripLost(why="no trip of this browser")
    try:
        trip = Trip(**json.loads(sealer.open(sealed, CONTEXT)))
        over = datetime.fromisoformat(trip.ends_at).astimezone(UTC) <= now
    except (HopnhatError, ValueError, TypeError) as error:
        raise TripLost(why="unreadable") from error
    if over or trip.provider != provider or not same_secret(state, trip.state):
        raise TripLost(why="over, or another one")
    return trip


def end_trip(response: Response, https: bool) -> Response:
    """The same answer, the trip over: an answer is used once."""
    drop_cookie(response, COOKIE, https)
    return response
