"""A small register for the printing: units, people and their changes in a few words, written as rows."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from directory.credentials import keep_hash
from directory.models import (
    Account,
    Login,
    MailAddress,
    Person,
    PersonDetail,
    Post,
    Unit,
    UnitCode,
    UnitEvent,
    UnitEventLink,
    UnitVersion,
)
from directory.names import fold_name
from foundation.changes import Change, open_change, small_change
from foundation.clocks import parse_instant
from foundation.database import Database, Writes
from tests.directory.printing.people import password_hash

BEGINNING = parse_instant("2020-01-01")


class SmallRegister:
    """Writes what a test needs; each deed is a published change."""

    def __init__(self, database: Database, since: datetime = BEGINNING) -> None:
        self.database = database
        self.since = since

    def unit(self, name: str, *codes: str, until: datetime | None = None, since: datetime | None = None) -> uuid.UUID:
        """A commune with these administrative codes."""
        with self.database.write() as writes:
            return add_unit(writes, change(writes), name, codes, since or self.since, until)

    def person(self, name: str, login: str = "", unit: uuid.UUID | None = None, **traits: Any) -> uuid.UUID:
        """Somebody with a log-in, a main post in `unit`, and, if `activated`, the password PASSWORD."""
        with self.database.write() as writes:
            return add_person(writes, change(writes), name, login, unit, self.since, **traits)

    def people(self, count: int, unit: uuid.UUID | None = None) -> list[uuid.UUID]:
        """Many at once."""
        people = [(n, uuid.uuid4(), uuid.uuid4()) for n in range(count)]
        with self.database.write() as writes:
            recorded = {"change_id": change(writes).id}
            dated = recorded | {"valid_from": self.since}
            for model, rows in rows_of_many(people, unit, recorded, dated).items():
                if rows:
                    writes.execute(sa.insert(model), rows)
        return [person for _, person, _ in people]

    def move(self, person: uuid.UUID, unit: uuid.UUID, at: datetime, title: str = "Chuyên viên") -> None:
        """End the main post and begin one in `unit`, at that instant."""
        with self.database.write() as writes:
            one = change(writes)
            old = writes.execute(
                sa.select(Post).where(Post.person_id == person, Post.withdrawn_by.is_(None))
            ).scalar_one()
            old.withdrawn_by = one.id
            writes.flush()
            writes.add(post(one, person, old.unit_id, old.title, old.valid_from, at))
            writes.add(post(one, person, unit, title, at, None))

    def merge(self, old: uuid.UUID, new: uuid.UUID, at: datetime, share: str = "whole") -> None:
        """End `old` at that instant and name `new` as its successor."""
        with self.database.write() as writes:
            one = change(writes)
            writes.execute(sa.update(UnitVersion).where(UnitVersion.unit_id == old).values(valid_to=at))
            writes.execute(sa.update(UnitCode).where(UnitCode.unit_id == old).values(valid_to=at))
            event = uuid.uuid4()
            writes.add(UnitEvent(id=event, kind="merge_into_new", instant=at, change_id=one.id))
            writes.add(
                UnitEventLink(
                    event_id=event, predecessor_id=old, successor_id=new, share=share, principal=True, change_id=one.id
                )
            )

    def activate(self, person: uuid.UUID) -> None:
        """Give the account the password PASSWORD."""
        with self.database.write() as writes:
            account = writes.execute(sa.select(Account).where(Account.person_id == person)).scalar_one()
            keep_hash(writes, account.id, password_hash(), self.since)

    def set_state(self, person: uuid.UUID, state: str) -> None:
        """Suspend, close or activate the account."""
        with self.database.write() as writes:
            writes.execute(sa.update(Account).where(Account.person_id == person).values(state=state))

    def rename(self, person: uuid.UUID, name: str) -> None:
        """Correct a name."""
        with self.database.write() as writes:
            writes.execute(sa.update(PersonDetail).where(PersonDetail.person_id == person).values(name=name))

    def withdraw(self, *people: uuid.UUID) -> None:
        """Take back that these people were ever entered."""
        with self.database.write() as writes:
            one = change(writes)
            writes.execute(
                sa.update(PersonDetail).where(PersonDetail.person_id.in_(people)).values(withdrawn_by=one.id)
            )

    def unpublished_person(self, name: str) -> uuid.UUID:
        """Somebody in a change that nobody has published yet."""
        with self.database.write() as writes:
            return add_person(writes, open_change(writes, "test", "tests", self.since), name, "", None, self.since)


def change(writes: Writes) -> Change:
    """A published change."""
    return small_change(writes, "test", "tests", BEGINNING)


def add_unit(
    writes: Writes, one: Change, name: str, codes: tuple[str, ...], since: datetime, until: datetime | None
) -> uuid.UUID:
    """Rows of a commune."""
    unit_id = uuid.uuid4()
    writes.add(Unit(id=unit_id, level="commune", change_id=one.id))
    writes.flush()
    dated = {"unit_id": unit_id, "change_id": one.id, "valid_from": since, "valid_to": until}
    writes.add(UnitVersion(name=name, name_key=fold_name(name), **dated))
    for code in codes:
        scheme = "agency" if code.startswith("H") else "admin"
        writes.add(UnitCode(scheme=scheme, level="commune", code=code, **dated))
    return unit_id


def add_person(
    writes: Writes, one: Change, name: str, login: str, unit: uuid.UUID | None, since: datetime, **traits: Any
) -> uuid.UUID:
    """Rows of a person."""
    person_id, account_id = uuid.uuid4(), uuid.uuid4()
    writes.add(Person(id=person_id, change_id=one.id))
    writes.flush()
    writes.add(Account(id=account_id, person_id=person_id, change_id=one.id))
    writes.flush()
    dated = {"change_id": one.id, "valid_from": since}
    writes.add(
        PersonDetail(person_id=person_id, name=name, name_key=fold_name(name), phone=traits.get("phone"), **dated)
    )
    if login:
        writes.add(Login(account_id=account_id, login=login, login_key=login, **dated))
    for old in traits.get("aliases", ()):
        writes.add(
            Login(account_id=account_id, login=old, login_key=old, kind="alias", valid_to=traits.get("until"), **dated)
        )
    if traits.get("mail"):
        writes.add(MailAddress(person_id=person_id, address=traits["mail"], address_key=traits["mail"], **dated))
    if unit is not None:
        writes.add(post(one, person_id, unit, traits.get("title", "Chuyên viên"), since, None))
    if traits.get("activated"):
        writes.flush()
        keep_hash(writes, account_id, password_hash(), since)
    return person_id


def rows_of_many(
    people: list[tuple[int, uuid.UUID, uuid.UUID]],
    unit: uuid.UUID | None,
    recorded: dict[str, Any],
    dated: dict[str, Any],
) -> dict[type, list[dict[str, Any]]]:
    """Rows of numbered people with their account ids, by table in the order of the foreign keys."""
    addresses = [(person, f"an.nv{n}@vinhlong.gov.vn") for n, person, _ in people]
    posts = [{"post_id": uuid.uuid4(), "person_id": p, "unit_id": unit, "title": "Chuyên viên"} for _, p, _ in people]
    return {
        Person: [{"id": person, **recorded} for _, person, _ in people],
        Account: [{"id": account, "person_id": person, **recorded} for _, person, account in people],
        PersonDetail: [
            {"person_id": person, "name": f"Nguyễn Văn {n}", "name_key": f"nguyen van {n}", **dated}
            for n, person, _ in people
        ],
        Login: [{"account_id": a, "login": f"an.nv{n}", "login_key": f"an.nv{n}", **dated} for n, _, a in people],
        MailAddress: [{"person_id": p, "address": at, "address_key": at, **dated} for p, at in addresses],
        Post: [row | dated for row in posts] if unit else [],
    }


def post(one: Change, person: uuid.UUID, unit: uuid.UUID, title: str, since: datetime, until: datetime | None) -> Post:
    """A main post."""
    return Post(
        post_id=uuid.uuid4(),
        person_id=person,
        unit_id=unit,
        title=title,
        valid_from=since,
        valid_to=until,
        change_id=one.id,
    )
