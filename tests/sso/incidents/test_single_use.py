"""Codes and other values that are good once: each kind for itself, for its client, address and session; a replay ends the family."""

import pytest

from sso.client_registration import DEVICE_GRANT, GRANT_TYPES
from tests.sso.door.test_login import try_login
from tests.sso.flow import (
    Application,
    Attempt,
    answer_of,
    ask_token,
    follow,
    form_of,
    get_code,
    redeem,
    refresh,
    userinfo,
)
from tests.sso.incidents.conftest import Attacked
from tests.sso.people import PASSWORD


def test_cxf_cve_2026_68079_a_code_that_comes_again_ends_what_it_gave(
    attacked: Attacked, application: Application
) -> None:
    """Fifty at once: tests/sso/incidents/test_races.py."""
    attempt = Attempt(application)
    code = get_code(attacked.browser(), attempt, attacked.someone().login, PASSWORD)
    given = redeem(attacked.browser(), attempt, code).json()
    assert userinfo(attacked.browser(), given["access_token"]).status_code == 200
    assert redeem(attacked.browser(), attempt, code).status_code == 400
    assert userinfo(attacked.browser(), given["access_token"]).status_code == 401
    assert refresh(attacked.browser(), application, given["refresh_token"]).status_code == 400


@pytest.mark.parametrize("kind", ["code", "refresh_token", "device_code", "access_token"])
def test_keycloak_cve_2026_4282_a_value_of_one_kind_is_none_of_another(attacked: Attacked, kind: str) -> None:
    every = attacked.application(grant_types=GRANT_TYPES)
    attempt, who = Attempt(every), attacked.someone()
    values = attacked.tokens(every, who)
    values["code"] = get_code(attacked.browser(), attempt, who.login, PASSWORD)
    values["device_code"] = ask_token(attacked.browser(), every, {}, "/device_authorization").json()["device_code"]
    value = values[kind]
    asked = {
        "code": {"grant_type": "authorization_code", "code": value, "redirect_uri": every.redirect_uri},
        "refresh_token": {"grant_type": "refresh_token", "refresh_token": value},
        "device_code": {"grant_type": DEVICE_GRANT, "device_code": value},
    }
    for other, form in asked.items():
        if other != kind:
            assert ask_token(attacked.browser(), every, {**form, "code_verifier": attempt.verifier}).status_code == 400
    if kind != "access_token":
        assert userinfo(attacked.browser(), value).status_code == 401


def test_a_code_of_another_application_is_none(attacked: Attacked, application: Application) -> None:
    attempt, other = Attempt(application), attacked.application()
    code = get_code(attacked.browser(), attempt, attacked.someone().login, PASSWORD)
    stolen = Attempt(Application(other.client_id, other.secret, application.redirect_uri), verifier=attempt.verifier)
    assert redeem(attacked.browser(), stolen, code).status_code == 400
    assert redeem(attacked.browser(), attempt, code).status_code == 200, "and it is not spent by a stranger"


def test_dex_cve_2022_39222_who_began_a_request_learns_no_code_of_who_ended_it(
    attacked: Attacked, application: Application
) -> None:
    """The attacker sends the victim a request of their own and asks again when the victim has logged in."""
    attacker, victim = attacked.browser("198.51.100.66"), attacked.browser()
    begun = attacker.get(Attempt(application).address()).headers["location"]
    page = victim.get(begun)
    done = victim.post("/login", data={**form_of(page), "login": attacked.someone().login, "password": PASSWORD})
    assert "code" in answer_of(follow(victim, done))
    again = attacker.get(form_of(page)["next"])
    assert again.headers["location"].startswith("/login?"), "the answer is given to the browser that logged in"


def test_a_code_ends_with_the_session_it_was_made_in(attacked: Attacked, application: Application) -> None:
    attempt, browser = Attempt(application), attacked.browser()
    code = get_code(browser, attempt, attacked.someone().login, PASSWORD)
    browser.post("/logout", data={**form_of(browser.get("/logout")), "answer": "log-out"})
    assert redeem(attacked.browser(), attempt, code).status_code == 400


def test_a_form_token_of_another_browser_posts_nothing(attacked: Attacked) -> None:
    who, browser, other = attacked.someone(), attacked.browser(), attacked.browser()
    foreign = form_of(other.get("/login"))
    browser.get("/login")
    assert browser.post("/login", data={**foreign, "login": who.login, "password": PASSWORD}).status_code == 403
    assert try_login(browser, who.login) == 303
