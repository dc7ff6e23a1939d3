"""Rows that stand for others: when a later change is undone, what it had withdrawn is written again, word for word, under a new number.

Whoever asks what stands today of a change must follow its rows to those copies; whoever asks since when something is so must follow
a copy back to the row it repeats.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from directory.units import chunked
from foundation.changes import Change
from foundation.database import Reads

NUMBERS = frozenset({"row_id", "change_id", "withdrawn_by"})


@dataclass(frozen=True)
class Copy:
    """A row, the row that repeats it, and the change that wrote the first."""

    first: int
    again: int
    written_by: int


def find_copies(reads: Reads, model: Any, change: int) -> dict[int, int]:
    """The rows of a change that later changes withdrew and whose undoing wrote them again: each to its last copy."""
    last: dict[int, int] = {}
    origin: dict[int, int] = {}
    found = list(select_copies(reads, model, lambda first, _again: [first.change_id == change]))
    while found:
        for copy in found:
            origin[copy.again] = origin.get(copy.first, copy.first)
            last[origin[copy.again]] = copy.again
        found = list(follow(reads, model, (copy.again for copy in found), forward=True))
    return last


def find_all_copies(reads: Reads, model: Any, chain: Iterable[int]) -> dict[int, int]:
    """The same for several changes that are taken back together."""
    found: dict[int, int] = {}
    for change in chain:
        found |= find_copies(reads, model, change)
    return found


def find_origins(reads: Reads, model: Any, row_ids: Iterable[int]) -> Mapping[int, int]:
    """Rows that are copies: each to the change that wrote what they repeat, however often it was written again."""
    written_by: dict[int, int] = {}
    asked: dict[int, int] = {}
    found = list(follow(reads, model, row_ids, forward=False))
    while found:
        for copy in found:
            asked[copy.first] = asked.get(copy.again, copy.again)
            written_by[asked[copy.first]] = copy.written_by
        found = list(follow(reads, model, (copy.first for copy in found), forward=False))
    return written_by


def follow(reads: Reads, model: Any, row_ids: Iterable[int], *, forward: bool) -> Iterable[Copy]:
    """The copies of these rows, or what these rows are copies of."""
    for ids in chunked(row_ids):
        if forward:
            yield from select_copies(reads, model, lambda first, _again, ids=ids: [first.row_id.in_(ids)])
        else:
            yield from select_copies(reads, model, lambda _first, again, ids=ids: [again.row_id.in_(ids)])


def select_copies(reads: Reads, model: Any, where: Any) -> Iterable[Copy]:
    """Pairs of a row that an undone change withdrew, and the row of the same content that the undoing wrote."""
    table = model.__table__
    first, again = table.alias("first"), table.alias("again")
    same = [
        is_same(first.c[column.name], again.c[column.name], column) for column in table.c if column.name not in NUMBERS
    ]
    statement = (
        sa.select(first.c.row_id, again.c.row_id, first.c.change_id)
        .join(Change, Change.id == first.c.withdrawn_by)
        .join(again, sa.and_(again.c.change_id == Change.undone_by, *same))
        .where(*where(first.c, again.c))
        .order_by(first.c.row_id, again.c.row_id)
    )
    for row in reads.execute(statement):
        yield Copy(*row)


def is_same(one: Any, other: Any, column: sa.Column[Any]) -> sa.ColumnElement[bool]:
    """Equal, where two nulls are equal too."""
    same: sa.ColumnElement[bool] = one.is_not_distinct_from(other) if column.nullable else one == other
    return same
