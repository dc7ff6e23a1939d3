"""`POST /login/upstream/NAME/logout`: another provider says that somebody logged out there (OpenID Connect Back-Channel Logout 1.0 §2.6).

Whoever calls proves nothing but by the token, whose numbered checks are: 1 it reads as a token of this provider, for us, in time, of a
log-out, without a nonce, and names a person or a session; 2 a key of the provider signed it; 3 it was not seen before. The keys are
wanted only after 1 and kept (`documents.py`). Every call weighs on its network as a wrong password does, before anything is asked of
anybody, until it proves to be none; and only the few hands of CALLS wait here, so that strangers keep no token endpoint and no page
waiting. Grants with offline access stay, as after our own log-out.
"""

import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jws import extract_compact
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from foundation import audit
from foundation.forms import Form
from foundation.hop import Crew
from sso.assertions import ADD_USED
from sso.client_keys import LONGEST, SignatureRefused, read_header
from sso.door.sources import check_source, unweigh, weigh_failure
from sso.headers import NO_STORE
from sso.opaque import digest
from sso.sessions import end_session
from sso.upstream.answers import LEEWAY, LONGEST_SUBJECT, read_signed, read_time
from sso.upstream.departures import find_arrivals
from sso.upstream.entrance import UpstreamDoor
from sso.upstream.errors import AnswerRefused, UpstreamRefused
from sso.upstream.settings import UpstreamProvider

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
TYPES: Final = (None, "JWT", "logout+jwt")
OLDEST: Final = timedelta(minutes=10)
CALLS: Final = Crew(most=4, name="call")
"""Threads of their own."""
log = logging.getLogger("hopnhat.upstream")


def hear_logout(door: UpstreamDoor, request: Request, form: Form) -> Response:
    """End what the token speaks of. Raises NotFound, SourceShut."""
    upstream, provider, now = door.get(request.path_params["name"]), door.provider, door.provider.now()
    with provider.database.write() as writes:
        check_source(writes, provider.runtime.sealer, request.state.caller, now)
        weigh_failure(writes, provider.runtime.sealer, request.state.caller, provider.policy, now)
    token = form.text("logout_token")
    try:
        check_shape(token, upstream, now)
        kid = read_header(token).get("kid")
        claims = read_signed(token, door.documents.find_kept_keys(door.documents.find(upstream), kid))
        ended = end_named(door, upstream, claims, request.state.caller, now)
    except UpstreamRefused as error:
        return refuse(door, request, upstream, error)
    log.info("%s ended %d sessions", upstream.name, ended)
    return Response(status_code=200, headers=NO_STORE)


def check_shape(token: str, upstream: UpstreamProvider, now: datetime) -> Mapping[str, Any]:
    """Step 1, before anything is asked of anybody. Raises AnswerRefused."""
    try:
        header = read_header(token)
        claims = read_claims(token)
        made, ends = read_time(claims, "iat"), read_time(claims, "exp")
    except (
        SignatureRefused,
        JoseError,
        ValueError,
        KeyError,
        TypeError,
        OverflowError,
        OSError,
        RecursionError,
    ) as error:
        raise AnswerRefused(why="1: unreadable") from error
    if header.get("typ") not in TYPES or claims.get("iss") != upstream.issuer or "nonce" in claims:
        raise AnswerRefused(why="1: no log-out token of this provider")
    if claims.get("aud") not in (upstream.client_id, [upstream.client_id]):
        raise AnswerRefused(why="1: for somebody else")
    if ends + LEEWAY <= now or made - LEEWAY > now or made + OLDEST <= now:
        raise AnswerRefused(why="1: time")
    events = claims.get("events")
    named = [claims[name] for name in ("sub", "sid") if name in claims]
    if (
        not isinstance(events, dict)
        or not isinstance(events.get(EVENT), dict)
        or not isinstance(claims.get("jti"), str)
    ):
        raise AnswerRefused(why="1: no log-out")
    if not named or any(not isinstance(one, str) or len(one) > LONGEST_SUBJECT for one in named):
        raise AnswerRefused(why="1: nobody")
    return claims


def read_claims(token: str) -> dict[str, Any]:
    """What a token says, not yet believed. Raises ValueError, JoseError, RecursionError."""
    claims = json.loads(extract_compact(token.encode()).payload) if len(token) <= LONGEST else None
    if not isinstance(claims, dict):
        raise ValueError("no claims")
    return claims


def end_named(
    door: UpstreamDoor, upstream: UpstreamProvider, claims: Mapping[str, Any], caller: str, now: datetime
) -> int:
    """Step 3, and the end of the sessions; the caller was none who guesses. Gives how many were named. Raises AnswerRefused."""
    with door.provider.database.write() as writes:
        seen = {"hash": digest(f"logout {upstream.issuer} {claims['jti']}"), "ends": now + 2 * OLDEST}
        if writes.connection().execute(ADD_USED, seen).first() is None:
            raise AnswerRefused(why="3: seen before")
        unweigh(writes, door.provider.runtime.sealer, caller)
        named = find_arrivals(writes, upstream.issuer, claims.get("sub"), claims.get("sid"))
        for session_id in named:
            end_session(writes, session_id, now)
        if named:
            detail = {"why": "logged out at the other provider", "sessions": len(named)}
            audit.record(writes, now, "sso.session.closed", "provider", upstream.name, detail)
    return len(named)


def refuse(door: UpstreamDoor, request: Request, upstream: UpstreamProvider, error: UpstreamRefused) -> Response:
    """400 (§2.8 there); the audit has the word."""
    log.info("%s: log-out refused: %s %s", upstream.name, error.code, error)
    provider, now = door.provider, door.provider.now()
    with provider.database.write() as writes:
        detail = {"why": f"log-out {error.code}", "caller": request.state.caller}
        audit.record(writes, now, "sso.upstream.refused", "somebody", upstream.name, detail, "refused")
    return JSONResponse({"error": "invalid_request"}, 400, headers=NO_STORE)
