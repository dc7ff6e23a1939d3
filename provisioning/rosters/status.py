"""Who has sent a roster: for each unit, how many people hold a post in it and when a load last brought any."""

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


@dataclass(frozen=True)
class Sent:
    """One unit: its people, and the instant at which a roster last brought some; None where none ever did."""

    unit: UnitFacts
    people: int
    loaded_at: datetime | None


def each_sent(reads: Reads, as_of: AsOf, root: uuid.UUID | None, level: str | None = None) -> Iterator[Sent]:
    """The units under `root` (all, if None) in the order of their codes, perhaps of one level only."""
    if root is None:
        units: Iterable[UnitFacts] = list_units(reads, as_of)
    else:
        units = find_units(reads, find_subtree(reads, [root], as_of), as_of).values()
    wanted = [unit for unit in units if level in (None, unit.level)]
    for part in chunked(sorted(wanted, key=lambda unit: natural(unit.code or unit.name))):
        counted = count_people(reads, [unit.id for unit in part], as_of)
        for unit in part:
            people, loaded_at = counted.get(unit.id, (0, None))
            yield Sent(unit, people, loaded_at)


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
