"""A log-in or address that went to somebody else: mail, files and rights of the one who left reach a stranger.

Whatever was somebody's is nobody else's for ever: of who left, of who was renamed, of a record that was joined to another.
"""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from directory.models import Account
from directory.people import find_accounts
from foundation.changes import AsOf
from foundation.handling import drain
from foundation.shell import Actor
from provisioning.people.daily import Act, Newcomer, hire
from provisioning.people.jobs import HANDLERS
from tests.provisioning.people.conftest import Call, Office
from tests.services.clock import MovableClock

POST = ("--unit", "H61.2", "--title", "Chuyên viên", "--decision", "1/QĐ")


def hired(office: Office, hr: Actor, call: Call, *more: str) -> str:
    """The log-in somebody called Đào gets."""
    words = (
        "hire",
        "Trần Thị Đào",
        *POST,
        "--from",
        f"{office.runtime.clocks.wall():%Y-%m-%d}",
        *more,
        "--output",
        "json",
    )
    answer = call(office.runtime, hr, "person", *words)
    assert answer.code == 0, answer.talk
    return str(json.loads(answer.out)["login"])


def test_of_somebody_who_left_years_ago(office: Office, hr: Actor, call: Call, clock: MovableClock) -> None:
    office.record("Trần Thị Đào", "x1", "dao.tt", address="dao@x1.vn")
    leave = ("--why", "retired", "--from", "2025-06-20", "--decision", "9/QĐ")
    assert call(office.runtime, hr, "person", "leave", "dao.tt", *leave).code == 0
    drain(office.runtime, HANDLERS)
    clock.advance(days=3 * 365)
    assert hired(office, hr, call) == "dao.tt2"
    again = ("hire", "Trần Thị Đào", *POST, "--from", "2028-06-20", "--address", "DAO@x1.vn")
    assert call(office.runtime, hr, "person", *again).code == 65


@pytest.mark.parametrize("parted", [False, True])
def test_of_a_record_that_was_joined(office: Office, hr: Actor, call: Call, clock: MovableClock, parted: bool) -> None:
    kept = office.record("Trần Thị Đào", "x1", "dao.moi")
    lost = office.record("Trần Thị Đào", "x2", "dao.tt")
    assert call(office.runtime, hr, "person", "join", str(kept), str(lost), "--reason", "một").code == 0
    clock.advance(days=1)
    if parted:
        assert call(office.runtime, hr, "person", "part", str(kept), str(lost), "--reason", "hai").code == 0
    assert hired(office, hr, call) == "dao.tt2"
    with office.runtime.database.read() as reads:
        found = find_accounts(reads, "dao.tt", AsOf(clock.now))
    assert [account.person_id for account in found] == [lost if parted else kept]


def test_by_two_clerks_at_the_same_moment(office: Office, hr: Actor) -> None:
    """Check, then insert, with nothing between but luck (gravitee #8290, onyx, UnityHPC #400)."""

    def write(_n: int) -> tuple[uuid.UUID, str | None]:
        with office.runtime.database.write() as writes:
            now = office.runtime.clocks.wall()
            done = hire(writes, office.runtime.sealer, Act(hr, now), Newcomer("Lê Thị Hằng"), None, now)
            return done.person, done.login

    with ThreadPoolExecutor(5) as pool:
        made = list(pool.map(write, range(5)))
    assert len({login for _person, login in made}) == 5
    with office.runtime.database.read() as reads:
        for person, login in made:
            owners = [one.person_id for one in find_accounts(reads, str(login), AsOf(office.runtime.clocks.wall()))]
            assert owners == [person]
        accounts = sa.select(sa.func.count(Account.id)).where(
            Account.person_id.in_([person for person, _login in made])
        )
        assert reads.execute(accounts).scalar_one() == 5
