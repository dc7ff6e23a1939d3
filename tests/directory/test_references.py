"""Nobody points to what is not there, and what is pointed to stands for ever: on both databases, to everybody who writes."""

import re
import uuid
from typing import Any, cast

import pytest
import sqlalchemy as sa

from directory.models import Account, Credential, Login, MailAddress, Person, PersonDetail, Post, Unit
from foundation.changes import Change
from foundation.database import Database, broken_guard
from provisioning.tables import all_tables
from tests.directory.conftest import BEFORE, World

HOT = (Person, PersonDetail, Account, Credential, Login, MailAddress, Post)
NOWHERE: dict[type, Any] = {uuid.UUID: uuid.UUID(int=7), int: 700_000}
TABLES = [cast(sa.Table, model.__table__) for model in HOT]
PERSON, DETAIL = TABLES[:2]
POST, UNIT = TABLES[-1], cast(sa.Table, Unit.__table__)
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


def test_nobody_points_to_what_somebody_deletes_meanwhile_or_has_not_committed(office: World) -> None:
    """Two connections: neither a row that is to be deleted nor one that is not committed yet can leave somebody pointing to nothing."""
    new = uuid.uuid4()
    unit, post = sa.insert(UNIT).values(id=new, level="commune", change_id=office.changes[0]), sa.insert(POST)
    row = copy_of_row(office.database, POST, unit_id=new)
    if office.database.sqlite:
        with pytest.raises(sa.exc.IntegrityError), office.database.write() as writes:
            writes.execute(post.values(row))
        return
    with office.database.engine.connect() as one, office.database.engine.connect() as other:
        one.execute(unit)
        with pytest.raises(sa.exc.IntegrityError):
            other.execute(post.values(row))
        other.rollback()
        one.commit()
        other.execute(post.values(row))
        with pytest.raises(sa.exc.IntegrityError) as caught:
            one.execute(sa.delete(UNIT).where(UNIT.c.id == new))
        assert broken_guard(caught.value) == "unit_stands_for_ever"
        one.rollback()
        other.commit()


@pytest.mark.parametrize("table", [DETAIL, *TABLES[2:3], *TABLES[5:]], ids=lambda table: str(table.name))
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


def test_a_row_taken_back_with_its_savepoint_leaves_nobody_pointing_to_it(office: World) -> None:
    new = uuid.uuid4()
    detail = copy_of_row(office.database, DETAIL, person_id=new)
    with office.database.write() as writes:
        with writes.begin_nested() as inner:
            writes.execute(sa.insert(PERSON).values(id=new, change_id=office.changes[0]))
            writes.execute(sa.insert(DETAIL).values(detail))
            inner.rollback()
        with pytest.raises(sa.exc.IntegrityError):
            writes.execute(sa.insert(DETAIL).values(detail))
        writes.rollback()
    assert count_lost(office.database) == 0


def count_lost(database: Database) -> int:
    """Rows about people who are not there."""
    lost = sa.select(sa.func.count()).where(PersonDetail.person_id.not_in(sa.select(Person.id)))
    with database.read() as reads:
        return int(reads.execute(lost).scalar_one())


def test_one_row_among_hundreds_that_points_to_nothing_takes_all_of_them_back(office: World) -> None:
    rows = [{"id": uuid.uuid4(), "change_id": office.changes[0]} for _ in range(400)]
    rows[250]["change_id"] = nothing(PERSON.c.change_id)
    with pytest.raises(sa.exc.IntegrityError), office.database.write() as writes:
        writes.execute(sa.insert(PERSON).values(rows))  # one statement
    with office.database.read() as reads:
        assert reads.execute(sa.select(sa.func.count()).select_from(Person)).scalar_one() == 1


def test_every_reference_of_the_tables_is_kept_by_the_database(office: World) -> None:
    """By a declared key, or by the function that asks once a statement and that a trigger calls."""
    wanted = {
        f"fk_{table.name}_{column.name}"
        for table in all_tables().tables.values()
        for column in table.c
        if column.foreign_keys
    }
    asking = (
        "SELECT sql FROM sqlite_master"
        if office.database.sqlite
        else "SELECT CAST(conname AS text) FROM pg_constraint UNION ALL "
        "SELECT prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal"
    )
    with office.database.read() as reads:
        kept = {name for text in reads.execute(sa.text(asking)).scalars() for name in re.findall(r"fk_\w+", text or "")}
    assert wanted
    assert wanted - kept == set()


def test_what_is_asked_about_once_a_statement_is_kept_for_ever() -> None:
    """Else a row could go away after it was seen (decision 0025); a key that locks may point to any table."""
    kept = {model.__tablename__ for model in KEPT}
    asked = {key.column.table.name for table in TABLES for column in table.c for key in column.foreign_keys}
    assert asked <= kept
