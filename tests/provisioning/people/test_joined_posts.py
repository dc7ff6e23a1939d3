"""Posts of two records drawn together: nothing is lost, at most one is the main one at any instant."""

import uuid
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from provisioning.people.joined_posts import Carried, Period, carry_posts

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
UNIT = uuid.UUID(int=1)


def period(row: int, begins: int, ends: int | None, *, main: bool = True, title: str = "A") -> Period:
    """A period by days since the beginning."""
    end = BEGINNING + timedelta(days=ends) if ends is not None else None
    return Period(row, uuid.UUID(int=row), UNIT, title, "committee", "", main, BEGINNING + timedelta(days=begins), end)


def covers(begins: datetime, ends: datetime | None, at: datetime) -> bool:
    """Whether an instant lies in a time."""
    return begins <= at and (ends is None or at < ends)


@st.composite
def lives(draw: st.DrawFn, first_row: int, title: str) -> list[Period]:
    """Main periods one after the other, with gaps, and a few concurrent ones."""
    days = sorted(draw(st.sets(st.integers(0, 60), max_size=6)))
    made = [period(first_row + n, a, b, title=f"{title}{n}") for n, (a, b) in enumerate(pairwise(days))]
    if draw(st.booleans()) and days:
        made.append(period(first_row + 10, days[-1], None, title=f"{title}z"))
    if draw(st.booleans()):
        begins = draw(st.integers(0, 50))
        made.append(period(first_row + 11, begins, begins + draw(st.integers(1, 20)), main=False, title=f"{title}y"))
    return made


@given(lives(100, "A"), lives(200, "B"), st.integers(0, 70))
def test_at_every_instant_all_posts_are_held_and_one_is_main(
    kept: list[Period], joining: list[Period], day: int
) -> None:
    carried = carry_posts(kept, joining)
    at = BEGINNING + timedelta(days=day)
    held_before = {one.row_id for one in joining if covers(one.valid_from, one.valid_to, at)}
    held = [one for one in carried if covers(one.valid_from, one.valid_to, at)]
    assert sorted(one.row_id for one in held) == sorted(held_before)
    mains = [one.main for one in held if one.main] + [
        one.main for one in kept if one.main and covers(one.valid_from, one.valid_to, at)
    ]
    assert len(mains) <= 1
    had_main = any(one.main and covers(one.valid_from, one.valid_to, at) for one in (*kept, *joining))
    assert bool(mains) == had_main


@given(lives(100, "A"), lives(200, "B"))
def test_stretches_of_a_period_join_without_gap(kept: list[Period], joining: list[Period]) -> None:
    by_row: dict[int, list[Carried]] = {}
    for one in carry_posts(kept, joining):
        by_row.setdefault(one.row_id, []).append(one)
    whole = {one.row_id: one for one in joining}
    for row, stretches in by_row.items():
        assert (stretches[0].valid_from, stretches[-1].valid_to) == (whole[row].valid_from, whole[row].valid_to)
        for one, other in pairwise(stretches):
            assert one.valid_to == other.valid_from


def test_the_very_same_post_is_not_held_twice() -> None:
    assert carry_posts([period(1, 0, None)], [period(2, 5, 10)]) == []
    assert carry_posts([period(1, 0, 8)], [period(2, 5, 10)]) != []
    assert carry_posts([period(1, 0, None)], [period(2, 5, 10, title="B")]) != []
