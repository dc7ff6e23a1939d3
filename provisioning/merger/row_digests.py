"""What a plan read of each unit, as one digest each: the numbers of its rows and of the rows of the people at home in it.

`holders` makes the same digests while it reads people for a planner; here nothing but numbers is read, because whether a plan is still
true is asked of the whole register just before it is applied.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from directory.models import Account, Login, Post
from directory.units import chunked
from foundation.changes import AsOf, in_force
from foundation.database import Reads
from foundation.plans import digest_rows
from provisioning.merger.book import UnitBook
from provisioning.merger.holders import UNITS_AT_ONCE, as_written, goes_on

Held = tuple[int, Any, bool]
"""A post: its row, its unit as the driver gives it, whether it is the main one."""

_post, _login, _account = Post.__table__.c, Login.__table__.c, Account.__table__.c
MET = sa.select(_post.person_id).distinct()
HELD = sa.select(_post.row_id, as_written(_post.person_id), as_written(_post.unit_id), _post.main)
ACCEPTED = sa.select(as_written(_account.person_id), _login.row_id).join(Login, _login.account_id == _account.id)


def digest_each(reads: Reads, book: UnitBook, scope: Sequence[uuid.UUID]) -> Iterator[tuple[uuid.UUID, str]]:
    """Each unit of the scope with the digest of the rows read for it."""
    sqlite = reads.connection().dialect.name == "sqlite"
    written: list[Any] = [unit.hex for unit in scope] if sqlite else list(scope)
    place = {unit: number for number, unit in enumerate(written)}
    for start in range(0, len(scope), UNITS_AT_ONCE):
        units = scope[start : start + UNITS_AT_ONCE]
        rows = find_people_rows(reads, book, units, place)
        for number, unit in enumerate(units, start):
            of_unit = [("version", row.row_id) for row in book.versions.get(unit, ())]
            of_unit += [("code", row.row_id) for row in book.codes.get(unit, ())]
            yield unit, digest_rows(iter(of_unit + rows.get(number, [])))


def find_people_rows(
    reads: Reads, book: UnitBook, units: Sequence[uuid.UUID], place: Mapping[Any, int]
) -> dict[int, list[tuple[str, int]]]:
    """The rows of posts and log-ins of those who hold a post in these units, by the place of the unit they are at home in.

    Somebody may be at home in a unit beyond these: whoever asks for that one meets them again.
    """
    met = reads.execute(MET.where(_post.unit_id.in_(units), goes_on(book))).scalars().all()
    rows: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for people in chunked(met):
        homes = {}
        for person, posts in read_held(reads, book, people).items():
            homes[person] = home = find_home_place(posts, place)
            rows[home] += [("post", row_id) for row_id, _unit, _main in posts]
        accepted = ACCEPTED.where(
            _account.person_id.in_(people), _account.kind == "business", in_force(Login, AsOf(book.eve))
        )
        for person, row_id in reads.execute(accepted):
            rows[homes[person]].append(("login", row_id))
    return rows


def read_held(reads: Reads, book: UnitBook, people: Iterable[uuid.UUID]) -> dict[Any, list[Held]]:
    """The posts of these people that go on at the instant."""
    held: dict[Any, list[Held]] = defaultdict(list)
    for row_id, person, unit, main in reads.execute(HELD.where(_post.person_id.in_(people), goes_on(book))):
        held[person].append((row_id, unit, main))
    return held


def find_home_place(posts: Sequence[Held], place: Mapping[Any, int]) -> int:
    """The place of the unit of the main post if it is in the scope, else of the first in the scope's order."""
    if len(posts) == 1:
        return place[posts[0][1]]
    inside = [(place[unit], row_id, main) for row_id, unit, main in posts if unit in place]
    return min([post for post in inside if post[2]] or inside)[0]
