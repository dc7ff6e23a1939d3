"""Rows that stand for ever: what the register says of units and people points to them, so nobody may delete them or call them otherwise.

Declared foreign keys refuse to delete what is pointed to; this refuses to delete what nobody points to yet, too (docs/decisions/0025).
"""

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


def create_refusal(_: sa.MetaData, connection: Connection, **__: object) -> None:
    """The function that the guards of rows that stand for ever call on PostgreSQL."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text(REFUSE_CHANGE))


event.listen(Base.metadata, "before_create", create_refusal)
