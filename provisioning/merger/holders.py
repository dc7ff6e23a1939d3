"""The people a merger touches, as a planner reads them: their posts and log-ins with row numbers, a few thousand at a time.

The same read makes the digests of a plan; before it is applied they are made again by `row_digests`.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from directory.models import Account, Credential, Login, PersonDetail, Post
from directory.units import chunked
from foundation.changes import AsOf, in_force, visible
from foundation.database import Instant, Reads
from foundation.plans import digest_rows
from provisioning.merger.book import UnitBook
from provisioning.merger.levels import LEVEL_ORDER, natural
from provisioning.merger.listed import as_written, is_listed

UNITS_AT_ONCE = 100
PEOPLE_AT_ONCE = 2000
"""However many there are, they are one bound value; each statement costs as much as reading a dozen of them."""


class PostRow(NamedTuple):
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


class LoginRow(NamedTuple):
    """A log-in of a person's business account."""

    row_id: int
    login: str
    kind: str
    valid_to: datetime | None


class Holder(NamedTuple):
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
    words = Words(scope)
    for start in range(0, len(scope), UNITS_AT_ONCE):
        units = scope[start : start + UNITS_AT_ONCE]
        groups: dict[uuid.UUID, list[Holder]] = defaultdict(list)
        for holder in read_holders(reads, book, units, place, words):
            groups[holder.home].append(holder)
        for unit in units:
            people = sorted(groups[unit], key=lambda holder: (holder.name, holder.person_id.hex))
            yield unit, people, digest_group(book, unit, people)


def digest_group(book: UnitBook, unit: uuid.UUID, people: Sequence[Holder]) -> str:
    """One digest over the numbers of the rows read: rows are never edited, so a number stands for its content."""
    rows = list_unit_rows(book, unit)
    for holder in people:
        rows += [f"('post', {row.row_id})" for row in holder.posts]
        rows += [f"('login', {row.row_id})" for row in holder.logins]
    return digest_rows(rows)


def list_unit_rows(book: UnitBook, unit: uuid.UUID) -> list[str]:
    """The rows of a unit itself, as a digest takes them."""
    rows = [f"('version', {row.row_id})" for row in book.versions.get(unit, ())]
    return rows + [f"('code', {row.row_id})" for row in book.codes.get(unit, ())]


def read_holders(
    reads: Reads, book: UnitBook, units: Sequence[uuid.UUID], place: Mapping[uuid.UUID, int], words: "Words"
) -> Iterator[Holder]:
    """The people at home in these units: by their main post, else by their first post in the scope."""
    wanted = set(units)
    held = {person: (find_home(posts, place), posts) for person, posts in read_posts(reads, book, units, words).items()}
    here = [person for person, (home, _posts) in held.items() if home in wanted]
    for people in chunked(here, PEOPLE_AT_ONCE):
        names = read_names(reads, people)
        accepted = read_accounts(reads, people, book)
        for person in people:
            name, index = names.get(person, ("", None))
            home, posts = held[person]
            logins, has_password = accepted.get(person, NO_ACCOUNT)
            yield Holder(posts[0].person_id, name, index, home, tuple(posts), tuple(sorted(logins)), has_password)


def read_posts(reads: Reads, book: UnitBook, units: Sequence[uuid.UUID], words: "Words") -> dict[str, list[PostRow]]:
    """Everybody who holds a post in these units, by their text, with all their posts that go on at the instant."""
    met = reads.execute(MET.where(is_listed(reads, _post.unit_id, units), goes_on(book))).scalars().all()
    held: dict[str, list[PostRow]] = defaultdict(list)
    for people in chunked(met, PEOPLE_AT_ONCE):
        rows = reads.execute(POSTS.where(is_listed(reads, _post.person_id, people), goes_on(book))).all()
        for row_id, person, unit, title, body, duties, *rest in rows:
            mine = held[person]
            person_id = mine[0].person_id if mine else uuid.UUID(person)
            mine.append(PostRow(row_id, person_id, words.unit(unit), title, body, words.duties(duties), *rest))
    return held


