"""Who administers: the target is checked and not the header, secrets are told once, nothing of the works stands open; and applications
that manage themselves hold one registration each.
"""

import re

import pytest

from sso.registration.initial_tokens import issue_initial_token
from tests.sso.door.test_login import try_login
from tests.sso.flow import form_of
from tests.sso.incidents.conftest import ISSUER, Attacked

HIDDEN = [
    *("/metrics", "/debug", "/docs", "/redoc", "/admin", "/console", "/actuator", "/.env", "/api/v3/", "/debug/pprof"),
    *("/admin/realms", "/clients", "/keys", "/server-status", "/swagger", "/graphql"),
]


@pytest.mark.parametrize("path", HIDDEN)
def test_authentik_cve_2026_55106_nothing_of_the_works_stands_open(attacked: Attacked, path: str) -> None:
    """No debugging page, no console, no list; figures are on a port of their own (KC CVE-2026-9088)."""
    assert attacked.browser().get(path).status_code == 404


def register(attacked: Attacked) -> dict[str, str]:
    """An application that registered itself."""
    answer = attacked.browser().post("/register", json={"redirect_uris": ["https://a.example/cb"]})
    assert answer.status_code == 201
    return dict(answer.json())


def manage(attacked: Attacked, method: str, client_id: str, token: str) -> int:
    """The status of an act on a registration."""
    body = {"redirect_uris": ["https://evil.example/cb"]}
    header = {"Authorization": f"Bearer {token}"}
    return attacked.browser().request(method, f"/register/{client_id}", json=body, headers=header).status_code


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_keycloak_cve_2026_0707_a_registration_token_opens_its_own_registration_only(
    attacked: Attacked, method: str
) -> None:
    mine, theirs = register(attacked), register(attacked)
    operators = attacked.application()
    for target in (theirs["client_id"], operators.client_id, "hopnhat-cli", "signing", "*", "%2e%2e"):
        assert manage(attacked, method, target, mine["registration_access_token"]) in (401, 404)
    assert manage(attacked, "GET", theirs["client_id"], theirs["registration_access_token"]) == 200


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "bearer\t",
        "Basic",
        "Basic %%%",
        "Bearer a b c",
        "Bearer \xff\xfe",
        "Digest x",
        "Bearer " + "x" * 7000,
    ],
)
def test_keycloak_cve_2026_9803_a_malformed_header_is_refused_and_breaks_nothing(
    attacked: Attacked, header: str
) -> None:
    made = register(attacked)
    raw = {b"Authorization": header.encode("latin-1")}
    for method, path in (
        ("GET", f"/register/{made['client_id']}"),
        ("POST", "/token"),
        ("GET", "/userinfo"),
        ("POST", "/par"),
    ):
        answer = attacked.browser().request(method, path, headers=raw)
        assert 400 <= answer.status_code < 500


def test_canaille_0_3_6_no_unsigned_token_registers_or_manages(attacked: Attacked) -> None:
    made = register(attacked)
    unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."
    assert manage(attacked, "GET", made["client_id"], unsigned) == 401
    with attacked.runtime.database.write() as writes:
        now = attacked.clock.now
        token = issue_initial_token(writes, "", 1, "test", now, now.replace(year=now.year + 1))
    assert manage(attacked, "GET", made["client_id"], token) == 401, "leave to register manages nothing"


def test_keycloak_cve_2026_3121_secrets_are_told_once(attacked: Attacked) -> None:
    """AK GHSA-5wcc-hf24-rf5h: never again by any answer."""
    made = register(attacked)
    header = {"Authorization": f"Bearer {made['registration_access_token']}"}
    path = made["registration_client_uri"].removeprefix(ISSUER)
    browser = attacked.browser()
    read = browser.get(path, headers=header)
    replaced = browser.put(path, headers=header, json={"redirect_uris": ["https://a.example/cb"]})
    for answer in (read, replaced):
        assert answer.status_code == 200
        assert made["client_secret"] not in answer.text
        assert "secret_hash" not in answer.text


OBJECTS = [
    pytest.param("session", id="keycloak CVE-2026-9099 session"),
    pytest.param("device", id="keycloak CVE-2026-9796 browser"),
    pytest.param("consent", id="authentik CVE-2026-40166 consent"),
]


@pytest.mark.parametrize("what", OBJECTS)
def test_ones_own_page_acts_on_ones_own_alone(attacked: Attacked, what: str) -> None:
    """Whatever id is posted (KC CVE-2026-37978, CVE-2025-14777, CVE-2025-14082; ZI CVE-2026-105209)."""
    victim, thief = attacked.browser(), attacked.browser()
    assert try_login(victim, attacked.someone().login) == 303
    assert try_login(victim, attacked.someone().login) == 303
    assert try_login(thief, attacked.someone().login) == 303
    found = re.findall(r'name="device" value="([^"]+)"', victim.get("/me").text)
    target = {"session": "0" * 32, "device": found[0], "consent": "signing"}[what]
    form = {**form_of(thief.get("/me")), what: target, "account": "x", "sub": "x"}
    assert thief.post("/me", data=form).status_code == 303
    assert victim.get("/me").status_code == 200
    assert re.findall(r'name="device" value="([^"]+)"', victim.get("/me").text) == found


def test_hydra_cve_2026_33504_a_sealed_value_of_one_purpose_is_none_of_another(attacked: Attacked) -> None:
    """Challenge, draft of an app, form token, mark of a waiting request: each is sealed for its purpose, with keys of ours alone."""
    browser, who = attacked.browser(), attacked.someone()
    page = browser.get("/login")
    challenge = re.findall(r'name="challenge" value="([^"]+)"', page.text)[0]
    assert try_login(browser, who.login) == 303
    form = form_of(browser.get("/me/authenticator"))
    sent = browser.post("/me/authenticator", data={**form, "draft": challenge, "act": "set", "otp": "000000"})
    assert sent.headers["location"].startswith("/me/authenticator")
    wrong = {**form_of(attacked.browser().get("/login")), "challenge": form["draft"], "credential": "{}"}
    assert attacked.browser().post("/login/passkey", data=wrong).status_code == 403
