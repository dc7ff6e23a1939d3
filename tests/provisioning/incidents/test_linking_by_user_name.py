"""Accounts linked because user names, mails or names are equal: different people become one (kobotoolbox #7102, Entra across tenants).

Here only a personal number links by itself; everything else opens a case that a person answers, and what was joined can be parted.
"""

import unicodedata
import uuid
from datetime import date

import pytest

from directory.people import find_accounts
from foundation.changes import AsOf, register_digest
from foundation.handling import drain
from foundation.outbox import enqueue
from foundation.shell import Actor
from provisioning.merger.apply import LOOK_AT_NEWCOMERS
from provisioning.people.cases import open_cases
from provisioning.people.jobs import HANDLERS
from provisioning.people.searching import search
from tests.provisioning.people.conftest import Call, Office

BORN = date(1980, 3, 4)
POST = ("--unit", "H61.2", "--title", "Chuyên viên", "--from", "2025-06-20", "--decision", "1/QĐ")


@pytest.fixture
def namesakes(office: Office) -> tuple[uuid.UUID, uuid.UUID]:
    """Two who are alike in everything but nothing that proves it."""
    one = office.record("Nguyễn Thị Hoa", "x1", "hoa.nt", born=BORN, phone="0912345678")
    return one, office.record("Nguyễn Thị Hoa", "x2", "hoa.nt2", born=BORN, phone="0912345678")


def test_nobody_is_joined_without_a_person_who_said_so(office: Office, namesakes: tuple[uuid.UUID, uuid.UUID]) -> None:
    runtime = office.runtime
    with runtime.database.write() as writes:
        before = register_digest(writes)
        found = list(search(writes, runtime.sealer))
        assert [(one.left, one.right) for one in found] == [tuple(sorted(namesakes))]
        assert open_cases(writes, found, None, runtime.clocks.wall()) == 1
    assert office.digest() == before
    assert office.survivor(namesakes[1]) == namesakes[1]


def test_the_worker_asks_and_does_not_join(office: Office, namesakes: tuple[uuid.UUID, uuid.UUID]) -> None:
    before = office.digest()
    with office.runtime.database.write() as writes:
        enqueue(writes, LOOK_AT_NEWCOMERS, "1", office.runtime.clocks.wall(), {"change": 1})
    drain(office.runtime, HANDLERS)
    assert office.digest() == before


@pytest.mark.parametrize("written", ["hoa.nt", "HOA.NT", " hoa.nt "])
def test_a_user_name_that_is_somebodys_links_nobody(office: Office, hr: Actor, call: Call, written: str) -> None:
    office.record("Nguyễn Thị Hoa", "x1", "hoa.nt")
    answer = call(office.runtime, hr, "person", "hire", "Hoàng Thị Hoa", *POST, "--login", written)
    assert answer.code == 65
    with office.runtime.database.read() as reads:
        found = find_accounts(reads, "hoa.nt", AsOf(office.runtime.clocks.wall()))
        assert [account.person_id for account in found] == [office.people["hoa.nt"]]


def test_a_name_written_in_another_form_makes_no_second_log_in_of_one_key(
    office: Office, hr: Actor, call: Call
) -> None:
    """Composed or not, in capitals or not, `đ` or `d`: the key is one, so the next person gets a number (wasp #4698)."""
    logins = []
    for name in ("Trần Thị Đào", unicodedata.normalize("NFD", "Trần Thị Đào"), "TRẦN THỊ DAO"):
        answer = call(office.runtime, hr, "person", "hire", name, *POST, "--output", "json")
        logins.append(answer.out.split('"login": "')[1].split('"')[0])
    assert logins == ["dao.tt", "dao.tt2", "dao.tt3"]


def test_two_who_were_joined_by_mistake_are_two_again(
    office: Office, namesakes: tuple[uuid.UUID, uuid.UUID], hr: Actor, call: Call
) -> None:
    before = office.digest()
    one, other = (str(person) for person in namesakes)
    assert call(office.runtime, hr, "person", "join", one, other, "--reason", "nhầm").code == 0
    assert call(office.runtime, hr, "person", "part", one, other, "--reason", "hai người").code == 0
    assert office.digest() == before
