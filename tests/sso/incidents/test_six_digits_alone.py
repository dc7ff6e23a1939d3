"""Attacks that guess a code of an app where no password is asked for, and browsers that vouch for whoever was made to use them."""

import sqlalchemy as sa

from sso.factors.models import Device
from sso.opaque import digest
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.conftest import Door
from tests.sso.door.test_login import try_login
from tests.sso.door.test_recovery import recover
from tests.sso.factors.test_second_factor import answer, code_at, with_app
from tests.sso.people import official


def device_of(browser: Inside) -> str:
    """The value a browser is known by."""
    return next(cookie.value or "" for cookie in browser.cookies.jar if cookie.name.endswith("device"))


def plant(browser: Inside, value: str) -> None:
    """Give a browser the value of another one."""
    name = next(cookie.name for cookie in browser.cookies.jar if cookie.name.endswith("device"))
    browser.cookies.delete(name)
    browser.cookies.set(name, value)


def test_six_digits_guessed_from_anywhere_take_no_account_over(door: Door, clock: MovableClock) -> None:
    """Five tries a quarter of an hour at three good codes in a million: with ten thousand log-ins, some a day would be let in wrongly."""
    _who, secret, codes = with_app(door, clock)
    stranger = door.browser()
    assert recover(stranger, "hoa.lt", code_at(secret, clock)).status_code == 403
    assert stranger.get("/me").status_code == 303
    assert recover(stranger, "hoa.lt", codes[0]).status_code == 303, "sixty bits are not guessed"


def test_a_refused_code_is_not_spent(door: Door, clock: MovableClock) -> None:
    """A stranger who saw the code over a shoulder takes nothing away from its owner either."""
    _who, secret, _codes = with_app(door, clock)
    code = code_at(secret, clock)
    assert recover(door.browser(), "hoa.lt", code).status_code == 403
    owner = door.browser()
    try_login(owner, "hoa.lt")
    assert answer(owner, code).status_code == 303


def test_a_value_planted_in_a_browser_of_the_counter_vouches_for_nobody_later(door: Door, clock: MovableClock) -> None:
    """Who used the counter's computer before has kept its value; who comes in after must not take it on (CVE-2026-7507's kin)."""
    who, secret, codes = with_app(door, clock)
    official(door.runtime, "Nguyễn Văn Kẻ", "ke.nv", code="H61.13")
    counter = door.browser()
    assert try_login(counter, "ke.nv") == 303
    planted = device_of(counter)
    assert try_login(counter, "hoa.lt") == 303
    assert answer(counter, codes[0], remember="yes").status_code == 303
    assert device_of(counter) != planted
    with door.runtime.database.read() as reads:
        hashes = sa.select(Device.account_id).where(Device.cookie_hash == digest(planted))
        assert reads.execute(hashes).all() == []
        here = sa.select(sa.func.count()).where(Device.cookie_hash == digest(device_of(counter)))
        assert reads.execute(here).scalar_one() == 2, "the browser itself is known to both as before"
    thief = door.browser()
    assert try_login(thief, "ke.nv") == 303
    plant(thief, planted)
    clock.advance(60)
    assert recover(thief, who.login, code_at(secret, clock)).status_code == 403
    assert try_login(thief, who.login) == 303
    assert thief.get("/me").status_code == 303, "the second factor is still owed"
