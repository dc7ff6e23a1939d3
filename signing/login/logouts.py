"""`POST /signing/logout/called`: the sign-on service says that a session is over (OpenID Connect Back-Channel Logout 1.0).

The token is verified whole before it is believed and counts once; what it names is over at the next page, also for a log-in
that is still under way in a browser.
"""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeGuard

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from starlette.requests import Request
from starlette.responses import Response

from foundation import audit
from foundation.database import Writes
from foundation.forms import Form
from foundation.runtime import Runtime
from signing.errors import LogoutTokenRefused
from signing.login.provider import SKEW, Provider, ProviderFinder
from signing.models import SigningSession, SignOnLogout

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
TYPES: Final = ("logout+jwt", "application/logout+jwt")
OLDEST: Final = timedelta(minutes=5)
KEPT: Final = timedelta(hours=25)
"""Longer than any session of these pages and any log-in under way."""
LONGEST: Final = 8192


@dataclass(frozen=True)
class LoggedOut:
    """Who or which session the sign-on service has logged out, as a verified token says; one of both is there."""

    jti: str
    sid: str | None
    person_id: uuid.UUID | None


@dataclass(frozen=True)
class LogoutCalls:
    """The address the sign-on service calls."""

    runtime: Runtime
    find_provider: ProviderFinder

    def take(self, _request: Request, form: Form) -> Response:
        """End what the token names. Raises LogoutTokenRefused; LoginFailed when the service's keys cannot be had."""
        token, now = form.text("logout_token"), self.runtime.clocks.wall()
        if not token or len(token) > LONGEST or "logout_token" in form.repeated:
            raise LogoutTokenRefused
        told = read_logout_token(self.find_provider(), token, now)
        try:
            with self.runtime.database.write() as writes:
                end_sessions(writes, told, now)
        except IntegrityError as error:  # the same token came twice
            raise LogoutTokenRefused from error
        return Response(status_code=200, headers={"Cache-Control": "no-store"})


def read_logout_token(provider: Provider, token: str, now: datetime) -> LoggedOut:
    """What a log-out token says once its signature and its claims are right. Raises LogoutTokenRefused, LoginFailed."""
    header, claims = provider.verify_logout(token)
    return check_logout_token(header, claims, provider.issuer, provider.client, now)


def check_logout_token(
    header: Mapping[str, Any], claims: Mapping[str, Any], issuer: str, client: str, now: datetime
) -> LoggedOut:
    """What the claims of a signed token say, when it is a log-out token for us and for now (§2.6 there).

    1. its type, so that no other token passes for one; 2. issuer; 3. audience; 4. made just now and not over; 5. the event;
    6. no nonce; 7. its id; 8. session, subject or both. That it counts once is the table's matter. Raises LogoutTokenRefused.
    """
    audience, moment = claims.get("aud"), now.timestamp()
    made, expiry, events = claims.get("iat"), claims.get("exp"), claims.get("events")
    if str(header.get("typ", "")).lower() not in TYPES:
        raise LogoutTokenRefused
    if claims.get("iss") != issuer:
        raise LogoutTokenRefused
    if client not in ([audience] if isinstance(audience, str) else list(audience or ())):
        raise LogoutTokenRefused
    if not is_number(made) or not -SKEW.total_seconds() <= moment - made <= OLDEST.total_seconds():
        raise LogoutTokenRefused
    if not is_number(expiry) or expiry <= moment - SKEW.total_seconds():
        raise LogoutTokenRefused
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise LogoutTokenRefused
    if "nonce" in claims:
        raise LogoutTokenRefused
    jti, sid, sub = claims.get("jti"), claims.get("sid"), claims.get("sub")
    if not isinstance(jti, str) or not jti or (sid is None and sub is None):
        raise LogoutTokenRefused
    if sid is not None and not (isinstance(sid, str) and sid):
        raise LogoutTokenRefused
    try:
        return LoggedOut(jti, sid, uuid.UUID(str(sub)) if sub is not None else None)
    except ValueError as error:
        raise LogoutTokenRefused from error


def is_number(value: object) -> TypeGuard[int]:
    """Whether a claim is a NumericDate of whole seconds; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def end_sessions(writes: Writes, told: LoggedOut, now: datetime) -> None:
    """Keep the log-out and end the sessions it names. Raises IntegrityError when the token was taken before.

    A token with a session ends that one, of the person it names; without one, every session of the person.
    """
    writes.execute(sa.delete(SignOnLogout).where(SignOnLogout.kept_until < now))
    kept = SignOnLogout(
        jti_hash=hashlib.sha256(told.jti.encode("utf-8", "surrogatepass")).digest(),
        sid=told.sid,
        person_id=told.person_id,
        told_at=now,
        kept_until=now + KEPT,
    )
    writes.add(kept)
    writes.flush()
    meant = [SigningSession.sid == told.sid] if told.sid is not None else []
    if told.person_id is not None:
        meant.append(SigningSession.person_id == told.person_id)
    for person_id in writes.execute(
        sa.delete(SigningSession).where(*meant).returning(SigningSession.person_id)
    ).scalars():
        audit.record(writes, now, "signing.session.close", str(person_id), None, {"by": "sign-on service"})
