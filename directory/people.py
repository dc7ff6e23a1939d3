"""People as of an instant: their name, posts, log-ins, addresses; who a typed log-in may be.

Answers are frozen values made from few statements, also for many people at once. An id that was joined to another record
(`directory.joins`) is answered with the survivor's facts.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from directory.joins import find_survivor, find_survivors
from directory.logins import login_key
from directory.models import SEAL_NUMBER, Account, Login, MailAddress, PersonDetail, Post
from directory.units import UnitFacts, chunked, last_facts
from foundation.changes import AsOf, in_force, visible
from foundation.database import Instant, Reads
from foundation.sealing import Sealer


@dataclass(frozen=True)
class PostFacts:
    """A post in force; `duties` in the order of DUTIES."""

    post_id: uuid.UUID
    person_id: uuid.UUID
    unit_id: uuid.UUID
    title: str
    body: str
    duties: tuple[str, ...]
    main: bool
    acting: bool
    begins: datetime
    ends: datetime | None


@dataclass(frozen=True)
class PersonFacts:
    """A person where the reader stands; the main post comes first."""

    id: uuid.UUID
    kind: str
    name: str
    staff_code: str | None
    birth_date: date | None
    phone: str | None
    posts: tuple[PostFacts, ...]
    logins: tuple[str, ...]
    addresses: tuple[str, ...]
    address_verified: bool

    @property
    def main_post(self) -> PostFacts | None:
        """The main post, or the first where none is marked."""
        return self.posts[0] if self.posts else None


class Placed(NamedTuple):
    """A person as a certificate names them: the unit of the main post, the current address."""

    id: uuid.UUID
    name: str
    unit_id: uuid.UUID | None
    address: str | None


@dataclass(frozen=True)
class AccountFacts:
    """An account that a typed log-in may mean."""

    account_id: uuid.UUID
    person_id: uuid.UUID
    kind: str
    state: str
    by_alias: bool
    origin_id: uuid.UUID | None


@dataclass(frozen=True)
class FormerUnit:
    """A unit a person belonged to before, and until when."""

    unit: UnitFacts
    until: datetime


def find_people(reads: Reads, person_ids: Iterable[uuid.UUID], as_of: AsOf) -> dict[uuid.UUID, PersonFacts]:
    """The people of these ids that are in force, by the id asked for; a joined id gives its survivor's facts."""
    found: dict[uuid.UUID, PersonFacts] = {}
    asked = list(dict.fromkeys(person_ids))
    moved = find_survivors(reads, asked, as_of.known_at)
    for ids in chunked(dict.fromkeys(moved.get(person_id, person_id) for person_id in asked)):
        posts = find_posts(reads, ids, as_of)
        logins = find_logins(reads, ids, as_of)
        addresses, verified = find_addresses(reads, ids, as_of)
        for row in reads.execute(
            select_details().where(PersonDetail.person_id.in_(ids), in_force(PersonDetail, as_of))
        ):
            found[row.person_id] = PersonFacts(
                id=row.person_id,
                kind=row.kind,
                name=row.name,
                staff_code=row.staff_code,
                birth_date=row.birth_date,
                phone=row.phone,
                posts=tuple(posts.get(row.person_id, ())),
                logins=tuple(logins.get(row.person_id, ())),
                addresses=tuple(addresses.get(row.person_id, ())),
                address_verified=row.person_id in verified,
            )
    found |= {person_id: found[survivor] for person_id, survivor in moved.items() if survivor in found}
    return found


def find_person(reads: Reads, person_id: uuid.UUID, as_of: AsOf) -> PersonFacts | None:
    """The person if known where the reader stands."""
    return find_people(reads, [person_id], as_of).get(person_id)


def find_placed(reads: Reads, person_ids: Iterable[uuid.UUID], as_of: AsOf) -> dict[uuid.UUID, Placed]:
    """The same people as `find_people` gives, with no more than their name, unit and address: one row for each."""
    found: dict[uuid.UUID, Placed] = {}
    asked = list(dict.fromkeys(person_ids))
    moved = find_survivors(reads, asked, as_of.known_at)
    unit = (
        sa.select(Post.unit_id)
        .where(Post.person_id == PersonDetail.person_id, in_force(Post, as_of))
        .order_by(Post.main.desc(), Post.valid_from, Post.row_id)
        .limit(1)
        .scalar_subquery()
    )
    address = (
        sa.select(MailAddress.address)
        .where(MailAddress.person_id == PersonDetail.person_id, in_force(MailAddress, as_of))
        .order_by(MailAddress.kind.desc(), MailAddress.row_id)
        .limit(1)
        .scalar_subquery()
    )
    wanted = sa.select(PersonDetail.person_id, PersonDetail.name, unit, address).where(in_force(PersonDetail, as_of))
    for ids in chunked(dict.fromkeys(moved.get(person_id, person_id) for person_id in asked)):
        for row in reads.execute(wanted.where(PersonDetail.person_id.in_(ids))):
            found[row.person_id] = Placed._make(row)
    found |= {person_id: found[survivor] for person_id, survivor in moved.items() if survivor in found}
    return found


