"""People as they are printed, read from the register in pages: seven queries for every two thousand of them.

What is read are bare columns, no objects, and ids as the text the database has: six of them stand in the rows of a person, and to
make objects of them cost as much as to fetch the rows.
"""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Any, cast

import sqlalchemy as sa

from directory.joins import PersonJoin, find_survivors
from directory.models import Account, Certificate, Credential, Login, MailAddress, PersonDetail, Post
from directory.printing.entries import PersonPrinting, PrintedState
from directory.printing.units import UnitBook, load_units
from foundation.changes import UNPUBLISHED, AsOf, in_force, visible
from foundation.database import Reads

PAGE = 2000
read_unit_id = lru_cache(maxsize=65536)(uuid.UUID)
"""The id of a unit from its text; the same few stand in thousands of rows."""


@dataclass(slots=True)
class Gathered:
    """What is read of one person, table by table."""

    detail: Any
    account: Any = None
    logins: list[str] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    posts: list[Any] = field(default_factory=list)
    certificates: list[bytes] = field(default_factory=list)


def read_people(reads: Reads, book: UnitBook, page: int = PAGE) -> Iterator[PersonPrinting]:
    """Everybody who is in the register where the book stands, in order of id, `page` of them at a time; then the ids that were
    joined to somebody.
    """
    shared = Shared(
        find_shared(reads, book.as_of, Login.login_key, Login.account_id),
        find_shared(reads, book.as_of, MailAddress.address_key, MailAddress.person_id),
    )
    last: uuid.UUID | None = None
    while True:
        after = select_details(book.as_of).order_by(PersonDetail.person_id).limit(page)
        details = fetch(reads, after if last is None else after.where(PersonDetail.person_id > last))
        if not details:
            break
        last = uuid.UUID(details[-1].person)
        within = PersonRange(uuid.UUID(details[0].person), last)
        people = {detail.person: Gathered(detail) for detail in details}
        gather(reads, book.as_of, within, people, shared)
        for person in people.values():
            yield build_printing(person, book)
    yield from find_joined_printings(reads, book.as_of, visible(PersonJoin, book.as_of.known_at))


def find_standing(reads: Reads, as_of: AsOf) -> tuple[set[uuid.UUID], set[uuid.UUID]]:
    """Everybody whom `read_people` gives, and those of them whose password is printed too (`entries.print_password`)."""
    everybody = set(reads.execute(sa.select(PersonDetail.person_id).where(in_force(PersonDetail, as_of))).scalars())
    opened = (
        sa.select(Account.person_id)
        .join(Credential, Credential.account_id == Account.id)
        .where(
            Account.kind == "business",
            published(Account),
            Account.state == "active",
            Credential.password_hash.startswith("$argon2", autoescape=True),
        )
    )
    kept = everybody.intersection(reads.execute(opened).scalars())
    joined = find_joined_printings(reads, as_of, visible(PersonJoin, as_of.known_at))
    return everybody | {person.person_id for person in joined}, kept


def find_joined_printings(reads: Reads, as_of: AsOf, condition: sa.ColumnElement[bool]) -> Iterator[PersonPrinting]:
    """The ids that were joined to another: an entry with the survivor's name that cannot be opened and says where to look."""
    wanted = (
        sa.select(PersonJoin.person_id, PersonJoin.survivor_id, PersonDetail.name)
        .join(PersonDetail, PersonDetail.person_id == PersonJoin.survivor_id)
        .where(condition, in_force(PersonDetail, as_of))
        .order_by(PersonJoin.person_id)
    )
    for person_id, survivor_id, name in reads.execute(wanted):
        yield PersonPrinting(person_id, name, "closed", survivor_id=survivor_id)


def find_people(reads: Reads, ids: Collection[uuid.UUID], as_of: AsOf) -> Iterator[PersonPrinting]:
    """These people, those of them who are in the register."""
    details = fetch(reads, select_details(as_of).where(PersonDetail.person_id.in_(ids)))
    shared = Shared(
        find_shared(reads, as_of, Login.login_key, Login.account_id, own_logins(ids)),
        find_shared(reads, as_of, MailAddress.address_key, MailAddress.person_id, own_mails(ids)),
    )
    people = {detail.person: Gathered(detail) for detail in details}
    gather(reads, as_of, PersonList(tuple(ids)), people, shared)
    book = load_units(reads, as_of, {read_unit_id(post.unit) for person in people.values() for post in person.posts})
    joined = list(find_survivors(reads, ids, as_of.known_at))
    asked = sa.and_(PersonJoin.person_id.in_(joined), visible(PersonJoin, as_of.known_at))
    others = find_joined_printings(reads, as_of, asked) if joined else iter(())
    return chain((build_printing(person, book) for person in people.values()), others)


@dataclass(frozen=True)
class Shared:
    """Old log-ins and addresses that lead to several people: printed for none, because a search must find one entry."""

    logins: Collection[str]
    mails: Collection[str]


@dataclass(frozen=True)
class PersonRange:
    """The people from one id to another, both included."""

    first: uuid.UUID
    last: uuid.UUID

    def holds(self, column: Any) -> Any:
        """The clause for a column of person ids."""
        return column.between(self.first, self.last)


@dataclass(frozen=True)
class PersonList:
    """The people of these ids."""

    ids: tuple[uuid.UUID, ...]

    def holds(self, column: Any) -> Any:
        """The clause for a column of person ids."""
        return column.in_(self.ids)


def select_details(as_of: AsOf) -> Any:
    """What is known of people where the reader stands."""
    person = as_text(PersonDetail.person_id, "person")
    return sa.select(person, PersonDetail.name, PersonDetail.staff_code, PersonDetail.phone).where(
        in_force(PersonDetail, as_of)
    )


