"""What the law asks after a merger, case by case (domain guidance of May 2025; Decree 68/2024 Art. 10, 15, 17)."""

import uuid
from datetime import timedelta

import pytest

from signing.requests.proposals import (
    Ended,
    Held,
    PersonCase,
    Place,
    Proposal,
    UnitCase,
    propose,
    propose_for_agency,
    propose_for_person,
)
from tests.signing.world import MERGER

A, B, C = (uuid.UUID(int=number) for number in (1, 2, 3))
PERSON = uuid.UUID(int=9)
OLD, OLDER, OTHER, NEW = (
    Held("old", MERGER - timedelta(days=100)),
    Held("older", MERGER - timedelta(days=900)),
    Held("other", MERGER - timedelta(days=100)),
    Held("new", MERGER + timedelta(days=2)),
)
IN_A = Place(A, "UBND xã A", "Tỉnh Trà Vinh")
IN_C = Place(C, "UBND xã C", "Tỉnh Vĩnh Long")


def person(
    before: Place | None = IN_A,
    after: Place | None = IN_C,
    *held: Held,
    duties: str = "",
    addresses: tuple[str | None, str | None] = (None, None),
) -> PersonCase:
    return PersonCase(PERSON, before, after, *addresses, frozenset(duties.split()), held)


PEOPLE = [
    pytest.param(person(IN_A, IN_C, OLD), ["change moved old / revocation"], id="moved, with a certificate"),
    pytest.param(person(IN_A, IN_C), ["new none_yet - / -"], id="moved, without one"),
    pytest.param(
        person(IN_A, IN_C, OLD, OLDER),
        ["change moved old / revocation", "revocation moved older / -"],
        id="moved, with two",
    ),
    pytest.param(
        person(IN_A, None, OLD, OLDER), ["revocation left old / -", "revocation left older / -"], id="left, with two"
    ),
    pytest.param(person(IN_A, None), [], id="left, without one"),
    pytest.param(person(IN_A, IN_A, OLD), [], id="stayed, nothing altered"),
    pytest.param(
        person(IN_A, Place(A, "UBND phường A", "Tỉnh Trà Vinh"), OLD),
        ["change unit_altered old / revocation"],
        id="unit renamed",
    ),
    pytest.param(
        person(IN_A, Place(A, "UBND xã A", "Tỉnh Vĩnh Long"), OLD),
        ["change unit_altered old / revocation"],
        id="province merged",
    ),
    pytest.param(
        person(IN_A, IN_A, OLD, addresses=("an@travinh.gov.vn", "an@vinhlong.gov.vn")),
        ["change address_altered old / revocation"],
        id="official address altered",
    ),
    pytest.param(
        person(IN_A, IN_A, OLD, addresses=(None, "an@vinhlong.gov.vn")), [], id="first address is no alteration"
    ),
    pytest.param(person(IN_A, IN_A), [], id="stayed, without one, signs nothing"),
    pytest.param(person(IN_A, IN_A, duties="leader"), ["new none_yet - / -"], id="stayed, head without one"),
    pytest.param(person(IN_A, IN_A, duties="clerk"), ["new none_yet - / -"], id="stayed, clerk without one"),
    pytest.param(person(None, IN_C, duties="deputy"), ["new none_yet - / -"], id="joined on the day"),
    pytest.param(person(IN_A, IN_C, NEW), [], id="has one of after the merger already"),
    pytest.param(person(IN_A, IN_C, NEW, OLD), ["revocation moved old / -"], id="the old one stayed beside the new"),
]


@pytest.mark.parametrize(("case", "wanted"), PEOPLE)
def test_a_person_is_proposed(case: PersonCase, wanted: list[str]) -> None:
    assert [tell(one) for one in propose_for_person(case, MERGER)] == wanted


def tell(one: Proposal) -> str:
    """A proposal as one line: kind, ground, certificate / the other way the law allows."""
    return f"{one.kind} {one.ground} {one.replaces or '-'} / {one.alternative or '-'}"


def ended(unit: uuid.UUID, *held: Held, principal: bool = False) -> Ended:
    return Ended(unit, principal, held)


AGENCIES = [
    pytest.param(
        UnitCase(C, False, (), (ended(A, OLD, principal=True), ended(B, OTHER))),
        ["change agency_passed_on old / revocation", "revocation agency_ended other / -"],
        id="A + B into a new C: one changes, the other is revoked",
    ),
    pytest.param(
        UnitCase(C, False, (), (ended(A, OTHER), ended(B, OLD, principal=True))),
        ["change agency_passed_on old / revocation", "revocation agency_ended other / -"],
        id="the principal's certificate is the one that passes on",
    ),
    pytest.param(
        UnitCase(C, False, (), (ended(A, principal=True), ended(B, OTHER))),
        ["change agency_passed_on other / revocation"],
        id="only B had one: it passes on",
    ),
    pytest.param(
        UnitCase(A, False, (OLD,), (ended(B, OTHER),)),
        ["revocation agency_ended other / -"],
        id="B into A, name kept: A keeps its own",
    ),
    pytest.param(
        UnitCase(A, True, (OLD,), (ended(B, OTHER),)),
        ["change agency_altered old / -", "revocation agency_ended other / -"],
        id="B into A under another superior: A's content changes",
    ),
    pytest.param(UnitCase(A, True, (OLD,), ()), ["change agency_altered old / -"], id="only the superior changes"),
    pytest.param(UnitCase(A, False, (OLD,), ()), [], id="nothing changes"),
    pytest.param(UnitCase(C, False, (), ()), ["new none_yet - / -"], id="a new unit of nothing"),
    pytest.param(
        UnitCase(C, False, (NEW,), (ended(A, OLD, principal=True),)),
        ["revocation agency_ended old / -"],
        id="C has its certificate already",
    ),
    pytest.param(
        UnitCase(C, False, (), (ended(A, OLD, OLDER, principal=True),)),
        ["change agency_passed_on old / revocation", "revocation agency_ended older / -"],
        id="A had two",
    ),
]


@pytest.mark.parametrize(("case", "wanted"), AGENCIES)
def test_an_agency_is_proposed(case: UnitCase, wanted: list[str]) -> None:
    assert [tell(one) for one in propose_for_agency(case, MERGER)] == wanted


def test_the_change_of_an_ended_unit_s_certificate_is_about_the_new_unit() -> None:
    case = UnitCase(C, False, (), (ended(A, OLD, principal=True), ended(B, OTHER)))
    assert [one.unit_id for one in propose_for_agency(case, MERGER)] == [C, B]


def test_the_agency_comes_first_and_people_in_a_fixed_order() -> None:
    second = PersonCase(uuid.UUID(int=10), IN_A, IN_C, None, None, frozenset(), ())
    found = propose([second, person()], UnitCase(C, False, (), ()), MERGER)
    assert [one.unit_id or one.person_id for one in found] == [C, PERSON, second.person_id]