def find_posts(reads: Reads, ids: Iterable[uuid.UUID], as_of: AsOf) -> dict[uuid.UUID, list[PostFacts]]:
    """The posts in force of these people, main first; a joined id gives its survivor's posts."""
    posts: dict[uuid.UUID, list[PostFacts]] = {}
    asked = list(ids)
    moved = find_survivors(reads, asked, as_of.known_at)
    for row in reads.execute(
        select_posts()
        .where(Post.person_id.in_([*asked, *moved.values()]), in_force(Post, as_of))
        .order_by(Post.main.desc(), Post.valid_from, Post.row_id)
    ):
        posts.setdefault(row.person_id, []).append(build_post(row))
    posts |= {person_id: posts[survivor] for person_id, survivor in moved.items() if survivor in posts}
    return posts


# Columns, not objects: an object for each row costs more than all that is made of it, and thousands are read at a time.
def select_details() -> sa.Select[*tuple[Any, ...]]:
    """What is told of people besides their posts, log-ins and addresses."""
    return sa.select(
        PersonDetail.person_id, PersonDetail.kind, PersonDetail.name, PersonDetail.staff_code, PersonDetail.birth_date,
        PersonDetail.phone,
    )  # fmt: skip


def select_posts() -> sa.Select[*tuple[Any, ...]]:
    """Posts as `build_post` takes them."""
    return sa.select(
        Post.post_id, Post.person_id, Post.unit_id, Post.title, Post.body, Post.duties, Post.main, Post.acting,
        Post.valid_from, Post.valid_to,
    )  # fmt: skip


def build_post(row: Any) -> PostFacts:
    """A post, as a row or an object, as a value."""
    return PostFacts(
        post_id=row.post_id,
        person_id=row.person_id,
        unit_id=row.unit_id,
        title=row.title,
        body=row.body,
        duties=tuple(row.duties.split()),
        main=row.main,
        acting=row.acting,
        begins=row.valid_from,
        ends=row.valid_to,
    )


def find_logins(reads: Reads, ids: Iterable[uuid.UUID], as_of: AsOf) -> dict[uuid.UUID, list[str]]:
    """The log-ins that open these people's business accounts, the current one first."""
    logins: dict[uuid.UUID, list[str]] = {}
    for person_id, login in reads.execute(
        sa.select(Account.person_id, Login.login)
        .join(Login, Login.account_id == Account.id)
        .where(Account.person_id.in_(list(ids)), Account.kind == "business", in_force(Login, as_of))
        .order_by(Login.kind.desc(), Login.valid_from.desc(), Login.row_id)
    ):
        logins.setdefault(person_id, []).append(login)
    return logins


def find_addresses(
    reads: Reads, ids: Iterable[uuid.UUID], as_of: AsOf
) -> tuple[dict[uuid.UUID, list[str]], set[uuid.UUID]]:
    """The mail addresses of these people, the current one first; and whose current one is proved."""
    addresses: dict[uuid.UUID, list[str]] = {}
    verified: set[uuid.UUID] = set()
    for row in reads.execute(
        sa.select(MailAddress.person_id, MailAddress.address, MailAddress.kind, MailAddress.verified)
        .where(MailAddress.person_id.in_(list(ids)), in_force(MailAddress, as_of))
        .order_by(MailAddress.kind.desc(), MailAddress.row_id)
    ):
        addresses.setdefault(row.person_id, []).append(row.address)
        if row.verified and row.kind == "own":
            verified.add(row.person_id)
    return addresses, verified


