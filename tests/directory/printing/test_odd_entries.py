"""Incidents of others: names, values and entries that broke their printings."""

import dataclasses

import pytest
from ldap.filter import filter_format

from directory.printing.difference import Add, Delete
from directory.printing.entries import people_branch, person_dn
from directory.printing.server import Server
from tests.directory.printing.people import official
from tests.directory.printing.printer import Printer, search
from tests.directory.printing.small_register import SmallRegister

pytestmark = pytest.mark.slapd


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
