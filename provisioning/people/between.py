"""Between a merger's apply and its day: daily life in units whose end is written is carried by the merger's own rule, or asked about.

`carry_on` says for a new post what becomes of it on the day its unit ends; `list_between` tells what life did to a merger and how each
person stands on its day. Nobody is guessed into a leader's post, and where nobody has decided that is said.
"""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from directory.departures import find_departures
from directory.models import PersonDetail, Post, Unit, UnitEvent, UnitEventLink, UnitVersion
from directory.people import find_posts
from directory.units import chunked, last_facts
from foundation.changes import AsOf, Change, in_force, visible
from foundation.database import Reads
from foundation.plans import PlanRun
from provisioning.merger.destinations import Ground, NewPost, PlacedBy, find_way, read_rule
from provisioning.merger.holders import PostRow


@dataclass(frozen=True)
class Stretch:
    """A post for a time in one unit; `by` says why it is there: the decision at hand, a rule, the principal heir."""

    post: NewPost
    by: str
    conflict: bool = False


@dataclass(frozen=True)
class Way:
    """A post through all written ends of units; `undecided_from` is when nobody has said where it goes on."""

    stretches: tuple[Stretch, ...]
    undecided_from: datetime | None = None


def carry_on(reads: Reads, person_id: uuid.UUID, post: NewPost, begins: datetime) -> Way:
    """The post as it must be written, cut at every end of a unit that is written and carried on by that merger's rule."""
    stretches: list[Stretch] = []
    current, by, conflict = replace(post, begins=begins), "decision", False
    for _step in range(20):
        assert current.begins is not None
        ends = find_written_end(reads, current.unit_id, current.begins)
        if ends is None or (current.until is not None and current.until <= ends):
            return Way((*stretches, Stretch(current, by, conflict)))
        stretches.append(Stretch(replace(current, until=ends), by, conflict))
        unit, by = find_next_unit(reads, person_id, current, ends)
        if unit is None:
            return Way(tuple(stretches), ends)
        current = replace(current, unit_id=unit, begins=ends)
        conflict = "leader" in current.duties and has_leader(reads, current, ends, person_id)
        if conflict:
            duties = tuple(duty for duty in current.duties if duty != "leader")
            current = replace(current, duties=duties)
    return Way(tuple(stretches))


def find_written_end(reads: Reads, unit_id: uuid.UUID, since: datetime) -> datetime | None:
    """When the unit ends for good, if that is written; a new name is no end."""
    rows = reads.execute(
        sa.select(UnitVersion.valid_to)
        .where(UnitVersion.unit_id == unit_id, visible(UnitVersion))
        .order_by(UnitVersion.valid_from)
    ).scalars()
    last = list(rows)
    return last[-1] if last and last[-1] is not None and last[-1] > since else None


def find_next_unit(reads: Reads, person_id: uuid.UUID, post: NewPost, ends: datetime) -> tuple[uuid.UUID | None, str]:
    """Where a post of a unit that ends goes, by that merger's rules and heirs; None where nobody has said."""
    rules = find_rules(reads, post.unit_id, ends)
    if rules is None:
        return None, "undecided"
    level = reads.execute(sa.select(Unit.level).where(Unit.id == post.unit_id)).scalar_one()
    heirs = find_whole_heirs(reads, [post.unit_id], ends)
    ground = Ground(ends, {post.unit_id}, heirs.get, {post.unit_id: level}, rules)
    assert post.begins is not None
    row = PostRow(
        0, person_id, post.unit_id, post.title, post.body, post.duties, post.main, post.acting, post.begins, post.until
    )
    unit, by, _source = find_way(row, ground)
    return unit, by


def find_rules(reads: Reads, unit_id: uuid.UUID, ends: datetime) -> list[PlacedBy] | None:
    """The rules of the decree that ends this unit; empty where it has none, None where its plan cannot be read any more."""
    file = reads.execute(
        sa.select(PlanRun.file)
        .join(UnitVersion, UnitVersion.change_id == PlanRun.change_id)
        .where(UnitVersion.unit_id == unit_id, UnitVersion.valid_to == ends, visible(UnitVersion))
    ).scalar()
    if file is None:
        return []
    try:
        with Path(file).open(encoding="utf-8") as plan:
            header = json.loads(plan.readline())
        return [read_rule(rule) for rule in header["summary"].get("rules", ())]
    except (OSError, ValueError, KeyError):
        return None


def find_whole_heirs(reads: Reads, units: Sequence[uuid.UUID], at: datetime) -> dict[uuid.UUID, uuid.UUID]:
    """The principal successor of each unit that passed whole at the instant."""
    rows = reads.execute(
        sa.select(UnitEventLink.predecessor_id, UnitEventLink.successor_id)
        .join(UnitEvent, UnitEvent.id == UnitEventLink.event_id)
        .where(
            UnitEventLink.predecessor_id.in_(units),
            UnitEventLink.successor_id.is_not(None),
            UnitEventLink.share == "whole",
            UnitEventLink.principal,
            UnitEvent.instant == at,
            visible(UnitEvent),
            visible(UnitEventLink),
        )
    )
    return {row.predecessor_id: row.successor_id for row in rows}


