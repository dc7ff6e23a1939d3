"""Who became whom: old units to their successors at an instant, and back.

A unit that still stands is its own successor; parts it gave away in the meantime are named beside it. A unit that ended is
followed through its events, over several reforms, to whatever stands at the instant; a share is whole only if every step
was, a successor principal only if it was at every step (DESIGN §8, `unit successors`).
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from directory.codes import clean_code
from directory.models import UnitEvent, UnitEventLink
from directory.units import Bearing, UnitFacts, chunked, find_bearers, last_facts
from foundation.changes import AsOf, visible
from foundation.clocks import as_rfc3339
from foundation.database import Reads

DEEPEST = 50


@dataclass(frozen=True)
class Link:
    """One step of an event."""

    event_id: uuid.UUID
    instant: datetime
    predecessor_id: uuid.UUID
    successor_id: uuid.UUID
    share: str
    principal: bool


@dataclass(frozen=True)
class Heir:
    """Where a unit's affairs lie at the end of a path, or came from at its beginning."""

    unit_id: uuid.UUID
    share: str
    principal: bool
    path: tuple[uuid.UUID, ...]


Links = Mapping[uuid.UUID, Sequence[Link]]


def load_links(
    reads: Reads, units: Iterable[uuid.UUID], as_of: AsOf, backwards: bool = False
) -> dict[uuid.UUID, list[Link]]:
    """Every step reachable from these units up to the instant, by the unit it leaves (or, backwards, arrives at)."""
    near, far = (
        (UnitEventLink.successor_id, UnitEventLink.predecessor_id)
        if backwards
        else (UnitEventLink.predecessor_id, UnitEventLink.successor_id)
    )
    links: dict[uuid.UUID, list[Link]] = {}
    frontier = set(units)
    for _ in range(DEEPEST):
        fresh: set[uuid.UUID] = set()
        for ids in chunked(unit for unit in frontier if unit not in links):
            links.update({unit: [] for unit in ids})
            for row in reads.execute(
                sa.select(
                    UnitEventLink.event_id,
                    UnitEvent.instant,
                    UnitEventLink.predecessor_id,
                    UnitEventLink.successor_id,
                    UnitEventLink.share,
                    UnitEventLink.principal,
                )
                .join(UnitEvent, UnitEvent.id == UnitEventLink.event_id)
                .where(
                    near.in_(ids),
                    far.is_not(None),
                    visible(UnitEventLink, as_of.known_at),
                    visible(UnitEvent, as_of.known_at),
                    UnitEvent.instant <= as_of.at,
                )
                .order_by(UnitEvent.instant, UnitEventLink.row_id)
            ):
                link = Link(*cast(tuple[Any, ...], row))
                here, there = (
                    (link.successor_id, link.predecessor_id) if backwards else (link.predecessor_id, link.successor_id)
                )
                links[here].append(link)
                fresh.add(there)
        frontier = fresh - links.keys()
        if not frontier:
            break
    return links


def follow(unit_id: uuid.UUID, links: Links, standing: frozenset[uuid.UUID] | set[uuid.UUID]) -> list[Heir]:
    """The heirs of a unit among those that stand, principal first; empty when it ended without any."""
    found: dict[uuid.UUID, Heir] = {}

    def walk(unit: uuid.UUID, since: datetime | None, share: str, principal: bool, path: tuple[uuid.UUID, ...]) -> None:
        steps = [s for s in links.get(unit, ()) if (since is None or s.instant >= since) and s.event_id not in path]
        own = [s for s in steps if s.successor_id == unit]
        if unit in standing:
            kept = own[-1] if own else None
            part = kept is not None and kept.share == "part"
            add_heir(found, Heir(unit, "part" if part else share, principal and (kept is None or kept.principal), path))
        for step in steps:
            if step.successor_id != unit:
                whole = share == "whole" and step.share == "whole"
                walk(
                    step.successor_id,
                    step.instant,
                    "whole" if whole else "part",
                    principal and step.principal,
                    (*path, step.event_id),
                )

    walk(unit_id, None, "whole", True, ())
    return sorted(found.values(), key=lambda heir: (not heir.principal, heir.share != "whole", str(heir.unit_id)))


