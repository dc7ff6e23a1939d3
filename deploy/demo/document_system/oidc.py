"""Log-in by OpenID Connect: authorization code with PKCE, and nothing that a relying party does not need.

The order: `begin_login` → the browser goes to the provider → `finish_login` checks the answer, exchanges the code and
verifies the ID token → `read_claims` asks userinfo, whose answer is as of now: after a merger it names the new unit.
OpenID Connect Core 1.0 §3.1; RFC 7636 (PKCE); RFC 9207 (`iss` in the answer); RP-Initiated Logout 1.0 §2.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from .errors import LoginNeeded, LoginRefused, ProviderUnreachable
from .settings import Settings

SCOPES = "openid profile email unit"
ALGORITHMS = ["RS256"]
CLOCK_LEEWAY = 60
"""Seconds by which the clocks of the two systems may differ."""

Claims = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """What must be remembered between sending the browser away and its coming back."""

    state: str
    nonce: str
    verifier: str
    back: str
    """Where on this site the person wanted to go."""


@dataclass(frozen=True, slots=True)
class Login:
    """A finished log-in: who, and the tokens to ask about them."""

    subject: str
    claims: Claims
    access_token: str
    id_token: str


class Provider:
    """The OpenID provider, known by its issuer alone; everything else comes from its discovery document."""

    def __init__(self, settings: Settings, http: httpx.Client) -> None:
        self._settings = settings
        self._http = http
        self._lock = threading.Lock()
        self._metadata: dict[str, Any] | None = None
        self._keys: KeySet | None = None

    def begin_login(self, back: str) -> tuple[str, PendingLogin]:
        """The address to send the browser to, and what to remember until it comes back."""
        pending = PendingLogin(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), back)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(pending.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.redirect_uri,
            "scope": SCOPES,
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._endpoint('authorization_endpoint')}?{urlencode(query)}", pending

    def finish_login(self, answer: Mapping[str, str], pending: PendingLogin) -> Login:
        """The log-in that an authorization answer stands for. Raises LoginRefused, ProviderUnreachable.

        1. the state is ours   2. the answer names our provider   3. it carries no error   4. the code gives tokens
        5. the ID token is signed, current, for us and for this log-in   6. userinfo speaks of the same subject
        """
        if not secrets.compare_digest(answer.get("state", "").encode(), pending.state.encode()):
            raise LoginRefused("state does not match")
        if answer.get("iss", self._settings.issuer) != self._settings.issuer:
            raise LoginRefused("the answer comes from another provider")
        if "error" in answer:
            raise LoginRefused(f"the provider answered {answer['error']}")
        if "code" not in answer:
            raise LoginRefused("neither code nor error")
        tokens = self._exchange_code(answer["code"], pending.verifier)
        identity = self.verify_id_token(str(tokens.get("id_token", "")), pending.nonce)
        claims = self.read_claims(str(tokens.get("access_token", "")), identity["sub"])
        return Login(identity["sub"], identity | claims, str(tokens["access_token"]), str(tokens["id_token"]))

    def verify_id_token(self, id_token: str, nonce: str) -> Claims:
        """The claims of an ID token after every check of OpenID Connect Core §3.1.3.7. Raises LoginRefused."""
        try:
            token = self._decode(id_token)
            registry = jwt.JWTClaimsRegistry(
                leeway=CLOCK_LEEWAY,
                iss={"essential": True, "value": self._settings.issuer},
                aud={"essential": True, "value": self._settings.client_id},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            )
            registry.validate(token.claims)
        except (JoseError, ValueError) as error:
            raise LoginRefused(f"ID token refused: {error}") from error
        if token.claims.get("azp", self._settings.client_id) != self._settings.client_id:
            raise LoginRefused("the ID token was issued to another application")
        return dict(token.claims)

    def read_claims(self, access_token: str, subject: str) -> Claims:
        """What the provider says of the person now. Raises LoginNeeded when the token has ended."""
        headers = {"Authorization": f"Bearer {access_token}"}
        answer = self._send("GET", self._endpoint("userinfo_endpoint"), headers=headers)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise LoginNeeded("the access token is no longer accepted")
        claims = self._json(answer)
        if claims.get("sub") != subject:
            raise LoginRefused("userinfo speaks of somebody else")
        return claims

    def logout_address(self, id_token: str, state: str) -> str:
        """Where to send the browser so that the person is logged out at the provider too."""
        query = {
            "id_token_hint": id_token,
            "client_id": self._settings.client_id,
            "post_logout_redirect_uri": self._settings.logged_out_uri,
            "state": state,
        }
        return f"{self._endpoint('end_session_endpoint')}?{urlencode(query)}"

    def fetch_program_token(self, scope: str) -> tuple[str, int]:
        """A token for this application itself (client credentials, RFC 6749 §4.4), and its lifetime in seconds.

        Raises ProviderUnreachable, also where this application is not registered for the scope: nobody's log-in is at fault.
        """
        try:
            tokens = self._ask_token_endpoint({"grant_type": "client_credentials", "scope": scope})
        except LoginRefused as error:
            raise ProviderUnreachable(f"no token of the scope {scope}: {error}") from error
        return str(tokens.get("access_token", "")), int(tokens.get("expires_in", 0))

    def _exchange_code(self, code: str, verifier: str) -> dict[str, Any]:
        return self._ask_token_endpoint(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._settings.redirect_uri,
                "code_verifier": verifier,
            }
        )

    def _ask_token_endpoint(self, form: dict[str, str]) -> dict[str, Any]:
        """Ask with client_secret_basic. Our ids and secrets need no escaping, so raw and escaped Basic are the same bytes."""
        credentials = httpx.BasicAuth(self._settings.client_id, self._settings.client_secret)
        answer = self._send("POST", self._endpoint("token_endpoint"), data=form, auth=credentials)
        if answer.status_code == httpx.codes.BAD_REQUEST:
            raise LoginRefused(f"the token endpoint answered {answer.text[:200]}")
        return self._json(answer)

    def _decode(self, id_token: str) -> jwt.Token:
        """The token by a key of the provider; keys are fetched again once, since they rotate."""
        for fresh in (False, True):
            try:
                return jwt.decode(id_token, self._key_set(fresh), algorithms=ALGORITHMS)
            except (JoseError, ValueError):
                if fresh:
                    raise
        raise AssertionError("unreachable")

    def _key_set(self, fresh: bool) -> KeySet:
        with self._lock:
            if self._keys is None or fresh:
                published = self._json(self._send("GET", self._endpoint_unlocked("jwks_uri")))
                self._keys = KeySet.import_key_set(cast(KeySetSerialization, published))
            return self._keys

    def _endpoint(self, name: str) -> str:
        with self._lock:
            return self._endpoint_unlocked(name)

    def _endpoint_unlocked(self, name: str) -> str:
        if self._metadata is None:
            address = f"{self._settings.issuer}/.well-known/openid-configuration"
            metadata = self._json(self._send("GET", address))
            if metadata.get("issuer") != self._settings.issuer:
                raise ProviderUnreachable("the discovery document names another issuer")
            self._metadata = metadata
        return str(self._metadata[name])

    def _send(self, method: str, address: str, **options: Any) -> httpx.Response:
        try:
            return self._http.request(method, address, **options)
        except httpx.HTTPError as error:
            raise ProviderUnreachable(f"{method} {address}: {error}") from error

    @staticmethod
    def _json(answer: httpx.Response) -> dict[str, Any]:
        if answer.status_code != httpx.codes.OK:
            raise ProviderUnreachable(f"{answer.request.url}: status {answer.status_code}")
        try:
            content = answer.json()
        except ValueError as error:
            raise ProviderUnreachable(f"{answer.request.url}: no JSON") from error
        if not isinstance(content, dict):
            raise ProviderUnreachable(f"{answer.request.url}: no JSON object")
        return content
