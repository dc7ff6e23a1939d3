"""`/me`: what one may end, take back and take along; and that nobody does so for anybody else."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from directory.models import Account
from sso.consent import record_consent
from sso.factors.devices import MOST_KNOWN, find_device, keep_device, list_devices
from sso.sessions import TABLE as SESSION
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.conftest import Door
from tests.sso.door.test_login import try_login
from tests.sso.flow import form_of
from tests.sso.people import official


def do(browser: Inside, **what: str) -> int:
    """One button of the page."""
    return browser.post("/me", data={**form_of(browser.get("/me")), **what}).status_code


def is_in(browser: Inside) -> bool:
    """Whether the browser is logged in."""
    return browser.get("/me").status_code == 200


def test_one_session_is_ended_or_all_others(door: Door) -> None:
    official(door.runtime)
    here, second, third = (door.browser() for _ in range(3))
    for browser in (here, second, third):
        try_login(browser, "hoa.lt")
    listed = re.findall(r'name="session" value="([^"]+)"', here.get("/me").text)
    assert len(listed) == 2
    assert do(here, session=listed[0]) == 303
    assert [is_in(one) for one in (here, second, third)].count(True) == 2
    assert do(here, all="sessions") == 303
    assert [is_in(one) for one in (here, second, third)] == [True, False, False]


@pytest.mark.parametrize("what", ["session", "device", "consent"])
def test_what_belongs_to_another_is_not_found(door: Door, clock: MovableClock, what: str) -> None:
    """Object-level checks on the target (CVE-2026-9099 and its kind)."""
    hoa = official(door.runtime)
    nam = official(door.runtime, "Nam", "nam.nv", code="H61.13")
    theirs, mine = door.browser(), door.browser()
    try_login(theirs, "hoa.lt")
    try_login(mine, "nam.nv")
    with door.runtime.database.write() as writes:
        record_consent(writes, hoa.person_id, "van-ban", "openid", clock.now)
        session = writes.execute(sa.select(SESSION.c.id).where(SESSION.c.account_id == hoa.account_id)).scalar_one()
        (device,) = list_devices(writes, hoa.account_id, clock.now)
    target = {"session": str(session), "device": str(device.id), "consent": "van-ban"}[what]
    assert do(mine, **{what: target}) == 303
    page = theirs.get("/me")
    assert page.status_code == 200
    assert 'name="consent" value="van-ban"' in page.text
    assert f'name="device" value="{device.id}"' in page.text
    assert nam.account_id != hoa.account_id


def test_consent_is_taken_back_and_a_browser_forgotten(door: Door, clock: MovableClock) -> None:
    hoa = official(door.runtime)
    browser = door.browser()
    try_login(browser, "hoa.lt")
    with door.runtime.database.write() as writes:
        record_consent(writes, hoa.person_id, "van-ban", "openid", clock.now)
        (device,) = list_devices(writes, hoa.account_id, clock.now)
    do(browser, consent="van-ban")
    do(browser, device=str(device.id))
    page = browser.get("/me").text
    assert 'name="consent"' not in page
    assert 'name="device"' not in page


@pytest.mark.parametrize("typed", ["hoa.lt", " HOA.LT", "lê.hoa@vinhlong.gov.vn"])
def test_the_page_tells_of_tries_that_failed(door: Door, clock: MovableClock, typed: str) -> None:
    """Under any name one can be tried by; never of tries on others."""
    official(door.runtime, address="le.hoa@vinhlong.gov.vn")
    official(door.runtime, "Nam", "nam.nv", code="H61.13")
    browser = door.browser()
    try_login(browser, "hoa.lt")
    stranger = door.browser(caller=("203.0.113.9", 4000))
    assert try_login(stranger, typed, "wrong") == 403
    assert try_login(stranger, "nam.nv", "wrong") == 403
    clock.advance(60)
    try_login(browser, "hoa.lt")
    page = browser.get("/me").text
    assert len(re.findall(r"<li>[^<]+logged in", page)) == 2
    assert len(re.findall(r"<li>[^<]+refused, 203.0.113.9", page)) == 1
    assert [line["succeeded"] for line in browser.get("/me/data").json()["log_ins"]] == [True, False, True]


def test_ones_own_data_are_downloaded_by_their_owner_only(door: Door) -> None:
    hoa = official(door.runtime)
    browser = door.browser()
    assert browser.get("/me/data").status_code == 303
    try_login(browser, "hoa.lt")
    answer = browser.get("/me/data")
    assert "attachment" in answer.headers["content-disposition"]
    data = answer.json()
    assert (data["id"], data["name"], data["log_ins_of_the_account"]) == (str(hoa.person_id), "Lê Thị Hoa", ["hoa.lt"])
    assert data["posts"][0]["title"] == "Công chức tư pháp"
    assert data["log_ins"][0]["succeeded"] is True


def test_a_form_without_its_browsers_token_ends_nothing(door: Door, clock: MovableClock) -> None:
    official(door.runtime)
    browser, other = door.browser(), door.browser()
    try_login(browser, "hoa.lt")
    try_login(other, "hoa.lt")
    assert browser.post("/me", data={"all": "sessions"}).status_code == 403
    assert is_in(other)
    with door.runtime.database.write() as writes:
        writes.execute(sa.update(Account).values(state="suspended", state_since=clock.now + timedelta(0)))
    assert do(browser, all="sessions") in (303, 403)
    assert not is_in(browser)


def test_an_account_knows_its_latest_browsers_and_forgets_the_others(door: Door, clock: MovableClock) -> None:
    """A browser that keeps no cookies would else leave a row at every log-in, for a year."""
    who = official(door.runtime)
    with door.runtime.database.write() as writes:
        cookies = []
        for _time in range(MOST_KNOWN + 3):
            clock.advance(seconds=1)
            cookies.append(keep_device(writes, who.account_id, None, "Firefox", clock.now))
        assert len(list_devices(writes, who.account_id, clock.now)) == MOST_KNOWN
        known = [find_device(writes, who.account_id, cookie, clock.now) is not None for cookie in cookies]
    assert known == [False] * 3 + [True] * MOST_KNOWN
