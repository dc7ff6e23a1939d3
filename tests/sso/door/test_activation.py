"""From the letter to signed in."""

import pytest

from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.conftest import Door
from tests.sso.flow import Attempt, answer_of, follow, form_of, redeem
from tests.sso.people import PASSWORD, Official, official

NEW = "mưa rơi trên mái tôn"


def newcomer(door: Door) -> Official:
    """Somebody with a letter in the hand."""
    return official(door.runtime, state="issued", with_password=False, with_code=True)


def activate(
    browser: Inside, login: str, code: str | None, password: str = NEW, again: str | None = None
) -> tuple[int, str]:
    """Status and text of the answer to the filled-in page."""
    page = browser.get(f"/activate?login={login}")
    form = {
        "login": login,
        "code": code or "",
        "new_password": password,
        "new_password_again": password if again is None else again,
    }
    answer = browser.post("/activate", data={**form_of(page), **form})
    return answer.status_code, answer.text


def test_three_pages_from_the_letter_to_the_application(door: Door) -> None:
    """Log-in page of the application, activation, application; no question about consent between."""
    nam = newcomer(door)
    browser, attempt = door.browser(), Attempt(door.application)
    login = browser.get(browser.get(attempt.address()).headers["location"])
    link = login.text.split('<a href="/activate?')[1].split('"')[0].replace("&amp;", "&")
    page = browser.get(f"/activate?{link}")
    form = {"login": nam.login, "code": nam.code, "new_password": NEW, "new_password_again": NEW}
    posted = browser.post("/activate", data={**form_of(page), **form})
    assert posted.status_code == 303, posted.text
    code = answer_of(follow(browser, posted))["code"]
    assert redeem(browser, attempt, code).status_code == 200


def test_the_qr_of_the_letter_fills_in_the_login_and_ends_at_the_own_page(door: Door) -> None:
    nam = newcomer(door)
    browser = door.browser()
    assert f'value="{nam.login}"' in browser.get(f"/activate?login={nam.login}").text
    status, _text = activate(browser, nam.login, nam.code)
    assert status == 303
    assert "Lê Thị Hoa" in browser.get("/me").text


@pytest.mark.parametrize("change", [str.lower, lambda code: " ".join(code), lambda code: f" {code[:4]}-{code[4:]} "])
def test_a_code_is_taken_in_any_writing(door: Door, change: object) -> None:
    assert callable(change)
    nam = newcomer(door)
    assert activate(door.browser(), nam.login, change(nam.code))[0] == 303


def test_a_code_is_good_once(door: Door) -> None:
    nam = newcomer(door)
    assert activate(door.browser(), nam.login, nam.code)[0] == 303
    assert activate(door.browser(), nam.login, nam.code)[0] == 403


def test_a_code_ends_at_its_date(door: Door, clock: MovableClock) -> None:
    nam = newcomer(door)
    clock.advance(days=31)
    assert activate(door.browser(), nam.login, nam.code)[0] == 403


@pytest.mark.parametrize("state", ["suspended", "closed"])
def test_a_code_opens_no_account_that_was_shut_on_purpose(door: Door, state: str) -> None:
    nam = official(door.runtime, state=state, with_password=False, with_code=True)
    assert activate(door.browser(), nam.login, nam.code)[0] == 403


def test_a_code_is_not_guessed(door: Door) -> None:
    """Codes and passwords share one count (CVE-2026-9798)."""
    nam = newcomer(door)
    for _try in range(5):
        assert activate(door.browser(), nam.login, "AAAA AAAA AAAA AAAA")[0] == 403
    assert activate(door.browser(), nam.login, nam.code)[0] == 403


@pytest.mark.parametrize(
    "password, again, sentence",
    [
        pytest.param("ngắn quá", None, "at least 12 characters", id="short"),
        pytest.param("123456789012", None, "guessed at once", id="common"),
        pytest.param("aaaaaaaaaaaaaaaa", None, "guessed at once", id="one letter"),
        pytest.param("xx hoa.lt xxyz", None, "must not contain your log-in", id="contains the log-in"),
        pytest.param(NEW, NEW + "!", "not the same", id="not the same"),
        pytest.param("x" * 300, None, "too long", id="endless"),
    ],
)
def test_a_bad_password_is_told_before_the_code_is_spent(
    door: Door, password: str, again: str | None, sentence: str
) -> None:
    nam = newcomer(door)
    browser = door.browser()
    status, text = activate(browser, nam.login, nam.code, password, again)
    assert status == 400
    assert sentence in text
    assert password not in text
    assert activate(browser, nam.login, nam.code)[0] == 303


def test_a_reset_ends_every_session_elsewhere(door: Door) -> None:
    hoa = official(door.runtime, with_code=True)
    elsewhere = door.browser()
    page = elsewhere.get("/login")
    elsewhere.post("/login", data={**form_of(page), "login": hoa.login, "password": PASSWORD})
    assert elsewhere.get("/me").status_code == 200
    assert activate(door.browser(), hoa.login, hoa.code)[0] == 303
    assert elsewhere.get("/me").status_code == 303
