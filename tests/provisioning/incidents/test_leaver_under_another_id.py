"""Somebody leaves, and before the day their record is joined to another: the job that shuts the account knows an id nobody uses any more,
and the account stays open for good (a partial sync that misses who was renamed).
"""

import pytest

from directory.joins import find_survivor
from foundation.handling import drain
from foundation.outbox import enqueue
from foundation.shell import Actor
from provisioning.merger.jobs import HANDLERS as OF_MERGERS
from provisioning.merger.transactions import SUSPEND_LEAVERS
from provisioning.people.jobs import HANDLERS as OF_PEOPLE
from tests.provisioning.people.conftest import Call, Office
from tests.services.clock import MovableClock


@pytest.mark.parametrize("by", ["hand", "merger"])
def test_is_shut_out_on_the_day(office: Office, hr: Actor, call: Call, clock: MovableClock, by: str) -> None:
    leaver = office.record("Trần Thị Đào", "x1", "dao.tt")
    older = office.record("Trần Thị Đào", "x2", "dao.x2")
    ended = ("--unit", "H61.2", "--from", "2025-06-19", "--decision", "1/QĐ")
    assert call(office.runtime, hr, "person", "end", "dao.x2", *ended).code == 0
    leave = ("--why", "dismissed", "--from", "2025-08-01", "--decision", "9/QĐ")
    assert call(office.runtime, hr, "person", "leave", "dao.tt", *leave).code == 0
    joined = call(office.runtime, hr, "person", "join", str(older), str(leaver), "--reason", "một người")
    assert joined.code == 0, joined.talk
    assert office.survivor(leaver) == older
    clock.set("2025-08-02")
    if by == "merger":
        with office.runtime.database.write() as writes:
            assert find_survivor(writes, leaver) == older
            enqueue(writes, SUSPEND_LEAVERS, "7:1", clock.now, {"people": [str(leaver)]})
    drain(office.runtime, OF_PEOPLE if by == "hand" else OF_MERGERS)
    assert office.state(older) == "suspended"
