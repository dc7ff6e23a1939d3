"""Readiness by deadline: what is done, what is left, how fast it goes, when it will be ready, and what was said on the day itself.

A figure names two instants: the one it is of, and the one it was known at. The units and officials are those of the first, so that
deadlines before a merger are told of the units that begin with it. For a deadline that has passed, the first figure is what was known at
the deadline; the corrected one is what is known now to have begun, or to have been written down, by then. The rate is the difference to
what was known some days before, by day; from it follows the day on which nothing would be left, and none where nothing moves.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from directory.units import UnitFacts, find_subtree, find_units, list_units
from foundation.changes import AsOf
from foundation.database import Reads
from provisioning.reports.groups import Group, choose_level, gather_groups
from provisioning.reports.measures import NOTHING, Count, Counting, Counts
from provisioning.reports.tasks import Deadlines, Task, Told

WINDOW: Final = timedelta(days=3)
FAR: Final = timedelta(days=3650)


@dataclass(frozen=True)
class Progress:
    """One figure and how it moves: `rate` a day, None where it is not known; `ready_on` None where nothing moves."""

    now: Count
    before: Count | None
    rate: float | None
    ready_on: datetime | None

    @property
    def ready(self) -> bool:
        """Whether nothing is left of something."""
        return self.now.of > 0 and self.now.left == 0


@dataclass(frozen=True)
class GroupLine:
    """One unit's part of a task."""

    group: Group
    owner: str
    progress: Progress


@dataclass(frozen=True)
class TaskLine:
    """One task: the whole, the units' parts that add up to it, and the figures of its deadline once that has passed."""

    task: Task
    deadline: datetime
    progress: Progress
    groups: Sequence[GroupLine]
    first: Count | None
    corrected: Count | None
    waits_for: Sequence[str]

    @property
    def late(self) -> bool:
        """Whether the day it would be ready lies after the deadline, or is not in sight."""
        if self.progress.ready:
            return False
        return self.progress.ready_on is None or self.progress.ready_on > self.deadline


@dataclass(frozen=True)
class Readiness:
    """The whole report: of which instant, known when, about which units."""

    deadlines: Deadlines
    as_of: AsOf
    made_at: datetime
    scope: UnitFacts | None
    level: str
    window: timedelta
    lines: Sequence[TaskLine]


@dataclass(frozen=True)
class Ground:
    """What every figure is made from."""

    reads: Reads
    now: datetime
    zone: ZoneInfo
    inside: frozenset[uuid.UUID]
    applications: tuple[str, ...]
    kept: dict[tuple[AsOf, datetime | None], Counting] = field(default_factory=dict)

    def count(self, as_of: AsOf, by: datetime | None = None) -> Counting:
        """The measures at an instant; tasks of one deadline share them."""
        key = (as_of, by)
        if key not in self.kept:
            self.kept[key] = Counting(self.reads, as_of, self.now, by, self.applications)
        return self.kept[key]


def build_readiness(
    reads: Reads,
    deadlines: Deadlines,
    as_of: AsOf,
    now: datetime,
    zone: ZoneInfo,
    root: UnitFacts | None = None,
    level: str | None = None,
    window: timedelta = WINDOW,
) -> Readiness:
    """The report of everything under `root`, or of the whole register."""
    units = read_scope(reads, as_of, root)
    chosen = level or choose_level(units.values())
    groups = gather_groups(units, chosen)
    tasks = deadlines.in_order
    applications = tuple(dict.fromkeys(task.application for task in tasks if task.application))
    ground = Ground(reads, now, zone, frozenset(units), applications)
    known = as_of.known_at or now
    here, earlier = ground.count(as_of), ground.count(AsOf(as_of.at, known - window))
    current = {task.id: count_task(ground, here, task) for task in tasks}
    lines = [
        build_line(ground, task, groups, current, count_task(ground, earlier, task), here, window) for task in tasks
    ]
    return Readiness(deadlines, as_of, now, root, chosen, window, lines)


def read_scope(reads: Reads, as_of: AsOf, root: UnitFacts | None) -> Mapping[uuid.UUID, UnitFacts]:
    """The units the report is about."""
    if root is None:
        return {unit.id: unit for unit in list_units(reads, as_of)}
    return find_units(reads, find_subtree(reads, [root.id], as_of), as_of)


def count_task(ground: Ground, counting: Counting, task: Task) -> Counts:
    """The figures of a task by unit, inside the scope."""
    return {unit: count for unit, count in counting.measure(task).items() if unit in ground.inside}


def build_line(
    ground: Ground,
    task: Task,
    groups: Sequence[Group],
    current: Mapping[str, Counts],
    earlier: Counts,
    here: Counting,
    window: timedelta,
) -> TaskLine:
    """One task."""
    at, known = here.as_of.at, here.as_of.known_at or ground.now
    moment = min(at, known)
    deadline = task.deadline(ground.zone)
    counts = current[task.id]
    if task.measure == "told":
        whole = read_told(task.told, at, known)
        progress = tell_progress(whole or NOTHING, read_told(task.told, at - window, known - window), moment, window)
        lines: list[GroupLine] = []
    else:
        progress = tell_progress(add(counts), add(earlier), moment, window)
        lines = [
            GroupLine(
                group, name_owner(task, group), tell_progress(group.sum(counts), group.sum(earlier), moment, window)
            )
            for group in groups
            if group.sum(counts).of
        ]
    first, corrected = tell_deadline(ground, task, deadline, at, known)
    undone = [need for need in task.needs if need in current and add(current[need]).left > 0]
    return TaskLine(task, deadline, progress, lines, first, corrected, undone)


def add(counts: Counts) -> Count:
    """The whole."""
    return sum(counts.values(), NOTHING)


def tell_progress(now: Count, before: Count | None, at: datetime, window: timedelta) -> Progress:
    """A figure with its rate a day and the day on which nothing would be left."""
    if before is None or (before.of == 0 and now.of > 0):
        return Progress(now, None, None, at if now.of and not now.left else None)
    rate = (now.done - before.done) / (window / timedelta(days=1))
    ready_on = None
    if now.left == 0:
        ready_on = at if now.of else None
    elif rate > 0 and now.left / rate < FAR / timedelta(days=1):
        ready_on = at + timedelta(days=now.left / rate)
    return Progress(now, before, rate, ready_on)


def tell_deadline(
    ground: Ground, task: Task, deadline: datetime, at: datetime, known: datetime
) -> tuple[Count | None, Count | None]:
    """The first figure of a deadline that has passed, and the one corrected since; nothing for one that lies ahead."""
    if deadline > known:
        return None, None
    if task.measure == "told":
        return read_told(task.told, deadline, deadline), read_told(task.told, deadline, known)
    first, corrected = ground.count(AsOf(at, deadline)), ground.count(AsOf(at, known), deadline)
    return add(count_task(ground, first, task)), add(count_task(ground, corrected, task))


def read_told(told: Sequence[Told], at: datetime, known: datetime) -> Count | None:
    """What was reported of the instant, as it was known: for each unit the latest report; the whole where one is given."""
    newest: dict[str | None, Told] = {}
    for one in sorted(told, key=lambda one: (one.at, one.known)):
        if one.at <= at and one.known <= known:
            newest[one.unit] = one
    if None in newest:
        return Count(newest[None].done, newest[None].of)
    return sum((Count(one.done, one.of) for one in newest.values()), NOTHING) if newest else None


def name_owner(task: Task, group: Group) -> str:
    """Who answers for the task in this unit."""
    return next((task.owners[code] for code in group.unit.codes.values() if code in task.owners), task.owner)
