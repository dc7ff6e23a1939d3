"""What nobody proved is bound: by application and network, by application, in length; and it leaves soon."""

from collections.abc import Callable

import httpx
import pytest
import sqlalchemy as sa

from foundation.database import Database
from foundation.settings import Settings
from sso.client_keeping import add_client
from sso.client_registration import DEVICE_GRANT, NewClient
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


@pytest.mark.parametrize(("ask", "model"), [(push, KeptRequest), (ask_for_device, DeviceCode)])
def test_a_network_leaves_so_many_rows_and_no_more(
    small: Door, clock: MovableClock, ask: Ask, model: type[KeptRequest] | type[DeviceCode]
) -> None:
    answers = [ask(small, "203.0.113.9") for _ in range(MOST + 2)]
    assert [answer.status_code // 100 for answer in answers] == [2] * MOST + [4] * 2
    assert (answers[-1].status_code, answers[-1].headers["retry-after"]) == (429, "60")
    assert answers[-1].json()["error"] == "temporarily_unavailable"
    assert ask(small, "203.0.113.10").status_code // 100 == 2, "another network is not concerned"
    with small.runtime.database.read() as reads:
        assert reads.execute(sa.select(sa.func.count()).select_from(model)).scalar_one() == MOST + 1
    clock.advance(hours=2)
    assert sweep(small.runtime.database, clock.now, SsoSection()) == MOST + 1
    assert ask(small, "203.0.113.9").status_code // 100 == 2


def test_an_application_has_a_bound_for_all_networks_together(small: Door) -> None:
    for number in range(20):
        for _ in range(MOST):
            assert push(small, f"203.0.113.{number}").status_code == 201
    assert push(small, "203.0.113.200").status_code == 429
    assert ask_for_device(small, "203.0.113.200").status_code == 200, "each kind by itself"


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
