"""What is open is looked at again: a list that names a certificate ends what it opened, though nobody told the register."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.serialization import Encoding

from foundation.audit import AuditRow
from foundation.handling import work_once
from foundation.outbox import OutboxJob
from sso.certificates.second_look import HANDLERS, LOOK, plan_look
from sso.models import BrowserSession
from sso.opaque import digest
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.certificates.authority import Authority
from tests.sso.certificates.conftest import KeyDoor, rfc9440
from tests.sso.certificates.test_ending import Inhabited, inhabited
from tests.sso.conftest import Door
from tests.sso.door.test_login import try_login
from tests.sso.factors.test_second_factor import set_up
from tests.sso.flow import refresh

__all__ = ["inhabited"]


def look(key_door: KeyDoor, clock: MovableClock) -> None:
    """The worker's next look."""
    with key_door.door.runtime.database.write() as writes:
        plan_look(writes, key_door.door.runtime)
    clock.advance(hours=1)
    assert work_once(key_door.door.runtime, HANDLERS) == 1


def is_open(key_door: KeyDoor, browser: Inside) -> bool:
    """Whether nobody ended the browser's session, however long it was idle."""
    with key_door.door.runtime.database.read() as reads:
        wanted = sa.select(BrowserSession.ended_at).where(
            BrowserSession.cookie_hash == digest(browser.cookies["session"])
        )
        return reads.execute(wanted).scalar_one() is None


def reasons(key_door: KeyDoor) -> list[tuple[str, str]]:
    """Why sessions were closed, and for which certificate."""
    with key_door.door.runtime.database.read() as reads:
        closed = reads.execute(sa.select(AuditRow.detail).where(AuditRow.event == "sso.session.closed")).scalars()
        return [(detail["why"], detail["certificate"]) for detail in closed]


def test_a_list_that_names_the_certificate_ends_what_it_opened(inhabited: Inhabited, clock: MovableClock) -> None:
    key_door = inhabited.key_door
    other = key_door.browser()
    assert try_login(other, key_door.hoa.login) == 303
    key_door.authority.keep(key_door.lists, key_door.device)
    assert [is_open(key_door, one) for one in (inhabited.browser, other)] == [True, True]
    look(key_door, clock)
    assert [is_open(key_door, one) for one in (inhabited.browser, other)] == [False, True]
    assert refresh(inhabited.browser, key_door.door.application, inhabited.refresh).json()["error"] == "invalid_grant"
    assert reasons(key_door) == [("certificate on a list", inhabited.sha256)]
    look(key_door, clock)
    assert len(reasons(key_door)) == 1, "what is ended is not ended again"


def test_what_the_thief_laid_by_ends_once_and_the_owner_stays(inhabited: Inhabited, clock: MovableClock) -> None:
    key_door = inhabited.key_door
    set_up(inhabited.browser, clock)
    key_door.authority.keep(key_door.lists, key_door.device)
    elsewhere = key_door.browser()
    assert try_login(elsewhere, key_door.hoa.login) == 303
    look(key_door, clock)
    assert [is_open(key_door, one) for one in (inhabited.browser, elsewhere)] == [False, False]
    own = key_door.browser()
    assert try_login(own, key_door.hoa.login) == 303
    look(key_door, clock)
    assert is_open(key_door, own), "what the owner began since goes on"


LISTS: dict[str, Callable[[KeyDoor], None]] = {
    "names another": lambda one: one.authority.keep(one.lists, one.authority.person()),
    "is gone": lambda one: (one.lists / "issuing.crl").unlink(),
    "is a stranger's": lambda one: forge(one),
    "is nonsense": lambda one: write(one, b"nonsense"),
}


def forge(key_door: KeyDoor) -> None:
    """A list with the authority's name and the device's number, signed by somebody else."""
    write(key_door, Authority(key_door.clock.now).list_of(key_door.device))


def write(key_door: KeyDoor, content: bytes) -> None:
    """What lies where the issuing authority's list is."""
    (key_door.lists / "issuing.crl").write_bytes(content)


@pytest.mark.parametrize("what", LISTS)
def test_where_nothing_is_found_out_nothing_ends(inhabited: Inhabited, clock: MovableClock, what: str) -> None:
    LISTS[what](inhabited.key_door)
    look(inhabited.key_door, clock)
    assert refresh(inhabited.browser, inhabited.key_door.door.application, inhabited.refresh).status_code == 200
    assert reasons(inhabited.key_door) == []


def test_a_certificate_with_nothing_open_is_not_looked_at(key_door: KeyDoor, clock: MovableClock) -> None:
    sha256 = hashlib.sha256(key_door.device.public_bytes(Encoding.DER)).hexdigest()
    browser = key_door.browser()
    assert key_door.show(rfc9440(key_door.device), browser).status_code == 303
    clock.advance(hours=20)
    key_door.authority.keep(key_door.lists, key_door.device)
    look(key_door, clock)
    assert (sha256, reasons(key_door)) == (sha256, [])


def test_it_is_looked_as_often_as_lists_are_fetched_anew(key_door: KeyDoor, clock: MovableClock) -> None:
    clock.set("2025-06-24T09:20:00+07:00")
    runtime = key_door.door.runtime
    with runtime.database.write() as writes:
        plan_look(writes, runtime)
        plan_look(writes, runtime)
    clock.set("2025-06-24T10:00:00+07:00")
    assert work_once(runtime, HANDLERS) == 1
    with runtime.database.read() as reads:
        waiting = sa.select(OutboxJob.due).where(OutboxJob.kind == LOOK, OutboxJob.state == "waiting")
        assert reads.execute(waiting).scalars().all() == [clock.now + timedelta(hours=1)]


def test_nobody_looks_where_nobody_comes_in_so(door: Door) -> None:
    with door.runtime.database.write() as writes:
        plan_look(writes, door.runtime)
        assert writes.execute(sa.select(OutboxJob.id).where(OutboxJob.kind == LOOK)).first() is None
