"""Subjects as the register says they are at an instant: the only source of what a certificate says about its holder."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from directory.chains import find_chains
from directory.people import Placed, find_placed
from directory.units import UnitFacts
from foundation.changes import AsOf
from foundation.database import Reads
from signing.authority.names import MOST
from signing.vocabulary import AgencySubject, PersonSubject

PARTS_OF_AN_AGENCY = frozenset({"division"})
"""Levels that are no legal persons with a seal: their people belong to the agency above."""

Chains = dict[uuid.UUID, list[UnitFacts]]


class Standing:
    """The units in force at one instant as one reader needs them: each is read once."""

    def __init__(self, as_of: AsOf) -> None:
        self.as_of = as_of
        self._known: Chains = {}

    def read_chains(self, reads: Reads, unit_ids: Iterable[uuid.UUID]) -> Chains:
        """Each unit with everything above it, from itself to the root; units not in force have an empty chain."""
        wanted = list(dict.fromkeys(unit_ids))
        missing = [unit_id for unit_id in wanted if unit_id not in self._known]
        found = find_chains(reads, missing, self.as_of)
        self._known |= {unit_id: found.get(unit_id, []) for unit_id in missing}
        return {unit_id: self._known[unit_id] for unit_id in wanted}


def build_people(reads: Reads, person_ids: Iterable[uuid.UUID], standing: Standing) -> dict[uuid.UUID, PersonSubject]:
    """The subjects of these people by id; those without a post in a unit that stands are left out."""
    people = find_placed(reads, person_ids, standing.as_of)
    chains = standing.read_chains(reads, {person.unit_id for person in people.values() if person.unit_id is not None})
    places = {unit_id: place for unit_id, chain in chains.items() if (place := build_place(chain)) is not None}
    return {
        person_id: place.hold(person)
        for person_id, person in people.items()
        if person.unit_id is not None and (place := places.get(person.unit_id)) is not None
    }


@dataclass(frozen=True)
class Place:
    """What the certificates of all who hold a post in one unit say of it."""

    unit_id: uuid.UUID
    unit: str
    division: str | None
    province: str | None

    def hold(self, person: Placed) -> PersonSubject:
        """The subject of somebody who belongs here."""
        return PersonSubject(
            person_id=person.id,
            unit_id=self.unit_id,
            name=person.name,
            unit=self.unit,
            division=self.division,
            province=self.province,
            email=person.address,
        )


def build_place(chain: Sequence[UnitFacts]) -> Place | None:
    """The place of a unit by its chain, or None where it does not stand, or belongs to no agency."""
    agency = next((unit for unit in chain if unit.level not in PARTS_OF_AN_AGENCY), None)
    if agency is None:
        return None
    division = chain[0] if chain[0].id != agency.id else None
    return Place(
        unit_id=agency.id,
        unit=name_that_fits(agency),
        division=name_that_fits(division) if division is not None else None,
        province=province_of(chain),
    )


def find_agency(reads: Reads, unit_id: uuid.UUID, as_of: AsOf) -> AgencySubject | None:
    """An agency's subject, or None where the unit does not stand."""
    return build_agency(Standing(as_of).read_chains(reads, [unit_id])[unit_id])


def build_agency(chain: Sequence[UnitFacts]) -> AgencySubject | None:
    """An agency's subject from its chain, or None for an empty one."""
    if not chain:
        return None
    unit = chain[0]
    return AgencySubject(
        unit_id=unit.id,
        name=name_that_fits(unit),
        code=unit.code,
        superior=name_that_fits(chain[1]) if len(chain) > 1 else None,
        province=province_of(chain),
        email=unit.email,
    )


def name_that_fits(unit: UnitFacts) -> str:
    """The agency's full name, or the unit's short one where the full one does not fit a certificate."""
    return unit.agency_name if len(unit.agency_name) <= MOST or not unit.short_name else unit.short_name


def province_of(chain: Sequence[UnitFacts]) -> str | None:
    """The name of the province above (or of the unit itself)."""
    return next((unit.name for unit in chain if unit.level == "province"), None)
