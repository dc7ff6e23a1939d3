"""What a change of post does to the periods that are written already, past and future. Pure.

A merger may have written how somebody goes on from its day: a period that ends then, and one that begins. Whoever leaves or moves before
must not be brought back by it, so a period that is ended takes what continues it with it.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from provisioning.people.joined_posts import Period


@dataclass(frozen=True)
class Edits:
    """Rows that end at `at` and rows that never come."""

    at: datetime
    cut: tuple[int, ...]
    withdrawn: tuple[int, ...]

    def rest(self, periods: Iterable[Period]) -> list[Period]:
        """The periods that stand beside what is edited."""
        gone = {*self.cut, *self.withdrawn}
        return [period for period in periods if period.row_id not in gone]


def end_all(periods: Iterable[Period], at: datetime) -> Edits:
    """Everything ends: what is in force at the instant is cut there, what begins then or later never comes."""
    open_then = [period for period in periods if period.valid_to is None or period.valid_to > at]
    return sort_edits(open_then, at)


def end_one(periods: Sequence[Period], ending: Period, at: datetime) -> Edits:
    """One post ends, and what was written to continue it never comes."""
    return sort_edits([ending, *find_continued(periods, ending)], at)


def sort_edits(periods: Iterable[Period], at: datetime) -> Edits:
    """Cut what has begun, withdraw what has not."""
    chosen = list(periods)
    cut = tuple(period.row_id for period in chosen if period.valid_from < at)
    return Edits(at, cut, tuple(period.row_id for period in chosen if period.valid_from >= at))


def find_continued(periods: Sequence[Period], ending: Period) -> list[Period]:
    """The periods that begin where this one ends and carry it on: the main post the main one, another the one of its title."""
    continued: list[Period] = []
    last = ending
    while last.valid_to is not None:
        after = [other for other in periods if other.valid_from == last.valid_to and carries_on(last, other)]
        if not after:
            break
        continued += after
        last = after[0]
    return continued


def carries_on(period: Period, other: Period) -> bool:
    """Whether the other is this post after a merger."""
    if period.post_id == other.post_id:
        return True
    if period.main or other.main:
        return period.main and other.main
    return (period.title, period.body) == (other.title, other.body)


def find_in_force(periods: Iterable[Period], at: datetime) -> list[Period]:
    """What is held at the instant, the main post first."""
    held = [p for p in periods if p.valid_from <= at and (p.valid_to is None or p.valid_to > at)]
    return sorted(held, key=lambda period: (not period.main, period.valid_from, period.row_id))


def next_main(periods: Iterable[Period], at: datetime) -> datetime | None:
    """When the next main post begins that is written already; a new one lasts until then."""
    return min((p.valid_from for p in periods if p.main and p.valid_from > at), default=None)


def choose_post(periods: Sequence[Period], at: datetime, unit: uuid.UUID | None) -> Period | None:
    """The post that is meant: the one in that unit, else the main one; None where there is none or several fit."""
    held = find_in_force(periods, at)
    if unit is None:
        return held[0] if held and (held[0].main or len(held) == 1) else None
    fitting = [period for period in held if period.unit_id == unit]
    return fitting[0] if len(fitting) == 1 else None
