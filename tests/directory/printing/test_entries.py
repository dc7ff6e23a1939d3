"""Entries: what is printed of a person and a unit, and what never is."""

import uuid

import pytest

from directory.printing.entries import CERTIFICATE, as_value, find_identity
from tests.directory.printing.people import office, official, password_hash

BASE = "dc=vinhlong,dc=gov,dc=vn"
SOMEBODY = uuid.UUID("5f2b8f4e-0c55-4f0a-9f2c-3c1a5a0e7d10")


def test_the_name_of_an_entry_is_the_permanent_identity() -> None:
    assert official(person_id=SOMEBODY).entry(BASE).dn == f"hopnhatPersonId={SOMEBODY},ou=people,{BASE}"
    assert office(unit_id=SOMEBODY).entry(BASE).dn == f"hopnhatUnitId={SOMEBODY},ou=units,{BASE}"


def test_a_vietnamese_name_is_family_name_first() -> None:
    attributes = official("Lê Thị Ngọc Hoà").entry(BASE).attributes
    assert attributes["cn"] == ("Lê Thị Ngọc Hoà".encode(),)
    assert attributes["sn"] == ("Lê".encode(),)
    assert attributes["givenName"] == ("Thị Ngọc Hoà".encode(),)


def test_a_name_of_one_word_is_family_name_too() -> None:
    assert official("Y").entry(BASE).attributes["sn"] == (b"Y",)


@pytest.mark.parametrize(
    "state, password, printed",
    [
        pytest.param("active", password_hash(), True, id="active with argon2"),
        pytest.param("active", None, False, id="active without a password"),
        pytest.param("active", "{SSHA}c2FsdGVk", False, id="a hash of the old directory"),
        pytest.param("active", "$pbkdf2-sha256$1$c2FsdA$aGFzaA", False, id="another kind of hash"),
        pytest.param("issued", password_hash(), False, id="issued"),
        pytest.param("suspended", password_hash(), False, id="suspended"),
        pytest.param("closed", password_hash(), False, id="closed"),
        pytest.param("none", password_hash(), False, id="no account"),
    ],
)
def test_only_an_active_account_with_argon2_has_a_password(state: str, password: str | None, printed: bool) -> None:
    attributes = official().now(state=state, password_hash=password).entry(BASE).attributes
    assert attributes.get("userPassword") == ((f"{{ARGON2}}{password}".encode(),) if printed else None)


def test_a_password_hash_does_not_show_itself() -> None:
    assert password_hash() not in repr(official(activated=True))


def test_log_ins_addresses_and_certificates_are_sorted_and_single() -> None:
    person = official().now(
        logins=("hoa.lt", "HOA.LT", "a"), mails=("b@x.vn", "a@x.vn"), certificates=(b"\x02", b"\x01", b"\x02")
    )
    attributes = person.entry(BASE).attributes
    assert attributes["uid"] == (b"a", b"hoa.lt")
    assert attributes["mail"] == (b"a@x.vn", b"b@x.vn")
    assert attributes[CERTIFICATE] == (b"\x01", b"\x02")


def test_a_unit_that_ended_says_so() -> None:
    heir = uuid.uuid4()
    attributes = office(standing=False, former_codes=("28756",), successor_ids=(heir,)).entry(BASE).attributes
    assert attributes["hopnhatUnitState"] == (b"ended",)
    assert attributes["hopnhatSuccessorUnitId"] == (str(heir).encode(),)
    assert attributes["hopnhatFormerUnitCode"] == (b"28756",)


@pytest.mark.parametrize("text", [None, "", "   ", "\u200b"])
def test_what_says_nothing_is_no_value(text: str | None) -> None:
    assert as_value(text) == ()


@pytest.mark.parametrize(
    "dn, kind",
    [
        (f"hopnhatPersonId={SOMEBODY},ou=people,{BASE}", "person"),
        (f"hopnhatUnitId={SOMEBODY},ou=units,{BASE}", "unit"),
        (f"cn=somebody,ou=people,{BASE}", None),
        (f"hopnhatPersonId=5,ou=people,{BASE}", None),
        (f"hopnhatPersonId={SOMEBODY}+cn=x,ou=people,{BASE}", None),
    ],
)
def test_whose_entry_a_name_is(dn: str, kind: str | None) -> None:
    assert find_identity(dn) == (kind, SOMEBODY if kind else None)
