"""`/register`: what is taken, what is refused, whose a registration token is (RFC 7591, RFC 7592)."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from foundation.database import Database
from foundation.settings import Settings
from sso.registration.initial_tokens import issue_initial_token
from tests.services.clock import MovableClock
from tests.sso.conftest import Door, build_door, settle
from tests.sso.examined import Examined
from tests.sso.relying_party import CALLBACK, RelyingParty, ask_json, make_key, public_set, read_answer

KEY = make_key()
PRIVATE = {"keys": [KEY.as_dict(private=True)]}
SHORT = {"keys": [{"kty": "RSA", "e": "AQAB", "n": "AQ" * 60}]}


REFUSED = [
    pytest.param({"redirect_uris": None}, "invalid_redirect_uri", id="no address"),
    pytest.param({"redirect_uris": ["https://a.example/cb#x"]}, "invalid_redirect_uri", id="fragment"),
    pytest.param({"redirect_uris": ["https://user@a.example/cb"]}, "invalid_redirect_uri", id="user part"),
    pytest.param({"redirect_uris": ["https://a.example/../cb"]}, "invalid_redirect_uri", id="climbing"),
    pytest.param({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri", id="script"),
    pytest.param({"redirect_uris": ["http://a.example/cb"]}, "invalid_redirect_uri", id="plain http"),
    pytest.param({"redirect_uris": ["https://*.example/cb"]}, "invalid_redirect_uri", id="any host"),
    pytest.param({"client_name": 7}, "invalid_client_metadata", id="name"),
    pytest.param({"redirect_uris": "https://a.example/cb"}, "invalid_client_metadata", id="no list"),
    pytest.param({"redirect_uris": [7]}, "invalid_client_metadata", id="no text"),
    pytest.param({"redirect_uris": [CALLBACK] * 21}, "invalid_client_metadata", id="too many"),
    pytest.param({"grant_types": ["password"]}, "invalid_client_metadata", id="password grant"),
    pytest.param({"grant_types": ["client_credentials"]}, "invalid_client_metadata", id="a program's grant"),
    pytest.param({"response_types": ["token"]}, "invalid_client_metadata", id="implicit"),
    pytest.param(
        {"grant_types": ["refresh_token"], "response_types": ["code"]}, "invalid_client_metadata", id="unlike"
    ),
    pytest.param({"token_endpoint_auth_method": "client_secret_jwt"}, "invalid_client_metadata", id="secret as key"),
    pytest.param({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata", id="keys missing"),
    pytest.param({"jwks": public_set(KEY), "jwks_uri": "https://localhost/k"}, "invalid_client_metadata", id="both"),
    pytest.param({"jwks": PRIVATE}, "invalid_client_metadata", id="a private key"),
    pytest.param({"jwks": SHORT}, "invalid_client_metadata", id="a short key"),
    pytest.param({"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}}, "invalid_client_metadata", id="a secret as key"),
    pytest.param({"jwks": []}, "invalid_client_metadata", id="no key set"),
    pytest.param({"jwks_uri": "http://localhost/k"}, "invalid_client_metadata", id="keys by plain http"),
    pytest.param({"jwks_uri": "https://169.254.169.254/k"}, "invalid_client_metadata", id="keys of the machine room"),
    pytest.param(
        {"jwks_uri": "https://not-allowed.example/k"}, "invalid_client_metadata", id="keys of a host not allowed"
    ),
    pytest.param(
        {"request_uris": ["https://not-allowed.example/r"]}, "invalid_client_metadata", id="requests elsewhere"
    ),
    pytest.param(
        {"backchannel_logout_uri": "https://10.0.0.1/l"}, "invalid_client_metadata", id="log-out at a private host"
    ),
    pytest.param({"logo_uri": "javascript:alert(1)"}, "invalid_client_metadata", id="logo as script"),
    pytest.param({"policy_uri": "JaVaScRiPt:alert(1)"}, "invalid_client_metadata", id="policy as script"),
    pytest.param({"tos_uri": "data:text/html,x"}, "invalid_client_metadata", id="terms as data"),
    pytest.param({"client_uri": 'https://a.example/"><script>'}, "invalid_client_metadata", id="markup"),
    pytest.param({"id_token_signed_response_alg": "HS256"}, "invalid_client_metadata", id="HMAC"),
    pytest.param({"userinfo_signed_response_alg": "none"}, "invalid_client_metadata", id="unsigned userinfo"),
    pytest.param({"request_object_signing_alg": "none"}, "invalid_client_metadata", id="unsigned requests"),
    pytest.param({"id_token_encrypted_response_alg": "RSA-OAEP"}, "invalid_client_metadata", id="encryption"),
    pytest.param({"subject_type": "secret"}, "invalid_client_metadata", id="subject type"),
    pytest.param({"default_max_age": -1}, "invalid_client_metadata", id="age"),
    pytest.param({"default_max_age": True}, "invalid_client_metadata", id="age that is a truth"),
    pytest.param({"require_auth_time": "yes"}, "invalid_client_metadata", id="truth that is a text"),
    pytest.param({"contacts": "me"}, "invalid_client_metadata", id="contacts"),
    pytest.param({"client_name": "a\x00b"}, "invalid_client_metadata", id="a NUL"),
    pytest.param({"client_name": "x" * 5000}, "invalid_client_metadata", id="endless name"),
    pytest.param(
        {"subject_type": "pairwise", "redirect_uris": [CALLBACK, "https://b.example/cb"]},
        "invalid_client_metadata",
        id="pairwise of two hosts",
    ),
]


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("changed, error", REFUSED)
def test_what_cannot_be_registered(op: Examined, changed: dict[str, Any], error: str) -> None:
    body = {"client_name": "bad", "redirect_uris": [CALLBACK], **changed}
    answer = ask_json(
        op.browser(), "POST", "/register", {name: value for name, value in body.items() if value is not None}
    )
    assert (answer.status_code, answer.json()["error"]) == (400, error), answer.text


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"nonsense", b"[" * 30_000, b'{"client_name": "\\ud800"}', b"\xff\xfe"]
)
def test_a_body_that_is_no_registration(op: Examined, content: bytes) -> None:
    answer = op.browser().post("/register", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert "error" in answer.json()


def test_an_endless_body_is_not_read(op: Examined) -> None:
    assert op.browser().post("/register", content=b" " * 70_000).status_code == 413


def test_a_native_application_may_have_its_own_scheme_and_loopback_and_needs_a_challenge(op: Examined) -> None:
    """RFC 8252: any port of loopback, a reverse-domain scheme, a claimed https address; never without PKCE."""
    addresses = ["http://127.0.0.1/done", "vn.example.app:/done", "https://app.example.vn/done"]
    members: dict[str, Any] = {
        "application_type": "native",
        "token_endpoint_auth_method": "none",
        "redirect_uris": addresses,
    }
    party = RelyingParty.register(op, **members)
    bare = party.send(party.parameters(redirect_uri="http://127.0.0.1:51004/done"))
    assert "code_challenge" in bare.headers["location"], "told that one is missing"
    challenge = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
    for address in ("http://127.0.0.1:51004/done", *addresses):
        sent = party.walk(party.send(party.parameters(redirect_uri=address, **challenge)))
        assert sent.headers["location"].startswith(address + "?code=")
    assert party.send(party.parameters(redirect_uri="http://127.0.0.1:51004/other", **challenge)).status_code == 400


def test_what_registers_itself_is_a_stranger_with_the_scopes_of_people(op: Examined) -> None:
    party = RelyingParty.register(op, scope="openid profile act verify units.heirs")
    assert party.metadata["scope"] == "openid profile"
    page = party.send(party.parameters(scope="openid profile"))
    assert "/login?" in page.headers["location"]
    posted = party.walk(page)
    assert "code=" in posted.headers["location"]
    silent = RelyingParty.register(op)
    silent.browser = party.browser
    assert read_answer(silent.send(silent.parameters(prompt="none")))["error"] == "consent_required"


def test_a_registration_is_read_replaced_and_ended_by_its_own_token_alone(op: Examined) -> None:
    """CVE-2026-0707, CVE-2026-9803."""
    party, other = RelyingParty.register(op, tos_uri="https://localhost/terms"), RelyingParty.register(op)
    path = urlsplit(party.metadata["registration_client_uri"]).path
    own, foreign = (each.metadata["registration_access_token"] for each in (party, other))
    read = ask_json(party.browser, "GET", path, token=own)
    assert read.status_code == 200
    assert read.json()["tos_uri"] == "https://localhost/terms"
    assert "client_secret" not in read.json(), "kept as a digest, so nobody can be told it"
    for token in (foreign, "made-up", None):
        for method in ("GET", "PUT", "DELETE"):
            refused = ask_json(party.browser, method, path, {"redirect_uris": [CALLBACK]}, token)
            assert (refused.status_code, refused.json()["error"]) == (401, "invalid_token")
    renamed = {"client_id": party.client_id, "client_name": "new name", "redirect_uris": [CALLBACK]}
    replaced = ask_json(party.browser, "PUT", path, renamed, own)
    assert (replaced.json()["client_name"], "tos_uri" in replaced.json()) == ("new name", False)
    assert ask_json(party.browser, "PUT", path, {**renamed, "client_id": other.client_id}, own).status_code == 400
    for secret, status in ((party.metadata["client_secret"], 200), ("chosen", 400), ("ữ", 400), (7, 400)):
        assert ask_json(party.browser, "PUT", path, {**renamed, "client_secret": secret}, own).status_code == status
    party.unregister()
    assert ask_json(party.browser, "GET", path, token=own).status_code == 401
    assert party.send(party.parameters()).status_code == 400, "nobody knows it any more"


@pytest.mark.parametrize("header", ["Bearer", "Basic x", "Bearer \xff", "Bearer " + "x" * 9000, ""])
def test_a_malformed_header_is_refused_and_breaks_nothing(op: Examined, header: str) -> None:
    party = RelyingParty.register(op)
    path = urlsplit(party.metadata["registration_client_uri"]).path
    answer = op.browser().get(path, headers={b"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401


def test_a_logo_is_a_picture_or_nothing(op: Examined) -> None:
    """canaille 0.3.7: a renamed SVG; AK CVE-2024-21637."""
    svg = op.outside.put("/logo.png", "<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image/png")
    party = RelyingParty.register(op, logo_uri=svg)
    assert op.browser().get(f"/register/{party.client_id}/logo").status_code == 404


def test_who_named_no_scopes_is_told_none(op: Examined) -> None:
    """idpyoidc gives up on an answer with more scopes than it knows."""
    assert "scope" not in RelyingParty.register(op).metadata
    assert RelyingParty.register(op, scope="openid email").metadata["scope"] == "openid email"


def body() -> dict[str, Any]:
    """A plain registration."""
    return {"client_name": "x", "redirect_uris": ["https://a.example/cb"]}


def register_at(door: Door, token: str | None = None) -> int:
    """The status of an attempt."""
    return ask_json(door.browser(), "POST", "/register", body(), token).status_code


def test_registration_is_closed_unless_the_settings_open_it(door: Door) -> None:
    assert register_at(door) == 401
    assert "registration_endpoint" not in door.browser().get("/.well-known/openid-configuration").json()


def test_an_initial_token_lets_so_many_register(settings: Settings, database: Database, clock: MovableClock) -> None:
    door = build_door(settle(settings, database, clock, registration="token"))
    with door.runtime.database.write() as writes:
        ends = clock.now + timedelta(days=1)
        token = issue_initial_token(writes, "for a friend", 2, "test", clock.now, ends)
    assert register_at(door) == 401
    assert register_at(door, "made-up") == 401
    assert [register_at(door, token) for _ in range(3)] == [201, 201, 401]


def test_an_initial_token_ends(settings: Settings, database: Database, clock: MovableClock) -> None:
    door = build_door(settle(settings, database, clock, registration="token"))
    with door.runtime.database.write() as writes:
        token = issue_initial_token(writes, "", 5, "test", clock.now, clock.now + timedelta(days=1))
    clock.advance(days=1)
    assert register_at(door, token) == 401


def test_open_registration_is_counted(settings: Settings, database: Database, clock: MovableClock) -> None:
    door = build_door(settle(settings, database, clock, registration="open", registrations_per_hour=3))
    assert [register_at(door) for _ in range(4)] == [201, 201, 201, 401]
    clock.advance(hours=1)
    assert register_at(door) == 201