def select_accounts(
    known_at: datetime | None = None,
) -> tuple[sa.Select[*tuple[Any, ...]], sa.Select[*tuple[Any, ...]]]:
    """The accounts of the log-in `:key`, and of the address, at `:at`; one's own before those of before, the eldest first."""
    at = sa.bindparam("at", type_=Instant())
    account = (Account.id, Account.person_id, Account.kind.label("account_kind"), Account.state)
    by_login = (
        sa.select(*account, Login.kind, Login.origin_id)
        .join(Login, Login.account_id == Account.id)
        .where(Login.login_key == sa.bindparam("key"), holds(Login, at, known_at))
        .order_by(Login.kind.desc(), Login.row_id)
    )
    by_address = (
        sa.select(*account, MailAddress.kind, sa.null().label("origin_id"))
        .join(MailAddress, MailAddress.person_id == Account.person_id)
        .where(
            MailAddress.address_key == sa.bindparam("key"),
            Account.kind == "business",
            holds(MailAddress, at, known_at),
        )
        .order_by(MailAddress.kind.desc(), MailAddress.row_id)
    )
    return by_login, by_address


def holds(row: Any, at: sa.BindParameter[datetime], known_at: datetime | None) -> sa.ColumnElement[bool]:
    """`in_force` for an instant that is given with the statement."""
    return sa.and_(visible(row, known_at), row.valid_from <= at, sa.or_(row.valid_to.is_(None), row.valid_to > at))


BY_LOGIN, BY_ADDRESS = select_accounts()


def find_accounts(reads: Reads, typed: str, as_of: AsOf) -> list[AccountFacts]:
    """The accounts a typed log-in or mail address may mean, the owner's first; several only by old ones."""
    questions = name_accounts(typed, as_of)
    if not questions:
        return []
    reads.flush()  # The connection is asked past the session.
    return read_accounts(reads.ask(*questions))


def name_accounts(typed: str, as_of: AsOf) -> list[tuple[Any, dict[str, Any]]]:
    """What asks for them, for who asks more at once; nothing where nothing was typed."""
    key = login_key(typed)
    if not key:
        return []
    statements = (BY_LOGIN, BY_ADDRESS) if as_of.known_at is None else select_accounts(as_of.known_at)
    return [(wanted, {"key": key, "at": as_of.at}) for wanted in (statements if "@" in key else statements[:1])]


def read_accounts(answers: Iterable[Iterable[Any]]) -> list[AccountFacts]:
    """The accounts of those answers, each once."""
    found: dict[uuid.UUID, AccountFacts] = {}
    for rows in answers:
        for row in rows:
            facts = AccountFacts(row.id, row.person_id, row.account_kind, row.state, row.kind == "alias", row.origin_id)
            found.setdefault(row.id, facts)
    return list(found.values())


def find_former_units(reads: Reads, person_id: uuid.UUID, as_of: AsOf, most: int = 5) -> list[FormerUnit]:
    """The units this person's ended posts were in and no post is in now, the latest first."""
    person_id = find_survivor(reads, person_id, as_of.known_at)
    now = {post.unit_id for post in find_posts(reads, [person_id], as_of).get(person_id, ())}
    ended: dict[uuid.UUID, datetime] = {}
    for unit_id, until in reads.execute(
        sa.select(Post.unit_id, Post.valid_to)
        .where(Post.person_id == person_id, visible(Post, as_of.known_at), Post.valid_to <= as_of.at)
        .order_by(Post.valid_to.desc())
    ):
        if unit_id not in now and until is not None:
            ended.setdefault(unit_id, until)
    latest = dict(list(ended.items())[:most])
    units = last_facts(reads, latest, as_of)
    return [FormerUnit(units[unit_id], until) for unit_id, until in latest.items() if unit_id in units]


def find_by_number(reads: Reads, sealer: Sealer, number: str, as_of: AsOf) -> list[uuid.UUID]:
    """The people with this personal number, without opening any other."""
    index = sealer.blind_index(number, SEAL_NUMBER)
    wanted = sa.select(PersonDetail.person_id).where(
        PersonDetail.number_index == index, visible(PersonDetail, as_of.known_at)
    )
    return list(dict.fromkeys(reads.execute(wanted).scalars()))


def find_members(reads: Reads, unit_ids: Iterable[uuid.UUID], as_of: AsOf) -> list[PostFacts]:
    """The posts in force in these units, by unit and person."""
    posts = []
    for ids in chunked(unit_ids):
        rows = reads.execute(
            select_posts().where(Post.unit_id.in_(ids), in_force(Post, as_of)).order_by(Post.unit_id, Post.person_id)
        )
        posts += [build_post(row) for row in rows]
    return posts
