"""Several accounts in one browser: the person chooses, nothing else does, and a log-out leaves none open."""

import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.conftest import Door
from tests.sso.door.test_login import try_login
from tests.sso.flow import Attempt, answer_of, follow, form_of, get_code, log_in, read_id_token, redeem
from tests.sso.people import PASSWORD, Official, official

SELECT = "select_account"


def add_nam(door: Door) -> Official:
    """A second person."""
    return official(door.runtime, "Trần Nam", "nam.t", unit="Xã Mỹ Lộc", code="H61.13")


def next_of(answer: httpx.Response) -> str:
    """The way back a step carries."""
    return parse_qs(urlsplit(answer.headers["location"]).query)["next"][0]


def choices(page: httpx.Response) -> list[str]:
    """The sessions that may be chosen."""
    return re.findall(r'name="account" value="([0-9a-f-]{36})"', page.text)


def open_both(door: Door) -> tuple[Inside, Official, Official]:
    """A browser in which Nam came in beside Hoa, by the page's own button."""
    hoa, nam = official(door.runtime), add_nam(door)
    browser = door.browser()
    assert try_login(browser, "hoa.lt") == 303
    page = browser.get("/choose")
    added = browser.post("/choose", data={**form_of(page), "account": "another"})
    assert added.headers["location"].startswith("/login?")
    assert try_login(browser, "nam.t") == 303
    return browser, hoa, nam


def subject_of(door: Door, browser: Inside, attempt: Attempt, answer: httpx.Response) -> str:
    """Whom the application was told."""
    code = answer_of(answer)["code"]
    return str(read_id_token(browser, redeem(browser, attempt, code).json()["id_token"])["sub"])


def test_the_page_names_who_is_open_and_goes_on_without_a_password(door: Door) -> None:
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    get_code(browser, attempt, "hoa.lt", PASSWORD)
    sent = browser.get(attempt.address(prompt=SELECT))
    assert sent.headers["location"].startswith("/choose?")
    page = browser.get(sent.headers["location"])
    assert "Lê Thị Hoa" in page.text
    assert "Quản lý văn bản" in page.text
    chosen = browser.post("/choose", data={**form_of(page), "account": choices(page)[0]})
    assert "code" in answer_of(browser.get(chosen.headers["location"]))


def test_the_other_account_answers_when_it_is_chosen(door: Door) -> None:
    browser, hoa, nam = open_both(door)
    attempt = Attempt(door.application)
    for who in (hoa, nam, hoa):
        page = browser.get(browser.get(attempt.address(prompt=SELECT)).headers["location"])
        sessions = choices(page)
        assert len(sessions) == 2
        wanted = next(one for one in sessions if f'value="{one}"><strong>{name_of(who)}' in page.text)
        chosen = browser.post("/choose", data={**form_of(page), "account": wanted})
        assert subject_of(door, browser, attempt, browser.get(chosen.headers["location"])) == str(who.person_id)


def name_of(who: Official) -> str:
    """The name on the page."""
    return {"hoa.lt": "Lê Thị Hoa", "nam.t": "Trần Nam"}[who.login]


def test_another_account_is_asked_for_its_password(door: Door) -> None:
    official(door.runtime)
    nam = add_nam(door)
    browser, attempt = door.browser(), Attempt(door.application)
    get_code(browser, attempt, "hoa.lt", PASSWORD)
    page = browser.get(browser.get(attempt.address(prompt=SELECT)).headers["location"])
    login = browser.post("/choose", data={**form_of(page), "account": "another"})
    entered = browser.get(login.headers["location"])
    posted = browser.post("/login", data={**form_of(entered), "login": "nam.t", "password": PASSWORD})
    assert subject_of(door, browser, attempt, follow(browser, posted)) == str(nam.person_id)


def test_without_an_open_account_it_is_the_log_in(door: Door) -> None:
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    assert get_code(browser, attempt, "hoa.lt", PASSWORD, prompt=SELECT)
    assert door.browser().get("/choose").headers["location"].startswith("/login?")