def find_home(rows: Sequence[PostRow], place: Mapping[uuid.UUID, int]) -> uuid.UUID:
    """The unit of the main post if it is in the scope, else the first in the scope's order."""
    if len(rows) == 1:
        return rows[0].unit_id
    inside = [row for row in rows if row.unit_id in place]
    main = [row for row in inside if row.main]
    return min(main or inside, key=lambda row: (place[row.unit_id], row.row_id)).unit_id


def goes_on(book: UnitBook) -> sa.ColumnElement[bool]:
    """The posts a change at the instant must end or leave alone: those not over by then."""
    effective = sa.literal(book.effective, Instant())
    return sa.and_(visible(Post), sa.or_(_post.valid_to.is_(None), _post.valid_to > effective))


def read_names(reads: Reads, people: Sequence[str]) -> dict[str, tuple[str, bytes | None]]:
    """Name and blind index of the personal number."""
    rows = reads.execute(NAMES.where(is_listed(reads, _detail.person_id, people), visible(PersonDetail))).all()
    return {person: (name, index) for person, name, index in rows}


def read_accounts(reads: Reads, people: Sequence[str], book: UnitBook) -> dict[str, tuple[list[LoginRow], bool]]:
    """The log-ins of business accounts that are accepted on the eve, and whether a password goes on with them.

    The password may be their own or the old directory's.
    """
    accepted = sa.and_(_login.account_id == _account.id, in_force(Login, AsOf(book.eve)))
    statement = (
        sa.select(
            as_written(_account.person_id), HAS_PASSWORD, _login.row_id, _login.login, _login.kind, _login.valid_to
        )
        .select_from(Account)
        .outerjoin(Login, accepted)
        .outerjoin(Credential, _credential.account_id == _account.id)
        .where(is_listed(reads, _account.person_id, people), _account.kind == "business")
    )
    found: dict[str, tuple[list[LoginRow], bool]] = {}
    for person, opened, row_id, *rest in reads.execute(statement).all():
        logins, before = found.get(person) or ([], False)
        if row_id is not None:
            logins.append(LoginRow(row_id, *rest))
        found[person] = logins, before or bool(opened)
    return found


class Words:
    """What stands in row after row, made once: units by their text, and duties."""

    def __init__(self, scope: Sequence[uuid.UUID]) -> None:
        self._units = {text: unit for unit in scope for text in (unit.hex, str(unit))}
        self._duties: dict[str, tuple[str, ...]] = {}

    def unit(self, written: str) -> uuid.UUID:
        """A unit, the scope's own object where it is of the scope."""
        found = self._units.get(written)
        if found is None:
            found = self._units[written] = uuid.UUID(written)
        return found

    def duties(self, text: str) -> tuple[str, ...]:
        """Duties one by one."""
        found = self._duties.get(text)
        if found is None:
            found = self._duties[text] = tuple(text.split())
        return found


NO_ACCOUNT: tuple[list[LoginRow], bool] = ([], False)
_post, _detail, _login = Post.__table__.c, PersonDetail.__table__.c, Login.__table__.c
_account, _credential = Account.__table__.c, Credential.__table__.c
MET = sa.select(as_written(_post.person_id)).distinct()
POSTS = sa.select(
    _post.row_id, as_written(_post.person_id), as_written(_post.unit_id), _post.title, _post.body, _post.duties,
    _post.main, _post.acting, _post.valid_from, _post.valid_to,
).order_by(_post.row_id)  # fmt: skip
NAMES = sa.select(as_written(_detail.person_id), _detail.name, _detail.number_index).order_by(_detail.valid_from)
HAS_PASSWORD = sa.or_(_credential.password_hash.is_not(None), _credential.imported_hash.is_not(None))
