"""Between apply and the instant daily life goes on: what it wrote into units whose end is already written, case by case.

`find_cases` is what `merger status` lists. Each case is one person whom somebody must decide about, with the reason.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from directory.models import Post
from directory.units import chunked
from foundation.changes import Change, visible
from foundation.database import Reads
from foundation.plans import Plan, PlanRun
from provisioning.merger.last_names import last_name


@dataclass(frozen=True)
class LateComer:
    """Somebody whose post in a unit that ends was written after the plan: life went on, a person must decide."""

    person: uuid.UUID
    name: str
    title: str
    unit: uuid.UUID
    change: int
    since: datetime


def find_cases(reads: Reads, plan: Plan, run: PlanRun) -> list[LateComer]:
    """Posts that changes after the plan's wrote into its units and that reach beyond the instant the units end; each once."""
    if run.effective is None:
        return []
    ended = (uuid.UUID(line["unit"]) for line in plan.each_line() if line["op"] == "unit.end")
    return list(each_latecomer(reads, ended, run.change_id, run.effective))


def each_latecomer(
    reads: Reads, ended: Iterator[uuid.UUID], change_id: int, effective: datetime
) -> Iterator[LateComer]:
    """Those posts, unit by unit, the oldest change first."""
    for units in chunked(ended):
        rows = reads.execute(
            sa.select(
                Post.person_id, last_name(Post.person_id), Post.title, Post.unit_id, Change.id, Change.published_at
            )
            .join(Change, Change.id == Post.change_id)
            .where(
                Post.unit_id.in_(units),
                Change.id > change_id,
                visible(Post),
                sa.or_(Post.valid_to.is_(None), Post.valid_to > effective),
            )
            .order_by(Change.id, Post.row_id)
        )
        for row in rows:
            yield LateComer(*cast(tuple[Any, ...], row))
