"""A record that somebody made up is joined to another's, and its password opens the other's account (linking without a proof: the
same class as kobotoolbox #7102). Whoever leads, approves or acts upon others is not reached so, neither now nor by waiting.
"""

import uuid

import pytest
import sqlalchemy as sa

from directory.joins import find_joined_credentials
from directory.models import Account
from foundation.shell import Actor
from provisioning.people.joining import Pair
from tests.provisioning.people.conftest import Call, Office
from tests.services.clock import MovableClock

HIRE = ("--unit", "H61.1", "--title", "Chuyên viên", "--from", "2025-06-19", "--decision", "1/QĐ")


@pytest.fixture
def operator(office: Office) -> Actor:
    """An operator of the province, and HR."""
    office.record("Vũ Quản Trị", "86", "quan.tri", duties="hr operator")
    return office.actor("quan.tri")


def others_passwords(office: Office, person: uuid.UUID, clock: MovableClock) -> int:
    """How many passwords of joined records open somebody's account."""
    with office.runtime.database.read() as reads:
        account = reads.execute(sa.select(Account).where(Account.person_id == person)).scalar_one()
        return len(find_joined_credentials(reads, account.id, clock.now))


@pytest.mark.parametrize("duty", ["leader", "deputy"])
@pytest.mark.parametrize("survives", ["head", "puppet"])
def test_of_a_head_takes_an_operator(
    office: Office, commune_hr: Actor, operator: Actor, call: Call, clock: MovableClock, duty: str, survives: str
) -> None:
    """Who alone has the rights over one unit hires a puppet there, activates it and joins it to the head."""
    head = office.record("Trần Chủ Tịch", "x1", "chu.tich", duties=duty)
    puppet = office.record("Trần Chủ Tịch", "x1", "chu.tich2")
    pair = Pair(head, puppet) if survives == "head" else Pair(puppet, head)
    words = ("join", str(pair.survivor), str(pair.loser), "--reason", "một người")
    assert call(office.runtime, commune_hr, "person", *words).code == 77
    assert others_passwords(office, pair.survivor, clock) == 0
    assert call(office.runtime, operator, "person", *words).code == 0
    assert others_passwords(office, pair.survivor, clock) == 1


@pytest.mark.parametrize("duty", ["leader", "approver", "operator"])
def test_opens_no_longer_once_its_owner_leads_or_approves(
    office: Office, commune_hr: Actor, operator: Actor, call: Call, clock: MovableClock, duty: str
) -> None:
    clerk = office.record("Trần Thị Đào", "x1", "dao.tt")
    puppet = office.record("Trần Thị Đào", "x1", "dao.tt2")
    joined = call(office.runtime, commune_hr, "person", "join", str(clerk), str(puppet), "--reason", "một người")
    assert joined.code == 0, joined.talk
    assert others_passwords(office, clerk, clock) == 1
    clock.advance(days=1)
    rises = call(office.runtime, operator, "person", "move", "dao.tt", *HIRE, "--duties", duty)
    assert rises.code == 0, rises.talk
    assert others_passwords(office, clerk, clock) == 0
