"""The census: every official in exactly one place, the parts adding up to the whole, and the same again later."""

import json
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from directory.models import Account, Post
from foundation import audit
from foundation.changes import AsOf, small_change
from foundation.clocks import as_rfc3339
from foundation.database import Writes
from foundation.shell import Actor
from provisioning.account_states import move_account
from provisioning.reports.census import HAS_ACCOUNT, ISSUED, PLACES, Census, take_census
from tests.provisioning.loads import GLASS
from tests.provisioning.reports.conftest import Call, Office
from tests.services.clock import MovableClock


def census(office: Office, at: datetime | None = None, known: datetime | None = None) -> Census:
    now = office.runtime.clocks.wall()
    with office.runtime.database.read() as reads:
        return take_census(reads, AsOf(at or now, known), now)


def places(found: Census) -> dict[str, int]:
    summed = {place: sum(unit.get(place, 0) for unit in found.units.values()) for place in PLACES}
    return {place: count for place, count in summed.items() if count}


def test_every_official_is_in_exactly_one_place(office: Office) -> None:
    found = census(office)
    assert places(found) == {"active": 1, "old_password": 1, "code_out": 1, "waiting": 4, "none": 1}
    assert sum(found.total().values()) == len(office.people)
    assert ISSUED | {"active"} == HAS_ACCOUNT
    assert set(PLACES) >= HAS_ACCOUNT


def test_somebody_with_two_posts_is_counted_once_where_the_main_one_is(office: Office) -> None:
    with office.runtime.database.write() as writes:
        change = office.world.change(writes)
        writes.add(
            Post(
                post_id=office.people["Lê Thị Hoa"], person_id=office.people["Lê Thị Hoa"],
                unit_id=office.world.units["Xã Long Hồ"], title="Kiêm nhiệm", duties="", main=False,
                valid_from=office.runtime.clocks.wall(), change_id=change.id,
            )
        )  # fmt: skip
    found = census(office)
    assert found.total()[office.world.units["Xã An Bình"]] == 3
    assert found.total()[office.world.units["Xã Long Hồ"]] == 2


@pytest.mark.parametrize("days", [30, 29], ids=["ended", "good"])
def test_a_code_or_password_that_ended_opens_nothing(office: Office, clock: MovableClock, days: int) -> None:
    office.bring_password("Võ Minh Ưng", office.runtime.clocks.wall() + timedelta(days=30))
    clock.advance(days=days, seconds=1)
    found = places(census(office))
    assert found.get("code_out", 0) == (0 if days == 30 else 1)
    assert found["old_password"] == (1 if days == 30 else 2)


def test_an_earlier_census_is_repeated_whatever_happened_since(office: Office, clock: MovableClock) -> None:
    """Activations, an old password used, a suspension by the help desk, one by the worker, a resumption, a closing."""
    runtime = office.runtime
    with runtime.database.write() as writes:
        move_account(writes, GLASS, office.people["Võ Minh Ưng"], "suspend", "thử", runtime.clocks.wall())
    clock.advance(hours=1)
    then = runtime.clocks.wall()
    before = places(census(office))
    merged = {"active": 1, "not_activated": 5, "suspended": 1, "none": 1}
    assert before == {"active": 1, "old_password": 1, "code_out": 1, "waiting": 3, "suspended": 1, "none": 1}
    clock.advance(hours=1)
    now = runtime.clocks.wall()
    office.activate("Phạm Quốc Ẩn")  # came in by the old password: no row of the audit says so
    with runtime.database.write() as writes:
        dao = office.people["Đỗ Thị Đào"]
        audit.record(writes, now, "sso.account.activated", str(dao), str(office.account("Đỗ Thị Đào")))
    office.activate("Đỗ Thị Đào")
    with runtime.database.write() as writes:
        move_account(writes, GLASS, office.people["Đỗ Thị Đào"], "suspend", "thử", now)
        move_account(writes, GLASS, office.people["Trần Văn Nam"], "close", "thử", now)
        move_account(writes, GLASS, office.people["Võ Minh Ưng"], "resume", "thử", now)
        suspend_by_worker(office, writes)
    clock.advance(hours=1)
    assert places(census(office))["suspended"] == 2
    assert places(census(office, then, then)) == merged
    assert places(census(office, then)) == merged


def suspend_by_worker(office: Office, writes: Writes) -> None:
    """As a merger suspends who left: the row of the audit does not say what was before."""
    hoa = office.people["Lê Thị Hoa"]
    now = office.runtime.clocks.wall()
    row = writes.execute(sa.select(Account).where(Account.person_id == hoa)).scalar_one()
    row.state, row.state_since = "suspended", now
    audit.record(writes, now - timedelta(days=1), "sso.session.opened", str(hoa), str(row.id))
    audit.record(writes, now, "provisioning.account.suspend", "worker", str(hoa), {"job": "x", "key": "y"})


def test_an_account_that_was_not_known_then_is_not_counted_then(office: Office, clock: MovableClock) -> None:
    then = office.runtime.clocks.wall()
    clock.advance(hours=1)
    with office.runtime.database.write() as writes:
        change = small_change(writes, "test", "test", office.runtime.clocks.wall())
        office.world.account(writes, change, office.people["Ngô Không"], "khong.n")
    assert places(census(office))["waiting"] == 5
    assert places(census(office, then, then)).get("none") == 1


def test_the_verb_adds_up_and_names_its_instants(office: Office, call: Call) -> None:
    answer = call(office.runtime, Actor("nobody"), "report", "accounts", "--output", "json")
    assert answer.code == 0, answer.talk
    told = json.loads(answer.out)
    assert told["at"] == told["states_at"] == as_rfc3339(office.runtime.clocks.wall())
    assert told["totals"]["officials"] == sum(told["totals"][place] for place in PLACES) == len(office.people)
    for unit in told["units"]:
        assert unit["officials"] == sum(unit[place] for place in PLACES)
    assert sum(unit["officials"] for unit in told["units"]) == told["totals"]["officials"]


def test_a_division_counts_under_its_agency_and_a_province_is_the_whole(office: Office, call: Call) -> None:
    by = {}
    for level in ("agency", "unit", "province"):
        told = json.loads(call(office.runtime, Actor("x"), "report", "accounts", "--by", level, "--output", "json").out)
        by[level] = {unit["unit"]: unit["officials"] for unit in told["units"]}
    assert by["agency"]["Sở Nội vụ"] == 3
    assert by["unit"]["Phòng Tổ chức"] == 1
    assert by["province"] == {"UBND tỉnh Vĩnh Long": len(office.people)}
    assert call(office.runtime, Actor("x"), "report", "accounts", "--by", "village").code == 64
