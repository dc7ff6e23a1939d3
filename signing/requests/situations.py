"""What was and what is in units, put together around the instant of a change from what `surroundings` read; `proposals` judges it."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from directory.certificates import KnownCertificate
from foundation.database import Reads
from signing.requests.proposals import Ended, Held, PersonCase, Place, UnitCase
from signing.requests.subjects import build_agency
from signing.requests.surroundings import Surroundings, read_surroundings
from signing.vocabulary import AgencySubject, PersonSubject


@dataclass(frozen=True)
class Situation:
    """Everything the proposals of one unit are made from; `legal_basis` is the decision behind the event.

    The subjects are those of all units that were read together.
    """

    unit_id: uuid.UUID
    people: tuple[PersonCase, ...]
    agency: UnitCase
    subjects_before: Mapping[uuid.UUID, PersonSubject]
    subjects_after: Mapping[uuid.UUID, PersonSubject]
    agencies: Mapping[uuid.UUID, AgencySubject]
    approvers: frozenset[uuid.UUID]
    legal_basis: str | None
    event_id: uuid.UUID | None


def read_situations(
    reads: Reads, unit_ids: Iterable[uuid.UUID], instant: datetime, now: datetime, approving: frozenset[str]
) -> list[Situation]:
    """Those of these units that stand after `instant`, read together. `approving`: duties whose holders approve there."""
    around = read_surroundings(reads, unit_ids, instant, now)
    return [build_situation(unit_id, around, approving) for unit_id in around.units]


def build_situation(unit_id: uuid.UUID, around: Surroundings, approving: frozenset[str]) -> Situation:
    """One unit that stands."""
    agency, ended = build_agency(around.chains_after[unit_id]), around.ended(unit_id)
    assert agency is not None, "it stands"
    gone = {one: subject for one in ended if (subject := build_agency(around.chains_before[one])) is not None}
    duties = {member.person_id: frozenset(member.duties.split()) for member in around.members_after[unit_id]}
    event_id, legal_basis = around.find_event(unit_id)
    return Situation(
        unit_id=unit_id,
        people=tuple(build_cases(unit_id, around, duties)),
        agency=build_agency_case(agency, build_agency(around.chains_before[unit_id]), ended, around.seals),
        subjects_before=around.subjects_before,
        subjects_after=around.subjects_after,
        agencies={**gone, unit_id: agency},
        approvers=frozenset(person for person, held_duties in duties.items() if held_duties & approving),
        legal_basis=legal_basis,
        event_id=event_id,
    )


def build_cases(
    unit_id: uuid.UUID, around: Surroundings, duties: Mapping[uuid.UUID, frozenset[str]]
) -> Iterable[PersonCase]:
    """Who belongs to the unit, and who belonged to it and left the service."""
    before, after = around.subjects_before, around.subjects_after
    earlier = {member.person_id for member in around.members_before[unit_id]}
    staying = duties.keys() & after.keys()
    leaving = ((earlier | duties.keys()) & before.keys()) - after.keys()
    for person in sorted(staying | leaving, key=str):
        held = around.held.get(person, ())
        yield build_case(person, before.get(person), after.get(person), duties.get(person, frozenset()), held)


def build_case(
    person_id: uuid.UUID,
    before: PersonSubject | None,
    after: PersonSubject | None,
    duties: frozenset[str],
    held: Iterable[KnownCertificate],
) -> PersonCase:
    """One person as `proposals` sees them."""
    return PersonCase(
        person_id=person_id,
        before=as_place(before),
        after=as_place(after),
        address_before=before.email if before else None,
        address_after=after.email if after else None,
        duties=duties,
        held=as_held(held),
    )


def as_place(subject: PersonSubject | None) -> Place | None:
    """Where a subject belongs, as the certificate names it."""
    return Place(subject.unit_id, subject.unit, subject.province) if subject else None


def as_held(certificates: Iterable[KnownCertificate]) -> tuple[Held, ...]:
    """Certificates as `proposals` sees them, newest first."""
    return tuple(Held(certificate.sha256, certificate.valid_from) for certificate in certificates)


def build_agency_case(
    agency: AgencySubject,
    was: AgencySubject | None,
    ended: Collection[uuid.UUID],
    seals: Mapping[uuid.UUID, Iterable[KnownCertificate]],
) -> UnitCase:
    """The agency's own certificate and those of the units that ended in it, the first of which is the one to pass on."""
    altered = was is not None and (was.name, was.superior, was.province) != (
        agency.name,
        agency.superior,
        agency.province,
    )
    continued = tuple(Ended(one, place == 0, as_held(seals.get(one, ()))) for place, one in enumerate(ended))
    return UnitCase(agency.unit_id, altered, as_held(seals.get(agency.unit_id, ())), continued)
