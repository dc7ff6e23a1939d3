"""Who became whom: old units to their successors at an instant, and back.

A unit that still stands is its own successor; parts it gave away since the code was written are named beside it. A unit that ended
is followed through its events to whatever stands at the instant (`event_steps`, `inheritance`), and shown (`unit_faces`).
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from directory.codes import clean_code
from directory.event_steps import load_links
from directory.inheritance import Heir, follow, follow_back
from directory.unit_faces import NO_CODES, Codes, Face, load_codes, load_faces, stands
from directory.units import Bearing, find_bearers
from foundation.changes import AsOf
from foundation.clocks import as_rfc3339
from foundation.database import Reads

tell = lru_cache(maxsize=4096)(as_rfc3339)
"""Instants as text; the same few are told ten thousand times."""


@dataclass(frozen=True)
class Asked:
    """One question: codes of one scheme or any, written on one day or any, at an instant."""

    as_of: AsOf
    scheme: str | None = None
    code_at: datetime | None = None


def answer_successors(
    reads: Reads, codes: Sequence[str], as_of: AsOf, scheme: str | None = None, code_at: datetime | None = None
) -> list[dict[str, Any]]:
    """For each code the answer of `unit successors` (DESIGN §8), in the order asked; no origin means never borne."""
    bearers = find_bearers(reads, codes, as_of, scheme, code_at)
    links = load_links(reads, (bearing.unit_id for group in bearers.values() for bearing in group), as_of)
    units = load_faces(reads, links, as_of)
    standing = {unit_id for unit_id, unit in units.items() if stands(unit, as_of)}
    asked = Asked(as_of, scheme, code_at)

    def heirs_of(unit_id: uuid.UUID, borne: Sequence[Bearing]) -> list[Heir]:
        written = code_at or borne[0].borne_from
        return follow(unit_id, links, standing, written)

    shown = Shown(units, load_codes(reads, standing, as_of), as_of)
    return [answer_one(code, asked, bearers.get(clean_code(code), ()), shown, "successors", heirs_of) for code in codes]


def answer_predecessors(
    reads: Reads, codes: Sequence[str], as_of: AsOf, scheme: str | None = None, code_at: datetime | None = None
) -> list[dict[str, Any]]:
    """The same from the other end: for each unit that bore the code, the units its affairs came from."""
    bearers = find_bearers(reads, codes, as_of, scheme, code_at)
    back = load_links(reads, (b.unit_id for group in bearers.values() for b in group), as_of, backwards=True)
    forth = load_links(reads, back, as_of)
    shown = Shown(load_faces(reads, back, as_of), load_codes(reads, back, as_of, ended=True), as_of)
    asked = Asked(as_of, scheme, code_at)
    return [
        answer_one(code, asked, bearers.get(clean_code(code), ()), shown, "predecessors",
                   lambda unit_id, _borne: follow_back(unit_id, back, forth))
        for code in codes
    ]  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """The units of an answer with their codes, and where the reader stands."""

    units: Mapping[uuid.UUID, Face]
    codes: Codes
    as_of: AsOf


HeirsOf = Callable[[uuid.UUID, Sequence[Bearing]], list[Heir]]


def answer_one(
    code: str, asked: Asked, bearings: Sequence[Bearing], shown: Shown, word: str, heirs_of: HeirsOf
) -> dict[str, Any]:
    """One code's answer, grouped by origin; a code borne twice by one unit is one origin from its first to its last day."""
    units = shown.units
    origins = [
        describe_origin(units[unit_id], borne, shown.as_of)
        | {word: [describe_heir(heir, shown) for heir in heirs_of(unit_id, borne) if heir.unit_id in units]}
        for unit_id, borne in group_bearings(bearings).items()
        if unit_id in units
    ]
    return {"code": clean_code(code), "scheme": asked.scheme, "at": tell(asked.as_of.at), "origins": origins}


def describe_origin(unit: Face, borne: Sequence[Bearing], as_of: AsOf) -> dict[str, Any]:
    """A unit that bore the code, from its first to its last day."""
    return {
        "unit": str(unit.id),
        "name": unit.name,
        "level": unit.level,
        "scheme": borne[0].scheme,
        "borne_from": tell(borne[0].borne_from),
        "borne_to": tell(borne[-1].borne_to) if borne[-1].borne_to else None,
        "ended": not stands(unit, as_of),
        "example": unit.example or any(bearing.example for bearing in borne),
    }


def group_bearings(bearings: Sequence[Bearing]) -> dict[uuid.UUID, list[Bearing]]:
    """The bearings of a code by unit, in the order in which the units first bore it."""
    grouped: dict[uuid.UUID, list[Bearing]] = {}
    for bearing in bearings:
        grouped.setdefault(bearing.unit_id, []).append(bearing)
    return grouped


def describe_heir(heir: Heir, shown: Shown) -> dict[str, Any]:
    """One successor or predecessor as answers show it."""
    unit = shown.units[heir.unit_id]
    return {
        "unit": str(unit.id),
        "name": unit.name,
        "level": unit.level,
        "codes": shown.codes.get(unit.id, NO_CODES),
        "share": heir.share,
        "principal": heir.principal,
        "rehomed": heir.rehomed,
        "path": [str(event) for event in heir.path],
        "example": unit.example,
    }
