"""Links and issuer: from the settings, whatever the Host header or a proxy's headers say."""

import json

import pytest

from tests.sso.flow import Application, Attempt, ask_token, form_of
from tests.sso.incidents.conftest import ISSUER, Attacked

LIES = [
    pytest.param({"Host": "evil.example"}, id="zitadel CVE-2025-64101 Host"),
    pytest.param({"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}, id="zitadel CVE-2026-29067 X-Forwarded-Host"),
    pytest.param({"Forwarded": "host=evil.example;proto=http"}, id="zitadel GHSA-2wmj-46rj-qm2w Forwarded"),
    pytest.param({"X-Forwarded-Server": "evil.example", "X-Original-URL": "/evil", "X-Rewrite-URL": "/evil"}, id="others"),
    pytest.param({"X-Forwarded-Prefix": "//evil.example", "X-Script-Name": "//evil.example"}, id="prefix"),
]  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_no_link_leads_where_a_header_says(attacked: Attacked, lie: dict[str, str]) -> None:
    browser = attacked.browser()
    browser.headers.update(lie)
    device = attacked.application(
        kind="public", redirect_uris=(), grant_types=("urn:ietf:params:oauth:grant-type:device_code",)
    )
    asked = Attempt(attacked.application())
    sent = browser.get(asked.address())
    told = [
        browser.get("/.well-known/openid-configuration").text,
        ask_token(browser, device, {}, "/device_authorization").text,
        json.dumps(dict(sent.headers)),
        browser.get(sent.headers["location"]).text,
        browser.post("/register", json={"redirect_uris": ["https://a.example/cb"]}).text,
    ]
    assert json.loads(told[0])["issuer"] == ISSUER
    assert json.loads(told[1])["verification_uri"] == f"{ISSUER}/device"
    assert json.loads(told[4])["registration_client_uri"].startswith(f"{ISSUER}/register/")
    assert not any("evil" in text for text in told)


def test_tokens_name_the_configured_issuer(attacked: Attacked, application: Application) -> None:
    browser = attacked.browser()
    browser.headers["X-Forwarded-Host"] = "evil.example"
    answer = browser.get(Attempt(application).address(prompt="none"))
    assert f"iss={ISSUER.replace(':', '%3A').replace('/', '%2F')}" in answer.headers["location"]
    assert form_of(browser.get("/login"))
