"""Sessions: a new value at every step up, nothing a stranger planted, nothing of another person, and no step skipped."""

import pytest

from tests.sso.door.test_login import try_login
from tests.sso.factors.test_second_factor import set_up
from tests.sso.flow import Application, Attempt, answer_of, follow, form_of, read_id_token, redeem
from tests.sso.incidents.conftest import ISSUER, Attacked
from tests.sso.people import PASSWORD

COOKIE = "__Host-session"


def test_keycloak_cve_2026_7507_a_planted_session_is_nobodys_after_the_log_in(attacked: Attacked) -> None:
    """The attacker's own value, put into the victim's browser before."""
    attacker, victim = attacked.browser(), attacked.browser()
    assert try_login(attacker, attacked.someone().login) == 303
    planted = attacker.cookies[COOKIE]
    victim.cookies.set(COOKIE, planted, domain="dangnhap.example.vn")
    who = attacked.someone(name="Nạn Nhân")
    assert try_login(victim, who.login) == 303
    values = {cookie.value for cookie in victim.cookies.jar if cookie.name == COOKIE} - {planted}
    assert len(values) == 1
    assert "Nạn Nhân" not in attacker.get("/me").text


def test_authentik_cve_2026_49443_cookies_are_for_this_host_and_no_script(attacked: Attacked) -> None:
    browser = attacked.browser()
    page = browser.get("/login")
    form = {**form_of(page), "login": attacked.someone().login, "password": PASSWORD}
    set_now = browser.post("/login", data=form).headers.get_list("set-cookie")
    assert {one.partition("=")[0] for one in set_now} >= {COOKIE, "__Host-device"}
    for one in set_now:
        words = {word.strip().lower() for word in one.split(";")[1:]}
        assert one.startswith("__Host-")
        assert {"secure", "httponly", "path=/"} <= words
        assert not any(word.startswith("domain=") for word in words)


@pytest.mark.parametrize("path", ["/me", "/password", "/consent", "/device", "/me/authenticator", "/me/passkeys"])
def test_keycloak_cve_2026_9087_no_address_skips_a_step(attacked: Attacked, path: str) -> None:
    """The password was right and the code is owed: nothing opens, whatever is posted empty (AK CVE-2026-54730)."""
    who, own = attacked.someone(), attacked.browser()
    assert try_login(own, who.login) == 303
    set_up(own, attacked.clock)
    half = attacked.browser()
    assert try_login(half, who.login) == 303
    assert half.get(path).headers["location"].startswith(("/login", "/second-factor", "/me"))
    empty = half.post(path, data=form_of(half.get("/second-factor")))
    assert empty.status_code in (303, 400, 403, 405)
    assert half.get("/me").status_code == 303
    silent = half.get(Attempt(attacked.application()).address(prompt="none"))
    assert answer_of(silent)["error"] == "interaction_required"


def test_keycloak_cve_2023_6787_who_logs_in_again_as_somebody_else_has_nothing_of_the_first(
    attacked: Attacked, application: Application
) -> None:
    """`prompt=login` in an open browser, answered by another person: their own session, the first one over."""
    first, second, browser = attacked.someone(), attacked.someone(), attacked.browser()
    assert try_login(browser, first.login) == 303
    old = browser.cookies[COOKIE]
    attempt = Attempt(application)
    sent = browser.get(attempt.address(prompt="login"))
    page = browser.get(sent.headers["location"])
    posted = browser.post("/login", data={**form_of(page), "login": second.login, "password": PASSWORD})
    code = answer_of(follow(browser, posted))["code"]
    claims = read_id_token(browser, redeem(attacked.browser(), attempt, code).json()["id_token"])
    assert claims["sub"] == str(second.person_id)
    thief = attacked.browser()
    thief.cookies.set(COOKIE, old)
    assert thief.get("/me").status_code == 303


@pytest.mark.parametrize("header", ["X-authentik-username", "Remote-User", "X-Forwarded-User", "X-Auth-Request-User"])
def test_authentik_cve_2026_25748_no_header_says_who_somebody_is(attacked: Attacked, header: str) -> None:
    who, browser = attacked.someone(), attacked.browser()
    browser.headers[header] = who.login
    assert browser.get("/me").headers["location"].startswith("/login")


def test_the_value_changes_when_a_factor_is_proved(attacked: Attacked) -> None:
    """ZI CVE-2026-119128; the second factor itself: test_factors.py."""
    browser = attacked.browser()
    assert try_login(browser, attacked.someone().login) == 303
    before = browser.cookies[COOKIE]
    set_up(browser, attacked.clock)
    assert browser.cookies[COOKIE] != before
    stale = attacked.browser(origin=ISSUER)
    stale.cookies.set(COOKIE, before)
    assert stale.get("/me").status_code == 303
