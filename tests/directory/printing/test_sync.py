"""The printing against a real server: complete, repeatable, safe, and never the older picture over the newer one."""

import dataclasses
from datetime import datetime
from typing import Any

import ldap
import pytest
from ldap.filter import filter_format

from directory.printing.difference import Add, Change, Delete
from directory.printing.entries import people_branch, person_dn, unit_dn
from directory.printing.errors import DirectoryUnreachable, PrintingUnsafe
from directory.printing.guards import Limits
from directory.printing.server import Server
from directory.printing.singles import print_people, print_units
from directory.printing.slapd import PrivateSlapd
from directory.printing.sync import Comparison, Outcome, clear, compare, sync
from foundation.clocks import parse_instant
from foundation.database import Database
from tests.directory.printing.people import PASSWORD, official
from tests.directory.printing.small_register import SmallRegister

pytestmark = pytest.mark.slapd

BEFORE = parse_instant("2025-06-24T09:00:00+07:00")
MERGER = parse_instant("2025-07-01")
AFTER = parse_instant("2025-07-01T09:00:00+07:00")
NO_LIMITS = Limits(percent=100, absolute=1_000_000)


@pytest.fixture
def register(database: Database) -> SmallRegister:
    return SmallRegister(database)


class Printer:
    """The printing of one register into one server."""

    def __init__(self, register: SmallRegister, slapd: PrivateSlapd) -> None:
        self.database = register.database
        self.slapd = slapd
        self.now: datetime = BEFORE

    def clock(self) -> datetime:
        return self.now

    def sync(self, **options: Any) -> Outcome:
        with Server(self.slapd.writer) as server:
            return sync(self.database, server, self.clock, options.pop("limits", Limits()), **options)

    def compare(self) -> Comparison:
        with Server(self.slapd.writer) as server:
            return compare(self.database, server, self.clock)

    def attributes(self, dn: str) -> dict[str, list[str]] | None:
        """What the reader is shown of an entry, as text."""
        with Server(self.slapd.reader) as server:
            found = server.find_entry(dn)
        return (
            None
            if found is None
            else {name: [v.decode() for v in values] for name, values in found.entry.attributes.items()}
        )

    def person(self, person_id: Any) -> dict[str, list[str]] | None:
        return self.attributes(person_dn(person_id, self.slapd.base))

    def count(self) -> int:
        with Server(self.slapd.reader) as server:
            return len(list(server.read_branch(people_branch(self.slapd.base))))


@pytest.fixture
def printer(register: SmallRegister, slapd: PrivateSlapd) -> Printer:
    return Printer(register, slapd)


def search(slapd: PrivateSlapd, wanted: str) -> list[str]:
    """The names a mail system finds with this filter."""
    connection = ldap.initialize(slapd.url)
    connection.simple_bind_s(slapd.reader.bind_dn, slapd.reader.password)
    return [dn for dn, _ in connection.search_s(slapd.base, ldap.SCOPE_SUBTREE, wanted, ["1.1"])]


def test_the_register_is_printed_whole_and_then_there_is_no_difference(
    register: SmallRegister, printer: Printer
) -> None:
    unit = register.unit("Phường An Hội", "28789")
    register.people(30, unit)
    outcome = printer.sync(from_nothing=True)
    assert outcome.comparison.counts == {"+": 31, "~": 0, "-": 0}
    assert (outcome.done, outcome.refused) == (31, {})
    assert not printer.compare()
    assert printer.sync().done == 0


def test_a_merger_is_only_modifications_and_nobody_changes_name(register: SmallRegister, printer: Printer) -> None:
    old, new = register.unit("Phường 4", "28756"), register.unit("Phường An Hội", "28789", since=MERGER)
    people = register.people(20, old)
    printer.sync(from_nothing=True)
    for person in people:
        register.move(person, new, MERGER)
    register.merge(old, new, MERGER)
    assert not printer.compare()
    printer.now = AFTER
    outcome = printer.sync()
    assert outcome.comparison.people.counts == {"+": 0, "~": 20, "-": 0}
    assert outcome.comparison.units.counts == {"+": 1, "~": 1, "-": 0}
    found = printer.person(people[0])
    assert found is not None
    assert (found["hopnhatUnitCode"], found["hopnhatFormerUnitCode"]) == (["28789"], ["28756"])
    assert found["ou"] == ["UBND phường An Hội"]
    assert search(
        printer.slapd, "(&(objectClass=hopnhatUnit)(hopnhatFormerUnitCode=28756)(hopnhatUnitState=standing))"
    ) == [unit_dn(new, printer.slapd.base)]


