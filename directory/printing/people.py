"""People as they are printed, read from the register in pages: seven queries for every two thousand of them.

What is read are bare columns, no objects: eight thousand people take well under a second.
"""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import sqlalchemy as sa

from directory.models import Account, Certificate, Credential, Login, MailAddress, PersonDetail, Post
from directory.printing.entries import PersonPrinting, PrintedState
from directory.printing.units import UnitBook, load_units
from foundation.changes import UNPUBLISHED, AsOf, in_force, visible
from foundation.database import Reads

PAGE = 2000


@dataclass
class PersonRows:
    """What a page of people has beside its details, by person."""

    accounts: dict[uuid.UUID, Any] = field(default_factory=dict)
    logins: dict[uuid.UUID, list[str]] = field(default_factory=dict)
    mails: dict[uuid.UUID, list[str]] = field(default_factory=dict)
    posts: dict[uuid.UUID, list[Any]] = field(default_factory=dict)
    certificates: dict[uuid.UUID, list[bytes]] = field(default_factory=dict)


def read_people(reads: Reads, book: UnitBook) -> Iterator[PersonPrinting]:
    """Everybody who is in the register where the book stands, in order of id."""
    shared_logins = find_shared(reads, book.as_of, Login.login_key, Login.account_id)
    shared_mails = find_shared(reads, book.as_of, MailAddress.address_key, MailAddress.person_id)
    last: uuid.UUID | None = None
    while True:
        after = select_details(book.as_of).order_by(PersonDetail.person_id).limit(PAGE)
        details = reads.execute(after if last is None else after.where(PersonDetail.person_id > last)).all()
        if not details:
            return
        within = PersonRange(details[0].person_id, details[-1].person_id)
        rows = load_rows(reads, book.as_of, within, shared_logins, shared_mails)
        yield from (build_printing(detail, rows, book) for detail in details)
        last = details[-1].person_id


def find_people(reads: Reads, ids: Collection[uuid.UUID], as_of: AsOf) -> Iterator[PersonPrinting]:
    """These people, those of them who are in the register."""
    details = reads.execute(select_details(as_of).where(PersonDetail.person_id.in_(ids))).all()
    shared_logins = find_shared(reads, as_of, Login.login_key, Login.account_id, own_logins(ids))
    shared_mails = find_shared(reads, as_of, MailAddress.address_key, MailAddress.person_id, own_mails(ids))
    rows = load_rows(reads, as_of, PersonList(tuple(ids)), shared_logins, shared_mails)
    book = load_units(reads, as_of, {post.unit_id for posts in rows.posts.values() for post in posts})
    return (build_printing(detail, rows, book) for detail in details)


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
    return sa.select(PersonDetail.person_id, PersonDetail.name, PersonDetail.staff_code, PersonDetail.phone).where(
        in_force(PersonDetail, as_of)
    )


def load_rows(
    reads: Reads,
    as_of: AsOf,
    people: PersonRange | PersonList,
    shared_logins: Collection[str],
    shared_mails: Collection[str],
) -> PersonRows:
    """Accounts, log-ins, addresses, main posts up to now and certificates of these people.

    An old log-in or address that leads to several people is printed for none of them: a search must find one entry.
    """
    rows = PersonRows()
    account = (
        sa.select(Account.person_id, Account.state, Credential.password_hash)
        .outerjoin(Credential, Credential.account_id == Account.id)
        .where(people.holds(Account.person_id), Account.kind == "business", published(Account))
    )
    rows.accounts = {row.person_id: row for row in reads.execute(account)}
    login = (
        sa.select(Account.person_id, Login.login, Login.login_key, Login.kind)
        .join(Login, Login.account_id == Account.id)
        .where(people.holds(Account.person_id), Account.kind == "business", in_force(Login, as_of))
    )
    for person_id, text, key, kind in reads.execute(login):
        if kind == "own" or key not in shared_logins:
            rows.logins.setdefault(person_id, []).append(text)
    mail = sa.select(MailAddress.person_id, MailAddress.address, MailAddress.address_key, MailAddress.kind).where(
        people.holds(MailAddress.person_id), in_force(MailAddress, as_of)
    )
    for person_id, text, key, kind in reads.execute(mail):
        if kind == "own" or key not in shared_mails:
            rows.mails.setdefault(person_id, []).append(text)
    post = (
        sa.select(Post.person_id, Post.unit_id, Post.title, Post.valid_from, Post.valid_to)
        .where(people.holds(Post.person_id), Post.main, visible(Post, as_of.known_at), Post.valid_from <= as_of.at)
        .order_by(Post.valid_from)
    )
    for row in reads.execute(post):
        rows.posts.setdefault(row.person_id, []).append(row)
    certificate: Any = sa.select(Certificate.person_id, Certificate.der).where(
        people.holds(Certificate.person_id), Certificate.revoked_at.is_(None), in_force(Certificate, as_of)
    )
    for person_id, der in reads.execute(certificate):
        rows.certificates.setdefault(person_id, []).append(der)
    return rows


def build_printing(detail: Any, rows: PersonRows, book: UnitBook) -> PersonPrinting:
    """One person put together. The unit is that of the main post in force; former codes are those of the posts before."""
    person_id, at = detail.person_id, book.as_of.at
    account = rows.accounts.get(person_id)
    posts = rows.posts.get(person_id, [])
    main = next((post for post in posts if post.valid_to is None or post.valid_to > at), None)
    current = book.current_codes(main.unit_id) if main else ()
    former = {code for post in posts for code in book.codes_during(post.unit_id, post.valid_from, post.valid_to)}
    return PersonPrinting(
        person_id=person_id,
        name=detail.name,
        state=cast(PrintedState, account.state) if account else "none",
        logins=tuple(rows.logins.get(person_id, ())),
        mails=tuple(rows.mails.get(person_id, ())),
        phone=detail.phone,
        staff_code=detail.staff_code,
        title=main.title if main else None,
        unit_id=main.unit_id if main else None,
        unit_name=book.units[main.unit_id].name if main and main.unit_id in book.units else None,
        unit_codes=current,
        former_unit_codes=tuple(sorted(former - set(current))),
        certificates=tuple(rows.certificates.get(person_id, ())),
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
