"""One person or unit printed at once, when something about them changed."""

import ldap
import pytest

from directory.printing.entries import person_dn, unit_dn
from directory.printing.server import Server
from directory.printing.singles import print_people, print_units
from tests.directory.printing.people import PASSWORD
from tests.directory.printing.printer import Printer
from tests.directory.printing.small_register import SmallRegister

pytestmark = pytest.mark.slapd


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
