"""The sign-on service seen from outside: authorization code with PKCE, and an ID token that is verified before it is believed.

OpenID Connect Core §3.1; what the service offers is read from its discovery document, once.
"""

import base64
import hashlib
import logging
import secrets
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from foundation.sealing import same_secret
from signing.errors import LoginFailed, LogoutTokenRefused

ALGORITHMS: Final = ["RS256", "ES256"]
SKEW: Final = timedelta(seconds=60)
FRESH_SKEW: Final = timedelta(seconds=5)
"""How far two machines' clocks may stand apart before a fresh log-in looks like an old one."""
log = logging.getLogger("hopnhat.signing")
LOOK_AGAIN_SECONDS: Final = 30.0
"""Keys are fetched again for a log-out token at most so often: anybody may post one."""
SCOPE: Final = "openid profile email unit"


@dataclass(frozen=True)
class Attempt:
    """One log-in under way, kept sealed in the browser until the answer comes; `back` is a path of ours."""

    state: str
    nonce: str
    verifier: str
    back: str
    fresh: bool
    begun: float


@dataclass(frozen=True)
class Identity:
    """Who logged in, as the verified ID token says."""

    person_id: uuid.UUID
    logged_in_at: datetime
    sid: str | None
    id_token: str


@dataclass
class Provider:
    """The sign-on service of `issuer`, reached at `address` by `http`; `client` and `secret` are what it knows us by."""

    issuer: str
    address: str
    client: str
    secret: str
    http: httpx.Client
    _metadata: dict[str, Any] = field(default_factory=dict)
    _keys: KeySet | None = None
    _looked_at: float = -LOOK_AGAIN_SECONDS

    def build_address(self, attempt: Attempt, redirect_uri: str, language: str) -> str:
        """Where the browser goes to log in. A fresh log-in is asked for by `prompt=login`. Raises LoginFailed."""
        parameters = {
            "response_type": "code",
            "client_id": self.client,
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": challenge_of(attempt.verifier),
            "code_challenge_method": "S256",
            "ui_locales": language,
        }
        if attempt.fresh:
            parameters["prompt"] = "login"
        return f"{self.metadata()['authorization_endpoint']}?{urlencode(parameters)}"

    def build_logout_address(self, back: str) -> str | None:
        """Where the browser goes to end the session at the service itself, or None where it offers no such page."""
        page = self.metadata().get("end_session_endpoint")
        return f"{page}?{urlencode({'client_id': self.client, 'post_logout_redirect_uri': back})}" if page else None

    def exchange(self, code: str, attempt: Attempt, redirect_uri: str, now: datetime) -> Identity:
        """Who logged in, for the code of an answer. Raises LoginFailed."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": attempt.verifier,
        }
        answer = self._ask("POST", self.metadata()["token_endpoint"], data=form, auth=(self.client, self.secret))
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise LoginFailed
        return check_identity(self._verify(token), self.issuer, self.client, attempt, now, token)

    def metadata(self) -> Mapping[str, Any]:
        """The discovery document, which must be the issuer's own (OpenID Connect Discovery §4.3). Raises LoginFailed."""
        if not self._metadata:
            found = self._ask("GET", f"{self.issuer}/.well-known/openid-configuration")
            if found.get("issuer") != self.issuer:
                raise LoginFailed
            self._metadata = found
        return self._metadata

    def _verify(self, token: str) -> dict[str, Any]:
        """The claims of a token signed by a key of the service; unknown keys are looked for once more. Raises LoginFailed."""
        for fetch in (False, True):
            try:
                return dict(jwt.decode(token, self._find_keys(fetch), algorithms=ALGORITHMS).claims)
            except (JoseError, ValueError) as error:
                if fetch:
                    raise LoginFailed from error
        raise LoginFailed

    def verify_logout(self, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and claims of a log-out token signed by a key of the service. Raises LogoutTokenRefused, LoginFailed."""
        for fetch in (False, True):
            if fetch:
                if time.monotonic() - self._looked_at < LOOK_AGAIN_SECONDS:
                    break
                self._looked_at = time.monotonic()
            keys = self._find_keys(fetch)
            try:
                found = jwt.decode(token, keys, algorithms=ALGORITHMS)
            except (JoseError, ValueError):
                continue
            if isinstance(found.claims, dict):
                return dict(found.header), dict(found.claims)
        raise LogoutTokenRefused

    def _find_keys(self, fetch: bool) -> KeySet:
        """The service's keys. Raises LoginFailed."""
        if self._keys is None or fetch:
            self._keys = KeySet.import_key_set(self._ask("GET", self.metadata()["jwks_uri"]))  # type: ignore[arg-type]  # JSON as fetched
        return self._keys

    def _ask(self, method: str, address: str, **parts: Any) -> dict[str, Any]:
        """A JSON answer of the service. Raises LoginFailed."""
        place = self.address + address.removeprefix(self.issuer) if self.address else address
        try:
            answer = self.http.request(method, place, headers={"Accept": "application/json"}, **parts)
            found = answer.raise_for_status().json()
        except httpx.HTTPStatusError as error:
            log.warning("the sign-on service answered %s: %s", error.response.status_code, error.response.text[:300])
            raise LoginFailed from error
        except (httpx.HTTPError, ValueError) as error:
            raise LoginFailed from error
        if not isinstance(found, dict):
            raise LoginFailed
        return found


ProviderFinder = Callable[[], Provider]


def begin_attempt(back: str, fresh: bool, now: datetime) -> Attempt:
    """A log-in that begins now, with its own random state, nonce and code verifier (RFC 7636 §4.1)."""
    return Attempt(
        state=secrets.token_urlsafe(24),
        nonce=secrets.token_urlsafe(24),
        verifier=secrets.token_urlsafe(48),
        back=back,
        fresh=fresh,
        begun=now.timestamp(),
    )


def challenge_of(verifier: str) -> str:
    """The code challenge of a verifier (RFC 7636 §4.2, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def check_identity(
    claims: Mapping[str, Any], issuer: str, client: str, attempt: Attempt, now: datetime, token: str
) -> Identity:
    """What a verified token says, when it is for us, for this log-in and for now (OpenID Connect Core §3.1.3.7). Raises LoginFailed.

    1. issuer; 2. audience, and we alone or as the party it was issued to; 3. time; 4. nonce; 5. subject and time of the log-in;
    6. a log-in after this one began, where a fresh one was asked for.
    """
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else list(audience or ())
    moment = now.timestamp()
    expiry, logged_in, nonce = claims.get("exp"), claims.get("auth_time"), claims.get("nonce")
    if claims.get("iss") != issuer or client not in audiences:
        raise LoginFailed
    if claims.get("azp", client) != client or (len(audiences) > 1 and "azp" not in claims):
        raise LoginFailed
    if not isinstance(expiry, int) or expiry <= moment - SKEW.total_seconds():
        raise LoginFailed
    if not isinstance(nonce, str) or not same_secret(nonce, attempt.nonce):
        raise LoginFailed
    if not isinstance(logged_in, int) or logged_in > moment + SKEW.total_seconds():
        raise LoginFailed
    if attempt.fresh and logged_in < int(attempt.begun) - FRESH_SKEW.total_seconds():
        raise LoginFailed
    try:
        person_id = uuid.UUID(str(claims.get("sub")))
    except ValueError as error:
        raise LoginFailed from error
    sid = claims.get("sid")
    return Identity(person_id, datetime.fromtimestamp(logged_in, UTC), sid if isinstance(sid, str) else None, token)
