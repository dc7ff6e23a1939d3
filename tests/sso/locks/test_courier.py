"""Locks go to the directory and come back; opening does too; a browser the account knows is shut by nobody's guesses."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.printing.errors import DirectoryUnreachable, PrintingUnreadable
from directory.printing.locks import find_duration, find_locks, lock_entry, open_entry
from directory.printing.server import Server
from directory.printing.singles import print_people
from directory.printing.sync import clear
from directory.settings import LdapSettings
from foundation.audit import AuditRow
from foundation.handling import drain
from foundation.outbox import count_by_state
from foundation.settings import build_settings
from foundation.web import build_app
from sso.app import build_router
from sso.door.guesses import account_subject, open_account
from sso.locks.carrying import HANDLERS
from sso.locks.courier import Courier, carry_locks
from sso.models import Guess
from sso.settings import SsoSection
from tests.services.inside import Inside
from tests.sso.door.test_login import try_login
from tests.sso.locks.conftest import TwoDoors
from tests.sso.people import PASSWORD

pytestmark = pytest.mark.slapd


def guess_here(two: TwoDoors, browser: Inside | None = None, times: int = 6) -> None:
    """A stranger guesses at the log-in page."""
    stranger = browser or two.door.browser()
    for number in range(times):
        assert try_login(stranger, two.hoa.login, f"wrong {number}") == 403


def lock_there(two: TwoDoors) -> None:
    """The directory locks for a quarter of an hour, as its policy does after ten guesses."""
    duration = find_duration(two.server)
    lock_entry(two.server, two.hoa.person_id, two.clock.now + duration, duration)


def help_desk_opens(two: TwoDoors) -> None:
    """The help desk opens the account."""
    with two.door.runtime.database.write() as writes:
        open_account(writes, two.door.runtime.sealer, two.hoa.account_id, two.clock.now)


def events(two: TwoDoors) -> list[str]:
    """What the audit has of the account."""
    with two.door.runtime.database.read() as reads:
        wanted = sa.select(AuditRow.event).where(AuditRow.actor == "directory").order_by(AuditRow.id)
        return list(reads.execute(wanted).scalars())


def test_who_is_shut_at_the_page_is_locked_in_the_directory(two: TwoDoors) -> None:
    courier = two.courier()
    guess_here(two, times=5)
    courier.go()
    assert two.binds(), "five tries shut nobody"
    guess_here(two, times=1)
    courier.go()
    assert not two.binds()
    assert two.lock_there()


def test_a_lock_of_the_directory_shuts_the_page_to_strangers(two: TwoDoors) -> None:
    courier = two.courier()
    two.guess_there(9)
    courier.go()
    assert not two.shut_here()
    two.guess_there(2)
    courier.go()
    assert two.shut_here()
    assert try_login(two.door.browser(), two.hoa.login, PASSWORD) == 403
    assert events(two) == ["sso.account.shut"]


def test_guessing_at_the_directory_shuts_nobody_out_of_a_browser_the_account_knows(two: TwoDoors) -> None:
    own_desk = two.door.browser()
    assert try_login(own_desk, two.hoa.login, PASSWORD) == 303
    own_desk.cookies.delete("session")
    two.guess_there()
    two.courier().go()
    assert two.shut_here()
    assert try_login(own_desk, two.hoa.login, PASSWORD) == 303


def under_policy_file(two: TwoDoors, folder: Path, **values: int) -> TwoDoors:
    """The same two doors after a restart with a policy file over the settings."""
    file, rule = (
        folder / "policy.toml",
        '[[rule]]\nsetting = "{}"\nvalue = {}\nsuggested = {}\nbetter = "less"\nclause = "c"\n',
    )
    file.write_text("".join(rule.format(name, value, value) for name, value in values.items()), encoding="utf-8")
    former = two.door.runtime.settings
    written = {"database": former.database, "data": former.data, "sso": {"policy_file": str(file)}}
    settings = build_settings({**written, "ldap": former[LdapSettings].model_dump()}, [LdapSettings, SsoSection])
    runtime = replace(two.door.runtime, settings=settings)
    return replace(two, door=replace(two.door, runtime=runtime, app=build_app(runtime, [build_router(runtime)])))


def test_locks_follow_the_policy_file(two: TwoDoors, tmp_path: Path) -> None:
    """How many tries, and how long: at the page, in the directory, and for a lock that comes from there."""
    strict = under_policy_file(two, tmp_path, guesses=3, shut_seconds=3600)
    courier = strict.courier()
    guess_here(strict, times=3)
    courier.go()
    assert strict.binds(), "three tries shut nobody"
    guess_here(strict, times=1)
    courier.go()
    (lock,) = find_locks(two.server, find_duration(two.server))
    assert lock.until is not None
    assert abs(lock.until - two.clock.now - timedelta(hours=1)) <= timedelta(seconds=1)
    help_desk_opens(strict)
    courier.go()
    lock_there(strict)
    courier.go()
    with two.door.runtime.database.read() as reads:
        row = reads.get_one(Guess, account_subject(two.door.runtime.sealer, two.hoa.account_id))
        assert (row.failures, strict.shut_here()) == (3, True)


def test_a_browser_the_account_knows_locks_nothing_in_the_directory(two: TwoDoors) -> None:
    own_desk = two.door.browser()
    assert try_login(own_desk, two.hoa.login, PASSWORD) == 303
    guess_here(two, own_desk)
    two.courier().go()
    assert two.lock_there() is None


def test_the_help_desk_opens_both(two: TwoDoors) -> None:
    courier = two.courier()
    two.guess_there()
    courier.go()
    help_desk_opens(two)
    courier.go()
    assert not two.shut_here()
    two.guess_there(2)
    assert two.binds(), "the server counts from the beginning"


def test_opening_by_hand_in_the_directory_opens_the_page(two: TwoDoors) -> None:
    courier = two.courier()
    guess_here(two)
    courier.go()
    open_entry(two.server, two.hoa.person_id)
    courier.go()
    assert not two.shut_here()
    assert try_login(two.door.browser(), two.hoa.login, PASSWORD) == 303
    assert events(two) == ["sso.account.opened"]


def test_what_the_help_desk_opened_is_not_shut_again_by_the_lock_that_still_stands(two: TwoDoors) -> None:
    lock_there(two)
    two.courier().go()
    help_desk_opens(two)
    two.courier().go()  # another worker's, which remembers nothing
    assert not two.shut_here()
    assert two.lock_there() is None


def test_both_open_when_the_time_is_over(two: TwoDoors) -> None:
    two.clock.advance(-1000)
    guess_here(two)
    two.courier().go()
    assert two.lock_there()
    assert two.binds(), "the server's lock ends when ours does, a hundred seconds ago by its clock"
    two.clock.advance(1000)
    two.courier().go()
    assert not two.shut_here()
    assert events(two) == []


def test_a_directory_printed_from_nothing_is_locked_again(two: TwoDoors) -> None:
    courier = two.courier()
    guess_here(two)
    courier.go()
    clear(two.server)
    courier.go()
    assert two.shut_here(), "an entry that is gone opens nobody"
    print_again(two)
    courier.go()
    assert two.shut_here()
    assert not two.binds()


def print_again(two: TwoDoors) -> None:
    """The official's entry, made anew."""
    print_people(two.door.runtime.database, two.server, [two.hoa.person_id], two.door.runtime.clocks.register)


