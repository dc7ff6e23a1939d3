"""Who became whom: old units to their successors at an instant, and back.

A unit that still stands is its own successor; parts it gave away since the code was written are named beside it. A unit that ended
is followed through its events, over several reforms, to whatever stands at the instant; a share is whole only if every step
was, a successor principal only if it was at every step (DESIGN §8, `unit successors`). What a unit that was dissolved left to others is
`rehomed`: they keep it without being its successors in law.

Predecessors are the same from the other end: a unit is among the predecessors of another exactly if that other is among its
successors.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from directory.codes import clean_code
from directory.models import Unit, UnitEvent, UnitEventLink, UnitVersion
from directory.units import AT, MANY, UNITS, Bearing, UnitFacts, chunked, find_bearers, select_codes_until
from foundation.changes import AsOf, visible
from foundation.clocks import as_rfc3339
from foundation.database import Instant, Reads

REHOMING: Final = "dissolve"
CHANGING: Final = ("rename", "recode", "reparent", "correct")
"""Events in which a unit goes on alone."""
tell = lru_cache(maxsize=4096)(as_rfc3339)
"""Instants as text; the same few are told ten thousand times."""


class Link(NamedTuple):
    """One step of an event."""

    event_id: uuid.UUID
    instant: datetime
    kind: str
    predecessor_id: uuid.UUID
    successor_id: uuid.UUID
    share: str
    principal: bool


class Heir(NamedTuple):
    """Where a unit's affairs lie at the end of a path, or came from at its beginning."""

    unit_id: uuid.UUID
    share: str
    principal: bool
    path: tuple[uuid.UUID, ...]
    rehomed: bool = False


Links = Mapping[uuid.UUID, Sequence[Link]]
Standing = Collection[uuid.UUID]


def load_links(
    reads: Reads, units: Iterable[uuid.UUID], as_of: AsOf, backwards: bool = False
) -> dict[uuid.UUID, list[Link]]:
    """Every step reachable from these units up to the instant, by the unit it leaves (or, backwards, arrives at)."""
    links: dict[uuid.UUID, list[Link]] = {}
    statement = select_links(as_of.known_at, backwards)
    for ids in chunked(dict.fromkeys(units), MANY):
        known = set(links)  # what an earlier chunk has reached, with every step from there
        links.update((unit, []) for unit in ids if unit not in links)
        for row in reads.connection().execute(statement, {"units": ids, "at": as_of.at}):
            link = Link._make(row)
            here, there = (
                (link.successor_id, link.predecessor_id) if backwards else (link.predecessor_id, link.successor_id)
            )
            if here not in known:
                links.setdefault(here, []).append(link)
                links.setdefault(there, [])
    return links


# The joins stand in the order in which they are to be made: SQLite keeps to it, where it knows nothing of the tables' sizes.
STEPS: Final = """
WITH RECURSIVE reached (unit_id) AS (
  SELECT unit.id FROM unit WHERE unit.id IN :units
  UNION
  SELECT link.{far} FROM reached CROSS JOIN unit_event_link AS link CROSS JOIN unit_event AS event
  WHERE link.{near} = reached.unit_id AND event.id = link.event_id AND {known}
)
SELECT link.event_id, event.instant, event.kind, link.predecessor_id, link.successor_id, link.share, link.principal
FROM reached CROSS JOIN unit_event_link AS link CROSS JOIN unit_event AS event
WHERE link.{near} = reached.unit_id AND event.id = link.event_id AND {known}
ORDER BY event.instant, link.row_id
"""
NOW: Final = "SELECT id FROM change WHERE published_at IS NULL"
SEEN_NOW: Final = "{row}.change_id NOT IN ({now}) AND ({row}.withdrawn_by IS NULL OR {row}.withdrawn_by IN ({now}))"
THEN: Final = "SELECT id FROM change WHERE published_at <= :known_at"
SEEN_THEN: Final = "{row}.change_id IN ({then}) AND ({row}.withdrawn_by IS NULL OR {row}.withdrawn_by NOT IN ({then}))"


