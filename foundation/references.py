"""References of the tables that plans write by the thousand: PostgreSQL asks for them once a statement (docs/decisions/0025).

PostgreSQL checks a declared foreign key row by row, by a query and a lock upon the row that is named. Where named rows stand for ever, one
that was seen cannot go away: one look for all rows of a statement is as good. The two belong together: what is pointed to is never deleted
and never becomes another (`keep_for_ever`), what points is asked about as a whole (`ask_once`). Where the lock itself is needed, because
acts upon the named row take turns by it, the key stays declared.
SQLite keeps the declared keys: its check is a look into a tree, in the one transaction that writes.
"""

from collections.abc import Collection
from typing import Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection

from foundation.database import Base, listen_after_create

REFUSE_CHANGE: Final = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE restrict_violation USING CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME, MESSAGE = 'guard ' || TG_NAME;
END $$
""".strip()


def keep_for_ever(table: sa.Table) -> None:
    """Rows of this table are never deleted, and what they are called by never changes; refused to everybody on both databases."""
    name, key = f"{table.name}_stands_for_ever", ", ".join(table.primary_key.columns.keys())
    refuse = "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    listen_after_create(
        table, f"CREATE TRIGGER {name} BEFORE DELETE OR UPDATE OF {key} ON {table.name} {refuse}", "postgresql"
    )
    emptied = f"{table.name}_is_never_emptied BEFORE TRUNCATE ON {table.name} EXECUTE FUNCTION refuse_change()"
    listen_after_create(table, f"CREATE TRIGGER {emptied}", "postgresql")
    refuse_on_sqlite(table, f"{name}_delete", "DELETE", name)
    refuse_on_sqlite(table, f"{name}_update", f"UPDATE OF {key}", name)


def refuse_on_sqlite(table: sa.Table, trigger: str, moment: str, guard: str) -> None:
    """A trigger that refuses and names its guard, as `foundation.database.attach_guard` does."""
    listen_after_create(
        table,
        f"CREATE TRIGGER {trigger} BEFORE {moment} ON {table.name} BEGIN SELECT RAISE(ABORT, 'guard {guard}'); END",
        "sqlite",
    )


def ask_once(table: sa.Table, *, edited: bool, locking: Collection[str] = ()) -> None:
    """On PostgreSQL the references of this table are asked about once a statement instead of once a row.

    What they point to must be kept for ever. `locking`: columns whose key stays declared, because it holds the row that is named.
    `edited`: rows of this table change in daily life, one at a time; there it is refused to point elsewhere, so that an update need not
    be asked about at all. Other rows are asked about after an update as after an insert.
    """
    columns = [column for column in table.c if column.foreign_keys and column.name not in locking]
    for constraint in table.foreign_key_constraints:
        if set(constraint.columns) <= set(columns):
            constraint.ddl_if(dialect="sqlite")
    listen_after_create(table, tell_function(table, columns), "postgresql")
    listen_after_create(table, tell_trigger(table, "insert"), "postgresql")
    if not edited:
        listen_after_create(table, tell_trigger(table, "update"), "postgresql")
        return
    named = ", ".join(column.name for column in columns)
    pointing = f"{table.name}_points_as_before BEFORE UPDATE OF {named} ON {table.name} FOR EACH ROW"
    listen_after_create(table, f"CREATE TRIGGER {pointing} EXECUTE FUNCTION refuse_change()", "postgresql")


def tell_trigger(table: sa.Table, verb: str) -> str:
    """The trigger that asks after this kind of statement."""
    return (
        f"CREATE TRIGGER {table.name}_points_to_what_is_there_{verb} AFTER {verb.upper()} ON {table.name} "
        f"REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION {table.name}_points_to_what_is_there()"
    )


def tell_function(table: sa.Table, columns: list[sa.Column[object]]) -> str:
    """The function that refuses a statement one of whose rows points to nothing, with the name its foreign key has on SQLite.

    Each value is looked up by index, however small the other table was when PostgreSQL made the plan it keeps: whence the scalar
    subquery, which is never turned into a join, and `enable_seqscan`.
    """
    questions = "\n".join(tell_question(table, column) for column in columns)
    return f"""
CREATE OR REPLACE FUNCTION {table.name}_points_to_what_is_there() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT SET enable_seqscan = off AS $$
BEGIN
{questions}
  RETURN NULL;
END $$
""".strip()


def tell_question(table: sa.Table, column: sa.Column[object]) -> str:
    """What the function asks about one column."""
    (key,) = column.foreign_keys
    other, there = key.column.table.name, key.column.name
    return f"""
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT {column.name} AS named FROM written) AS asked
    WHERE named IS NOT NULL AND (SELECT {other}.{there} FROM {other} WHERE {other}.{there} = asked.named) IS NULL
  ) THEN
    RAISE foreign_key_violation USING CONSTRAINT = 'fk_{table.name}_{column.name}', TABLE = TG_TABLE_NAME,
      MESSAGE = '{table.name}.{column.name} names no row of {other}';
  END IF;
""".strip("\n")


def create_refusal(_: sa.MetaData, connection: Connection, **__: object) -> None:
    """The function that the guards of rows that stand for ever call on PostgreSQL."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text(REFUSE_CHANGE))


event.listen(Base.metadata, "before_create", create_refusal)