def test_who_activates_binds_with_the_same_password_after_one_job(register: SmallRegister, printer: Printer) -> None:
    person = register.person("Lê Thị Hoà", "hoa.lt")
    printer.sync(from_nothing=True)
    register.activate(person)
    with Server(printer.slapd.writer) as server:
        assert print_people(register.database, server, [person], printer.clock).differed == 1
        assert print_people(register.database, server, [person], printer.clock).differed == 0
    connection = ldap.initialize(printer.slapd.url)
    connection.simple_bind_s(person_dn(person, printer.slapd.base), PASSWORD)


@pytest.mark.parametrize("state", ["suspended", "closed"])
def test_who_is_suspended_or_closed_cannot_bind_any_more(register: SmallRegister, printer: Printer, state: str) -> None:
    person = register.person("Lê Thị Hoà", "hoa.lt", activated=True)
    printer.sync(from_nothing=True)
    register.set_state(person, state)
    with Server(printer.slapd.writer) as server:
        print_people(register.database, server, [person], printer.clock)
    found = printer.person(person)
    assert found is not None
    assert found["hopnhatAccountState"] == [state]
    with pytest.raises(ldap.INVALID_CREDENTIALS):
        ldap.initialize(printer.slapd.url).simple_bind_s(person_dn(person, printer.slapd.base), PASSWORD)


def test_a_single_printing_deletes_nobody_but_takes_the_password(register: SmallRegister, printer: Printer) -> None:
    person = register.person("Lê Thị Hoà", "hoa.lt", activated=True)
    printer.sync(from_nothing=True)
    register.withdraw(person)
    with Server(printer.slapd.writer) as server:
        print_people(register.database, server, [person], printer.clock)
        found = server.find_entry(person_dn(person, printer.slapd.base))
    assert found is not None
    assert "userPassword" not in found.entry.attributes
    assert found.entry.attributes["hopnhatAccountState"] == (b"closed",)


def test_a_unit_is_printed_alone(register: SmallRegister, printer: Printer) -> None:
    unit = register.unit("Phường An Hội", "28789")
    with Server(printer.slapd.writer) as server:
        assert print_units(register.database, server, [unit], printer.clock).differed == 1
    found = printer.attributes(unit_dn(unit, printer.slapd.base))
    assert found is not None
    assert (found["ou"], found["hopnhatUnitCode"]) == (["UBND phường An Hội"], ["28789"])


# --- what the server or somebody else does in the middle --------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "after"),
    [
        pytest.param(64, 70, id="after the first answers"),
        pytest.param(64, 200, id="while answers come"),
        pytest.param(512, 200, id="before any answer was taken"),
    ],
)
def test_a_server_killed_in_the_middle_loses_nothing(
    register: SmallRegister, printer: Printer, monkeypatch: pytest.MonkeyPatch, window: int, after: int
) -> None:
    """It dies once so many requests were handed to it, however many of them it had done by then."""
    register.people(300)
    send, sent = Server._send, []

    def send_and_kill(server: Server, change: Change) -> int:
        number = send(server, change)
        sent.append(number)
        if len(sent) == after:
            printer.slapd.kill()
        return number

    monkeypatch.setattr(Server, "_send", send_and_kill)
    monkeypatch.setattr("directory.printing.sync.UNDER_WAY", window)
    with pytest.raises(DirectoryUnreachable) as refusal:
        printer.sync(from_nothing=True)
    assert refusal.value.exit_code == 69
    monkeypatch.setattr(Server, "_send", send)
    printer.slapd.start()
    told = refusal.value.values["done"]
    assert isinstance(told, int)
    assert max(0, after - window) <= told <= printer.count() <= after
    printer.sync(from_nothing=printer.count() == 0)
    assert not printer.compare()
    assert printer.count() == 300


