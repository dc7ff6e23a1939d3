"""What is believed of the sign-on service's answer."""

import base64
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from signing.errors import LoginFailed
from signing.login.provider import Attempt, Provider, begin_attempt, challenge_of, check_identity

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ISSUER = "https://dangnhap.example.vn"
PERSON = uuid.UUID(int=7)
REDIRECT = f"{ISSUER}/signing/login/done"


@pytest.fixture
def attempt() -> Attempt:
    return begin_attempt("/signing/", fresh=False, now=NOW)


def claims(attempt: Attempt, **changed: Any) -> dict[str, Any]:
    """A good ID token's claims; None leaves one out."""
    good = {
        "iss": ISSUER, "aud": "signing", "sub": str(PERSON), "exp": int(NOW.timestamp()) + 300, "iat": int(NOW.timestamp()),
        "auth_time": int(NOW.timestamp()), "nonce": attempt.nonce, "sid": "s1", **changed,
    }  # fmt: skip
    return {name: value for name, value in good.items() if value is not None}


def check(attempt: Attempt, given: dict[str, Any]) -> uuid.UUID:
    return check_identity(given, ISSUER, "signing", attempt, NOW, "token").person_id


GOOD = [
    pytest.param({}, id="as it should be"),
    pytest.param({"aud": ["signing"]}, id="an audience as a list"),
    pytest.param({"aud": ["signing", "other"], "azp": "signing"}, id="several audiences, issued to us"),
    pytest.param({"sid": None}, id="without a session id"),
]
BAD = [
    pytest.param({"iss": "https://other.example.vn"}, id="another issuer"),
    pytest.param({"aud": "other"}, id="for another application"),
    pytest.param({"aud": []}, id="for nobody"),
    pytest.param({"aud": ["signing", "other"]}, id="several audiences, issued to nobody"),
    pytest.param({"aud": ["signing", "other"], "azp": "other"}, id="issued to another"),
    pytest.param({"exp": int(NOW.timestamp()) - 61}, id="expired"),
    pytest.param({"exp": None}, id="without an end"),
    pytest.param({"exp": "tomorrow"}, id="an end that is no number"),
    pytest.param({"nonce": "another"}, id="of another log-in"),
    pytest.param({"nonce": None}, id="without a nonce"),
    pytest.param({"auth_time": None}, id="without the time of the log-in"),
    pytest.param({"auth_time": int(NOW.timestamp()) + 3600}, id="a log-in in the future"),
    pytest.param({"sub": "hoa.lt"}, id="a subject that is no person's id"),
    pytest.param({"sub": None}, id="without a subject"),
]


@pytest.mark.parametrize("changed", GOOD)
def test_an_identity_is_believed(attempt: Attempt, changed: dict[str, Any]) -> None:
    assert check(attempt, claims(attempt, **changed)) == PERSON


@pytest.mark.parametrize("changed", BAD)
def test_an_identity_is_not_believed(attempt: Attempt, changed: dict[str, Any]) -> None:
    with pytest.raises(LoginFailed):
        check(attempt, claims(attempt, **changed))


def test_an_old_log_in_does_not_pass_for_a_fresh_one() -> None:
    attempt = begin_attempt("/signing/", fresh=True, now=NOW)
    with pytest.raises(LoginFailed):
        check(attempt, claims(attempt, auth_time=int(NOW.timestamp()) - 6))
    assert check(attempt, claims(attempt)) == PERSON


class Service:
    """A sign-on service as HTTP sees it, with as many keys as the test wants."""

    def __init__(self) -> None:
        self.keys = [RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})]
        self.issuer = ISSUER
        self.token: str | None = None
        self.asked: list[httpx.Request] = []
        self.status = 200

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.url.path == "/jwks":
            return httpx.Response(200, json=KeySet([*self.keys]).as_dict(private=False))
        if request.url.path == "/token":
            return httpx.Response(self.status, json={"id_token": self.token, "error": "invalid_grant"})
        found = {
            "issuer": self.issuer, "authorization_endpoint": f"{ISSUER}/authorize", "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/jwks", "end_session_endpoint": f"{ISSUER}/logout",
        }  # fmt: skip
        return httpx.Response(200, json=found)

    def sign(self, given: dict[str, Any], key: RSAKey | None = None, algorithm: str = "RS256") -> None:
        key = key or self.keys[-1]
        self.token = jwt.encode({"alg": algorithm, "kid": key.kid}, given, key, algorithms=[algorithm])

    def provider(self, address: str = "") -> Provider:
        http = httpx.Client(transport=httpx.MockTransport(self.answer))
        return Provider(ISSUER, address, "signing", "secret", http)


