"""What `/authorize` refuses: to the person as a page, to the application as an error."""

from urllib.parse import parse_qs, urlsplit

import pytest

from sso.client_keeping import add_client
from sso.client_registration import NewClient
from tests.sso.conftest import CALLBACK, Door
from tests.sso.flow import Application, Attempt, answer_of

PAGES = [
    pytest.param({"client_id": None}, "invalid_request", id="no client"),
    pytest.param({"client_id": "nobody"}, "client_unknown", id="unknown client"),
    pytest.param({"client_id": "van-ban' OR 1=1"}, "client_unknown", id="client that is no id"),
    pytest.param({"redirect_uri": None}, "redirect_uri_mismatch", id="no address"),
    pytest.param({"redirect_uri": "https://evil.example/"}, "redirect_uri_mismatch", id="another's address"),
    pytest.param({"redirect_uri": CALLBACK + "/"}, "redirect_uri_mismatch", id="nearly the address"),
    pytest.param({"redirect_uri": "javascript:alert(1)"}, "redirect_uri_mismatch", id="script as address"),
]
ANSWERS = [
    pytest.param({"response_type": None}, "invalid_request", id="no response type"),
    pytest.param({"response_type": "token"}, "unsupported_response_type", id="implicit"),
    pytest.param({"response_type": "code id_token"}, "unsupported_response_type", id="hybrid"),
    pytest.param({"response_mode": "fragment"}, "invalid_request", id="fragment"),
    pytest.param({"scope": "nothing of ours"}, "invalid_scope", id="no scope of ours"),
    pytest.param({"scope": " ".join(f"s{n}" for n in range(40))}, "invalid_scope", id="too many scopes"),
    pytest.param({"code_challenge": None, "code_challenge_method": None}, "invalid_request", id="no challenge"),
    pytest.param({"code_challenge_method": "plain"}, "invalid_request", id="plain challenge"),
    pytest.param({"code_challenge_method": None}, "invalid_request", id="challenge without a method"),
    pytest.param({"code_challenge": "short"}, "invalid_request", id="short challenge"),
    pytest.param({"prompt": "none login"}, "invalid_request", id="none and login"),
    pytest.param({"prompt": "dance"}, "invalid_request", id="unknown prompt"),
    pytest.param({"max_age": "-1"}, "invalid_request", id="negative age"),
    pytest.param({"max_age": "soon"}, "invalid_request", id="age that is no number"),
    pytest.param({"request": "eyJhbGciOiJub25lIn0.e30."}, "invalid_request_object", id="request object"),
    pytest.param({"request_uri": "https://evil.example/r"}, "invalid_request_uri", id="request by reference"),
    pytest.param({"claims": "{"}, "invalid_request", id="claims that are no JSON"),
    pytest.param({"claims": "[]"}, "invalid_request", id="claims that are a list"),
    pytest.param({"claims": '{"userinfo": 1}'}, "invalid_request", id="claims of no object"),
    pytest.param({"claims": '{"id_token": {"sub": {"value": 1}}}'}, "invalid_request", id="subject of no text"),
    pytest.param({"claims": '{"id_token": {"acr": {"values": "x"}}}'}, "invalid_request", id="levels that are no list"),
    pytest.param({"claims": "[" * 3000}, "invalid_request", id="claims without a bottom"),
    pytest.param({"id_token_hint": "eyJhbGciOiJub25lIn0.e30."}, "invalid_request", id="unsigned hint"),
    pytest.param({"id_token_hint": "nonsense"}, "invalid_request", id="hint that is no token"),
    pytest.param({"resource": "https://nobody.example/"}, "invalid_target", id="resource nobody guards"),
    pytest.param({"request": "a", "request_uri": "b"}, "invalid_request", id="two requests"),
    pytest.param({"nonce": "n" * 3000}, "invalid_request", id="endless nonce"),
    pytest.param({"prompt": "none"}, "login_required", id="silent without a session"),
]