def test_a_server_killed_after_its_last_answer_has_all(register: SmallRegister, printer: Printer) -> None:
    """What was under way when it died is counted by its answer alone: the last one says that everything is there."""
    register.people(300)
    told: list[int] = []

    def kill(done: int, total: int) -> None:
        told.append(done)
        if done == total:
            printer.slapd.kill()

    assert printer.sync(from_nothing=True, progress=kill).done == 300
    assert told == sorted(told)
    printer.slapd.start()
    assert printer.count() == 300
    assert not printer.compare()


def test_what_somebody_wrote_in_between_is_not_overwritten_but_looked_at_again(
    register: SmallRegister, printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = register.person("Lê Thị Hoà", "hoa.lt")
    printer.sync(from_nothing=True)
    register.rename(person, "Lê Thị Hoa")
    write = Server.write

    def write_late(server: Server, changes: Any, **options: Any) -> Any:
        """Between our comparison and our write a job prints a name that is newer than the one we have in hand."""
        monkeypatch.setattr(Server, "write", write)
        register.rename(person, "Lê Thị Hoài")
        with Server(printer.slapd.writer) as other:
            print_people(register.database, other, [person], printer.clock)
        return write(server, changes, **options)

    with Server(printer.slapd.writer) as server:
        difference = compare(register.database, server, printer.clock).people
        written = write_late(server, difference.changes)
    assert (written.done, len(written.overtaken)) == (0, 1)

    register.rename(person, "Lê Thị Hoa")
    monkeypatch.setattr(Server, "write", write_late)
    outcome = printer.sync()
    found = printer.person(person)
    assert found is not None
    assert found["cn"] == ["Lê Thị Hoài"]
    assert not printer.compare()
    assert outcome.done + outcome.settled >= 1


def test_an_entry_that_somebody_deleted_or_changed_by_hand_comes_back(
    register: SmallRegister, printer: Printer
) -> None:
    deleted, changed = register.person("Lê Thị Hoà", "hoa.lt"), register.person("Trần Văn An", "an.tv")
    printer.sync(from_nothing=True)
    base = printer.slapd.base
    hand = ldap.initialize(printer.slapd.url)
    hand.simple_bind_s(printer.slapd.writer.bind_dn, printer.slapd.writer.password)
    hand.delete_s(person_dn(deleted, base))
    hand.modify_s(
        person_dn(changed, base), [(ldap.MOD_REPLACE, "cn", [b"Somebody"]), (ldap.MOD_ADD, "description", [b"x"])]
    )
    drift = printer.compare()
    assert drift.counts == {"+": 1, "~": 1, "-": 0}
    assert drift.people.by_attribute == {"cn": 1, "description": 1}
    printer.sync()
    assert not printer.compare()


def test_a_rebuild_prints_from_nothing(register: SmallRegister, printer: Printer) -> None:
    register.people(10, register.unit("Phường An Hội", "28789"))
    printer.sync(from_nothing=True)
    with Server(printer.slapd.writer) as server:
        assert clear(server) == 11
    assert printer.count() == 0
    printer.sync(from_nothing=True)
    assert not printer.compare()


# --- incidents of others ----------------------------------------------------------------------------------------------


def test_incident_the_register_is_empty_and_everybody_would_be_deleted(
    register: SmallRegister, printer: Printer
) -> None:
    people = register.people(20)
    printer.sync(from_nothing=True)
    register.withdraw(*people)
    with pytest.raises(PrintingUnsafe, match="The register has nothing"):
        printer.sync(limits=NO_LIMITS)
    assert printer.count() == 20


def test_incident_the_directory_shows_nothing_and_everybody_would_be_new(
    register: SmallRegister, printer: Printer
) -> None:
    register.people(20)
    with pytest.raises(PrintingUnsafe, match="hopnhat directory rebuild"):
        printer.sync()
    assert printer.count() == 0


def test_incident_more_deletions_than_usual(register: SmallRegister, printer: Printer) -> None:
    people = register.people(100)
    printer.sync(from_nothing=True)
    register.withdraw(*people[:6])
    with pytest.raises(PrintingUnsafe, match="6 entries would be deleted; 5 need no word"):
        printer.sync()
    assert printer.count() == 100
    with pytest.raises(PrintingUnsafe, match="Expected 7 deletions, there would be 6"):
        printer.sync(limits=Limits(expected_deletions=7))
    assert printer.sync(limits=Limits(expected_deletions=6)).comparison.counts["-"] == 6
    assert printer.count() == 94


def test_incident_everybody_would_lose_the_password(register: SmallRegister, printer: Printer) -> None:
    people = [register.person(f"Lê Thị {n}", f"l{n}", activated=True) for n in range(8)]
    printer.sync(from_nothing=True)
    for person in people:
        register.set_state(person, "suspended")
    with pytest.raises(PrintingUnsafe, match="8 people would lose the password"):
        printer.sync()
    ldap.initialize(printer.slapd.url).simple_bind_s(person_dn(people[0], printer.slapd.base), PASSWORD)
    assert printer.sync(limits=Limits(expected_lockouts=8)).done == 8


def test_incident_the_server_is_down_and_nobody_is_deleted(register: SmallRegister, printer: Printer) -> None:
    people = register.people(20)
    printer.sync(from_nothing=True)
    register.withdraw(*people)
    writer = printer.slapd.writer
    printer.slapd.stop()
    with pytest.raises(DirectoryUnreachable), Server(writer):
        pytest.fail("it answered")
    printer.slapd.start()
    assert printer.count() == 20


NAMES = [
    pytest.param('Nguyễn, Văn=An+"B" <c>;#\\', id="everything that breaks a DN"),
    pytest.param("* )(uid=*", id="everything that breaks a filter"),
    pytest.param("Đặng Thị Hoà", id="letters with marks"),
    pytest.param("Nguyễn Thị Hòa", id="the same, decomposed"),
    pytest.param("  Y  ", id="one letter among blanks"),
    pytest.param("#An", id="a hash in front"),
]


@pytest.mark.parametrize("name", NAMES)
def test_incident_names_that_broke_others(register: SmallRegister, printer: Printer, name: str) -> None:
    person = register.person(name, "somebody")
    outcome = printer.sync(from_nothing=True)
    assert outcome.refused == {}
    assert not printer.compare()
    assert search(printer.slapd, filter_format("(cn=%s)", [name])) == [person_dn(person, printer.slapd.base)]
    assert search(printer.slapd, filter_format("(uid=%s)", ["*"])) == []


def test_incident_one_value_the_server_refuses_keeps_the_person_out(register: SmallRegister, printer: Printer) -> None:
    person = register.person("Lê Thị Hoà", "hoa.lt", mail="hoà@vinhlong.gov.vn", phone="số 0270 – máy lẻ 12")
    assert printer.sync(from_nothing=True).refused == {}
    found = printer.person(person)
    assert found is not None
    assert "mail" not in found
    assert "telephoneNumber" not in found


def test_incident_an_entry_of_somebody_else_is_not_taken_for_ours(register: SmallRegister, printer: Printer) -> None:
    register.people(3)
    printer.sync(from_nothing=True)
    stranger = official("Ai Đó").entry(printer.slapd.base)
    odd = dataclasses.replace(
        stranger,
        dn=f"cn=Ai\\2C Đó,{people_branch(printer.slapd.base)}",
        attributes={**stranger.attributes, "cn": ("Ai, Đó".encode(),)},
    )
    with Server(printer.slapd.writer) as server:
        assert server.write([Add(odd)]).done == 1
    drift = printer.compare()
    assert [type(change) for change in drift.people.changes] == [Delete]
    printer.sync()
    assert not printer.compare()
