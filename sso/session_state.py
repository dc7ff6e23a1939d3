"""What lets an application watch a session without asking us (OpenID Connect Session Management 1.0).

The browser keeps a value that only says which session it has: a keyed digest of the session's id, readable for the
one small script of `/session/check` and worth nothing anywhere else. An application gets it salted and hashed with its
own id and origin, and asks that script whether it is still so.
"""

import hashlib
import secrets
import uuid
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from foundation.forms import add_cookie, cookie_name
from foundation.sealing import Sealer
from foundation.settings import Settings

COOKIE: Final = "session_state"
CONTEXT: Final = "sso.session.state"


def state_of(sealer: Sealer, session_id: uuid.UUID) -> str:
    """The value of a session."""
    return sealer.blind_index(str(session_id), CONTEXT).hex()[:32]


def write_state(client_id: str, origin: str, state: str, salt: str | None = None) -> str:
    """`session_state` for one application: hash and salt (§2 there). The script of the page does the same sum."""
    salt = salt or secrets.token_hex(8)
    return f"{hashlib.sha256(f'{client_id} {origin} {state} {salt}'.encode()).hexdigest()}.{salt}"


def hand_state(request: Request, response: Response, state: str, settings: Settings) -> None:
    """Give the browser the value of its session, where it has another."""
    https = settings.issuer.startswith("https:")
    name = cookie_name(COOKIE, https)
    if request.cookies.get(name) != state:
        # Readable by the script and sent to frames of other sites on purpose: it says nothing and opens nothing.
        add_cookie(response, name, state, secure=https, httponly=False, samesite="none" if https else "lax")


def take_state(response: Response, settings: Settings) -> None:
    """Take the value from the browser: there is no session any more."""
    https = settings.issuer.startswith("https:")
    response.delete_cookie(
        cookie_name(COOKIE, https), path="/", secure=https, httponly=False, samesite="none" if https else "lax"
    )
