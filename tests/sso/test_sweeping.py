"""What is over leaves; what still answers a question stays."""

from datetime import timedelta

import sqlalchemy as sa

from foundation.outbox import OutboxJob, work_once
from sso.sweeping import HANDLERS, HEAPS, KIND, plan_sweep, sweep
from tests.services.clock import MovableClock
from tests.sso.conftest import Door
from tests.sso.flow import Attempt, get_code, redeem, refresh, userinfo
from tests.sso.people import PASSWORD, official


def count_rows(door: Door) -> dict[str, int]:
    """How many rows each table holds."""
    with door.runtime.database.read() as reads:
        return {
            heap.table.name: reads.execute(sa.select(sa.func.count()).select_from(heap.table)).scalar_one()
            for heap in HEAPS
        }


def walk(door: Door) -> dict[str, str]:
    """A log-in with a wrong try before it, a code, tokens, one refresh."""
    browser, attempt = door.browser(), Attempt(door.application, scope="openid offline_access")
    tokens = redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json()
    browser.post("/token", data={"grant_type": "client_credentials"}, auth=("van-ban", door.application.secret or ""))
    return dict(refresh(browser, door.application, tokens["refresh_token"]).json())


def test_nothing_leaves_before_its_time(door: Door, clock: MovableClock) -> None:
    official(door.runtime)
    tokens = walk(door)
    assert sweep(door.runtime.database, clock.now) == 0
    clock.advance(days=2)
    assert sweep(door.runtime.database, clock.now) > 0
    again = refresh(door.browser(), door.application, tokens["refresh_token"])
    assert again.status_code == 200, "a family that lives is not touched"
    assert userinfo(door.browser(), again.json()["access_token"]).status_code == 200


def test_the_second_use_of_a_refresh_token_is_still_seen_after_a_sweep(door: Door, clock: MovableClock) -> None:
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application, scope="openid offline_access")
    first = redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json()
    fresh = refresh(browser, door.application, first["refresh_token"]).json()
    clock.advance(days=5)
    sweep(door.runtime.database, clock.now)
    assert refresh(browser, door.application, first["refresh_token"]).status_code == 400
    assert refresh(browser, door.application, fresh["refresh_token"]).status_code == 400


def test_everything_leaves_in_the_end(door: Door, clock: MovableClock) -> None:
    official(door.runtime)
    walk(door)
    browser = door.browser()
    browser.post("/login", data={"login": "x"})
    clock.advance(days=32)
    sweep(door.runtime.database, clock.now)
    assert set(count_rows(door).values()) == {0}


def test_the_worker_sweeps_every_hour(door: Door, clock: MovableClock) -> None:
    official(door.runtime)
    walk(door)
    clock.advance(timedelta(days=40).total_seconds())
    with door.runtime.database.write() as writes:
        plan_sweep(writes, clock.now)
        plan_sweep(writes, clock.now)
    clock.advance(hours=1)
    assert work_once(door.runtime, HANDLERS) == 1
    assert count_rows(door)["sso_grant"] == 0
    assert work_once(door.runtime, HANDLERS) == 0
    with door.runtime.database.read() as reads:
        waiting = list(
            reads.execute(sa.select(OutboxJob).where(OutboxJob.kind == KIND, OutboxJob.state == "waiting")).scalars()
        )
    assert len(waiting) == 1
    assert timedelta() < waiting[0].due - clock.now <= timedelta(hours=1)
