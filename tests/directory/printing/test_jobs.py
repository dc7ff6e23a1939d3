"""Printing by jobs: from the deed's transaction to the directory, by the worker."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import ldap
import pytest

from directory.printing.entries import Entry, PersonPrinting, build_person_entry, person_dn, unit_dn
from directory.printing.jobs import HANDLERS, PRINT_ALL, ask_for_all, ask_for_people, ask_for_units
from directory.printing.server import Server
from directory.printing.slapd import PrivateSlapd
from directory.settings import LdapSettings
from foundation.handling import drain
from foundation.outbox import count_by_state
from foundation.runtime import Runtime, open_runtime
from foundation.settings import build_settings
from tests.directory.printing.people import PASSWORD
from tests.directory.printing.small_register import SmallRegister
from tests.services.clock import MovableClock

pytestmark = pytest.mark.slapd


@pytest.fixture
def runtime(database_url: str, tmp_path: Path, slapd: PrivateSlapd, clock: MovableClock) -> Iterator[Runtime]:
    """The product on this register and this directory."""
    ldap_settings = {"private": True, "folder": slapd.folder, "base": slapd.base}
    written = {"database": database_url, "data": tmp_path / "data", "ldap": ldap_settings}
    runtime = open_runtime(build_settings(written, [LdapSettings]), clock.clocks)
    yield runtime
    runtime.close()


def names(slapd: PrivateSlapd, *dns: str) -> list[str | None]:
    """The cn or ou of these entries, None for one that is not there."""
    with Server(slapd.reader) as server:
        found = [server.find_entry(dn) for dn in dns]
    return [
        None if entry is None else (entry.entry.attributes.get("cn") or entry.entry.attributes["ou"])[0].decode()
        for entry in found
    ]


def test_who_activates_can_bind_as_soon_as_the_worker_has_passed(
    register: SmallRegister, runtime: Runtime, slapd: PrivateSlapd
) -> None:
    person = register.person("Lê Thị Hoà", "hoa.lt")
    register.activate(person)
    assert drain(runtime, HANDLERS) == 1
    ldap.initialize(slapd.url).simple_bind_s(person_dn(person, slapd.base), PASSWORD)


def test_a_unit_is_printed_with_the_people_who_carry_its_name(
    register: SmallRegister, runtime: Runtime, slapd: PrivateSlapd
) -> None:
    unit = register.unit("Phường An Hội", "28789")
    person = register.person("Lê Thị Hoà", "hoa.lt", unit)
    elsewhere = register.person("Trần Văn An", "an.tv")
    with runtime.database.write() as writes:
        ask_for_units(writes, [unit], runtime.clocks.wall())
    drain(runtime, HANDLERS)
    base = slapd.base
    found = names(slapd, unit_dn(unit, base), person_dn(person, base), person_dn(elsewhere, base))
    assert found == ["UBND phường An Hội", "Lê Thị Hoà", None]


def test_what_takes_effect_later_is_printed_then(
    register: SmallRegister, runtime: Runtime, slapd: PrivateSlapd, clock: MovableClock
) -> None:
    old, new = register.unit("Phường 4", "28756"), register.unit("Phường An Hội", "28789")
    person = register.person("Lê Thị Hoà", "hoa.lt", old)
    instant = clock.now.replace(year=2026)
    register.move(person, new, instant)
    with runtime.database.write() as writes:
        ask_for_people(writes, [person], clock.now)
        ask_for_people(writes, [person], clock.now, due=instant)
    drain(runtime, HANDLERS)
    dn = person_dn(person, slapd.base)

    def unit_code() -> tuple[bytes, ...]:
        with Server(slapd.reader) as server:
            found = server.find_entry(dn)
        assert found is not None
        return found.entry.attributes["hopnhatUnitCode"]

    assert unit_code() == (b"28756",)
    clock.set(instant)
    drain(runtime, HANDLERS)
    assert unit_code() == (b"28789",)


def test_a_job_waits_for_a_server_that_is_away(
    register: SmallRegister, database_url: str, tmp_path: Path, slapd: PrivateSlapd, clock: MovableClock
) -> None:
    password = slapd.folder / "writer.password"
    operated = {"url": slapd.url, "base": slapd.base, "password_file": password}
    written = {"database": database_url, "data": tmp_path / "data", "ldap": operated}
    runtime = open_runtime(build_settings(written, [LdapSettings]), clock.clocks)
    person = register.person("Lê Thị Hoà", "hoa.lt")
    with runtime.database.write() as writes:
        ask_for_people(writes, [person], clock.now)
    slapd.stop()
    drain(runtime, HANDLERS)
    assert count_by_state(runtime.database) == {"waiting": 1}
    slapd.start()
    clock.advance(60)
    drain(runtime, HANDLERS)
    assert count_by_state(runtime.database) == {"done": 1}
    assert names(slapd, person_dn(person, slapd.base)) == ["Lê Thị Hoà"]
    runtime.close()


def test_the_first_of_many_jobs_does_all_that_wait(
    register: SmallRegister, runtime: Runtime, slapd: PrivateSlapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = register.people(700)
    binds: list[str] = []
    connect = Server.connect

    def count_connect(server: Server) -> None:
        binds.append(server.access.bind_dn)
        connect(server)

    monkeypatch.setattr(Server, "connect", count_connect)
    with runtime.database.write() as writes:
        ask_for_people(writes, people, runtime.clocks.wall())
    assert drain(runtime, HANDLERS) == 700
    assert len(binds) == 1
    assert count_by_state(runtime.database) == {"done": 700}
    assert None not in names(slapd, *[person_dn(person, slapd.base) for person in people])


def test_a_whole_printing_does_the_waiting_single_ones(
    register: SmallRegister, runtime: Runtime, slapd: PrivateSlapd, clock: MovableClock
) -> None:
    people = register.people(20)
    later = clock.now + timedelta(hours=1)
    with runtime.database.write() as writes:
        ask_for_people(writes, people, clock.now)
        ask_for_people(writes, people[:1], clock.now, due=later)
        ask_for_all(writes, clock.now - timedelta(seconds=1))
    assert drain(runtime, {PRINT_ALL: HANDLERS[PRINT_ALL]}) == 1
    assert count_by_state(runtime.database) == {"done": 21, "waiting": 2}
    assert None not in names(slapd, *[person_dn(person, slapd.base) for person in people])


def test_one_refused_entry_fails_its_own_job_only(
    register: SmallRegister, runtime: Runtime, slapd: PrivateSlapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = register.people(5)

    def build_badly(person: PersonPrinting, base: str) -> Entry:
        """An entry our own checks would never make."""
        entry = build_person_entry(person, base)
        return Entry(entry.dn, {**entry.attributes, "mail": (b"\xc3\xa0",)}) if person.person_id == people[2] else entry

    monkeypatch.setattr("directory.printing.singles.build_person_entry", build_badly)
    with runtime.database.write() as writes:
        ask_for_people(writes, people, runtime.clocks.wall())
    drain(runtime, HANDLERS)
    assert count_by_state(runtime.database) == {"done": 4, "waiting": 1}
    found = names(slapd, *[person_dn(person, slapd.base) for person in people])
    assert [name is None for name in found] == [False, False, True, False, False]


def test_everything_is_printed_at_once_and_guards_hold_for_jobs_too(
    register: SmallRegister, runtime: Runtime, slapd: PrivateSlapd
) -> None:
    people = register.people(10)
    with runtime.database.write() as writes:
        ask_for_people(writes, people[:1], runtime.clocks.wall())
    drain(runtime, HANDLERS)
    with runtime.database.write() as writes:
        ask_for_all(writes, runtime.clocks.wall())
    drain(runtime, HANDLERS)
    assert None not in names(slapd, *[person_dn(person, slapd.base) for person in people])
    register.withdraw(*people)
    with runtime.database.write() as writes:
        ask_for_all(writes, runtime.clocks.wall())
    drain(runtime, {PRINT_ALL: HANDLERS[PRINT_ALL]})
    assert count_by_state(runtime.database)["waiting"] == 2, "the one that was stopped, and tomorrow's"
    assert None not in names(slapd, *[person_dn(person, slapd.base) for person in people])


def test_what_ends_by_the_clock_alone_is_printed_when_it_ends(
    register: SmallRegister, runtime: Runtime, slapd: PrivateSlapd, clock: MovableClock
) -> None:
    end = clock.now + timedelta(hours=3)
    person = register.person("Lê Thị Hoà", "hoa.lt", aliases=["lthoa"], until=end)
    with runtime.database.write() as writes:
        ask_for_all(writes, clock.now)
    drain(runtime, HANDLERS)
    dn = person_dn(person, slapd.base)

    def logins() -> tuple[bytes, ...]:
        with Server(slapd.reader) as server:
            found = server.find_entry(dn)
        assert found is not None
        return found.entry.attributes["uid"]

    assert logins() == (b"hoa.lt", b"lthoa")
    clock.set(end)
    assert drain(runtime, HANDLERS) == 1
    assert logins() == (b"hoa.lt",)
    clock.advance(days=1)
    assert drain(runtime, HANDLERS) == 1


def test_without_a_directory_the_jobs_are_done_in_silence(
    register: SmallRegister, database_url: str, tmp_path: Path, clock: MovableClock
) -> None:
    runtime = open_runtime(build_settings({"database": database_url, "data": tmp_path / "data"}), clock.clocks)
    with runtime.database.write() as writes:
        ask_for_people(writes, [uuid.uuid4()], clock.now)
        ask_for_units(writes, [uuid.uuid4()], clock.now)
        ask_for_all(writes, clock.now)
    drain(runtime, HANDLERS)
    assert count_by_state(runtime.database) == {"done": 3}
    runtime.close()