def follow_back(unit_id: uuid.UUID, links: Links) -> list[Heir]:
    """The oldest units whose affairs came to this one; itself when nothing came before."""
    found: dict[uuid.UUID, Heir] = {}

    def walk(unit: uuid.UUID, until: datetime | None, share: str, principal: bool, path: tuple[uuid.UUID, ...]) -> None:
        steps = [s for s in links.get(unit, ()) if (until is None or s.instant <= until) and s.event_id not in path]
        others = [s for s in steps if s.predecessor_id != unit]
        own = [s for s in steps if s.predecessor_id == unit]
        if own or not others:
            kept = own[-1] if own else None
            part = kept is not None and kept.share == "part"
            add_heir(found, Heir(unit, "part" if part else share, principal and (kept is None or kept.principal), path))
        for step in others:
            whole = share == "whole" and step.share == "whole"
            walk(
                step.predecessor_id,
                step.instant,
                "whole" if whole else "part",
                principal and step.principal,
                (*path, step.event_id),
            )

    walk(unit_id, None, "whole", True, ())
    return sorted(found.values(), key=lambda heir: (not heir.principal, heir.share != "whole", str(heir.unit_id)))


def add_heir(found: dict[uuid.UUID, Heir], heir: Heir) -> None:
    """Keep the better of two paths to one unit: whole before part, principal before not, short before long."""
    before = found.get(heir.unit_id)

    def rank(candidate: Heir) -> tuple[bool, bool, int]:
        return (candidate.share != "whole", not candidate.principal, len(candidate.path))

    if before is None or rank(heir) < rank(before):
        found[heir.unit_id] = heir


def answer_successors(
    reads: Reads, codes: Sequence[str], as_of: AsOf, scheme: str | None = None, code_at: datetime | None = None
) -> list[dict[str, Any]]:
    """For each code the answer of `unit successors` (DESIGN §8), in the order asked; no origin means never borne."""
    bearers = find_bearers(reads, codes, as_of, scheme, code_at)
    origins = {bearing.unit_id for group in bearers.values() for bearing in group}
    links = load_links(reads, origins, as_of)
    units = last_facts(reads, links.keys(), as_of)
    standing = {unit.id for unit in units.values() if stands(unit, as_of)}
    return [
        answer_one(code, scheme, as_of, bearers.get(clean_code(code), []), units, "successors",
                   lambda unit_id: follow(unit_id, links, standing))
        for code in codes
    ]  # fmt: skip


def answer_predecessors(
    reads: Reads, codes: Sequence[str], as_of: AsOf, scheme: str | None = None, code_at: datetime | None = None
) -> list[dict[str, Any]]:
    """The same from the other end: for each unit that bore the code, the units its affairs came from."""
    bearers = find_bearers(reads, codes, as_of, scheme, code_at)
    origins = {bearing.unit_id for group in bearers.values() for bearing in group}
    links = load_links(reads, origins, as_of, backwards=True)
    units = last_facts(reads, links.keys(), as_of)
    return [
        answer_one(code, scheme, as_of, bearers.get(clean_code(code), []), units, "predecessors",
                   lambda unit_id: follow_back(unit_id, links))
        for code in codes
    ]  # fmt: skip


def stands(unit: UnitFacts, as_of: AsOf) -> bool:
    """Whether the unit is in force where the reader stands."""
    return unit.begins <= as_of.at and (unit.ends is None or unit.ends > as_of.at)


def answer_one(
    code: str,
    scheme: str | None,
    as_of: AsOf,
    bearings: Sequence[Bearing],
    units: Mapping[uuid.UUID, UnitFacts],
    word: str,
    heirs_of: Any,
) -> dict[str, Any]:
    """One code's answer, grouped by origin; a code borne twice by one unit is one origin from its first to its last day."""
    origins = []
    for unit_id, borne in group_bearings(bearings).items():
        unit = units.get(unit_id)
        if unit is None:
            continue
        origins.append(
            {
                "unit": str(unit_id),
                "name": unit.name,
                "level": unit.level,
                "scheme": borne[0].scheme,
                "borne_from": as_rfc3339(borne[0].borne_from),
                "borne_to": as_rfc3339(borne[-1].borne_to) if borne[-1].borne_to else None,
                "ended": not stands(unit, as_of),
                "example": unit.example or any(bearing.example for bearing in borne),
                word: [describe_heir(heir, units[heir.unit_id]) for heir in heirs_of(unit_id) if heir.unit_id in units],
            }
        )
    return {"code": clean_code(code), "scheme": scheme, "at": as_rfc3339(as_of.at), "origins": origins}


def group_bearings(bearings: Sequence[Bearing]) -> dict[uuid.UUID, list[Bearing]]:
    """The bearings of a code by unit, in the order in which the units first bore it."""
    grouped: dict[uuid.UUID, list[Bearing]] = {}
    for bearing in bearings:
        grouped.setdefault(bearing.unit_id, []).append(bearing)
    return grouped


def describe_heir(heir: Heir, unit: UnitFacts) -> dict[str, Any]:
    """One successor or predecessor as answers show it."""
    return {
        "unit": str(unit.id),
        "name": unit.name,
        "level": unit.level,
        "codes": unit.public_codes,
        "share": heir.share,
        "principal": heir.principal,
        "path": [str(event) for event in heir.path],
        "example": unit.example,
    }
