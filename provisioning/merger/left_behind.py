"""Who could not be put back when a change is taken back, and why: life went on with them since."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from directory.models import Account, ForeignAccount, Login, MailAddress, PersonDetail, Post
from directory.units import chunked
from foundation.changes import Change, visible
from foundation.database import Reads
from foundation.i18n import _
from provisioning.merger.last_names import last_name
from provisioning.merger.standing_rows import find_all_copies, find_origins
from provisioning.plan_rights import name_actor

WHY = {
    "changed_since": _("was changed since; stays as they are now"),
    "post_since": _("got a main post since; stays as they are now"),
    "unit_gone": _("holds a post, written since, in a unit that is taken back; must be placed"),
}
PERSON_TABLES: dict[Any, Any] = {
    PersonDetail: PersonDetail.person_id,
    Post: Post.person_id,
    Login: Account.person_id,
    MailAddress: MailAddress.person_id,
    ForeignAccount: ForeignAccount.person_id,
}
Found = dict[uuid.UUID, tuple[str, int]]
"""Whom: why, and by which change."""


@dataclass(frozen=True)
class Left:
    """Somebody who could not be put back, and why."""

    person: uuid.UUID
    name: str
    code: str
    change: int | None
    actor: str = ""
    at: datetime | None = None


def of_person(model: Any, statement: sa.Select[Any]) -> sa.Select[Any]:
    """The statement with what it needs to know whose row it is: a log-in belongs to an account."""
    return statement.join(Account, Account.id == Login.account_id) if model is Login else statement


def find_left(reads: Reads, chain: Sequence[int], people: Collection[uuid.UUID]) -> list[Left]:
    """People of these changes whose record went on since: changed rows, or a new main post."""
    found: Found = {}
    for model, key in PERSON_TABLES.items():
        for person, later in each_changed(reads, model, key, chain):
            found.setdefault(person, ("changed_since", later))
    after = sa.and_(Post.change_id > min(chain), Post.change_id.not_in(chain))
    rows = reads.execute(sa.select(Post.row_id, Post.person_id, Post.change_id).where(after, Post.main, visible(Post)))
    since = [row for row in rows if row.person_id in people]
    origins = find_origins(reads, Post, (row.row_id for row in since))
    for row in since:
        if origins.get(row.row_id, row.change_id) > min(chain):
            found.setdefault(row.person_id, ("post_since", row.change_id))
    return tell_left(reads, found)


def each_changed(reads: Reads, model: Any, key: Any, chain: Sequence[int]) -> list[tuple[uuid.UUID, int]]:
    """Whose rows of these changes were withdrawn since, and by which change; not those that an undoing wrote again."""
    wanted = of_person(model, sa.select(model.row_id, key, model.withdrawn_by))
    rows = reads.execute(wanted.where(model.change_id.in_(chain), is_withdrawn_since(model, chain))).all()
    copies = find_all_copies(reads, model, chain)
    found = [(person, later) for row_id, person, later in rows if row_id not in copies]
    for ids in chunked(copies.values()):
        again = of_person(model, sa.select(key, model.withdrawn_by))
        gone = reads.execute(again.where(model.row_id.in_(ids), is_withdrawn_since(model, chain)))
        found += [(person, later) for person, later in gone]
    return found


def is_withdrawn_since(model: Any, chain: Sequence[int]) -> sa.ColumnElement[bool]:
    """Rows that another, published change withdrew."""
    published = sa.select(Change.id).where(Change.published_at.is_not(None)).scalar_subquery()
    return sa.and_(model.withdrawn_by.is_not(None), model.withdrawn_by.not_in(chain), model.withdrawn_by.in_(published))


def find_stranded(
    reads: Reads, chain: Sequence[int], begun: Collection[uuid.UUID], kept: Collection[uuid.UUID], own: Collection[int]
) -> list[Left]:
    """People with a post, written by another change, in a unit that is taken back; `own` are copies of the changes' posts.

    A post that these changes had moved to another instant comes back too, and is one of them.
    """
    found: Found = {}
    for ids in chunked(begun):
        wanted = sa.select(Post.row_id, Post.person_id, Post.change_id).where(
            Post.unit_id.in_(ids),
            Post.change_id.not_in(chain),
            sa.or_(visible(Post), Post.withdrawn_by.in_(chain)),
        )
        for row_id, person, later in reads.execute(wanted):
            if person not in kept and row_id not in own:
                found.setdefault(person, ("unit_gone", later))
    return tell_left(reads, found)


def tell_left(reads: Reads, found: Mapping[uuid.UUID, tuple[str, int]]) -> list[Left]:
    """With names, and who did it when."""
    names: dict[uuid.UUID, str] = {}
    for ids in chunked(found):
        rows = reads.execute(
            sa.select(PersonDetail.person_id, last_name(PersonDetail.person_id)).where(PersonDetail.person_id.in_(ids))
        )
        names |= {row[0]: row[1] for row in rows}
    changes: dict[int, Change] = {}
    for numbers in chunked({later for _code, later in found.values()}):
        changes |= {one.id: one for one in reads.execute(sa.select(Change).where(Change.id.in_(numbers))).scalars()}
    namer = name_actor(reads)
    return [
        Left(person, names.get(person, ""), code, later, namer(changes[later].actor), changes[later].published_at)
        for person, (code, later) in sorted(found.items(), key=lambda item: names.get(item[0], ""))
    ]