def has_leader(reads: Reads, post: NewPost, at: datetime, person_id: uuid.UUID) -> bool:
    """Whether somebody else leads that body of the unit at the instant."""
    held = reads.execute(
        sa.select(Post.duties).where(
            Post.unit_id == post.unit_id, Post.body == post.body, Post.person_id != person_id, in_force(Post, AsOf(at))
        )
    ).scalars()
    return any("leader" in duties.split() for duties in held)


# --- what life did to a merger -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Between:
    """One person whom life touched between a merger's apply and its day, and how they stand on that day."""

    person: uuid.UUID
    name: str
    kind: str
    decision: str | None
    change: int
    actor: str
    since: datetime
    outcome: str
    units: tuple[str, ...]

    @property
    def open(self) -> bool:
        """Whether a person must still decide."""
        return self.outcome == "undecided"


def list_between(reads: Reads, run: PlanRun) -> list[Between]:
    """Everybody whose posts in the units of this merger a later change wrote or withdrew, the newest change of each."""
    if run.effective is None:
        return []
    ended = find_ended_units(reads, run.change_id, run.effective)
    last = dict(each_touched(reads, run.change_id, ended))
    found: list[Between] = []
    for people in chunked(last):
        found += describe(reads, run.effective, ended, {person: last[person] for person in people})
    return sorted(found, key=lambda one: (not one.open, one.change, one.name))


def find_ended_units(reads: Reads, change: int, effective: datetime) -> set[uuid.UUID]:
    """The units that end for good by this change."""
    ended = reads.execute(
        sa.select(UnitVersion.unit_id).where(
            UnitVersion.change_id == change, UnitVersion.valid_to == effective, visible(UnitVersion)
        )
    ).scalars()
    going_on = sa.select(UnitVersion.unit_id).where(UnitVersion.valid_from == effective, visible(UnitVersion))
    return set(ended) - set(reads.execute(going_on).scalars())


def each_touched(reads: Reads, change: int, ended: set[uuid.UUID]) -> Iterator[tuple[uuid.UUID, int]]:
    """Person and change, oldest first: posts written into these units since, and posts of the merger that were withdrawn since."""
    applied = sa.select(Change.published_at).where(Change.id == change).scalar_subquery()
    published = sa.select(Change.id).where(
        Change.published_at >= applied, Change.id != change, Change.undone_by.is_(None)
    )
    touched: list[tuple[int, uuid.UUID]] = []
    withdrawn = sa.select(Post.withdrawn_by, Post.person_id).where(
        Post.change_id == change, Post.withdrawn_by.in_(published)
    )
    touched += [(by, person) for by, person in reads.execute(withdrawn) if by is not None]
    for units in chunked(ended):
        written = sa.select(Post.change_id, Post.person_id).where(
            Post.unit_id.in_(units), Post.change_id.in_(published), visible(Post)
        )
        touched += [(by, person) for by, person in reads.execute(written)]
    for by, person in sorted(set(touched), key=lambda one: (one[0], one[1].hex)):
        yield person, by


def describe(reads: Reads, at: datetime, ended: set[uuid.UUID], last: Mapping[uuid.UUID, int]) -> Iterator[Between]:
    """Each of these people with the change and how they stand on the day."""
    posts = find_posts(reads, last, AsOf(at))
    departures = find_departures(reads, list(last))
    details = sa.select(PersonDetail).where(PersonDetail.person_id.in_(last), visible(PersonDetail))
    names = {detail.person_id: detail.name for detail in reads.execute(details).scalars()}
    cut = reads.execute(
        sa.select(Post.person_id).where(
            Post.person_id.in_(last), Post.unit_id.in_(ended), Post.valid_to == at, visible(Post)
        )
    )
    lapsed = set(cut.scalars())
    numbers = set(last.values())
    changes: dict[int, Any] = {
        one.id: one for one in reads.execute(sa.select(Change).where(Change.id.in_(numbers))).scalars()
    }
    units = last_facts(reads, {post.unit_id for held in posts.values() for post in held}, AsOf(at))
    for person, number in last.items():
        held = posts.get(person, [])
        left = departures.get(person)
        if any(post.unit_id in ended for post in held):
            outcome = "undecided"
        elif held:
            outcome = "carried"
        elif left is not None and left.at <= at:
            outcome = "left"
        else:
            outcome = "undecided" if person in lapsed else "no_post"
        change = changes[number]
        told = tuple(units[post.unit_id].agency_name for post in held if post.unit_id in units)
        yield Between(
            person, names.get(person, ""), change.kind, change.decision, number, change.actor, change.published_at,
            outcome, told if outcome == "carried" else (),
        )  # fmt: skip
