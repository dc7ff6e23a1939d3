"""What was and what is in one unit, read from the register around the instant of a change; `proposals` judges it."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from directory.certificates import KnownCertificate, certificates_of_people, certificates_of_units
from directory.models import Unit, UnitEvent, UnitEventLink, UnitVersion
from directory.people import find_members
from foundation.changes import AsOf, in_force, visible
from foundation.database import Reads
from signing.requests.proposals import Ended, Held, PersonCase, Place, UnitCase
from signing.requests.subjects import PARTS_OF_AN_AGENCY, Standing, build_agency, build_people
from signing.vocabulary import AgencySubject, PersonSubject

JUST_BEFORE = timedelta(microseconds=1)


@dataclass(frozen=True)
class Predecessor:
    """A unit whose affairs came here in an event at the instant, and whether this unit is its principal successor."""

    unit_id: uuid.UUID
    principal: bool


@dataclass(frozen=True)
class Situation:
    """Everything the proposals of one unit are made from; `legal_basis` is the decision behind the event."""

    unit_id: uuid.UUID
    people: tuple[PersonCase, ...]
    agency: UnitCase
    subjects_before: dict[uuid.UUID, PersonSubject]
    subjects_after: dict[uuid.UUID, PersonSubject]
    agencies: dict[uuid.UUID, AgencySubject]
    approvers: frozenset[uuid.UUID]
    legal_basis: str | None
    event_id: uuid.UUID | None


def read_situation(
    reads: Reads, unit_id: uuid.UUID, instant: datetime, now: datetime, approving: frozenset[str]
) -> Situation | None:
    """The unit around `instant`, or None if it does not stand afterwards. `approving`: duties whose holders approve here."""
    before, after = AsOf(instant - JUST_BEFORE), AsOf(max(instant, now))
    stood, stands = Standing(before), Standing(after)
    predecessors = find_predecessors(reads, unit_id, instant)
    around = [unit_id, *(one.unit_id for one in predecessors)]
    chains_before, chains_after = stood.read_chains(reads, around), stands.read_chains(reads, around)
    agency = build_agency(chains_after[unit_id])
    if agency is None:
        return None
    ended = [one.unit_id for one in predecessors if one.principal and not chains_after[one.unit_id]]
    origins = [unit_id, *(one.unit_id for one in predecessors if one.principal)]
    posts = [post for post in find_members(reads, with_divisions(reads, [unit_id], after), after) if post.main]
    duties = {post.person_id: frozenset(post.duties) for post in posts}
    earlier = find_members(reads, with_divisions(reads, origins, before), before)
    known = set(duties) | {post.person_id for post in earlier if post.main}
    subjects_before, subjects_after = build_people(reads, known, stood), build_people(reads, known, stands)
    leavers = subjects_before.keys() - subjects_after.keys()
    held = certificates_of_people(reads, known, after)
    people = tuple(
        build_case(person, subjects_before.get(person), subjects_after.get(person), duties, held.get(person, []))
        for person in sorted((duties.keys() & subjects_after.keys()) | leavers, key=str)
    )
    gone = {one: subject for one in ended if (subject := build_agency(chains_before[one])) is not None}
    event_id, legal_basis = find_event(reads, [unit.id for unit in chains_after[unit_id]], instant)
    return Situation(
        unit_id=unit_id,
        people=people,
        agency=read_agency_case(reads, agency, build_agency(chains_before[unit_id]), ended, after),
        subjects_before=subjects_before,
        subjects_after=subjects_after,
        agencies={**gone, unit_id: agency},
        approvers=frozenset(person for person, held_duties in duties.items() if held_duties & approving),
        legal_basis=legal_basis,
        event_id=event_id,
    )


def with_divisions(reads: Reads, unit_ids: Sequence[uuid.UUID], as_of: AsOf) -> list[uuid.UUID]:
    """These units and the parts under them that are no agencies of their own."""
    found = list(dict.fromkeys(unit_ids))
    layer = found
    while layer:
        parts = reads.execute(
            sa.select(UnitVersion.unit_id)
            .join(Unit, Unit.id == UnitVersion.unit_id)
            .where(UnitVersion.parent_id.in_(layer), Unit.level.in_(PARTS_OF_AN_AGENCY), in_force(UnitVersion, as_of))
        ).scalars()
        layer = [unit_id for unit_id in parts if unit_id not in found]
        found += layer
    return found


def build_case(
    person_id: uuid.UUID,
    before: PersonSubject | None,
    after: PersonSubject | None,
    duties: dict[uuid.UUID, frozenset[str]],
    held: Iterable[KnownCertificate],
) -> PersonCase:
    """One person as `proposals` sees them."""
    return PersonCase(
        person_id=person_id,
        before=as_place(before),
        after=as_place(after),
        address_before=before.email if before else None,
        address_after=after.email if after else None,
        duties=duties.get(person_id, frozenset()),
        held=as_held(held),
    )


def as_place(subject: PersonSubject | None) -> Place | None:
    """Where a subject belongs, as the certificate names it."""
    return Place(subject.unit_id, subject.unit, subject.province) if subject else None


def as_held(certificates: Iterable[KnownCertificate]) -> tuple[Held, ...]:
    """Certificates as `proposals` sees them, newest first."""
    return tuple(Held(certificate.sha256, certificate.valid_from) for certificate in certificates)


def read_agency_case(
    reads: Reads, agency: AgencySubject, was: AgencySubject | None, ended: Sequence[uuid.UUID], after: AsOf
) -> UnitCase:
    """The agency's own certificate and those of the units that ended in it, the first of which is the one to pass on."""
    held = certificates_of_units(reads, [agency.unit_id, *ended], after)
    altered = was is not None and (was.name, was.superior, was.province) != (
        agency.name,
        agency.superior,
        agency.province,
    )
    continued = tuple(Ended(one, one == ended[0], as_held(held.get(one, []))) for one in ended)
    return UnitCase(agency.unit_id, altered, as_held(held.get(agency.unit_id, [])), continued)