@lru_cache(maxsize=16)
def select_links(known_at: datetime | None, backwards: bool) -> sa.TextualSelect:
    """The steps reachable from some units, oldest first; columns in the order of Link. The clause is `foundation.changes.visible`."""
    rule = SEEN_NOW if known_at is None else SEEN_THEN
    seen = " AND ".join(rule.format(row=row, now=NOW, then=THEN) for row in ("link", "event"))
    known = f"link.predecessor_id IS NOT NULL AND link.successor_id IS NOT NULL AND event.instant <= :at AND {seen}"
    near, far = ("successor_id", "predecessor_id") if backwards else ("predecessor_id", "successor_id")
    statement = sa.text(STEPS.format(near=near, far=far, known=known)).bindparams(UNITS, AT)
    if known_at is not None:
        statement = statement.bindparams(sa.bindparam("known_at", known_at, type_=Instant()))
    link, event = UnitEventLink.__table__.c, UnitEvent.__table__.c
    return statement.columns(
        link.event_id, event.instant, event.kind, link.predecessor_id, link.successor_id, link.share, link.principal
    )


def follow(unit_id: uuid.UUID, links: Links, standing: Standing, since: datetime | None = None) -> list[Heir]:
    """The heirs of a unit among those that stand, principal first; empty when it ended without any.

    With `since` only what happened later counts: what was written on a day is no part of what was given away before it.
    """
    first = [step for step in links.get(unit_id, ()) if since is None or step.instant > since]
    if not first:
        return [Heir(unit_id, "whole", True, ())] if unit_id in standing else []
    found: dict[uuid.UUID, Heir] = {}

    def walk(heir: Heir, steps: Sequence[Link]) -> None:
        left = heir  # what is still with the unit after each of its events
        for _event, happened in groupby(steps, key=lambda step: step.event_id):
            passing = list(happened)
            for step in passing:
                if step.successor_id != heir.unit_id:
                    following = take_step(left, step)
                    walk(following, [s for s in links.get(step.successor_id, ())
                                     if s.instant >= step.instant and s.event_id not in following.path])  # fmt: skip
            left = narrow(left, passing)
        if heir.unit_id in standing:
            add_heir(found, left)

    walk(Heir(unit_id, "whole", True, ()), first)
    return sort_heirs(found)


def take_step(heir: Heir, step: Link) -> Heir:
    """Where the affairs lie one step further."""
    whole = heir.share == "whole" and step.share == "whole"
    return Heir(
        step.successor_id,
        "whole" if whole else "part",
        heir.principal and step.principal,
        (*heir.path, step.event_id),
        heir.rehomed or step.kind == REHOMING,
    )


def narrow(heir: Heir, steps: Sequence[Link]) -> Heir:
    """A unit that goes on with only a part of itself holds only a part of what had come to it."""
    parts = [step for step in steps if step.successor_id == heir.unit_id and step.share == "part"]
    if not parts:
        return heir
    return Heir(heir.unit_id, "part", heir.principal and parts[-1].principal, heir.path, heir.rehomed)


def follow_back(unit_id: uuid.UUID, back: Links, forth: Links) -> list[Heir]:
    """Every unit whose affairs came to this one; itself where it took others in or gave a part away, or nothing came before.

    `back` are the steps that lead here, `forth` those that lead away from everything on the way.
    """
    way: dict[uuid.UUID, None] = {}
    waiting = [unit_id]
    while waiting:
        for step in back.get(waiting.pop(), ()):
            if step.predecessor_id not in way:
                way[step.predecessor_id] = None
                waiting.append(step.predecessor_id)
    if not came_through(unit_id, back):
        way.pop(unit_id, None)
    found = {}
    for candidate in way or {unit_id: None}:
        for heir in follow(candidate, forth, (unit_id,)):
            found[candidate] = Heir(candidate, heir.share, heir.principal, heir.path, heir.rehomed)
    return sort_heirs(found)