def test_a_lock_of_the_directorys_own_that_lasts_longer_stays(two: TwoDoors) -> None:
    lock_there(two)
    before = two.lock_there()
    two.clock.advance(-600)
    guess_here(two)
    two.courier().go()
    assert two.lock_there() == before


def test_an_administration_account_is_no_entry_and_locks_none(two: TwoDoors) -> None:
    with two.door.runtime.database.write() as writes:
        writes.execute(sa.text("UPDATE account SET kind = 'administration'"))
    guess_here(two)
    two.courier().go()
    assert two.lock_there() is None
    lock_there(two)
    two.courier().go()
    assert events(two) == []


def test_the_courier_of_the_worker_is_there_within_two_seconds(two: TwoDoors) -> None:
    with carry_locks(two.door.runtime):
        guess_here(two)
        assert wait(lambda: two.lock_there() is not None) < 2
        help_desk_opens(two)
        assert wait(lambda: two.lock_there() is None) < 2
        lock_there(two)
        assert wait(two.shut_here) < 2
    assert "locks" not in {thread.name for thread in threading.enumerate()}


def wait(is_so: Callable[[], bool], most: float = 5) -> float:
    """How many seconds until it is so."""
    begun = time.monotonic()
    while not is_so() and time.monotonic() < begun + most:
        time.sleep(0.05)
    return time.monotonic() - begun


def test_without_a_courier_the_outbox_carries_by_itself(two: TwoDoors) -> None:
    guess_here(two)
    drain(two.door.runtime, HANDLERS)
    assert not two.binds()
    assert count_by_state(two.door.runtime.database)["done"] > 0


def test_nothing_is_carried_where_the_settings_say_so(two: TwoDoors, monkeypatch: pytest.MonkeyPatch) -> None:
    sections: dict[object, object] = two.door.runtime.settings._sections  # type: ignore[assignment]  # for one value that differs
    closed = two.door.runtime.settings[LdapSettings].model_copy(update={"carry_locks": False})
    monkeypatch.setitem(sections, LdapSettings, closed)
    guess_here(two)
    drain(two.door.runtime, HANDLERS)
    assert two.lock_there() is None
    with carry_locks(two.door.runtime):
        assert "locks" not in {thread.name for thread in threading.enumerate()}


def test_a_policy_that_is_not_shown_is_said_and_carries_nothing(two: TwoDoors) -> None:
    with pytest.raises(PrintingUnreadable, match="pwdLockoutDuration"):
        find_duration(two.server, f"cn=other,ou=services,{two.slapd.base}")


def test_a_courier_reads_and_does_not_write_while_nothing_happens(two: TwoDoors) -> None:
    courier = Courier(two.door.runtime, two.server)
    before = count_by_state(two.door.runtime.database)
    courier.go()
    courier.go()
    assert count_by_state(two.door.runtime.database) == before
    assert courier.locked == {}


def test_a_server_that_is_away_delays_a_lock_and_loses_none(two: TwoDoors) -> None:
    courier = two.courier()
    guess_here(two)
    two.slapd.kill()
    with pytest.raises(DirectoryUnreachable):
        courier.go()
    two.slapd.start()
    two.clock.advance(3)  # the job waits two seconds after its first failure
    with Server(two.slapd.writer) as server:
        Courier(two.door.runtime, server).go()
    assert not two.binds()