def find_predecessors(reads: Reads, unit_id: uuid.UUID, instant: datetime) -> list[Predecessor]:
    """The other units whose affairs came here at the instant, in the order in which the decree names them."""
    rows = reads.execute(
        sa.select(UnitEventLink.predecessor_id, UnitEventLink.principal)
        .join(UnitEvent, UnitEvent.id == UnitEventLink.event_id)
        .where(
            UnitEventLink.successor_id == unit_id,
            UnitEventLink.predecessor_id.is_not(None),
            UnitEventLink.predecessor_id != unit_id,
            UnitEvent.instant == instant,
            visible(UnitEvent),
            visible(UnitEventLink),
        )
        .order_by(UnitEventLink.row_id)
    )
    found: dict[uuid.UUID, Predecessor] = {}
    for predecessor_id, principal in rows:
        assert predecessor_id is not None
        known = found.get(predecessor_id)
        found[predecessor_id] = Predecessor(predecessor_id, principal or (known is not None and known.principal))
    return list(found.values())


def find_event(reads: Reads, line: Sequence[uuid.UUID], instant: datetime) -> tuple[uuid.UUID | None, str | None]:
    """The event that made a unit what it is at the instant, and its decision as one line; `line` is the unit and those above it.

    Where the unit itself has none (only its superior merged), the decision of the nearest event above it is the basis.
    """
    rows = reads.execute(
        sa.select(UnitEvent, UnitEventLink.successor_id)
        .join(UnitEventLink, UnitEventLink.event_id == UnitEvent.id)
        .where(
            UnitEventLink.successor_id.in_(line),
            UnitEvent.instant == instant,
            visible(UnitEvent),
            visible(UnitEventLink),
        )
    ).all()
    if not rows:
        return None, None
    event = min(rows, key=lambda row: (line.index(row.successor_id), row.UnitEvent.row_id)).UnitEvent
    return event.id, name_decision(event.decision_number, event.decision_issuer, event.decision_date)


def name_decision(number: str | None, issuer: str | None, day: date | None) -> str | None:
    """A decision as people cite it: number, issuer, day."""
    parts = [number, issuer, day.strftime("%d/%m/%Y") if day else None]
    return " · ".join(part for part in parts if part) or None
