"""What the register says around the instant of a change of many units at once: who was there and who is, what they hold, what happened.

Each table is asked once for all units: asked unit by unit, the statements took longer than all that is made of them.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any, NamedTuple

import sqlalchemy as sa

from directory.certificates import KnownCertificate, certificates_of_people, certificates_of_units
from directory.models import Post, Unit, UnitEvent, UnitEventLink, UnitVersion
from directory.units import chunked
from foundation.changes import AsOf, in_force, visible
from foundation.database import Reads
from signing.requests.subjects import PARTS_OF_AN_AGENCY, Chains, Standing, build_people
from signing.vocabulary import PersonSubject

JUST_BEFORE = timedelta(microseconds=1)


@dataclass(frozen=True)
class Predecessor:
    """A unit whose affairs came here in an event at the instant, and whether this unit is its principal successor."""

    unit_id: uuid.UUID
    principal: bool


class Member(NamedTuple):
    """Somebody whose main post is in a unit."""

    unit_id: uuid.UUID
    person_id: uuid.UUID
    duties: str


@dataclass(frozen=True)
class Happened:
    """An event of the instant, and its decision as one line."""

    event_id: uuid.UUID
    legal_basis: str | None


@dataclass(frozen=True)
class Surroundings:
    """What was read of `units`, which stand after the instant: members, subjects and certificates of all of them."""

    units: tuple[uuid.UUID, ...]
    predecessors: Mapping[uuid.UUID, Sequence[Predecessor]]
    chains_before: Chains
    chains_after: Chains
    members_before: Mapping[uuid.UUID, Sequence[Member]]
    members_after: Mapping[uuid.UUID, Sequence[Member]]
    subjects_before: Mapping[uuid.UUID, PersonSubject]
    subjects_after: Mapping[uuid.UUID, PersonSubject]
    held: Mapping[uuid.UUID, Sequence[KnownCertificate]]
    seals: Mapping[uuid.UUID, Sequence[KnownCertificate]]
    events: Mapping[uuid.UUID, Happened]

    def ended(self, unit_id: uuid.UUID) -> list[uuid.UUID]:
        """The units that ended and have this one as their principal successor, in the order of the decree."""
        came = self.predecessors.get(unit_id, ())
        return [one.unit_id for one in came if one.principal and not self.chains_after[one.unit_id]]

    def find_event(self, unit_id: uuid.UUID) -> tuple[uuid.UUID | None, str | None]:
        """The event that made a unit what it is at the instant, and its decision.

        Where the unit itself has none (only its superior merged), the decision of the nearest event above it is the basis.
        """
        for unit in self.chains_after[unit_id]:
            if (happened := self.events.get(unit.id)) is not None:
                return happened.event_id, happened.legal_basis
        return None, None


def read_surroundings(reads: Reads, unit_ids: Iterable[uuid.UUID], instant: datetime, now: datetime) -> Surroundings:
    """These units around `instant`; those that do not stand afterwards are left out."""
    asked = list(dict.fromkeys(unit_ids))
    stood, stands = Standing(AsOf(instant - JUST_BEFORE)), Standing(AsOf(max(instant, now)))
    came = find_predecessors(reads, asked, instant)
    near = [*asked, *(one.unit_id for one in chain.from_iterable(came.values()))]
    before, after = stood.read_chains(reads, near), stands.read_chains(reads, near)
    units = [unit_id for unit_id in asked if after[unit_id]]
    origins = {unit_id: [unit_id, *principal_of(came.get(unit_id, ()))] for unit_id in units}
    earlier = find_members(reads, origins, stood.as_of)
    today = find_members(reads, {unit_id: [unit_id] for unit_id in units}, stands.as_of)
    people = {member.person_id for member in chain(*earlier.values(), *today.values())}
    return Surroundings(
        units=tuple(units),
        predecessors=came,
        chains_before=before,
        chains_after=after,
        members_before=earlier,
        members_after=today,
        subjects_before=build_people(reads, people, stood),
        subjects_after=build_people(reads, people, stands),
        held=certificates_of_people(reads, people, stands.as_of),
        seals=certificates_of_units(reads, set(chain.from_iterable(origins.values())), stands.as_of),
        events=find_events(reads, {unit.id for unit_id in units for unit in after[unit_id]}, instant),
    )


def principal_of(predecessors: Iterable[Predecessor]) -> list[uuid.UUID]:
    """Those of which this unit is the principal successor."""
    return [one.unit_id for one in predecessors if one.principal]


def find_members(
    reads: Reads, places: Mapping[uuid.UUID, Sequence[uuid.UUID]], as_of: AsOf
) -> dict[uuid.UUID, list[Member]]:
    """Whose main post is in the units that stand under each key or in their parts, by unit and person."""
    parts = find_parts(reads, chain.from_iterable(places.values()), as_of)
    within = {key: {part for unit in some for part in each_part(unit, parts)} for key, some in places.items()}
    wanted = sa.select(Post.unit_id, Post.person_id, Post.duties).where(Post.main, in_force(Post, as_of))
    found: dict[uuid.UUID, list[Member]] = defaultdict(list)
    for some in chunked(set(chain.from_iterable(within.values()))):
        for row in reads.execute(wanted.where(Post.unit_id.in_(some)).order_by(Post.unit_id, Post.person_id)):
            found[row.unit_id].append(Member._make(row))
    return {
        key: [post for unit in sorted(some, key=str) for post in found.get(unit, ())] for key, some in within.items()
    }


def find_parts(reads: Reads, unit_ids: Iterable[uuid.UUID], as_of: AsOf) -> dict[uuid.UUID, list[uuid.UUID]]:
    """What lies under these units, level by level, and is no agency of its own: by the unit right above."""
    below: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    layer = set(unit_ids)
    asked: set[uuid.UUID] = set()
    while layer:
        asked |= layer
        found: set[uuid.UUID] = set()
        for some in chunked(layer):
            rows = reads.execute(
                sa.select(UnitVersion.parent_id, UnitVersion.unit_id)
                .join(Unit, Unit.id == UnitVersion.unit_id)
                .where(
                    UnitVersion.parent_id.in_(some), Unit.level.in_(PARTS_OF_AN_AGENCY), in_force(UnitVersion, as_of)
                )
            )
            for parent_id, unit_id in rows:
                assert parent_id is not None, "it was sought by its parent"
                below[parent_id].append(unit_id)
                found.add(unit_id)
        layer = found - asked
    return below


def each_part(unit_id: uuid.UUID, below: Mapping[uuid.UUID, Sequence[uuid.UUID]]) -> Collection[uuid.UUID]:
    """A unit and everything under it."""
    found = {unit_id: None}
    waiting = [unit_id]
    while waiting:
        new = [part for part in below.get(waiting.pop(), ()) if part not in found]
        found |= dict.fromkeys(new)
        waiting += new
    return found


def find_predecessors(
    reads: Reads, unit_ids: Iterable[uuid.UUID], instant: datetime
) -> dict[uuid.UUID, list[Predecessor]]:
    """The other units whose affairs came to each of these at the instant, in the order in which the decree names them."""
    found: dict[uuid.UUID, dict[uuid.UUID, Predecessor]] = defaultdict(dict)
    for row in read_links(reads, unit_ids, instant, UnitEventLink.predecessor_id, UnitEventLink.principal):
        if row.predecessor_id in (None, row.successor_id):
            continue
        came = found[row.successor_id]
        known = came.get(row.predecessor_id)
        principal = row.principal or (known is not None and known.principal)
        came[row.predecessor_id] = Predecessor(row.predecessor_id, principal)
    return {unit_id: list(came.values()) for unit_id, came in found.items()}


def find_events(reads: Reads, unit_ids: Iterable[uuid.UUID], instant: datetime) -> dict[uuid.UUID, Happened]:
    """The event of the instant in which each of these units is named as what came of it; the first of several."""
    columns = (
        UnitEvent.row_id.label("event_row"), UnitEvent.id, UnitEvent.decision_number, UnitEvent.decision_issuer,
        UnitEvent.decision_date,
    )  # fmt: skip
    first: dict[uuid.UUID, Any] = {}
    for row in read_links(reads, unit_ids, instant, *columns):
        known = first.get(row.successor_id)
        if known is None or row.event_row < known.event_row:
            first[row.successor_id] = row
    return {
        unit_id: Happened(row.id, name_decision(row.decision_number, row.decision_issuer, row.decision_date))
        for unit_id, row in first.items()
    }


def read_links(reads: Reads, unit_ids: Iterable[uuid.UUID], instant: datetime, *columns: Any) -> Iterable[Any]:
    """What came to these units in the events of the instant, in the order in which it was written."""
    for some in chunked(unit_ids):
        yield from reads.execute(
            sa.select(UnitEventLink.successor_id, *columns)
            .join(UnitEvent, UnitEvent.id == UnitEventLink.event_id)
            .where(
                UnitEventLink.successor_id.in_(some),
                UnitEvent.instant == instant,
                visible(UnitEvent),
                visible(UnitEventLink),
            )
            .order_by(UnitEventLink.row_id)
        )


def name_decision(number: str | None, issuer: str | None, day: date | None) -> str | None:
    """A decision as people cite it: number, issuer, day."""
    parts = [number, issuer, day.strftime("%d/%m/%Y") if day else None]
    return " · ".join(part for part in parts if part) or None
