"""Accounts that nobody has used for so many days: who, where, since when; the list a level-3 administration must go through."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from directory.chains import find_ancestors, full_name
from directory.models import Account, Post
from directory.people import find_people
from directory.units import chunked, find_subtree
from foundation.changes import AsOf, Change, in_force
from foundation.database import Reads


@dataclass(frozen=True)
class Unused:
    """One open account; `last_used` is None for one that was never used since it was made or activated at `since`."""

    person: uuid.UUID
    name: str
    login: str
    unit: str
    state: str
    last_used: datetime | None
    since: datetime | None
    days: int


def each_unused(reads: Reads, days: int, now: datetime, root: uuid.UUID | None = None) -> Iterator[Unused]:
    """Open business accounts not used for so many days, perhaps only of people with a post under a unit, the longest first."""
    as_of, before = AsOf(now), now - timedelta(days=days)
    used = sa.func.coalesce(Account.last_used_at, Account.state_since, Change.published_at)
    wanted = (
        sa.select(Account.person_id, Account.state, Account.last_used_at, used.label("since"))
        .join(Change, Change.id == Account.change_id)
        .where(Account.kind == "business", Account.state.in_(("issued", "active")), used <= before)
        .order_by(used, Account.id)
    )
    if root is not None:
        units = find_subtree(reads, [root], as_of)
        held = sa.select(Post.person_id).where(Post.unit_id.in_(units), in_force(Post, as_of))
        wanted = wanted.where(Account.person_id.in_(held))
    for rows in chunked(reads.execute(wanted).all()):
        people = find_people(reads, [row.person_id for row in rows], as_of)
        for row in rows:
            person = people.get(row.person_id)
            if person is None or person.id != row.person_id:
                continue
            post = person.main_post
            unit = full_name(find_ancestors(reads, post.unit_id, as_of)) if post else ""
            idle = (now - row.since).days
            login = person.logins[0] if person.logins else ""
            yield Unused(row.person_id, person.name, login, unit, row.state, row.last_used_at, row.since, idle)
