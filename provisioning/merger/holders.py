"""The people a merger touches, as a planner reads them: their posts and log-ins with row numbers, a few thousand at a time.

The same read makes the digests of a plan; before it is applied they are made again by `row_digests`.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from directory.models import Account, Credential, Login, PersonDetail, Post
from directory.units import chunked
from foundation.changes import AsOf, in_force, visible
from foundation.database import Instant, Reads
from foundation.plans import digest_rows
from provisioning.merger.book import UnitBook
from provisioning.merger.levels import LEVEL_ORDER, natural

UNITS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class PostRow:
    """One period of a post that goes on at the instant or begins after it."""

    row_id: int
    person_id: uuid.UUID
    unit_id: uuid.UUID
    title: str
    body: str
    duties: tuple[str, ...]
    main: bool
    acting: bool
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class LoginRow:
    """A log-in of a person's business account."""

    row_id: int
    login: str
    kind: str
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class Holder:
    """A person with everything the merger may end; `home` is the unit in whose group the person is read.

    `has_password` is told to people who look at a plan; it is never part of a digest.
    """

    person_id: uuid.UUID
    name: str
    number_index: bytes | None
    home: uuid.UUID
    posts: tuple[PostRow, ...]
    logins: tuple[LoginRow, ...]
    has_password: bool = False

    @property
    def login(self) -> str:
        """The current log-in, for people reading the plan."""
        return next((row.login for row in self.logins if row.kind == "own"), "")


