"""Networks are weighed, not counted; a known browser stays open; nobody locks an official out; every refusal costs the same."""

import random
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from directory import credentials
from foundation.runtime import Runtime
from sso.door.guesses import account_subject, open_account
from sso.door.sources import SourceShut, check_source, name_source, relieve, weigh_failure
from sso.models import Guess
from sso.settings import SsoSection
from tests.services.clock import MovableClock
from tests.sso.conftest import Door
from tests.sso.door.test_login import try_login
from tests.sso.people import PASSWORD, official

CROWD = 8000
MORNING = timedelta(minutes=10)


def come(runtime: Runtime, begin: datetime, crowd: int) -> int:
    """So many people behind one address within ten minutes, a fifth of them wrong up to three times before they are right.

    Gives how often they were wrong. Raises SourceShut when one of them is told to wait.
    """
    chance, policy = random.Random(1), runtime.settings[SsoSection]
    moments: list[tuple[float, int, bool]] = []
    for person in range(crowd):
        at = chance.random() * MORNING.total_seconds()
        slips = chance.randint(1, 3) if chance.random() < 0.2 else 0
        moments += [(at + 8 * slip, person, False) for slip in range(slips)]
        moments.append((at + 8 * slips, person, True))
    moments.sort()
    for start in range(0, len(moments), 1000):
        with runtime.database.write() as writes:
            for at, person, right in moments[start : start + 1000]:
                now = begin + timedelta(seconds=at)
                check_source(writes, runtime.sealer, "203.0.113.9", now)
                if right:
                    relieve(writes, runtime.sealer, "203.0.113.9", str(person), policy, now)
                else:
                    weigh_failure(writes, runtime.sealer, "203.0.113.9", policy, now)
    return sum(not right for _at, _person, right in moments)


def test_eight_thousand_officials_behind_one_address_all_get_in_though_a_fifth_mistypes(standing_door: Door) -> None:
    """The first morning, at its real size."""
    assert come(standing_door.runtime, standing_door.runtime.clocks.wall(), CROWD) > CROWD / 5


def test_a_smaller_crowd_gets_in_on_either_database(runtime: Runtime, clock: MovableClock) -> None:
    assert come(runtime, clock.now, 600) > 120


def guess(runtime: Runtime, clock: MovableClock, times: int, caller: str = "203.0.113.9") -> None:
    """So many failures from one network."""
    with runtime.database.write() as writes:
        for _time in range(times):
            weigh_failure(writes, runtime.sealer, caller, runtime.settings[SsoSection], clock.now)


def is_shut(runtime: Runtime, clock: MovableClock, caller: str = "203.0.113.9") -> bool:
    """Whether the network has to wait."""
    with runtime.database.write() as writes:
        try:
            check_source(writes, runtime.sealer, caller, clock.now)
        except SourceShut:
            return True
    return False


def test_who_only_guesses_is_told_to_wait(runtime: Runtime, clock: MovableClock) -> None:
    guess(runtime, clock, 200)
    assert not is_shut(runtime, clock)
    guess(runtime, clock, 1)
    assert is_shut(runtime, clock)
    assert not is_shut(runtime, clock, "203.0.113.10")
    clock.advance(seconds=61)
    assert not is_shut(runtime, clock)


def test_one_log_in_of_ones_own_does_not_pay_for_a_list_of_guesses(runtime: Runtime, clock: MovableClock) -> None:
    for _round in range(120):
        guess(runtime, clock, 2)
        with runtime.database.write() as writes:
            relieve(writes, runtime.sealer, "203.0.113.9", "one account", runtime.settings[SsoSection], clock.now)
    assert is_shut(runtime, clock)


@pytest.mark.parametrize(
    ("caller", "source"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("unix:", "unix:"),
    ],
)
def test_a_subscriber_is_one_source_whatever_addresses_they_take(caller: str, source: str) -> None:
    assert name_source(caller) == source


def test_a_shut_network_is_told_so_before_anything_is_looked_at(door: Door, clock: MovableClock) -> None:
    official(door.runtime)
    known = door.browser()
    assert try_login(known, "hoa.lt") == 303
    guess(door.runtime, clock, 202, "127.0.0.1")
    for login in ("hoa.lt", "nobody"):
        browser = door.browser()
        page = browser.get("/login")
        assert page.status_code == 200
        refused = browser.post(
            "/login",
            data={
                "form_token": page.text.split('name="form_token" value="')[1][:48],
                "login": login,
                "password": PASSWORD,
            },
        )
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
        assert 'data-code="source_shut"' in refused.text
    assert try_login(known, "hoa.lt") == 303
    assert try_login(door.browser(caller=("198.51.100.7", 4000)), "hoa.lt") == 303


def test_a_stranger_cannot_lock_an_official_out_of_their_own_browser(door: Door) -> None:
    """KC and AU had it the other way round (CVE-2024-1722 and its kind): guesses shut the stranger out, not the owner."""
    hoa = official(door.runtime)
    own = door.browser()
    assert try_login(own, "hoa.lt") == 303
    for _try in range(7):
        try_login(door.browser(), "hoa.lt", "wrong")
    assert try_login(door.browser(), "hoa.lt") == 403
    assert try_login(own, "hoa.lt") == 303
    assert try_login(door.browser(), "hoa.lt") == 403
    with door.runtime.database.write() as writes:
        open_account(writes, door.runtime.sealer, hoa.account_id, door.runtime.clocks.wall())
    assert try_login(door.browser(), "hoa.lt") == 303


def test_a_known_browser_that_guesses_is_shut_by_itself(door: Door) -> None:
    official(door.runtime)
    own = door.browser()
    try_login(own, "hoa.lt")
    for _try in range(6):
        try_login(own, "hoa.lt", "wrong")
    assert try_login(own, "hoa.lt") == 403
    assert try_login(door.browser(), "hoa.lt") == 303


def test_a_browser_known_to_one_account_is_a_stranger_to_another(door: Door) -> None:
    official(door.runtime)
    nam = official(door.runtime, "Nam", "nam.nv", code="H61.13")
    browser = door.browser()
    try_login(browser, "hoa.lt")
    try_login(browser, "nam.nv", "wrong")
    with door.runtime.database.read() as reads:
        subject = account_subject(door.runtime.sealer, nam.account_id)
        assert reads.execute(sa.select(Guess.failures).where(Guess.subject == subject)).scalar_one() == 1


@pytest.mark.parametrize("case", ["unknown", "wrong", "shut", "issued", "suspended", "closed", "too long"])
def test_every_refusal_costs_exactly_one_hash(door: Door, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    """The same time for everybody is the same work for everybody (CVE-2026-4633, CVE-2026-9794, CVE-2026-23511)."""
    state = case if case in ("issued", "suspended", "closed") else "active"
    official(door.runtime, state=state, with_password=state != "issued")
    if case == "shut":
        for _try in range(6):
            try_login(door.browser(), "hoa.lt", "wrong")
    counted, real = [], credentials.fits_argon2

    def fits(kept: str, password: str) -> bool:
        counted.append(kept)
        return real(kept, password)

    monkeypatch.setattr(credentials, "fits_argon2", fits)
    password = {"wrong": "wrong", "too long": "x" * 300}.get(case, PASSWORD)
    assert try_login(door.browser(), "nobody" if case == "unknown" else "hoa.lt", password) == 403
    assert len(counted) == 1
