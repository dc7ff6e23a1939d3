"""The mapping table of people: the account somebody had in an old application, and who that is in the register.

Rows come from the accounts that are known of other applications and, where no application is asked for, from old log-ins
that are still accepted. The old side is what the application knew; the new side holds as of the instant, also of one to come.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import sqlalchemy as sa

from directory.models import Account, ForeignAccount, Login, MailAddress
from directory.people import PersonFacts, find_people
from directory.units import UnitFacts, chunked, last_facts
from foundation.changes import AsOf, in_force, stream, visible
from foundation.database import Reads

COLUMNS: Final = (
    "application", "old_account", "old_login", "old_address", "sub", "name", "login", "address", "unit", "unit_code",
    "unit_name", "post",
)  # fmt: skip
AT_ONCE: Final = 500


@dataclass(frozen=True)
class OldAccount:
    """What an application knew of a person; `application` and `account` are empty for an old log-in of our own."""

    person_id: uuid.UUID
    application: str
    account: str
    login: str | None


def each_account(reads: Reads, as_of: AsOf, application: str | None = None) -> Iterator[Mapping[str, object]]:
    """One row for each old account, some hundred people at a time."""
    for batch in chunked(each_old_account(reads, as_of, application), AT_ONCE):
        people = find_people(reads, {old.person_id for old in batch}, as_of)
        units = last_facts(reads, {p.main_post.unit_id for p in people.values() if p.main_post}, as_of)
        addresses = find_old_addresses(reads, people, as_of)
        for old in batch:
            if old.person_id in people:
                yield describe_account(old, people[old.person_id], units, addresses)


def each_old_account(reads: Reads, as_of: AsOf, application: str | None) -> Iterator[OldAccount]:
    """Accounts of applications that began up to the instant, by application and id; then old log-ins still accepted at it."""
    foreign = ForeignAccount
    known = (
        sa.select(foreign.person_id, foreign.application, foreign.foreign_id, foreign.foreign_login)
        .where(visible(foreign, as_of.known_at), foreign.valid_from <= as_of.at)
        .order_by(foreign.application, foreign.foreign_id, foreign.valid_from)
    )
    if application is not None:
        known = known.where(foreign.application == application)
    yield from (OldAccount(*row) for row in stream(reads, cast(sa.Select[Any], known)))
    if application is None:
        aliases = (
            sa.select(Account.person_id, Login.login)
            .join(Login, Login.account_id == Account.id)
            .where(Login.kind == "alias", in_force(Login, as_of))
            .order_by(Login.login_key, Account.person_id)
        )
        yield from (OldAccount(person, "", "", login) for person, login in stream(reads, cast(sa.Select[Any], aliases)))


def find_old_addresses(reads: Reads, people: Mapping[uuid.UUID, PersonFacts], as_of: AsOf) -> dict[uuid.UUID, str]:
    """The last address each of these people had before the one of now."""
    found: dict[uuid.UUID, str] = {}
    for ids in chunked(people):
        rows = reads.execute(
            sa.select(MailAddress.person_id, MailAddress.address)
            .where(
                MailAddress.person_id.in_(ids), visible(MailAddress, as_of.known_at), MailAddress.valid_from <= as_of.at
            )
            .order_by(MailAddress.valid_from, MailAddress.kind.desc(), MailAddress.row_id)
        )
        for person, address in rows:
            if address not in people[person].addresses[:1]:
                found[person] = address
    return found


def describe_account(
    old: OldAccount,
    person: PersonFacts,
    units: Mapping[uuid.UUID, UnitFacts],
    addresses: Mapping[uuid.UUID, str],
) -> dict[str, Any]:
    """One row of the table."""
    post = person.main_post
    unit = units.get(post.unit_id) if post else None
    address = next(iter(person.addresses), None)
    return {
        "application": old.application,
        "old_account": old.account,
        "old_login": old.login,
        "old_address": addresses.get(person.id, address),
        "sub": person.id,
        "name": person.name,
        "login": next(iter(person.logins), None),
        "address": address,
        "unit": unit.id if unit else None,
        "unit_code": unit.code if unit else None,
        "unit_name": unit.name if unit else None,
        "post": post.title if post else None,
    }
