"""What a plan read of each unit, as one digest each: the numbers of its rows and of the rows of the people at home in it.

`holders` makes the same digests while it reads people for a planner; here nothing but numbers is read, because whether a plan is still
true is asked of the whole register just before it is applied.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

import sqlalchemy as sa

from directory.models import Account, Login, Post
from directory.units import chunked
from foundation.changes import AsOf, in_force
from foundation.database import Reads
from foundation.plans import digest_rows
from provisioning.merger.book import UnitBook
from provisioning.merger.holders import UNITS_AT_ONCE, goes_on, list_unit_rows
from provisioning.merger.listed import as_written, is_listed, write_identities

Held = tuple[int, str, bool]
"""A post: its row, its unit as the database writes it, whether it is the main one."""

_post, _login, _account = Post.__table__.c, Login.__table__.c, Account.__table__.c
MET = sa.select(as_written(_post.person_id)).distinct()
HELD = sa.select(_post.row_id, as_written(_post.person_id), as_written(_post.unit_id), _post.main)
ACCEPTED = sa.select(as_written(_account.person_id), _login.row_id).join(Login, _login.account_id == _account.id)


def digest_each(reads: Reads, book: UnitBook, scope: Sequence[uuid.UUID]) -> Iterator[tuple[uuid.UUID, str]]:
    """Each unit of the scope with the digest of the rows read for it."""
    place = {written: number for number, written in enumerate(write_identities(reads, scope))}
    for start in range(0, len(scope), UNITS_AT_ONCE):
        units = scope[start : start + UNITS_AT_ONCE]
        rows = find_people_rows(reads, book, units, place)
        for number, unit in enumerate(units, start):
            yield unit, digest_rows(list_unit_rows(book, unit) + rows.get(number, []))


def find_people_rows(
    reads: Reads, book: UnitBook, units: Sequence[uuid.UUID], place: Mapping[str, int]
) -> dict[int, list[str]]:
    """The rows of posts and log-ins of those who hold a post in these units, by the place of the unit they are at home in.

    Somebody may be at home in a unit beyond these: whoever asks for that one meets them again.
    """
    met = reads.execute(MET.where(is_listed(reads, _post.unit_id, units), goes_on(book))).scalars().all()
    rows: dict[int, list[str]] = defaultdict(list)
    for people in chunked(met):
        homes = {}
        for person, posts in read_held(reads, book, people).items():
            homes[person] = home = find_home_place(posts, place)
            rows[home] += [f"('post', {row_id})" for row_id, _unit, _main in posts]
        accepted = ACCEPTED.where(
            is_listed(reads, _account.person_id, people), _account.kind == "business", in_force(Login, AsOf(book.eve))
        )
        for person, row_id in reads.execute(accepted).all():
            rows[homes[person]].append(f"('login', {row_id})")
    return rows


def read_held(reads: Reads, book: UnitBook, people: Collection[str]) -> dict[str, list[Held]]:
    """The posts of these people that go on at the instant."""
    held: dict[str, list[Held]] = defaultdict(list)
    for row_id, person, unit, main in reads.execute(
        HELD.where(is_listed(reads, _post.person_id, people), goes_on(book))
    ).all():
        held[person].append((row_id, unit, main))
    return held


def find_home_place(posts: Sequence[Held], place: Mapping[str, int]) -> int:
    """The place of the unit of the main post if it is in the scope, else of the first in the scope's order."""
    if len(posts) == 1:
        return place[posts[0][1]]
    inside = [(place[unit], row_id, main) for row_id, unit, main in posts if unit in place]
    return min([post for post in inside if post[2]] or inside)[0]
