"""Fifty at once: exactly one succeeds (CVE-2026-1035, CVE-2026-4282, CVE-2026-68079)."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import sqlalchemy as sa

from foundation.database import Database
from foundation.settings import Settings
from sso.models import RefreshToken
from tests.services.clock import MovableClock
from tests.sso.conftest import Door, build_door, settle
from tests.sso.flow import Attempt, form_of, get_code, redeem, refresh, userinfo
from tests.sso.people import PASSWORD, official

AT_ONCE = 50


def together(act: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """The answers of as many acts begun at the same moment."""
    barrier = Barrier(AT_ONCE)

    def one(_number: int) -> httpx.Response:
        barrier.wait()
        return act()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def test_one_of_fifty_redemptions_of_a_code_succeeds_and_then_nothing_lives(door: Door) -> None:
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    code = get_code(browser, attempt, "hoa.lt", PASSWORD)
    redeem(browser, attempt, "warm up the keys")
    answers = together(lambda: redeem(door.browser(), attempt, code))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: AT_ONCE - 1}
    token = next(answer for answer in answers if answer.status_code == 200).json()["access_token"]
    assert userinfo(browser, token).status_code == 401


def test_one_of_fifty_uses_of_a_refresh_token_rotates_and_all_get_its_child(door: Door) -> None:
    """An answer may be lost, so whoever comes within seconds is told the one child there is (decision 0018)."""
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    tokens = redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json()
    answers = together(lambda: refresh(door.browser(), door.application, tokens["refresh_token"]))
    assert {answer.status_code for answer in answers} == {200}
    children = {answer.json()["refresh_token"] for answer in answers}
    assert len(children) == 1
    with door.runtime.database.read() as reads:
        assert reads.execute(sa.select(sa.func.count()).select_from(RefreshToken)).scalar_one() == 2
    assert refresh(browser, door.application, children.pop()).status_code == 200


def test_without_that_time_one_of_fifty_succeeds_and_the_family_ends(
    settings: Settings, database: Database, clock: MovableClock
) -> None:
    door = build_door(settle(settings, database, clock, refresh_again_seconds=0))
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    tokens = redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json()
    answers = together(lambda: refresh(door.browser(), door.application, tokens["refresh_token"]))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: AT_ONCE - 1}
    fresh = next(answer for answer in answers if answer.status_code == 200).json()
    assert refresh(browser, door.application, fresh["refresh_token"]).status_code == 400


def test_an_activation_code_is_redeemed_once(door: Door) -> None:
    nam = official(door.runtime, state="issued", with_password=False, with_code=True)

    def act() -> httpx.Response:
        browser = door.browser()
        form = {"login": nam.login, "code": nam.code, "new_password": PASSWORD, "new_password_again": PASSWORD}
        return browser.post("/activate", data={**form_of(browser.get("/activate")), **form})

    assert Counter(answer.status_code for answer in together(act))[303] == 1


def test_parallel_guesses_are_all_counted(door: Door) -> None:
    """More tries than allowed, at once, do not get more looks (CVE-2024-4629); whom a full queue sends away was counted before."""
    official(door.runtime)

    def guess() -> httpx.Response:
        browser = door.browser()
        return browser.post("/login", data={**form_of(browser.get("/login")), "login": "hoa.lt", "password": "wrong"})

    assert {answer.status_code for answer in together(guess)} <= {403, 503}
    browser = door.browser()
    right = browser.post("/login", data={**form_of(browser.get("/login")), "login": "hoa.lt", "password": PASSWORD})
    assert right.status_code == 403
