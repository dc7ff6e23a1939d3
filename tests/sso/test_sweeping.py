"""What is over leaves; what still answers a question stays."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from foundation.database import Database, Writes
from foundation.handling import work_once
from foundation.outbox import Job, OutboxJob
from foundation.settings import Settings
from foundation.web import build_app
from sso import sweeping
from sso.app import build_router
from sso.client_keeping import change_client
from sso.client_registration import GRANT_TYPES
from sso.keys import ensure_keys, find_signing
from sso.models import AccessToken, UsedAssertion
from sso.registration.initial_tokens import issue_initial_token
from sso.settings import SsoSection
from sso.sweeping import EXPIRING, HANDLERS, KIND, do_sweep, plan_sweep, sweep
from tests.services.clock import START, MovableClock
from tests.sso.conftest import Door, build_door, settle
from tests.sso.flow import Attempt, get_code, redeem, refresh, userinfo
from tests.sso.people import PASSWORD, official

COUNT = sa.select(sa.func.count()).select_from(AccessToken)


def count_rows(door: Door) -> dict[str, int]:
    """How many rows each table holds."""
    with door.runtime.database.read() as reads:
        return {
            expiring.table.name: reads.execute(sa.select(sa.func.count()).select_from(expiring.table)).scalar_one()
            for expiring in EXPIRING
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
    assert sweep(door.runtime.database, clock.now, SsoSection()) == 0
    clock.advance(days=2)
    assert sweep(door.runtime.database, clock.now, SsoSection()) > 0
    again = refresh(door.browser(), door.application, tokens["refresh_token"])
    assert again.status_code == 200, "a family that lives is not touched"
    assert userinfo(door.browser(), again.json()["access_token"]).status_code == 200


def test_the_second_use_of_a_refresh_token_is_still_seen_after_a_sweep(door: Door, clock: MovableClock) -> None:
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application, scope="openid offline_access")
    first = redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json()
    fresh = refresh(browser, door.application, first["refresh_token"]).json()
    clock.advance(days=5)
    sweep(door.runtime.database, clock.now, SsoSection())
    assert refresh(browser, door.application, first["refresh_token"]).status_code == 400
    assert refresh(browser, door.application, fresh["refresh_token"]).status_code == 400


def test_everything_leaves_in_the_end(door: Door, clock: MovableClock) -> None:
    official(door.runtime)
    walk(door)
    browser = door.browser()
    browser.post("/login", data={"login": "x"})
    clock.advance(days=400)
    sweep(door.runtime.database, clock.now, SsoSection())
    left = count_rows(door)
    assert left.pop("sso_client") == 1, "an application of the administration is never forgotten"
    assert {table: rows for table, rows in left.items() if rows} == {}


def test_what_devices_pushers_and_strangers_leave_behind_leaves_too(
    settings: Settings, database: Database, clock: MovableClock
) -> None:
    door = build_door(settle(settings, database, clock, registration="open"))
    browser, secret = door.browser(), door.application.secret or ""
    registered = browser.post("/register", json={"redirect_uris": ["https://a.example/cb"]}).json()
    own = (registered["client_id"], registered["client_secret"])
    pushed = {"response_type": "code", "redirect_uri": "https://a.example/cb"}
    challenge = {"code_challenge": "E" * 43, "code_challenge_method": "S256"}
    assert browser.post("/par", data={**pushed, **challenge}, auth=own).status_code == 201
    path = registered["registration_client_uri"].removeprefix("http://127.0.0.1:8000")
    header = {"Authorization": f"Bearer {registered['registration_access_token']}"}
    assert browser.delete(path, headers=header).status_code == 204
    with door.runtime.database.write() as writes:
        change_client(writes, "van-ban", {"grant_types": (*GRANT_TYPES,)}, "test", clock.now)
        issue_initial_token(writes, "", 1, "test", clock.now, clock.now + timedelta(days=1))
        writes.execute(sa.insert(UsedAssertion).values(assertion_hash=b"x", ends_at=clock.now))
    door = build_again(door)
    assert door.browser().post("/device_authorization", data={}, auth=("van-ban", secret)).status_code == 200
    before = count_rows(door)
    tables = ("sso_kept_request", "sso_device_code", "sso_used_assertion", "sso_initial_token")
    assert [before[table] for table in tables] == [1, 1, 1, 1]
    clock.advance(days=3)
    sweep(door.runtime.database, clock.now, SsoSection())
    after = count_rows(door)
    assert [after[table] for table in tables] == [0, 0, 0, 0]
    assert (before["sso_client"], after["sso_client"]) == (2, 1)


def build_again(door: Door) -> Door:
    """The same provider after a restart, which has no application in memory."""
    return replace(door, app=build_app(door.runtime, [build_router(door.runtime)]))


def test_the_worker_sweeps_as_often_as_the_policy_says(
    settings: Settings, database: Database, clock: MovableClock
) -> None:
    """First as soon as there is a worker, from then on when the policy's own span begins: here an hour, no default of anything."""
    door = build_door(settle(settings, database, clock, sweep_seconds=3600))
    official(door.runtime)
    walk(door)
    clock.set("2026-03-02T09:10:00+07:00")
    with door.runtime.database.write() as writes:
        plan_sweep(writes, clock.now)
        plan_sweep(writes, clock.now)
    clock.advance(minutes=6)
    assert work_once(door.runtime, HANDLERS) == 1
    assert count_rows(door)["sso_grant"] == 0
    clock.set("2026-03-02T09:59:59+07:00")
    assert work_once(door.runtime, HANDLERS) == 0
    clock.set("2026-03-02T10:00:00+07:00")
    assert work_once(door.runtime, HANDLERS) == 1
    with door.runtime.database.read() as reads:
        waiting = sa.select(OutboxJob.due).where(OutboxJob.kind == KIND, OutboxJob.state == "waiting")
        assert reads.execute(waiting).scalars().all() == [clock.now + timedelta(hours=1)]


