"""What nobody proved is bound: by application and network, by application, in length; and it leaves soon."""

from collections.abc import Callable

import httpx
import pytest
import sqlalchemy as sa

import sso.waiting
from foundation.database import Database
from foundation.settings import Settings
from sso.client_keeping import add_client
from sso.client_registration import DEVICE_GRANT, NewClient
from sso.door.sources import source_subject
from sso.models import DeviceCode, KeptRequest
from sso.settings import SsoSection
from sso.sweeping import sweep
from tests.services.clock import MovableClock
from tests.sso.conftest import Door, build_door, settle
from tests.sso.flow import Application, Attempt, answer_of, log_in
from tests.sso.people import PASSWORD, official

MOST = 10
BACK = "https://dien-thoai.example.vn/done"
Ask = Callable[[Door, str], httpx.Response]


@pytest.fixture
def small(settings: Settings, database: Database, clock: MovableClock) -> Door:
    """The provider with a small bound and a public application that may do both."""
    door = build_door(settle(settings, database, clock, waiting_at_most=MOST))
    grants = ("authorization_code", "refresh_token", DEVICE_GRANT)
    new = NewClient(name="điện thoại", client_id="dien-thoai", kind="public", redirect_uris=(BACK,), grant_types=grants)
    with door.runtime.database.write() as writes:
        add_client(writes, new, "test", clock.now)
    return door


def attempt() -> Attempt:
    """A request of the public application."""
    return Attempt(Application("dien-thoai", None, BACK))


def push(door: Door, caller: str) -> httpx.Response:
    """A pushed request of somebody who knows the application's name."""
    return door.browser(caller=(caller, 4000)).post("/par", data=attempt().parameters())


def ask_for_device(door: Door, caller: str) -> httpx.Response:
    """A device of somebody who knows it."""
    return door.browser(caller=(caller, 4000)).post("/device_authorization", data={"client_id": "dien-thoai"})


def references(door: Door) -> list[str]:
    """Where every kept request came from, the oldest first, as tests name networks."""
    with door.runtime.database.read() as reads:
        rows = reads.execute(sa.select(KeptRequest.asked_from).order_by(KeptRequest.made_at)).scalars().all()
    names = {source_subject(door.runtime.sealer, caller): caller for caller in CALLERS}
    return [names[row] for row in rows if row is not None]


CALLERS = [f"203.0.{third}.{last}" for third in (113, 114) for last in range(MOST)] + ["198.51.100.7"]