def as_text(column: Any, name: str) -> Any:
    """An id as the database writes it, with hyphens or without."""
    return sa.cast(column, sa.Text).label(name)


def fetch(reads: Reads, statement: Any) -> Sequence[Any]:
    """The rows, past the session: it would look at each whether it holds an object."""
    return reads.connection().execute(statement).all()


def gather(
    reads: Reads, as_of: AsOf, within: PersonRange | PersonList, people: Mapping[str, Gathered], shared: Shared
) -> None:
    """Accounts, log-ins, addresses, main posts up to now and certificates of these people."""
    for row in fetch(reads, select_accounts(within)):
        if person := people.get(row.person):
            person.account = row
    for person_id, text, key, kind in fetch(reads, select_logins(within, as_of)):
        if (person := people.get(person_id)) and (kind == "own" or key not in shared.logins):
            person.logins.append(text)
    for person_id, text, key, kind in fetch(reads, select_mails(within, as_of)):
        if (person := people.get(person_id)) and (kind == "own" or key not in shared.mails):
            person.mails.append(text)
    for row in fetch(reads, select_main_posts(within, as_of)):
        if person := people.get(row.person):
            person.posts.append(row)
    for person_id, der in fetch(reads, select_certificates(within, as_of)):
        if person := people.get(person_id):
            person.certificates.append(der)


def select_accounts(within: PersonRange | PersonList) -> Any:
    """State and password of the business accounts."""
    return (
        sa.select(as_text(Account.person_id, "person"), Account.state, Credential.password_hash)
        .outerjoin(Credential, Credential.account_id == Account.id)
        .where(within.holds(Account.person_id), Account.kind == "business", published(Account))
    )


def select_logins(within: PersonRange | PersonList, as_of: AsOf) -> Any:
    """The log-ins in force of the business accounts."""
    return (
        sa.select(as_text(Account.person_id, "person"), Login.login, Login.login_key, Login.kind)
        .join(Login, Login.account_id == Account.id)
        .where(within.holds(Account.person_id), Account.kind == "business", in_force(Login, as_of))
    )


def select_mails(within: PersonRange | PersonList, as_of: AsOf) -> Any:
    """The addresses in force."""
    person = as_text(MailAddress.person_id, "person")
    return sa.select(person, MailAddress.address, MailAddress.address_key, MailAddress.kind).where(
        within.holds(MailAddress.person_id), in_force(MailAddress, as_of)
    )


def select_main_posts(within: PersonRange | PersonList, as_of: AsOf) -> Any:
    """The main posts up to now, oldest first."""
    return (
        sa.select(
            as_text(Post.person_id, "person"), as_text(Post.unit_id, "unit"), Post.title, Post.valid_from, Post.valid_to
        )
        .where(within.holds(Post.person_id), Post.main, visible(Post, as_of.known_at), Post.valid_from <= as_of.at)
        .order_by(Post.valid_from)
    )


def select_certificates(within: PersonRange | PersonList, as_of: AsOf) -> Any:
    """The certificates that are valid and not revoked."""
    return sa.select(as_text(Certificate.person_id, "person"), Certificate.der).where(
        within.holds(Certificate.person_id), Certificate.revoked_at.is_(None), in_force(Certificate, as_of)
    )


def build_printing(person: Gathered, book: UnitBook) -> PersonPrinting:
    """One person put together. The unit is that of the main post in force; former codes are those of the posts before."""
    detail, account, at = person.detail, person.account, book.as_of.at
    main = next((post for post in person.posts if post.valid_to is None or post.valid_to > at), None)
    unit_id = read_unit_id(main.unit) if main else None
    unit = book.units.get(unit_id) if unit_id else None
    current = unit.current_codes if unit else ()
    former: set[str] = set()
    for post in person.posts:
        former |= book.codes_during(read_unit_id(post.unit), post.valid_from, post.valid_to)
    return PersonPrinting(
        person_id=uuid.UUID(detail.person),
        name=detail.name,
        state=cast(PrintedState, account.state) if account else "none",
        logins=tuple(person.logins),
        mails=tuple(person.mails),
        phone=detail.phone,
        staff_code=detail.staff_code,
        title=main.title if main else None,
        unit_id=unit_id,
        unit_name=unit.name if unit else None,
        unit_codes=current,
        former_unit_codes=tuple(sorted(former.difference(current))),
        certificates=tuple(person.certificates),
        password_hash=account.password_hash if account else None,
    )


def find_shared(reads: Reads, as_of: AsOf, key: Any, owner: Any, among: Any = None) -> set[str]:
    """The log-ins or addresses in force that lead to more than one owner; all of them, or those `among` a subquery."""
    wanted = (
        sa.select(key).where(in_force(key.class_, as_of)).group_by(key).having(sa.func.count(sa.distinct(owner)) > 1)
    )
    return set(reads.execute(wanted if among is None else wanted.where(key.in_(among))).scalars())


def own_logins(ids: Collection[uuid.UUID]) -> Any:
    """The keys of every log-in these people ever had."""
    return (
        sa.select(Login.login_key)
        .join(Account, Account.id == Login.account_id)
        .where(Account.person_id.in_(ids))
        .scalar_subquery()
    )


def own_mails(ids: Collection[uuid.UUID]) -> Any:
    """The keys of every address these people ever had."""
    return sa.select(MailAddress.address_key).where(MailAddress.person_id.in_(ids)).scalar_subquery()


def published(model: Any) -> sa.ColumnElement[bool]:
    """A clause true for identities whose change is published."""
    return cast("sa.ColumnElement[bool]", model.change_id.not_in(UNPUBLISHED))
