"""What is still missing: fresh log-ins, silent requests, strangers' consent, the form that posts an answer."""

from urllib.parse import parse_qs, urlencode, urlsplit

from foundation.i18n import translate
from sso.client_keeping import add_client
from sso.client_registration import NewClient
from tests.services.clock import MovableClock
from tests.sso.conftest import CALLBACK, Door
from tests.sso.flow import Application, Attempt, answer_of, form_of, get_code, log_in, read_id_token, redeem
from tests.sso.people import PASSWORD, official


def test_a_live_session_is_answered_at_once(door: Door) -> None:
    official(door.runtime)
    browser = door.browser()
    get_code(browser, Attempt(door.application), "hoa.lt", PASSWORD)
    again = Attempt(door.application)
    assert "code" in answer_of(browser.get(again.address()))
    assert "code" in answer_of(browser.get(again.address(prompt="none")))


def test_prompt_login_asks_again_and_is_satisfied_once(door: Door, clock: MovableClock) -> None:
    official(door.runtime)
    browser = door.browser()
    get_code(browser, Attempt(door.application), "hoa.lt", PASSWORD)
    clock.advance(60)
    fresh = Attempt(door.application)
    code = get_code(browser, fresh, "hoa.lt", PASSWORD, prompt="login")
    claims = read_id_token(browser, redeem(browser, fresh, code).json()["id_token"])
    assert claims["auth_time"] == int(clock.now.timestamp())
    sent = browser.get(Attempt(door.application).address(prompt="login"))
    assert sent.headers["location"].startswith("/login?")


def test_the_mark_of_one_request_is_worth_nothing_in_another(door: Door, clock: MovableClock) -> None:
    official(door.runtime)
    browser, first = door.browser(), Attempt(door.application)
    sent = browser.get(first.address(prompt="login"))
    mark = parse_qs(urlsplit(parse_qs(urlsplit(sent.headers["location"]).query)["next"][0]).query)["asked"][0]
    get_code(browser, first, "hoa.lt", PASSWORD, prompt="login")
    clock.advance(1)
    second = browser.get(Attempt(door.application).address(prompt="login") + "&" + urlencode({"asked": mark}))
    assert second.headers["location"].startswith("/login?")


def test_max_age_asks_again_when_the_login_is_too_old(door: Door, clock: MovableClock) -> None:
    official(door.runtime)
    browser = door.browser()
    get_code(browser, Attempt(door.application), "hoa.lt", PASSWORD)
    clock.advance(30)
    assert "code" in answer_of(browser.get(Attempt(door.application).address(max_age="100")))
    assert browser.get(Attempt(door.application).address(max_age="10")).headers["location"].startswith("/login?")
    silent = browser.get(Attempt(door.application).address(max_age="10", prompt="none"))
    assert answer_of(silent)["error"] == "login_required"


def test_a_session_ends_when_it_is_not_used(door: Door, clock: MovableClock) -> None:
    official(door.runtime)
    browser = door.browser()
    get_code(browser, Attempt(door.application), "hoa.lt", PASSWORD)
    clock.advance(minutes=29)
    assert "code" in answer_of(browser.get(Attempt(door.application).address(prompt="none")))
    clock.advance(minutes=31)
    assert answer_of(browser.get(Attempt(door.application).address(prompt="none")))["error"] == "login_required"


def test_silent_renewal_every_quarter_of_an_hour_finds_the_session(door: Door, clock: MovableClock) -> None:
    """mozilla-django-oidc and Mayan EDMS renew by prompt=none every 15 minutes."""
    official(door.runtime)
    browser = door.browser()
    get_code(browser, Attempt(door.application), "hoa.lt", PASSWORD)
    for _hour_quarter in range(4):
        clock.advance(minutes=15, seconds=20)
        assert "code" in answer_of(browser.get(Attempt(door.application).address(prompt="none")))


def test_form_post_carries_state_as_it_came(door: Door) -> None:
    """Percent-encoded state reaches the application changed; ours stands as it came."""
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application, nonce="n")
    posted = log_in(browser, attempt.address(response_mode="form_post"), "hoa.lt", PASSWORD)
    page = browser.get(posted.headers["location"])
    assert page.status_code == 200
    assert form_of(page)["state"] == attempt.state
    assert f'action="{CALLBACK}"' in page.text
    assert "form-action 'self' https://vanban.example.vn" in page.headers["content-security-policy"]
    assert redeem(browser, attempt, form_of(page)["code"]).status_code == 200


def stranger(door: Door) -> Application:
    """An application that is not the administration's own."""
    with door.runtime.database.write() as writes:
        new = NewClient(name="Sổ tay", client_id="so-tay", redirect_uris=(CALLBACK,), own=False)
        client, secret = add_client(writes, new, "test", door.runtime.clocks.wall())
    return Application(client.client_id, secret, CALLBACK)


def test_a_strangers_application_asks_once_and_is_remembered(door: Door) -> None:
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(stranger(door))
    posted = log_in(browser, attempt.address(), "hoa.lt", PASSWORD)
    asked = browser.get(posted.headers["location"])
    assert asked.headers["location"].startswith("/consent?")
    page = browser.get(asked.headers["location"])
    assert 'id="accept"' in page.text
    assert 'id="refuse"' in page.text
    accepted = browser.post("/consent", data={**form_of(page), "answer": "accept"})
    code = answer_of(browser.get(accepted.headers["location"]))["code"]
    assert redeem(browser, attempt, code).status_code == 200
    assert "code" in answer_of(browser.get(Attempt(attempt.application).address(prompt="none")))
    more = browser.get(Attempt(attempt.application, scope="openid profile phone").address(prompt="none"))
    assert answer_of(more)["error"] == "consent_required"


def test_a_refusal_reaches_the_application(door: Door) -> None:
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(stranger(door))
    posted = log_in(browser, attempt.address(), "hoa.lt", PASSWORD)
    page = browser.get(browser.get(posted.headers["location"]).headers["location"])
    refused = browser.post("/consent", data={**form_of(page), "answer": "refuse"})
    assert answer_of(refused)["error"] == "access_denied"
    assert answer_of(refused)["state"] == attempt.state


def test_pages_speak_the_language_the_application_names(door: Door) -> None:
    sent = door.browser(language="en").get(Attempt(door.application).address(ui_locales="vi fr"))
    page = door.browser(language="en").get(sent.headers["location"])
    assert '<html lang="vi">' in page.text
    assert translate("vi", "Log in") in page.text