def test_a_choice_for_one_request_is_none_for_another(door: Door, clock: MovableClock) -> None:
    official(door.runtime)
    browser, first, second = door.browser(), Attempt(door.application), Attempt(door.application)
    get_code(browser, first, "hoa.lt", PASSWORD)
    clock.advance(5)
    page = browser.get(browser.get(first.address(prompt=SELECT)).headers["location"])
    chosen = browser.post("/choose", data={**form_of(page), "account": choices(page)[0]}).headers["location"]
    mark = parse_qs(urlsplit(chosen).query)["chosen"][0]
    waiting = next_of(browser.get(second.address(prompt=SELECT)))
    assert browser.get(f"{waiting}&chosen={mark}").headers["location"].startswith("/choose?")
    assert browser.get(f"{waiting}&chosen=").headers["location"].startswith("/choose?")


def test_silent_and_choosing_do_not_go_together_and_a_silent_request_is_told(door: Door) -> None:
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    get_code(browser, attempt, "hoa.lt", PASSWORD)
    assert "error" in answer_of(browser.get(attempt.address(prompt=f"none {SELECT}")))


def test_prompt_login_asks_for_the_password_after_the_choice(door: Door, clock: MovableClock) -> None:
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    get_code(browser, attempt, "hoa.lt", PASSWORD)
    clock.advance(5)
    page = browser.get(browser.get(attempt.address(prompt=f"login {SELECT}")).headers["location"])
    chosen = browser.post("/choose", data={**form_of(page), "account": choices(page)[0]})
    assert browser.get(chosen.headers["location"]).headers["location"].startswith("/login?")


def test_an_account_that_was_too_long_unused_cannot_be_chosen(door: Door, clock: MovableClock) -> None:
    browser, _hoa, _nam = open_both(door)
    sessions = choices(browser.get("/choose"))
    clock.advance(minutes=31)
    browser.post("/login", data={**form_of(browser.get("/login")), "login": "nam.t", "password": PASSWORD})
    page = browser.get("/choose")
    assert len(choices(page)) == 1
    posted = browser.post("/choose", data={**form_of(page), "account": sessions[1]})
    assert posted.headers["location"].startswith("/login?"), "who is not open is asked to log in"


@pytest.mark.parametrize("value", ["nonsense", "", "s1.1.AAAA", "A" * 3000])
def test_a_cookie_somebody_wrote_opens_nothing(door: Door, value: str) -> None:
    browser = door.browser()
    browser.cookies.set("accounts", value)
    assert browser.get("/choose").headers["location"].startswith("/login?")


def test_the_session_of_another_browser_cannot_be_chosen(door: Door) -> None:
    browser, _hoa, _nam = open_both(door)
    sessions = choices(browser.get("/choose"))
    stranger = door.browser()
    page = stranger.get("/login")
    posted = stranger.post("/choose", data={**form_of(page), "account": sessions[0]})
    assert posted.headers["location"].startswith("/login?")
    assert stranger.get("/me").status_code == 303


def test_who_just_logs_in_as_somebody_else_leaves_nothing_open(door: Door) -> None:
    official(door.runtime)
    add_nam(door)
    browser = door.browser()
    assert try_login(browser, "hoa.lt") == 303
    assert try_login(browser, "nam.t") == 303
    assert len(choices(browser.get("/choose"))) == 1


def test_a_log_out_ends_every_account_of_the_browser(door: Door) -> None:
    browser, _hoa, _nam = open_both(door)
    page = browser.get("/logout")
    browser.post("/logout", data={**form_of(page), "answer": "log-out"})
    assert browser.cookies.get("accounts") is None
    assert browser.get("/choose").headers["location"].startswith("/login?")
    again = log_in(browser, Attempt(door.application).address(), "nam.t", PASSWORD)
    assert again.status_code == 303
    assert len(choices(browser.get("/choose"))) == 1


def test_who_is_in_already_reads_why_the_password_is_asked_once_more(door: Door, clock: MovableClock) -> None:
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    assert 'id="again"' not in browser.get("/login").text
    get_code(browser, attempt, "hoa.lt", PASSWORD)
    clock.advance(5)
    asked = browser.get(browser.get(attempt.address(prompt="login")).headers["location"])
    assert "You are logged in as <strong>hoa.lt</strong>" in asked.text
    clock.advance(minutes=31)
    assert 'id="again"' not in browser.get("/login").text
