"""Who became whom: old units to their successors at an instant, and back.

A unit that still stands is its own successor; parts it gave away since the code was written are named beside it. A unit that ended
is followed through its events to whatever stands at the instant (`inheritance`). All of it is read in one look (`lineage`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar

from directory.codes import clean_code, is_possible
from directory.inheritance import Heir, follow, follow_back
from directory.lineage import Asked, Borne, Lineage, load_lineage
from directory.unit_faces import NO_CODES, Codes, Face, show_codes, stands
from directory.units import Bearing
from foundation.changes import AsOf
from foundation.clocks import as_rfc3339
from foundation.collecting import rarely_collected
from foundation.database import Reads

Id = TypeVar("Id")
MANY: Final = 500
"""From so many codes on the interpreter is not to look for cycles again and again among answers that are all kept."""
tell = lru_cache(maxsize=4096)(as_rfc3339)
"""Instants as text; the same few are told ten thousand times."""


def answer_successors(
    reads: Reads, codes: Sequence[str], as_of: AsOf, scheme: str | None = None, code_at: datetime | None = None
) -> list[dict[str, Any]]:
    """For each code the answer of `unit successors` (DESIGN §8), in the order asked; no origin means never borne."""
    with rarely_collected() if len(codes) > MANY else nullcontext():
        return build_successors(reads, [clean_code(code) for code in codes], Asked(as_of, scheme, code_at))


def build_successors(reads: Reads, codes: Sequence[str], asked: Asked) -> list[dict[str, Any]]:
    """The answers for codes as `clean_code` has them."""
    as_of, code_at = asked.as_of, asked.code_at
    found = load_lineage(reads, filter(is_possible, codes), asked)
    standing = {unit_id for unit_id, unit in found.faces.items() if stands(unit, as_of)}

    def heirs_of(unit_id: str, borne: Sequence[Borne]) -> list[Heir[str]]:
        return follow(unit_id, found.steps, standing, code_at or borne[0].borne_from)

    shown = Shown(found.faces, show_borne(found, standing, as_of), as_of)
    return [answer_one(code, asked, found.bearers.get(code, ()), shown, "successors", heirs_of) for code in codes]


def answer_predecessors(
    reads: Reads, codes: Sequence[str], as_of: AsOf, scheme: str | None = None, code_at: datetime | None = None
) -> list[dict[str, Any]]:
    """The same from the other end: for each unit that bore the code, the units its affairs came from."""
    with rarely_collected() if len(codes) > MANY else nullcontext():
        return build_predecessors(reads, [clean_code(code) for code in codes], Asked(as_of, scheme, code_at))


def build_predecessors(reads: Reads, codes: Sequence[str], asked: Asked) -> list[dict[str, Any]]:
    """The answers for codes as `clean_code` has them."""
    as_of = asked.as_of
    found = load_lineage(reads, filter(is_possible, codes), asked, backwards=True)

    def heirs_of(unit_id: str, _borne: Sequence[Borne]) -> list[Heir[str]]:
        return follow_back(unit_id, found.steps, found.forth)

    shown = Shown(found.faces, show_borne(found, found.codes, as_of, ended=True), as_of)
    return [answer_one(code, asked, found.bearers.get(code, ()), shown, "predecessors", heirs_of) for code in codes]


def show_borne(
    found: Lineage, units: Iterable[str], as_of: AsOf, ended: bool = False
) -> dict[str, Mapping[str, str | None]]:
    """The codes of these units as answers show them (`unit_faces.load_codes`)."""
    return {
        unit_id: show_codes(
            {
                scheme: borne.code
                for scheme, borne in codes.items()
                if borne.borne_to is None or borne.borne_to > as_of.at
            }
            or ({scheme: borne.code for scheme, borne in codes.items()} if ended else {})
        )
        for unit_id in units
        if (codes := found.codes.get(unit_id))
    }


@dataclass(frozen=True)
class Shown(Generic[Id]):
    """The units of an answer with their codes, and where the reader stands."""

    units: Mapping[Id, Face[Id]]
    codes: Codes[Id]
    as_of: AsOf


HeirsOf = Callable[[str, Sequence[Borne]], list[Heir[str]]]


def answer_one(
    code: str, asked: Asked, borne: Sequence[Borne], shown: Shown[str], word: str, heirs_of: HeirsOf
) -> dict[str, Any]:
    """One code's answer, grouped by origin; a code borne twice by one unit is one origin from its first to its last day."""
    units = shown.units
    origins = []
    for unit_id, times in group_bearings(borne).items():
        if unit_id in units:
            origin = describe_origin(units[unit_id], times, shown.as_of)
            origin[word] = [describe_heir(heir, shown) for heir in heirs_of(unit_id, times) if heir.unit_id in units]
            origins.append(origin)
    return {"code": code, "scheme": asked.scheme, "at": tell(asked.as_of.at), "origins": origins}


def describe_origin(unit: Face[Any], borne: Sequence[Bearing | Borne], as_of: AsOf) -> dict[str, Any]:
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


Said = TypeVar("Said", Bearing, Borne)


def group_bearings(bearings: Iterable[Said]) -> dict[Any, list[Said]]:
    """The bearings of a code by unit, in the order in which the units first bore it."""
    grouped: dict[Any, list[Said]] = {}
    for bearing in bearings:
        grouped.setdefault(bearing.unit_id, []).append(bearing)
    return grouped


def describe_heir(heir: Heir[str], shown: Shown[str]) -> dict[str, Any]:
    """One successor or predecessor as answers show it."""
    unit = shown.units[heir.unit_id]
    return {
        "unit": unit.id,
        "name": unit.name,
        "level": unit.level,
        "codes": shown.codes.get(heir.unit_id, NO_CODES),
        "share": heir.share,
        "principal": heir.principal,
        "rehomed": heir.rehomed,
        "path": list(heir.path),
        "example": unit.example,
    }
