"""What becomes of the posts of a record that is joined to another. Pure.

Every post goes over with its own dates. Where both records call a post the main one at the same time, the survivor's stays main and the
other is concurrent for just that time; a post that the survivor holds already, word for word, is not written twice.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Period:
    """One written period of a post; `valid_to` None is open."""

    row_id: int
    post_id: uuid.UUID
    unit_id: uuid.UUID
    title: str
    body: str
    duties: str
    main: bool
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True)
class Carried:
    """A stretch of a period as it is written for the survivor."""

    row_id: int
    valid_from: datetime
    valid_to: datetime | None
    main: bool


def carry_posts(kept: Sequence[Period], joining: Iterable[Period]) -> list[Carried]:
    """The stretches of the joining record's posts; `kept` are the survivor's."""
    carried: list[Carried] = []
    mains = sorted((period for period in kept if period.main), key=lambda period: period.valid_from)
    for period in joining:
        if any(is_held(held, period) for held in kept):
            continue
        carried += split_at_mains(period, mains) if period.main else [as_it_is(period)]
    return carried


def is_held(held: Period, period: Period) -> bool:
    """Whether the survivor holds this very post for all of that time."""
    same = (held.unit_id, held.title, held.body, held.duties) == (
        period.unit_id,
        period.title,
        period.body,
        period.duties,
    )
    return same and held.valid_from <= period.valid_from and ends_no_later(period.valid_to, held.valid_to)


def ends_no_later(one: datetime | None, other: datetime | None) -> bool:
    """Whether an end lies at or before another; None never comes."""
    return other is None or (one is not None and one <= other)


def as_it_is(period: Period) -> Carried:
    """The whole period."""
    return Carried(period.row_id, period.valid_from, period.valid_to, period.main)


def split_at_mains(period: Period, mains: Sequence[Period]) -> list[Carried]:
    """A main period cut where the survivor has a main post: concurrent there, main elsewhere."""
    stretches: list[Carried] = []
    begins: datetime | None = period.valid_from
    for main in mains:
        if begins is None or not overlaps(begins, period.valid_to, main):
            continue
        if begins < main.valid_from:
            stretches.append(Carried(period.row_id, begins, main.valid_from, True))
            begins = main.valid_from
        ends = main.valid_to if ends_no_later(main.valid_to, period.valid_to) else period.valid_to
        stretches.append(Carried(period.row_id, begins, ends, False))
        begins = ends
        if ends is None or ends == period.valid_to:
            return stretches
    assert begins is not None
    return [*stretches, Carried(period.row_id, begins, period.valid_to, True)]


def overlaps(begins: datetime, ends: datetime | None, other: Period) -> bool:
    """Whether the time from `begins` to `ends` shares an instant with a period."""
    return (other.valid_to is None or begins < other.valid_to) and (ends is None or other.valid_from < ends)
