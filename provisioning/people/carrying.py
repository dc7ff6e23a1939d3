"""Posts that a roster or another plan wrote into units whose end is written: cut at the end and carried on by that merger's rule.

What HR does by hand is carried at once (`daily.py`); this is for everything else that writes posts. Where no rule says where a post
goes it ends with its unit, and `merger status` lists the person as undecided.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from directory.models import Post
from directory.printing.jobs import ask_for_people
from foundation import audit
from foundation.changes import Change, small_change, visible
from foundation.database import Reads, Writes
from foundation.plans import PlanRun
from provisioning.merger.destinations import NewPost
from provisioning.people.between import carry_on, find_ended_units
from provisioning.people.rewriting import lock_people, write_again

CARRIED = "provisioning.person.carry"
KIND = "person.carry"


def carry_latecomers(writes: Writes, actor: str, now: datetime) -> int:
    """Carry every post that reaches beyond the end of its unit, merger by merger. Gives how many posts."""
    runs = writes.execute(
        sa.select(PlanRun).where(PlanRun.state == "done", PlanRun.effective > now).order_by(PlanRun.effective)
    ).scalars()
    return sum(carry_into(writes, run, actor, now) for run in runs.all())


def carry_into(writes: Writes, run: PlanRun, actor: str, now: datetime) -> int:
    """The latecomers of one merger under one small change."""
    assert run.effective is not None
    ended = find_ended_units(writes, run.change_id, run.effective)
    late = list(each_latecomer(writes, ended, run.change_id, run.effective)) if ended else []
    if not late:
        return 0
    people = sorted({row.person_id for row in late})
    lock_people(writes, people)
    merger = writes.get_one(Change, run.change_id)
    change = small_change(writes, KIND, actor, now, reason=run.title, decision=merger.decision)
    for row in late:
        carry_row(writes, row, run.effective, change)
    detail = {"change": change.id, "posts": len(late), "merger": run.digest}
    audit.record(writes, now, CARRIED, actor, run.digest, detail)
    ask_for_people(writes, people, now)
    return len(late)


def each_latecomer(reads: Reads, ended: set[uuid.UUID], change: int, effective: datetime) -> Iterator[Any]:
    """Posts in these units that begin before the end and reach beyond it: the merger cut all that it knew."""
    table = Post.__table__
    for unit in sorted(ended):
        yield from reads.execute(
            sa.select(table).where(
                Post.unit_id == unit,
                Post.change_id != change,
                visible(Post),
                Post.valid_from < effective,
                sa.or_(Post.valid_to.is_(None), Post.valid_to > effective),
            )
        )


def carry_row(writes: Writes, row: Any, effective: datetime, change: Change) -> None:
    """One period cut at the end of its unit, and what follows by the rule; its own end and its main mark go along."""
    post = NewPost(
        row.unit_id,
        row.title,
        row.body,
        tuple(row.duties.split()),
        row.main,
        row.acting,
        row.decision,
        None,
        row.valid_to,
    )
    way = carry_on(writes, row.person_id, post, row.valid_from)
    other_main = sa.select(Post.row_id).where(
        Post.person_id == row.person_id,
        Post.row_id != row.row_id,
        Post.main,
        visible(Post),
        sa.or_(Post.valid_to.is_(None), Post.valid_to > effective),
    )
    main = row.main and writes.execute(other_main.limit(1)).first() is None
    write_again(writes, Post, [row.row_id], change, valid_to=effective)
    for stretch in way.stretches[1:]:
        part = stretch.post
        writes.add(
            Post(
                post_id=uuid.uuid4(),
                person_id=row.person_id,
                unit_id=part.unit_id,
                title=part.title,
                body=part.body,
                duties=" ".join(part.duties),
                main=main,
                acting=part.acting,
                decision=part.decision,
                valid_from=part.begins,
                valid_to=part.until,
                change_id=change.id,
            )
        )
    writes.flush()