@pytest.mark.parametrize("changed, code", PAGES)
def test_nobody_is_sent_anywhere_before_client_and_address_are_known(
    standing_door: Door, changed: dict[str, str | None], code: str
) -> None:
    page = standing_door.browser().get(Attempt(standing_door.application).address(**changed))
    assert page.status_code == 400
    assert f'<main id="error" tabindex="-1" data-code="{code}">' in page.text
    assert "location" not in page.headers


@pytest.mark.parametrize("changed, error", ANSWERS)
def test_the_application_is_told_what_was_wrong(
    standing_door: Door, changed: dict[str, str | None], error: str
) -> None:
    attempt = Attempt(standing_door.application)
    response = standing_door.browser().get(attempt.address(**changed))
    answer = answer_of(response)
    assert response.headers["location"].startswith(CALLBACK + "?")
    assert (answer["error"], answer["state"], answer["iss"]) == (error, attempt.state, "http://127.0.0.1:8000")
    assert "code" not in answer


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_two_clients_or_addresses_are_none(standing_door: Door, name: str) -> None:
    attempt = Attempt(standing_door.application)
    page = standing_door.browser().get(f"{attempt.address()}&{name}={attempt.parameters()[name]}")
    assert (page.status_code, "location" in page.headers) == (400, False)


@pytest.mark.parametrize("name", ["state", "scope", "nonce", "code_challenge", "response_type"])
def test_a_parameter_sent_twice_is_refused(standing_door: Door, name: str) -> None:
    attempt = Attempt(standing_door.application)
    response = standing_door.browser().get(f"{attempt.address()}&{name}=x")
    assert answer_of(response)["error"] == "invalid_request"
    assert len(parse_qs(urlsplit(response.headers["location"]).query)["state"]) == 1


def test_empty_and_unknown_parameters_are_no_parameters(standing_door: Door) -> None:
    response = standing_door.browser().get(
        Attempt(standing_door.application).address() + "&prompt=&foo=bar&acr_values="
    )
    assert response.headers["location"].startswith("/login?")


def test_a_posted_request_is_the_same_request(standing_door: Door) -> None:
    attempt = Attempt(standing_door.application)
    response = standing_door.browser().post("/authorize", data=attempt.parameters())
    assert response.status_code == 303
    assert response.headers["location"].startswith("/authorize?")
    assert standing_door.browser().get(response.headers["location"]).headers["location"].startswith("/login?")


def test_text_of_a_request_never_stands_raw_in_a_page(standing_door: Door) -> None:
    page = standing_door.browser().get(
        Attempt(standing_door.application).address(redirect_uri='https://x/"><script>alert(1)</script>')
    )
    assert "<script>alert" not in page.text


def test_the_host_header_decides_nothing(standing_door: Door) -> None:
    """Links and issuer come from the settings (CVE-2025-64101, CVE-2026-29067)."""
    browser = standing_door.browser()
    told = browser.get(
        "/.well-known/openid-configuration", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    )
    assert "evil" not in told.text
    answer = answer_of(
        browser.get(Attempt(standing_door.application).address(prompt="none"), headers={"Host": "evil.example"})
    )
    assert answer["iss"] == "http://127.0.0.1:8000"


def test_the_name_of_an_application_is_only_text(standing_door: Door) -> None:
    """CVE-2023-6134, Kanidm 1.10 (display name)."""
    new = NewClient(name="<img src=x onerror=alert(1)>{page.x}", client_id="ten", redirect_uris=(CALLBACK,))
    with standing_door.runtime.database.write() as writes:
        client, secret = add_client(writes, new, "test", standing_door.runtime.clocks.wall())
    sent = standing_door.browser().get(Attempt(Application(client.client_id, secret, CALLBACK)).address())
    page = standing_door.browser().get(sent.headers["location"]).text
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;{page.x}" in page