def test_keys_turn_as_the_policy_file_says(
    settings: Settings, database: Database, clock: MovableClock, tmp_path: Path
) -> None:
    """The worker reads the file, not the settings it stands over."""
    file = tmp_path / "policy.toml"
    rule = '[[rule]]\nsetting = "key_days"\nvalue = 10\nsuggested = 90\nbetter = "less"\nclause = "c"\n'
    file.write_text(rule, encoding="utf-8")
    counts = []
    for policy in ({}, {"policy_file": str(file)}):
        runtime = settle(settings, database, clock, **policy)
        with runtime.database.write() as writes:
            ensure_keys(writes, runtime.sealer, "test", START)
        clock.set(START + timedelta(days=9.5))
        do_sweep(runtime, Job(1, KIND, "regular", {}, 1, clock.now))
        with runtime.database.read() as reads:
            counts.append(len([alg for alg, _kid, _from in find_signing(reads) if alg == "RS256"]))
    assert counts == [1, 2]


def test_what_is_over_leaves_in_small_batches(door: Door, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer is never held for all of it at once: log-ins go on meanwhile."""
    monkeypatch.setattr(sweeping, "BATCH", 3)
    browser, auth = door.browser(), ("van-ban", door.application.secret or "")
    for _ in range(8):
        browser.post("/token", data={"grant_type": "client_credentials"}, auth=auth)
    clock.advance(days=400)
    sizes = []
    real = door.runtime.database.write

    @contextmanager
    def watched() -> Iterator[Writes]:
        with real() as writes:
            before = writes.execute(COUNT).scalar_one()
            yield writes
            sizes.append(before - writes.execute(COUNT).scalar_one())

    monkeypatch.setattr(door.runtime.database, "write", watched)
    assert sweep(door.runtime.database, clock.now, SsoSection()) >= 8
    assert sorted(sizes, reverse=True)[:4] == [3, 3, 2, 0]
    assert count_rows(door)["sso_access_token"] == 0


def test_what_is_over_stays_as_long_as_the_policy_says_and_counts_as_long_as_they_count() -> None:
    policy = SsoSection(kept_seconds=120, guess_window_seconds=600, source_window_seconds=900)
    kept = {expiring.table.name: sweeping.kept_of(expiring, policy).total_seconds() for expiring in EXPIRING}
    assert (kept["sso_code"], kept["sso_guess"]) == (120, 900)
    assert sweeping.kept_of(next(expiring for expiring in EXPIRING if expiring.unproved), SsoSection()) == timedelta(
        hours=1
    )
