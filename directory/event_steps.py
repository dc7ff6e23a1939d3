"""What passed from unit to unit: the steps of events, as far as they can be reached from some units, over several reforms."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, Generic, NamedTuple, TypeVar

import sqlalchemy as sa

from directory.models import UnitEvent, UnitEventLink
from directory.units import AT, MANY, UNITS, chunked
from foundation.changes import AsOf
from foundation.database import Instant, Reads

Id = TypeVar("Id")


class Link(NamedTuple, Generic[Id]):
    """One step of an event. Ids are what the reader has: UUIDs, or their text where ten thousand units are followed."""

    event_id: Id
    instant: datetime
    kind: str
    predecessor_id: Id
    successor_id: Id
    share: str
    principal: bool


Links = Mapping[Id, Sequence[Link[Id]]]


def load_links(
    reads: Reads, units: Iterable[uuid.UUID], as_of: AsOf, backwards: bool = False
) -> dict[uuid.UUID, list[Link[uuid.UUID]]]:
    """Every step reachable from these units up to the instant, by the unit it leaves (or, backwards, arrives at)."""
    links: dict[uuid.UUID, list[Link[uuid.UUID]]] = {}
    statement = select_links(as_of.known_at, backwards)
    for ids in chunked(dict.fromkeys(units), MANY):
        known = set(links)  # what an earlier chunk has reached, with every step from there
        links.update((unit, []) for unit in ids if unit not in links)
        for row in reads.connection().execute(statement, {"units": ids, "at": as_of.at}):
            link: Link[uuid.UUID] = Link._make(row)
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


def seen(row: str, then: bool) -> str:
    """The clause of `foundation.changes.visible` as text, for a table of this name: now, or then, at `:known_at`."""
    return (SEEN_THEN if then else SEEN_NOW).format(row=row, now=NOW, then=THEN)


@lru_cache(maxsize=16)
def select_links(known_at: datetime | None, backwards: bool) -> sa.TextualSelect:
    """The steps reachable from some units, oldest first; columns in the order of Link."""
    both = " AND ".join(seen(row, known_at is not None) for row in ("link", "event"))
    known = f"link.predecessor_id IS NOT NULL AND link.successor_id IS NOT NULL AND event.instant <= :at AND {both}"
    near, far = ("successor_id", "predecessor_id") if backwards else ("predecessor_id", "successor_id")
    statement = sa.text(STEPS.format(near=near, far=far, known=known)).bindparams(UNITS, AT)
    if known_at is not None:
        statement = statement.bindparams(sa.bindparam("known_at", known_at, type_=Instant()))
    link, event = UnitEventLink.__table__.c, UnitEvent.__table__.c
    return statement.columns(
        link.event_id, event.instant, event.kind, link.predecessor_id, link.successor_id, link.share, link.principal
    )
