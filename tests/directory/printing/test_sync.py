"""The printing against a real server: complete, repeatable, and mended where somebody wrote by hand."""

import ldap
import pytest

from directory.printing.entries import person_dn, unit_dn
from directory.printing.server import Server
from directory.printing.sync import clear
from tests.directory.printing.printer import AFTER, MERGER, Printer, search
from tests.directory.printing.small_register import SmallRegister

pytestmark = pytest.mark.slapd


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
