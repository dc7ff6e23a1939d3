"""Attacks by another program on an official's machine, which calls itself the command line."""

import pytest

from sso.client_registration import COMMAND_LINE
from sso.house_clients import ensure_own_clients
from tests.sso.conftest import Door
from tests.sso.door.test_login import try_login
from tests.sso.flow import Application, Attempt, answer_of, follow, form_of
from tests.sso.people import PASSWORD, official

LISTENER = "http://127.0.0.1:51004/done"


@pytest.fixture
def attempt(door: Door) -> Attempt:
    """What the program asks for: to act, at a port of its own."""
    with door.runtime.database.write() as writes:
        ensure_own_clients(writes, "http://127.0.0.1:8000", "test", door.runtime.clocks.wall())
    official(door.runtime)
    return Attempt(Application(COMMAND_LINE, None, LISTENER), scope="openid act")


def test_an_open_session_gives_no_program_the_right_to_act_unseen(door: Door, attempt: Attempt) -> None:
    """RFC 8252 §8.6: whoever listens on a port of the machine would act with somebody's rights while they read their mail."""
    browser = door.browser()
    assert try_login(browser, "hoa.lt") == 303
    assert answer_of(browser.get(attempt.address(prompt="none")))["error"] == "login_required"
    sent = browser.get(attempt.address())
    assert sent.headers["location"].startswith("/login?")
    page = browser.get(sent.headers["location"])
    done = browser.post("/login", data={**form_of(page), "login": "hoa.lt", "password": PASSWORD})
    assert "code" in answer_of(follow(browser, done)), "who logs in for it is let in"


def test_without_that_right_the_session_is_enough(door: Door, attempt: Attempt) -> None:
    browser = door.browser()
    assert try_login(browser, "hoa.lt") == 303
    assert "code" in answer_of(browser.get(attempt.address(scope="openid profile")))
