"""Applications that ask for a second factor: as a step on the way, as a wish, as a condition."""

import re
from urllib.parse import parse_qs, urlsplit

from foundation.database import Database
from foundation.settings import Settings
from tests.services.clock import MovableClock
from tests.sso.conftest import Door, build_door, settle
from tests.sso.door.test_login import try_login
from tests.sso.factors.test_second_factor import answer, code_at, set_up, with_app
from tests.sso.flow import (
    Attempt,
    answer_of,
    ask_token,
    follow,
    get_code,
    read_id_token,
    redeem,
    refresh,
    userinfo,
)
from tests.sso.people import PASSWORD, official

WANTS_TWO = '{"id_token": {"acr": {"essential": true, "value": "urn:hopnhat:two-factors"}}}'


def test_an_application_asks_for_two_and_gets_them(door: Door, clock: MovableClock) -> None:
    """RFC 9470: step-up without a new log-in; `auth_time` stays that of the password."""
    _who, secret, _codes = with_app(door, clock)
    browser, attempt = door.browser(), Attempt(door.application)
    try_login(browser, "hoa.lt")
    answer(browser, code_at(secret, clock), remember="yes")
    browser.cookies.delete("session")
    try_login(browser, "hoa.lt")
    since = int(clock.now.timestamp())
    assert "code" in answer_of(browser.get(Attempt(door.application).address()))
    clock.advance(90)
    sent = browser.get(attempt.address(acr_values="urn:hopnhat:two-factors"))
    assert sent.headers["location"].startswith("/second-factor?")
    done = answer(browser, code_at(secret, clock), sent.headers["location"])
    code = answer_of(follow(browser, done))["code"]
    claims = read_id_token(browser, redeem(browser, attempt, code).json()["id_token"])
    assert (claims["acr"], claims["auth_time"]) == ("urn:hopnhat:two-factors", since)


def test_the_step_a_resource_asks_for_is_taken_once_and_stays_over_refreshes(
    settings: Settings, database: Database, clock: MovableClock
) -> None:
    """RFC 9470 from end to end: the challenge, the level it names asked for, the step, the token of it and those after it."""
    door = build_door(settle(settings, database, clock, userinfo_level="urn:hopnhat:two-factors"))
    _who, secret, _codes = with_app(door, clock)
    browser, first, again = door.browser(), Attempt(door.application), Attempt(door.application)
    try_login(browser, "hoa.lt")
    answer(browser, code_at(secret, clock), remember="yes")
    browser.cookies.delete("session")
    try_login(browser, "hoa.lt")
    low = redeem(browser, first, answer_of(browser.get(first.address()))["code"]).json()
    refused = userinfo(browser, low["access_token"])
    level = re.findall(
        r'error="insufficient_user_authentication", acr_values="([^"]+)"', refused.headers["www-authenticate"]
    )
    clock.advance(90)
    sent = browser.get(again.address(acr_values=level[0]))
    done = answer(browser, code_at(secret, clock), sent.headers["location"])
    tokens = redeem(browser, again, answer_of(follow(browser, done))["code"]).json()
    for _turn in range(2):
        assert userinfo(browser, tokens["access_token"]).status_code == 200
        told = ask_token(browser, door.application, {"token": tokens["access_token"]}, "/introspect").json()
        assert told["acr"] == level[0]
        clock.advance(60)
        tokens = refresh(browser, door.application, tokens["refresh_token"]).json()
    stale = refresh(browser, door.application, low["refresh_token"]).json()
    assert userinfo(browser, stale["access_token"]).status_code == 401, "what was given before the step is what it was"


def test_a_wish_that_cannot_be_met_is_left_unsaid_and_a_condition_leads_to_setting_up(
    door: Door, clock: MovableClock
) -> None:
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    code = get_code(browser, attempt, "hoa.lt", PASSWORD, acr_values="urn:hopnhat:two-factors")
    assert read_id_token(browser, redeem(browser, attempt, code).json()["id_token"])["acr"] == "urn:hopnhat:password"
    sent = browser.get(attempt.address(claims=WANTS_TWO))
    assert sent.headers["location"].startswith("/second-factor?")
    address = browser.get(sent.headers["location"]).headers["location"]
    assert address.startswith("/me/authenticator?")
    set_up(browser, clock, address)
    way = parse_qs(urlsplit(address).query)["next"][0]
    claims = read_id_token(browser, redeem(browser, attempt, answer_of(browser.get(way))["code"]).json()["id_token"])
    assert claims["acr"] == "urn:hopnhat:two-factors"