def order_scope(book: UnitBook, units: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Units in the order in which a plan lists their people: by level, then code."""
    return sorted(units, key=lambda unit: (LEVEL_ORDER.index(book.levels[unit]), natural(book.code(unit)), str(unit)))


def each_group(
    reads: Reads, book: UnitBook, scope: Sequence[uuid.UUID]
) -> Iterator[tuple[uuid.UUID, list[Holder], str]]:
    """Each unit of the scope with the people who are at home in it, and the digest of the rows read for it."""
    place = {unit: number for number, unit in enumerate(scope)}
    for start in range(0, len(scope), UNITS_AT_ONCE):
        units = scope[start : start + UNITS_AT_ONCE]
        groups: dict[uuid.UUID, list[Holder]] = defaultdict(list)
        for holder in read_holders(reads, book, units, place):
            groups[holder.home].append(holder)
        for unit in units:
            people = sorted(groups[unit], key=lambda holder: (holder.name, holder.person_id.hex))
            yield unit, people, digest_group(book, unit, people)


def digest_group(book: UnitBook, unit: uuid.UUID, people: Sequence[Holder]) -> str:
    """One digest over the numbers of the rows read: rows are never edited, so a number stands for its content."""
    rows: list[tuple[object, ...]] = [("version", row.row_id) for row in book.versions.get(unit, ())]
    rows += [("code", row.row_id) for row in book.codes.get(unit, ())]
    for holder in people:
        rows += [("post", row.row_id) for row in holder.posts]
        rows += [("login", row.row_id) for row in holder.logins]
    return digest_rows(iter(rows))


def read_holders(
    reads: Reads, book: UnitBook, units: Sequence[uuid.UUID], place: Mapping[uuid.UUID, int]
) -> Iterator[Holder]:
    """The people at home in these units: by their main post, else by their first post in the scope."""
    post = Post.__table__.c
    met = sa.select(post.person_id).where(post.unit_id.in_(units), goes_on(book)).distinct()
    posts: dict[uuid.UUID, list[PostRow]] = defaultdict(list)
    ids = list(reads.execute(met).scalars())
    identities = Identities()
    for chunk in chunked(ids):
        for row_id, person, unit, title, body, duties, *rest in reads.execute(
            POSTS.where(post.person_id.in_(chunk), goes_on(book))
        ):
            person_id = identities[person]
            held = PostRow(row_id, person_id, identities[unit], title, body, tuple(duties.split()), *rest)
            posts[person_id].append(held)
    wanted = set(units)
    homes = {person: find_home(rows, place) for person, rows in posts.items()}
    here = [person for person in ids if homes[person] in wanted]
    for chunk in chunked(here):
        names = read_names(reads, chunk, identities)
        logins = read_logins(reads, chunk, book, identities)
        opened = find_opened(reads, chunk, identities)
        for person in chunk:
            name, index = names.get(person, ("", None))
            holding, accepted = tuple(posts[person]), tuple(logins.get(person, ()))
            yield Holder(person, name, index, homes[person], holding, accepted, person in opened)


def find_home(rows: Sequence[PostRow], place: Mapping[uuid.UUID, int]) -> uuid.UUID:
    """The unit of the main post if it is in the scope, else the first in the scope's order."""
    inside = [row for row in rows if row.unit_id in place]
    main = [row for row in inside if row.main]
    return min(main or inside, key=lambda row: (place[row.unit_id], row.row_id)).unit_id


def goes_on(book: UnitBook) -> sa.ColumnElement[bool]:
    """The posts a change at the instant must end or leave alone: those not over by then."""
    post = Post.__table__.c
    effective = sa.literal(book.effective, Instant())
    return sa.and_(visible(Post), sa.or_(post.valid_to.is_(None), post.valid_to > effective))


def read_names(
    reads: Reads, ids: Sequence[uuid.UUID], identities: "Identities"
) -> dict[uuid.UUID, tuple[str, bytes | None]]:
    """Name and blind index of the personal number."""
    detail = PersonDetail.__table__.c
    rows = reads.execute(
        sa.select(as_written(detail.person_id), detail.name, detail.number_index)
        .where(detail.person_id.in_(ids), visible(PersonDetail))
        .order_by(detail.valid_from)
    )
    return {identities[person]: (name, index) for person, name, index in rows}


def read_logins(
    reads: Reads, ids: Sequence[uuid.UUID], book: UnitBook, identities: "Identities"
) -> dict[uuid.UUID, list[LoginRow]]:
    """The log-ins of business accounts that are accepted on the eve."""
    login, account = Login.__table__.c, Account.__table__.c
    found: dict[uuid.UUID, list[LoginRow]] = defaultdict(list)
    for person, *rest in reads.execute(
        sa.select(as_written(account.person_id), login.row_id, login.login, login.kind, login.valid_to)
        .join(Account, account.id == login.account_id)
        .where(account.person_id.in_(ids), account.kind == "business", in_force(Login, AsOf(book.eve)))
        .order_by(login.row_id)
    ):
        found[identities[person]].append(LoginRow(*rest))
    return found


def find_opened(reads: Reads, ids: Sequence[uuid.UUID], identities: "Identities") -> set[uuid.UUID]:
    """Who has a password to go on with, their own or the old directory's."""
    account, credential = Account.__table__.c, Credential.__table__.c
    rows = reads.execute(
        sa.select(as_written(account.person_id))
        .join(Credential.__table__, credential.account_id == account.id)
        .where(
            account.person_id.in_(ids),
            account.kind == "business",
            sa.or_(credential.password_hash.is_not(None), credential.imported_hash.is_not(None)),
        )
    )
    return {identities[person] for person in rows.scalars()}


class Identities(dict[Any, uuid.UUID]):
    """Identities by what the driver gives: text on SQLite, made into a UUID once and not at every row."""

    def __missing__(self, written: Any) -> uuid.UUID:
        found = self[written] = written if isinstance(written, uuid.UUID) else uuid.UUID(written)
        return found


def as_written(column: Any) -> sa.ColumnElement[Any]:
    """An identity as the driver gives it."""
    return sa.type_coerce(column, sa.types.NullType())


_post = Post.__table__.c
POSTS = sa.select(
    _post.row_id, as_written(_post.person_id), as_written(_post.unit_id), _post.title, _post.body, _post.duties,
    _post.main, _post.acting, _post.valid_from, _post.valid_to,
).order_by(_post.row_id)  # fmt: skip
