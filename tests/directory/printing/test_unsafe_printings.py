"""Incidents of others: what would delete or lock out many is refused."""

import ldap
import pytest

from directory.printing.entries import person_dn
from directory.printing.errors import PrintingUnsafe
from directory.printing.guards import Limits
from tests.directory.printing.people import PASSWORD
from tests.directory.printing.printer import NO_LIMITS, Printer
from tests.directory.printing.small_register import SmallRegister

pytestmark = pytest.mark.slapd


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
