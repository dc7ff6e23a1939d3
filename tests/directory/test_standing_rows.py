"""Nobody points to what is not there, and what is pointed to stands for ever: on both databases, to everybody who writes."""

import uuid
from typing import Any, cast

import pytest
import sqlalchemy as sa

from directory.models import Account, Credential, Login, MailAddress, Person, PersonDetail, Post, Unit
from foundation.changes import Change
from foundation.database import Database, broken_guard
from tests.directory.conftest import BEFORE, World

HOT = (Person, PersonDetail, Account, Credential, Login, MailAddress, Post)
NOWHERE: dict[type, Any] = {uuid.UUID: uuid.UUID(int=7), int: 700_000}
TABLES = [cast(sa.Table, model.__table__) for model in HOT]
PERSON = cast(sa.Table, Person.__table__)
OF_SOMEBODY = [table for table in TABLES if "person_id" in table.c]
KEPT = (Change, Unit, Person, Account)


@pytest.fixture
def office(world: World) -> World:
    """A unit, a person with a post, an account, a log-in, an address and a password."""
    world.unit("Xã Một")
    person = world.official("Trần Thị Đào", "Xã Một", login="dao.tt")
    with world.database.write() as writes:
        account = writes.execute(sa.select(Account.id)).scalar_one()
        writes.add(Credential(account_id=account))
        writes.add(
            MailAddress(
                person_id=person,
                address="dao@x.vn",
                address_key="dao@x.vn",
                valid_from=BEFORE,
                change_id=world.changes[-1],
            )
        )
    return world


def copy_of_row(database: Database, table: sa.Table, **other: object) -> dict[str, Any]:
    """The one row of a table as a new one that breaks nothing, with some columns otherwise."""
    with database.read() as reads:
        row = dict(reads.execute(sa.select(table)).mappings().one())
        owner = uuid.uuid4()
        fresh: dict[str, Any] = {"row_id": None, "post_id": owner, "login_key": owner.hex, "address_key": owner.hex}
        if "id" in row:
            fresh["id"] = owner
    row |= {name: value for name, value in fresh.items() if name in row}
    if "kind" in row and table.name in ("login", "mail_address"):
        row["kind"] = "alias"
    if table.name == "account":
        row["kind"] = "technical"
    if table.name == "post":
        row["main"] = False
    if table.name == "person_detail":
        row["valid_from"], row["valid_to"] = BEFORE.replace(year=1990), BEFORE
    row |= other
    return {name: value for name, value in row.items() if name != "row_id"}


def nothing(column: sa.Column[Any]) -> Any:
    """An identity or a number that nobody has."""
    return NOWHERE[column.type.python_type]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.name))
def test_no_row_points_to_nothing_from_its_beginning_or_later(office: World, table: sa.Table) -> None:
    for column in (column for column in table.c if column.foreign_keys):
        row = copy_of_row(office.database, table, **{column.name: nothing(column)})
        with pytest.raises(sa.exc.IntegrityError) as caught, office.database.write() as writes:
            writes.execute(sa.insert(table).values(row))
        if not office.database.sqlite:
            assert broken_guard(caught.value) == f"fk_{table.name}_{column.name}"
        with pytest.raises(sa.exc.IntegrityError), office.database.write() as writes:
            writes.execute(sa.update(table).values({column.name: nothing(column)}))
    if table.name != "credential":  # the only one there could be is there
        with office.database.write() as writes:
            writes.execute(sa.insert(table).values(copy_of_row(office.database, table)))


@pytest.mark.parametrize("model", KEPT, ids=lambda model: model.__tablename__)
def test_what_is_pointed_to_stands_for_ever(office: World, model: Any) -> None:
    table, (key,) = model.__table__, model.__table__.primary_key.columns
    for act in (sa.delete(table), sa.update(table).values({key.name: nothing(key)})):
        with pytest.raises(sa.exc.IntegrityError) as caught, office.database.write() as writes:
            writes.execute(act)
        assert broken_guard(caught.value) == f"{table.name}_stands_for_ever"
    if not office.database.sqlite:
        with pytest.raises(sa.exc.IntegrityError) as caught, office.database.write() as writes:
            writes.execute(sa.text(f"TRUNCATE {table.name} CASCADE"))
        assert "is_never_emptied" in str(broken_guard(caught.value))


@pytest.mark.parametrize("table", OF_SOMEBODY, ids=lambda table: str(table.name))
def test_who_writes_of_somebody_holds_them(office: World, table: sa.Table) -> None:
    """Two acts upon one human take turns by the person's row, so that a plan that writes of them is waited for; SQLite has one writer."""
    row = copy_of_row(office.database, table)
    with office.database.engine.connect() as one, office.database.engine.connect() as other:
        one.execute(sa.insert(table).values(row))
        if office.database.sqlite:
            other.exec_driver_sql("PRAGMA busy_timeout=10")
            with pytest.raises(sa.exc.OperationalError, match="locked"):
                other.execute(sa.insert(table).values(row))
        else:
            look = sa.select(PERSON.c.id).where(PERSON.c.id == row["person_id"]).with_for_update(nowait=True)
            with pytest.raises(sa.exc.OperationalError, match="could not obtain lock"):
                other.execute(look)
