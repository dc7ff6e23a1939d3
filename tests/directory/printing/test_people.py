"""What of the register is printed, as of an instant; on both databases."""

import uuid
from datetime import datetime

import pytest

from directory.printing.entries import PersonPrinting, UnitPrinting
from directory.printing.people import find_people, read_people
from directory.printing.units import load_whole_units
from foundation.changes import AsOf
from foundation.clocks import parse_instant
from tests.directory.printing.people import password_hash
from tests.directory.printing.small_register import SmallRegister

BEFORE = parse_instant("2025-06-24T09:00:00+07:00")
MERGER = parse_instant("2025-07-01")
AFTER = parse_instant("2025-07-01T09:00:00+07:00")


def printed(register: SmallRegister, at: datetime = BEFORE) -> dict[uuid.UUID, PersonPrinting]:
    """Everybody, read both ways; the two must agree."""
    with register.database.read() as reads:
        everybody = {person.person_id: person for person in read_people(reads, load_whole_units(reads, AsOf(at)))}
        one_by_one = {person.person_id: person for person in find_people(reads, list(everybody), AsOf(at))}
    assert everybody == one_by_one
    return everybody


def printed_units(register: SmallRegister, at: datetime = BEFORE) -> dict[uuid.UUID, UnitPrinting]:
    with register.database.read() as reads:
        return {unit.unit_id: unit for unit in load_whole_units(reads, AsOf(at)).build_printings()}


def test_a_person_is_printed_with_the_unit_of_the_main_post(register: SmallRegister) -> None:
    unit = register.unit("Phường An Hội", "28789", "H61.12")
    person = register.person(
        "Lê Thị Hoà", "hoa.lt", unit, mail="hoa.lt@vinhlong.gov.vn", phone="0270 3822 123", activated=True
    )
    found = printed(register)[person]
    assert found == PersonPrinting(
        person_id=person,
        name="Lê Thị Hoà",
        state="active",
        logins=("hoa.lt",),
        mails=("hoa.lt@vinhlong.gov.vn",),
        phone="0270 3822 123",
        title="Chuyên viên",
        unit_id=unit,
        unit_name="UBND phường An Hội",
        unit_codes=found.unit_codes,
        password_hash=password_hash(),
    )
    assert set(found.unit_codes) == {"28789", "H61.12"}


def test_after_a_merger_the_same_person_has_the_new_unit_and_the_old_code_is_former(register: SmallRegister) -> None:
    old, new = register.unit("Phường 4", "28756"), register.unit("Phường An Hội", "28789", since=MERGER)
    person = register.person("Lê Thị Hoà", "hoa.lt", old)
    register.move(person, new, MERGER)
    register.merge(old, new, MERGER)
    before, after = printed(register, BEFORE)[person], printed(register, AFTER)[person]
    assert (before.unit_id, before.unit_codes, before.former_unit_codes) == (old, ("28756",), ())
    assert (after.unit_id, after.unit_codes, after.former_unit_codes) == (new, ("28789",), ("28756",))


def test_a_unit_that_ended_keeps_its_entry_and_names_who_took_over(register: SmallRegister) -> None:
    old, new = register.unit("Phường 4", "28756"), register.unit("Phường An Hội", "28789", since=MERGER)
    register.merge(old, new, MERGER)
    assert new not in printed_units(register, BEFORE)
    after = printed_units(register, AFTER)
    assert (after[old].standing, after[old].codes, after[old].former_codes) == (False, (), ("28756",))
    assert after[old].successor_ids == (new,)
    assert (after[new].standing, after[new].codes, after[new].former_codes) == (True, ("28789",), ("28756",))


def test_codes_of_predecessors_are_followed_over_several_reforms(register: SmallRegister) -> None:
    first = register.unit("Xã A", "10001")
    second = register.unit("Xã B", "10002", since=parse_instant("2023-01-01"))
    third = register.unit("Xã C", "10003", since=MERGER)
    register.merge(first, second, parse_instant("2023-01-01"))
    register.merge(second, third, MERGER)
    assert printed_units(register, AFTER)[third].former_codes == ("10001", "10002")


def test_an_old_log_in_is_printed_until_its_date(register: SmallRegister) -> None:
    end = parse_instant("2026-01-01")
    person = register.person("Lê Thị Hoà", "hoa.lt", aliases=["lthoa"], until=end)
    assert set(printed(register, AFTER)[person].logins) == {"hoa.lt", "lthoa"}
    assert printed(register, end)[person].logins == ("hoa.lt",)


def test_an_old_log_in_of_two_people_is_printed_for_neither(register: SmallRegister) -> None:
    one = register.person("Lê Thị Hoà", "hoa.lt", aliases=["hoa"])
    two = register.person("Lý Thái Hoà", "hoa.lt2", aliases=["hoa"])
    found = printed(register)
    assert (found[one].logins, found[two].logins) == (("hoa.lt",), ("hoa.lt2",))


def test_an_own_log_in_wins_over_another_persons_old_one(register: SmallRegister) -> None:
    one = register.person("Lê Thị Hoà", "hoa")
    two = register.person("Lý Thái Hoà", "hoa.lt2", aliases=["hoa"])
    found = printed(register)
    assert (found[one].logins, found[two].logins) == (("hoa",), ("hoa.lt2",))


def test_what_is_not_published_is_not_printed(register: SmallRegister) -> None:
    assert register.unpublished_person("Lê Thị Hoà") not in printed(register)


def test_who_was_withdrawn_is_not_printed(register: SmallRegister) -> None:
    person = register.person("Lê Thị Hoà")
    register.withdraw(person)
    assert printed(register) == {}


@pytest.mark.parametrize("state", ["suspended", "closed"])
def test_the_state_of_an_account_is_printed(register: SmallRegister, state: str) -> None:
    person = register.person("Lê Thị Hoà", "hoa.lt", activated=True)
    register.set_state(person, state)
    assert printed(register)[person].state == state
