"""Other accounts that are open in this browser: their sessions' cookies, sealed into one, until one of them is chosen.

Only who asks for another account keeps the present one open beside it; whoever just logs in as somebody else ends it, as ever. A log-out
ends them all: who leaves a desk leaves nothing open.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from foundation.database import Reads
from foundation.errors import HopnhatError
from foundation.forms import drop_cookie, find_cookie, set_cookie
from foundation.pages import is_https
from sso.provider import Provider
from sso.sessions import OpenSession, find_session

COOKIE: Final = "accounts"
CONTEXT: Final = "sso.parked"
AT_MOST: Final = 4


def read_parked(provider: Provider, request: Request) -> tuple[str, ...]:
    """The cookies of the sessions that wait; none where somebody changed them."""
    sealed = find_cookie(request, COOKIE, is_https(provider.settings))
    if not sealed or len(sealed) > 2000:
        return ()
    try:
        kept = json.loads(provider.runtime.sealer.open(sealed, CONTEXT))
    except (HopnhatError, ValueError):
        return ()
    return tuple(value for value in kept if isinstance(value, str))[:AT_MOST]


def keep_parked(provider: Provider, response: Response, cookies: Sequence[str]) -> None:
    """Keep these with the browser, the newest first; with none the cookie goes."""
    https = is_https(provider.settings)
    if not cookies:
        drop_cookie(response, COOKIE, https)
        return
    kept = json.dumps(list(dict.fromkeys(cookies))[:AT_MOST])
    set_cookie(response, COOKIE, provider.runtime.sealer.seal(kept.encode(), CONTEXT), https)


def find_open(provider: Provider, reads: Reads, cookies: Iterable[str], now: datetime) -> list[tuple[str, OpenSession]]:
    """Those of the cookies whose session is still open, one an account."""
    found: dict[object, tuple[str, OpenSession]] = {}
    for cookie in cookies:
        session = find_session(reads, cookie, provider.policy, now)
        if session is not None:
            found.setdefault(session.account_id, (cookie, session))
    return list(found.values())
