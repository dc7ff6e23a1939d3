"""Log-out: asked, never forced; and back only where it is registered. Names as the conformance suite has them."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.conftest import Door
from tests.sso.flow import SCOPE, Attempt, form_of, get_code, redeem, refresh, userinfo
from tests.sso.people import PASSWORD, official

HOME = "https://vanban.example.vn/"


def logged_in(door: Door, scope: str = SCOPE) -> tuple[Inside, dict[str, Any]]:
    """A browser with a session, and the application's tokens."""
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application, scope=scope)
    return browser, dict(redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json())


def is_logged_in(browser: Inside) -> bool:
    """Whether the session is open."""
    return browser.get("/me").status_code == 200


def test_rp_initiated_logout(door: Door, clock: MovableClock) -> None:
    browser, tokens = logged_in(door)
    clock.advance(minutes=12)
    asked = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": HOME, "state": "ữ&"}
    answer = browser.get(f"/logout?{urlencode(asked)}")
    assert answer.headers["location"] == f"{HOME}?{urlencode({'state': 'ữ&'})}"
    assert not is_logged_in(browser)
    assert userinfo(browser, tokens["access_token"]).status_code == 401
    assert refresh(browser, door.application, tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_offline_access_outlives_the_logout(door: Door) -> None:
    browser, tokens = logged_in(door, "openid offline_access")
    browser.get("/logout", params={"id_token_hint": tokens["id_token"]})
    assert refresh(browser, door.application, tokens["refresh_token"]).status_code == 200


def test_no_params_is_a_question_and_not_an_error(door: Door) -> None:
    """JupyterHub sends people here with nothing at all."""
    browser, _tokens = logged_in(door)
    page = browser.get("/logout")
    assert page.status_code == 200
    assert 'id="confirm-logout"' in page.text
    assert 'id="stay"' in page.text
    assert is_logged_in(browser)
    stayed = browser.post("/logout", data={**form_of(page), "answer": "stay"})
    assert stayed.headers["location"] == "/me"
    assert is_logged_in(browser)
    done = browser.post("/logout", data={**form_of(page), "answer": "log-out"})
    assert '<main id="logged-out"' in done.text
    assert not is_logged_in(browser)


def test_no_id_token_hint_asks_first_and_then_goes_back(door: Door) -> None:
    browser, _tokens = logged_in(door)
    page = browser.get("/logout", params={"client_id": "van-ban", "post_logout_redirect_uri": HOME, "state": "s"})
    assert page.status_code == 200
    done = browser.post("/logout", data={**form_of(page), "answer": "log-out"})
    assert done.headers["location"] == f"{HOME}?state=s"


def test_no_state_and_no_post_logout_redirect_uri(door: Door) -> None:
    browser, tokens = logged_in(door)
    done = browser.get("/logout", params={"id_token_hint": tokens["id_token"]})
    assert '<main id="logged-out"' in done.text


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"post_logout_redirect_uri": "https://evil.example/"}, id="bad-post-logout-redirect-uri"),
        pytest.param({"post_logout_redirect_uri": HOME + "?x=1"}, id="query-added-to-post-logout-redirect-uri"),
        pytest.param({"id_token_hint": "x.y.z"}, id="bad-id-token-hint"),
        pytest.param({"id_token_hint": None, "client_id": "nobody"}, id="a client that is none"),
        pytest.param({"client_id": "signing"}, id="another client than the hint's"),
    ],
)
def test_a_request_that_is_not_right_logs_nobody_out(door: Door, changed: dict[str, str | None]) -> None:
    browser, tokens = logged_in(door)
    asked = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": HOME, **changed}
    page = browser.get("/logout", params={name: value for name, value in asked.items() if value})
    assert page.status_code == 400
    assert 'data-code="logout_refused"' in page.text
    assert is_logged_in(browser)


def test_modified_id_token_hint(door: Door) -> None:
    browser, tokens = logged_in(door)
    head, body, signature = tokens["id_token"].split(".")
    page = browser.get("/logout", params={"id_token_hint": f"{head}.{body}A.{signature}"})
    assert page.status_code == 400
    unsigned = browser.get("/logout", params={"id_token_hint": f"eyJhbGciOiJub25lIn0.{body}."})
    assert unsigned.status_code == 400
    assert is_logged_in(browser)


def test_the_hint_of_another_session_asks_first(door: Door) -> None:
    _other, tokens = logged_in(door)
    browser = door.browser()
    get_code(browser, Attempt(door.application), "hoa.lt", PASSWORD)
    page = browser.get("/logout", params={"id_token_hint": tokens["id_token"]})
    assert 'id="confirm-logout"' in page.text
    assert is_logged_in(browser)


def test_a_logout_posted_by_another_site_only_asks(door: Door) -> None:
    browser, _tokens = logged_in(door)
    sent = browser.post("/logout", data={"client_id": "van-ban"})
    assert sent.headers["location"] == "/logout?client_id=van-ban"
    forged = browser.post("/logout", data={"answer": "log-out"})
    assert 'data-code="form_expired"' in forged.text
    assert is_logged_in(browser)


def test_logging_out_twice_is_kind(door: Door) -> None:
    assert '<main id="logged-out"' in door.browser().get("/logout").text
