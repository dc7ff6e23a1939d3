"""A new password by one's own wish."""

from tests.services.inside import Inside
from tests.sso.conftest import Door
from tests.sso.door.test_login import try_login
from tests.sso.flow import Attempt, form_of, get_code, redeem, refresh
from tests.sso.people import PASSWORD, official

NEW = "mưa rơi trên mái tôn"


def enter(door: Door, password: str = PASSWORD) -> Inside:
    """A browser that is logged in."""
    browser = door.browser()
    browser.post("/login", data={**form_of(browser.get("/login")), "login": "hoa.lt", "password": password})
    return browser


def change(browser: Inside, present: str = PASSWORD, new: str = NEW, again: str = NEW) -> int:
    """The status of the answer to the filled-in page."""
    form = {"password": present, "new_password": new, "new_password_again": again}
    return browser.post("/password", data={**form_of(browser.get("/password")), **form}).status_code


def test_the_new_password_works_and_the_old_one_does_not(door: Door) -> None:
    official(door.runtime)
    browser = enter(door)
    assert change(browser) == 303
    assert 'id="changed"' in browser.get("/me?changed=password").text
    assert enter(door, NEW).get("/me").status_code == 200
    assert enter(door, PASSWORD).get("/me").status_code == 303


def test_sessions_elsewhere_end_and_the_one_at_hand_goes_on(door: Door) -> None:
    official(door.runtime)
    elsewhere, browser, attempt = door.browser(), enter(door), Attempt(door.application)
    tokens = redeem(elsewhere, attempt, get_code(elsewhere, attempt, "hoa.lt", PASSWORD)).json()
    before = browser.cookies["session"]
    assert change(browser) == 303
    assert browser.cookies["session"] != before
    assert browser.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 303
    assert refresh(elsewhere, door.application, tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_an_open_screen_is_not_enough(door: Door) -> None:
    """The present password is asked for, and guessing it is counted like at the log-in."""
    official(door.runtime)
    browser = enter(door)
    for _try in range(5):
        assert change(browser, "wrong") == 403
    assert change(browser) == 403
    assert try_login(browser, "hoa.lt") == 403, "the count is shared with the log-in"
    assert try_login(door.browser(), "hoa.lt") == 303, "whoever sits at the open screen shuts out nobody elsewhere"


def test_a_bad_new_password_costs_no_try(door: Door) -> None:
    official(door.runtime)
    browser = enter(door)
    for new, again in (("ngắn", "ngắn"), (NEW, "khác"), ("aaaaaaaaaaaaaa", "aaaaaaaaaaaaaa")):
        for _try in range(3):
            assert change(browser, new=new, again=again) == 400
    assert change(browser) == 303


def test_nobody_changes_anything_without_a_session(door: Door) -> None:
    browser = door.browser()
    assert browser.get("/password").headers["location"].startswith("/login")
    form = form_of(browser.get("/login"))
    assert browser.post("/password", data={**form, "password": "x"}).headers["location"].startswith("/login")