@pytest.fixture
def service() -> Service:
    return Service()


def test_a_code_becomes_an_identity_and_the_secret_goes_by_basic(service: Service, attempt: Attempt) -> None:
    service.sign(claims(attempt))
    assert service.provider().exchange("code", attempt, REDIRECT, NOW).person_id == PERSON
    asked = next(request for request in service.asked if request.url.path == "/token")
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(b"signing:secret").decode()
    assert attempt.verifier in asked.content.decode()


def test_keys_that_were_changed_are_looked_for_once(service: Service, attempt: Attempt) -> None:
    provider = service.provider()
    service.sign(claims(attempt))
    provider.exchange("code", attempt, REDIRECT, NOW)
    service.keys.append(RSAKey.generate_key(2048, {"kid": "2", "use": "sig"}))
    service.sign(claims(attempt))
    assert provider.exchange("code", attempt, REDIRECT, NOW).person_id == PERSON
    assert sum(request.url.path == "/jwks" for request in service.asked) == 2


def test_a_token_of_a_foreign_key_is_not_believed(service: Service, attempt: Attempt) -> None:
    service.sign(claims(attempt), RSAKey.generate_key(2048, {"kid": "1", "use": "sig"}))
    with pytest.raises(LoginFailed):
        service.provider().exchange("code", attempt, REDIRECT, NOW)


def test_an_unsigned_token_is_not_believed(service: Service, attempt: Attempt) -> None:
    def part(text: str) -> str:
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    service.token = f"{part(json.dumps({'alg': 'none'}))}.{part(json.dumps(claims(attempt)))}."
    with pytest.raises(LoginFailed):
        service.provider().exchange("code", attempt, REDIRECT, NOW)


@pytest.mark.parametrize("spoil", ["issuer", "status", "token"])
def test_an_answer_that_is_not_right_is_not_believed(service: Service, attempt: Attempt, spoil: str) -> None:
    service.sign(claims(attempt))
    setattr(service, spoil, {"issuer": "https://other.example.vn", "status": 400, "token": None}[spoil])
    with pytest.raises(LoginFailed):
        service.provider().exchange("code", attempt, REDIRECT, NOW)


def test_the_service_may_be_reached_at_another_address(service: Service, attempt: Attempt) -> None:
    service.sign(claims(attempt))
    service.provider("http://127.0.0.1:8000").exchange("code", attempt, REDIRECT, NOW)
    assert {str(request.url.copy_with(path="/", query=None)) for request in service.asked[1:]} == {
        "http://127.0.0.1:8000/"
    }


def test_the_browser_is_sent_with_a_challenge_and_to_a_fresh_log_in_when_asked(service: Service) -> None:
    plain, fresh = begin_attempt("/signing/", False, NOW), begin_attempt("/signing/", True, NOW)
    first = httpx.URL(service.provider().build_address(plain, REDIRECT, "vi"))
    assert first.params["code_challenge"] == challenge_of(plain.verifier)
    assert first.params["state"] == plain.state
    assert "prompt" not in first.params
    assert httpx.URL(service.provider().build_address(fresh, REDIRECT, "vi")).params["prompt"] == "login"


def test_the_challenge_is_the_digest_of_the_verifier() -> None:
    """The example of RFC 7636 appendix B."""
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_every_attempt_is_its_own(attempt: Attempt) -> None:
    other = begin_attempt("/signing/", fresh=False, now=NOW + timedelta(seconds=1))
    assert len({attempt.state, other.state, attempt.nonce, other.nonce, attempt.verifier, other.verifier}) == 6
