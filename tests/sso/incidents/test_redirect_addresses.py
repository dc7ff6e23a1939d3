"""Redirect addresses: the very text that was registered or a page of ours, and nothing is redirected before that is known."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.sso.flow import Application, Attempt, answer_of, get_code, redeem
from tests.sso.incidents.conftest import BACK, HOME, Attacked
from tests.sso.people import PASSWORD

ALMOST = [
    pytest.param("https://vanban.example.vn@evil.example/callback", id="keycloak CVE-2023-6291 user part"),
    pytest.param("https://vanban.example.vn/callback/..%2f..%2fevil", id="keycloak CVE-2023-6291 encoded climbing"),
    pytest.param(
        "http://127.0.0.1.evil.example/callback", id="keycloak CVE-2024-8883 a host that begins like loopback"
    ),
    pytest.param("http://localhost/callback", id="keycloak CVE-2024-8883 loopback of a web application"),
    pytest.param("https://vanban.example.vn/callback/..;/evil", id="keycloak CVE-2026-3872 climbing with a semicolon"),
    pytest.param("https://vanban.example.vn/..;/callback", id="keycloak CVE-2026-3872 climbing before"),
    pytest.param("https://vanban.example.vn:443/callback", id="keycloak CVE-2026-7504 the same to a browser"),
    pytest.param("https://VANBAN.example.vn/callback", id="keycloak CVE-2026-7504 another case"),
    pytest.param("https://vanban.example.vn\\@evil.example/callback", id="keycloak CVE-2026-9689 backslash"),
    pytest.param("https://vanban.example.vn/callback#x", id="keycloak CVE-2026-9689 fragment"),
    pytest.param("https://vanbanXexample.vn/callback", id="authentik CVE-2024-52289 a dot is no pattern"),
    pytest.param("https://vanban.example.vn/callback.evil", id="authentik CVE-2026-41569 prefix"),
    pytest.param("https://vanban.example.vn/callback?next=//evil", id="glewlwyd GHSA-37q6-q9w8-4pr4 more query"),
    pytest.param("https://vanban.example.vn/callbac", id="shorter"),
    pytest.param("https://vanban.example.vn/callback\x00", id="control character"),
    pytest.param("//vanban.example.vn/callback", id="no scheme"),
    pytest.param("javascript:alert(1)", id="script"),
]


@pytest.mark.parametrize("uri", ALMOST)
def test_nearly_the_registered_address_is_none(attacked: Attacked, application: Application, uri: str) -> None:
    answer = attacked.browser().get(Attempt(application).address(redirect_uri=uri))
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "evil" not in answer.text.partition("<main")[2].partition("</main>")[0]


@pytest.mark.parametrize("uri", ALMOST)
def test_nearly_the_registered_address_after_a_log_out_is_none(
    attacked: Attacked, application: Application, uri: str
) -> None:
    """The same rows at the other end of a log-in (KC CVE-2023-6291, CVE-2026-3872)."""
    address = uri.replace("/callback", "/")
    query = {"client_id": application.client_id, "post_logout_redirect_uri": address}
    answer = attacked.browser().get("/logout", params=query)
    assert (answer.status_code, "location" in answer.headers) == ((400, False) if address != HOME else (200, False))


def test_authlib_cve_2026_44681_no_error_is_told_to_an_address_nobody_registered(
    attacked: Attacked, application: Application
) -> None:
    for wrong in ({"response_type": "token"}, {"scope": "x" * 3000}, {"prompt": "none login"}, {"request": "x"}):
        for client in (application.client_id, "nobody"):
            asked = {**wrong, "redirect_uri": "https://evil.example/", "client_id": client}
            answer = attacked.browser().get(Attempt(application).address(**asked))
            assert (answer.status_code, "location" in answer.headers) == (400, False)


def test_cloudflare_cve_2025_4143_the_code_is_redeemed_at_its_own_address_only(
    attacked: Attacked, application: Application
) -> None:
    other = attacked.application(redirect_uris=(BACK, "https://vanban.example.vn/other"))
    attempt = Attempt(other)
    code = get_code(attacked.browser(), attempt, attacked.someone().login, PASSWORD)
    assert redeem(attacked.browser(), attempt, code, redirect_uri="https://vanban.example.vn/other").status_code == 400
    assert redeem(attacked.browser(), attempt, code).status_code == 400, "and the code is gone"


def test_no_parameter_is_answered_twice(attacked: Attacked) -> None:
    """An address registered with a query of its own cannot bring a second code or state in."""
    own = attacked.application(redirect_uris=("https://vanban.example.vn/callback?a=1",))
    answer = attacked.browser().get(Attempt(own).address(prompt="none"))
    pairs = parse_qsl(urlsplit(answer.headers["location"]).query)
    assert len({name for name, _value in pairs}) == len(pairs)
    assert answer_of(answer)["error"] == "login_required"
