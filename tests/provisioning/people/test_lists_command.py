"""Accounts nobody uses, and closing those of people who left: listed, approved by a second person, closed by the worker."""

import json
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.account_use import note_use
from directory.models import Account
from foundation.handling import drain
from foundation.plans import PlanNotApproved, read_plan, record_approval
from foundation.shell import Actor
from provisioning.merger.apply import apply_plan
from provisioning.people.jobs import HANDLERS
from tests.provisioning.people.conftest import Call, Office
from tests.services.clock import MovableClock


def use(office: Office, person: uuid.UUID, days_ago: int) -> None:
    """Somebody came in so many days ago."""
    with office.runtime.database.write() as writes:
        account = writes.execute(sa.select(Account.id).where(Account.person_id == person)).scalar_one()
        note_use(writes, account, office.runtime.clocks.wall() - timedelta(days=days_ago))


def listed(office: Office, hr: Actor, call: Call, *words: str) -> dict[str, int]:
    """Log-in and days of the unused accounts among the records of this test."""
    answer = call(office.runtime, hr, "person", "unused", "--output", "json", *words)
    found = {one["login"]: one["days"] for one in json.loads(answer.out)}
    assert answer.code == (1 if found else 0)
    return {login: days for login, days in found.items() if "." in login and login.startswith(("dao", "ba"))}


def test_forty_five_days_unused_stands_on_the_list(office: Office, hr: Actor, call: Call, clock: MovableClock) -> None:
    first, second = office.record("Trần Thị Đào", "x1", "dao.tt"), office.record("Võ Văn Ba", "x2", "ba.vv")
    office.record("Võ Ba Nghỉ", "x2", "ba.nghi", state="suspended")
    office.record("Võ Ba Thư", "x2", "ba.thu", state="issued", password=None)
    assert listed(office, hr, call) == {}
    clock.advance(days=50)
    use(office, first, 45)
    use(office, second, 44)
    assert listed(office, hr, call) == {"dao.tt": 45, "ba.thu": 50}
    assert listed(office, hr, call, "--days", "44") == {"dao.tt": 45, "ba.vv": 44, "ba.thu": 50}
    assert listed(office, hr, call, "--unit", "H61.1") == {"dao.tt": 45}
    use(office, first, 0)
    assert listed(office, hr, call, "--unit", "H61.1") == {}


@pytest.fixture
def leaver(office: Office, hr: Actor, call: Call, clock: MovableClock) -> uuid.UUID:
    """Somebody who retired forty days ago."""
    person = office.record("Trần Thị Đào", "x1", "dao.tt")
    words = ("--why", "retired", "--from", "2025-06-21", "--decision", "9/QĐ")
    assert call(office.runtime, hr, "person", "leave", "dao.tt", *words).code == 0
    clock.set("2025-07-31")
    drain(office.runtime, HANDLERS)
    assert office.state(person) == "suspended"
    return person


def test_who_left_is_closed_by_a_plan_of_two_people(
    office: Office, leaver: uuid.UUID, hr: Actor, call: Call, tmp_path: Path
) -> None:
    runtime, file = office.runtime, tmp_path / "closing.plan"
    assert json.loads(call(runtime, hr, "person", "closing", "--days", "60", "--output", "json").out) == []
    assert call(runtime, hr, "person", "closing", "--out", file).code == 1
    plan = read_plan(file)
    with pytest.raises(PlanNotApproved):
        apply_plan(runtime, file, hr)
    with runtime.database.write() as writes:
        record_approval(writes, plan, "somebody else", runtime.clocks.wall(), {})
    apply_plan(runtime, file, hr)
    drain(runtime, HANDLERS)
    assert office.state(leaver) == "closed"
    assert call(runtime, hr, "person", "closing").code == 0


def test_who_came_back_meanwhile_is_not_closed(
    office: Office, leaver: uuid.UUID, hr: Actor, call: Call, tmp_path: Path
) -> None:
    runtime, file = office.runtime, tmp_path / "closing.plan"
    call(runtime, hr, "person", "closing", "--out", file)
    back = ("--unit", "H61.2", "--title", "Kế toán", "--from", "2025-07-31", "--decision", "10/QĐ")
    assert call(runtime, hr, "person", "move", str(leaver), *back).code == 0
    with runtime.database.write() as writes:
        record_approval(writes, read_plan(file), "somebody else", runtime.clocks.wall(), {})
    apply_plan(runtime, file, hr)
    drain(runtime, HANDLERS)
    assert office.state(leaver) == "suspended"


def test_who_lacks_the_right_makes_no_closing_plan(
    office: Office, leaver: uuid.UUID, call: Call, tmp_path: Path
) -> None:
    file = tmp_path / "closing.plan"
    sees_nobody = office.record("Võ Văn Ba", "x2", "ba.vv")
    only_sees = office.record("Võ Văn Tư", "x1", "tu.vv", duties="approver")
    for person, code in ((sees_nobody, 0), (only_sees, 77)):
        assert call(office.runtime, Actor(str(person), person, "Ba"), "person", "closing", "--out", file).code == code
        assert not file.exists()