@pytest.mark.parametrize(("ask", "model"), [(push, KeptRequest), (ask_for_device, DeviceCode)])
def test_a_network_leaves_so_many_rows_and_no_more(
    small: Door, clock: MovableClock, ask: Ask, model: type[KeptRequest] | type[DeviceCode]
) -> None:
    answers = [ask(small, "203.0.113.9") for _ in range(MOST + 2)]
    assert {answer.status_code // 100 for answer in answers} == {2}, "nobody is refused"
    assert ask(small, "203.0.113.10").status_code // 100 == 2
    with small.runtime.database.read() as reads:
        assert reads.execute(sa.select(sa.func.count()).select_from(model)).scalar_one() == MOST + 1
    clock.advance(hours=2)
    assert sweep(small.runtime.database, clock.now, SsoSection()) == MOST + 1


def test_a_network_makes_room_out_of_its_own_oldest_that_nobody_opened(small: Door, clock: MovableClock) -> None:
    browser = small.browser(caller=("203.0.113.9", 4000))
    opened, unopened = (push(small, "203.0.113.9").json()["request_uri"] for _ in range(2))
    assert browser.get(f"/authorize?client_id=dien-thoai&request_uri={opened}").status_code == 303
    for _ in range(MOST - 1):
        clock.advance(seconds=1)
        assert push(small, "203.0.113.9").status_code == 201
    assert small.browser().get(f"/authorize?client_id=dien-thoai&request_uri={unopened}").status_code == 400
    official(small.runtime)
    log_in_at = f"/authorize?client_id=dien-thoai&request_uri={opened}"
    assert "code" in answer_of(browser.get(log_in(browser, log_in_at, "hoa.lt", PASSWORD).headers["location"]))


@pytest.fixture
def few_networks(monkeypatch: pytest.MonkeyPatch) -> int:
    """How many waiting requests fill an application of the tests."""
    monkeypatch.setattr(sso.waiting, "NETWORKS", 3)
    return 3 * MOST


def test_an_application_is_shut_by_no_crowd_of_networks(small: Door, few_networks: int) -> None:
    """Networks at their bound, then an office of one: the heaviest wide network pays, and the office keeps its own."""
    for last in (1, 2):
        for _ in range(MOST):
            assert push(small, f"203.0.113.{last}").status_code == 201
    office = push(small, "198.51.100.7").json()["request_uri"]
    for last in (3, 4):
        for _ in range(MOST):
            assert push(small, f"203.0.114.{last}").status_code == 201
    assert push(small, "198.51.100.7").status_code == 201
    left = references(small)
    assert len(left) == few_networks, "the application's bound holds"
    assert left.count("198.51.100.7") == 2
    answer = small.browser().get(f"/authorize?client_id=dien-thoai&request_uri={office}")
    assert "/login" in answer.headers["location"]
    assert ask_for_device(small, "203.0.113.200").status_code == 200, "each kind by itself"


def test_one_host_with_many_addresses_weighs_as_its_network(small: Door, few_networks: int) -> None:
    """Of IPv6 anybody has thousands of /64 for nothing: an office of two would be the heaviest beside them."""
    for number in range(few_networks - 2):
        assert push(small, f"2001:db8:1:{number:x}::1").status_code == 201
    two = [push(small, "198.51.100.7").json()["request_uri"] for _ in range(2)]
    for number in range(5):
        assert push(small, f"2001:db8:1:f{number:x}::1").status_code == 201
    for reference in two:
        answer = small.browser().get(f"/authorize?client_id=dien-thoai&request_uri={reference}")
        assert "/login" in answer.headers["location"]


@pytest.mark.parametrize(("ask", "model"), [(push, KeptRequest), (ask_for_device, DeviceCode)])
def test_what_nobody_opened_in_time_leaves_with_those_that_come(
    small: Door, clock: MovableClock, ask: Ask, model: type[KeptRequest] | type[DeviceCode]
) -> None:
    for _ in range(MOST):
        ask(small, "203.0.113.9")
    clock.advance(minutes=20)
    for _ in range(MOST):
        ask(small, "203.0.113.9")
    with small.runtime.database.read() as reads:
        assert reads.execute(sa.select(sa.func.count()).select_from(model)).scalar_one() == MOST


def test_what_was_answered_counts_no_more(small: Door) -> None:
    """An office behind one address is bound by who is under way, not by who came."""
    official(small.runtime)
    browser = small.browser()
    for number in range(MOST + 3):
        pushed = browser.post("/par", data=attempt().parameters())
        address = f"/authorize?client_id=dien-thoai&request_uri={pushed.json()['request_uri']}"
        if number == 0:
            address = log_in(browser, address, "hoa.lt", PASSWORD).headers["location"]
        assert "code" in answer_of(browser.get(address))


def test_who_proves_itself_is_not_bound(small: Door) -> None:
    proof = (small.application.client_id, small.application.secret or "")
    for _ in range(MOST + 1):
        asked = Attempt(small.application).parameters()
        assert small.browser().post("/par", data=asked, auth=proof).status_code == 201


def test_an_unproved_request_is_no_longer_than_a_query(small: Door) -> None:
    long = small.browser().post("/par", data=attempt().parameters(state="x" * 8000))
    assert (long.status_code, long.json()["error"]) == (400, "invalid_request")