def came_through(unit_id: uuid.UUID, back: Links) -> bool:
    """Whether a unit is one of those it came from: it took others in, gave a part away, or only changed and nothing came to it."""
    steps = back.get(unit_id, ())
    own = [step for step in steps if step.predecessor_id == unit_id]
    joined = any(step.predecessor_id != unit_id and step.kind != REHOMING for step in steps)
    return bool(own) and (not joined or any(step.kind not in CHANGING for step in own))


def sort_heirs(found: Mapping[uuid.UUID, Heir]) -> list[Heir]:
    """The principal one first, what came whole before parts."""
    if len(found) == 1:
        return list(found.values())
    return sorted(found.values(), key=lambda heir: (not heir.principal, heir.share != "whole", str(heir.unit_id)))


def add_heir(found: dict[uuid.UUID, Heir], heir: Heir) -> None:
    """Keep the better of two paths to one unit: whole before part, principal before not, short before long."""
    before = found.get(heir.unit_id)

    def rank(candidate: Heir) -> tuple[bool, bool, int]:
        return (candidate.share != "whole", not candidate.principal, len(candidate.path))

    if before is None or rank(heir) < rank(before):
        found[heir.unit_id] = heir


class Face(NamedTuple):
    """What answers say of a unit besides its codes: as in force, or as it was at its end."""

    id: uuid.UUID
    level: str
    name: str
    example: bool
    begins: datetime
    ends: datetime | None


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


def stands(unit: Face | UnitFacts, as_of: AsOf) -> bool:
    """Whether the unit is in force where the reader stands."""
    return unit.begins <= as_of.at and (unit.ends is None or unit.ends > as_of.at)


def load_faces(reads: Reads, units: Iterable[uuid.UUID], as_of: AsOf) -> dict[uuid.UUID, Face]:
    """The units as in force or as they were at their end; those yet to begin are left out."""
    found: dict[uuid.UUID, Face] = {}
    for ids in chunked(units, MANY):
        rows = reads.connection().execute(select_faces(as_of.known_at), {"units": ids, "at": as_of.at})
        found.update((row[0], Face._make(row)) for row in rows)
    return found


@lru_cache(maxsize=16)
def select_faces(known_at: datetime | None) -> sa.Select[Any]:
    """What some units were called up to an instant, the newest last; columns in the order of Face."""
    version, unit = UnitVersion.__table__, Unit.__table__
    return (
        sa.select(
            version.c.unit_id, unit.c.level, version.c.name, version.c.example, version.c.valid_from, version.c.valid_to
        )
        .join(unit, unit.c.id == version.c.unit_id)
        .where(version.c.unit_id.in_(UNITS), visible(version, known_at), version.c.valid_from <= AT)
        .order_by(version.c.valid_from)
    )  # fmt: skip


Codes = Mapping[uuid.UUID, dict[str, str | None]]


def load_codes(reads: Reads, units: Iterable[uuid.UUID], as_of: AsOf, ended: bool = False) -> Codes:
    """`admin` and `agency` as answers show them: the codes in force; with `ended` also the last ones of what ended."""
    found: dict[uuid.UUID, dict[str, tuple[str, bool]]] = {}
    for ids in chunked(units, MANY):
        for unit_id, scheme, code, until in reads.connection().execute(
            select_codes_until(as_of.known_at), {"units": ids, "at": as_of.at}
        ):
            found.setdefault(unit_id, {})[scheme] = (code, until is None or until > as_of.at)
    return {
        unit_id: show_codes({scheme: code for scheme, (code, borne) in codes.items() if borne} or last_of(codes, ended))
        for unit_id, codes in found.items()
    }


def last_of(codes: Mapping[str, tuple[str, bool]], wanted: bool) -> dict[str, str]:
    """The codes of a unit that bears none any more."""
    return {scheme: code for scheme, (code, _borne) in codes.items()} if wanted else {}


def show_codes(codes: Mapping[str, str]) -> dict[str, str | None]:
    """The code of its territory, new kind before old, and the code of its agency (DESIGN §8)."""
    return {"admin": codes.get("admin") or codes.get("admin-2004"), "agency": codes.get("agency")}


NO_CODES: Final[Mapping[str, str | None]] = {"admin": None, "agency": None}


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
