"""What was and what is in one unit, read from the register around the instant of a change; `proposals` judges it."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from directory.certificates import KnownCertificate, certificates_of_people, certificates_of_units
from directory.models import UnitEvent, UnitEventLink
from directory.people import find_members
from directory.units import find_ancestors, find_subtree, find_units
from foundation.changes import AsOf, visible
from foundation.database import Reads
from signing.requests.proposals import Ended, Held, PersonCase, Place, UnitCase
from signing.requests.subjects import PARTS_OF_AN_AGENCY, build_agency, build_people
from signing.vocabulary import AgencySubject, PersonSubject

JUST_BEFORE = timedelta(microseconds=1)


@dataclass(frozen=True)
class Predecessor:
    """A unit whose affairs came here in an event at the instant, and whether this unit is its principal successor."""

    unit_id: uuid.UUID
    principal: bool
    stands: bool


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
    agency = build_agency(reads, unit_id, after)
    if agency is None:
        return None
    event_id, legal_basis = find_event(reads, unit_id, instant)
    predecessors = find_predecessors(reads, unit_id, instant, after)
    here = own_scope(reads, [unit_id], after)
    origins = own_scope(reads, [unit_id, *(one.unit_id for one in predecessors if one.principal)], before)
    posts = [post for post in find_members(reads, here, after) if post.main]
    duties = {post.person_id: frozenset(post.duties) for post in posts}
    known = set(duties) | {post.person_id for post in find_members(reads, origins, before) if post.main}
    subjects_before, subjects_after = build_people(reads, known, before), build_people(reads, known, after)
    leavers = {person for person in known if person not in subjects_after and person in subjects_before}
    held = certificates_of_people(reads, known, AsOf(max(instant, now)))
    people = tuple(
        build_case(person, subjects_before.get(person), subjects_after.get(person), duties, held.get(person, []))
        for person in sorted((set(duties) & subjects_after.keys()) | leavers, key=str)
    )
    ended = [one for one in predecessors if one.principal and not one.stands]
    agencies = {unit_id: agency}
    for one in ended:
        if (gone := build_agency(reads, one.unit_id, before)) is not None:
            agencies[one.unit_id] = gone
    return Situation(
        unit_id=unit_id,
        people=people,
        agency=read_agency_case(reads, unit_id, agency, before, after, predecessors),
        subjects_before=subjects_before,
        subjects_after=subjects_after,
        agencies=agencies,
        approvers=frozenset(person for person, held_duties in duties.items() if held_duties & approving),
        legal_basis=legal_basis,
        event_id=event_id,
    )


def own_scope(reads: Reads, unit_ids: Sequence[uuid.UUID], as_of: AsOf) -> list[uuid.UUID]:
    """These units and the parts under them that are no agencies of their own."""
    below = find_units(reads, find_subtree(reads, unit_ids, as_of), as_of)
    wanted = set(unit_ids)
    chosen = []
    for unit in below.values():
        above, depth = unit, 0
        while (
            above.id not in wanted
            and above.level in PARTS_OF_AN_AGENCY
            and above.parent_id in below
            and depth < len(below)
        ):
            above, depth = below[above.parent_id], depth + 1
        if above.id in wanted:
            chosen.append(unit.id)
    return sorted(chosen, key=str)


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
    reads: Reads,
    unit_id: uuid.UUID,
    agency: AgencySubject,
    before: AsOf,
    after: AsOf,
    predecessors: Sequence[Predecessor],
) -> UnitCase:
    """The agency's own certificate and those of the units that ended in it."""
    was = build_agency(reads, unit_id, before)
    ended = [one for one in predecessors if one.principal and not one.stands]
    held = certificates_of_units(reads, [unit_id, *(one.unit_id for one in ended)], after)
    altered = was is not None and (was.name, was.superior, was.province) != (
        agency.name,
        agency.superior,
        agency.province,
    )
    continued = tuple(
        Ended(one.unit_id, is_main_origin(one, ended), as_held(held.get(one.unit_id, []))) for one in ended
    )
    return UnitCase(unit_id, altered, as_held(held.get(unit_id, [])), continued)


def is_main_origin(one: Predecessor, ended: Sequence[Predecessor]) -> bool:
    """The first of the ended units, whose certificate is the one to pass on; the order is that of the decree."""
    return one is ended[0]


def find_predecessors(reads: Reads, unit_id: uuid.UUID, instant: datetime, after: AsOf) -> list[Predecessor]:
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
    ).all()
    standing = find_units(reads, [row.predecessor_id for row in rows if row.predecessor_id], after)
    found: dict[uuid.UUID, Predecessor] = {}
    for predecessor_id, principal in rows:
        assert predecessor_id is not None
        known = found.get(predecessor_id)
        found[predecessor_id] = Predecessor(
            predecessor_id, principal or (known is not None and known.principal), predecessor_id in standing
        )
    return list(found.values())


def find_event(reads: Reads, unit_id: uuid.UUID, instant: datetime) -> tuple[uuid.UUID | None, str | None]:
    """The event that made this unit what it is at the instant, and its decision as one line.

    Where the unit itself has none (only its superior merged), the decision of any event of that instant above it is the basis.
    """
    ancestors = build_line(reads, unit_id, AsOf(instant))
    rows = reads.execute(
        sa.select(UnitEvent, UnitEventLink.successor_id)
        .join(UnitEventLink, UnitEventLink.event_id == UnitEvent.id)
        .where(
            UnitEventLink.successor_id.in_(ancestors),
            UnitEvent.instant == instant,
            visible(UnitEvent),
            visible(UnitEventLink),
        )
    ).all()
    if not rows:
        return None, None
    event = min(rows, key=lambda row: (ancestors.index(row.successor_id), row.UnitEvent.row_id)).UnitEvent
    return event.id, name_decision(event.decision_number, event.decision_issuer, event.decision_date)


def build_line(reads: Reads, unit_id: uuid.UUID, as_of: AsOf) -> list[uuid.UUID]:
    """The unit and those above it, by id."""
    return [unit.id for unit in find_ancestors(reads, unit_id, as_of)] or [unit_id]


def name_decision(number: str | None, issuer: str | None, day: date | None) -> str | None:
    """A decision as people cite it: number, issuer, day."""
    parts = [number, issuer, day.strftime("%d/%m/%Y") if day else None]
    return " · ".join(part for part in parts if part) or None
