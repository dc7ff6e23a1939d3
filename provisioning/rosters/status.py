"""Who has sent a roster: for each unit, the last one, how many people hold a post in it and when a load last brought any."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from directory.models import Post
from directory.units import UnitFacts, chunked, find_subtree, find_units, list_units
from foundation.changes import AsOf, Change, in_force
from foundation.database import Reads
from provisioning.merger.levels import natural
from provisioning.rosters.loading import KIND
from provisioning.rosters.models import RosterSending, RosterSentUnit


@dataclass(frozen=True)
class Came:
    """The last list that named a unit: when, from whom, with how many rows of it and how many of those with faults."""

    sent_at: datetime
    actor: str
    rows: int
    faults: int


@dataclass(frozen=True)
class Sent:
    """One unit: its people, the instant at which a load last brought some, and the last list; None where there never was any."""

    unit: UnitFacts
    people: int
    loaded_at: datetime | None
    last: Came | None


def each_sent(reads: Reads, as_of: AsOf, root: uuid.UUID | None, level: str | None = None) -> Iterator[Sent]:
    """The units under `root` (all, if None) in the order of their codes, perhaps of one level only."""
    if root is None:
        units: Iterable[UnitFacts] = list_units(reads, as_of)
    else:
        units = find_units(reads, find_subtree(reads, [root], as_of), as_of).values()
    wanted = [unit for unit in units if level in (None, unit.level)]
    for part in chunked(sorted(wanted, key=lambda unit: natural(unit.code or unit.name))):
        ids = [unit.id for unit in part]
        counted, lists = count_people(reads, ids, as_of), find_last(reads, ids)
        for unit in part:
            people, loaded_at = counted.get(unit.id, (0, None))
            yield Sent(unit, people, loaded_at, lists.get(unit.id))


def find_last(reads: Reads, unit_ids: list[uuid.UUID]) -> Mapping[uuid.UUID, Came]:
    """The newest list that named each unit."""
    newest = (
        sa.select(sa.func.max(RosterSentUnit.id))
        .where(RosterSentUnit.unit_id.in_(unit_ids))
        .group_by(RosterSentUnit.unit_id)
    )
    wanted = (
        sa.select(
            RosterSentUnit.unit_id,
            RosterSending.sent_at,
            RosterSending.actor,
            RosterSentUnit.rows,
            RosterSentUnit.faults,
        )
        .join(RosterSending, RosterSending.id == RosterSentUnit.sending_id)
        .where(RosterSentUnit.id.in_(newest))
    )
    return {row.unit_id: Came(row.sent_at, row.actor, row.rows, row.faults) for row in reads.execute(wanted)}


def count_people(
    reads: Reads, unit_ids: list[uuid.UUID], as_of: AsOf
) -> Mapping[uuid.UUID, tuple[int, datetime | None]]:
    """People and the last load, by unit."""
    loaded = sa.func.max(sa.case((Change.kind == KIND, Change.published_at)))
    query = (
        sa.select(Post.unit_id, sa.func.count(sa.distinct(Post.person_id)), loaded)
        .join(Change, Change.id == Post.change_id)
        .where(Post.unit_id.in_(unit_ids), in_force(Post, as_of))
        .group_by(Post.unit_id)
    )
    return {unit_id: (people, at) for unit_id, people, at in reads.execute(query)}
