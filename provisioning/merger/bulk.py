"""Rows as each database takes them fastest: packed before the writer lock is asked for, handed over in one go.

PostgreSQL gets the text of its COPY (PostgreSQL 15, "COPY", File Formats: Text Format), SQLite tuples as its driver binds them. Rows are
ended or withdrawn by one statement for all of them. Constraints and triggers hold as ever; nothing is deferred, nothing is unlogged.
"""

import json
import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import psycopg
import sqlalchemy as sa

from foundation.database import Instant, Writes
from foundation.plans import PlanStale

PLAIN = frozenset({"change_id", "withdrawn_by", "row_id"})
Convert = Callable[[Any], Any]
ConvertAll = Callable[[list[Any]], list[Any]]
"""The values of one column, all at once."""
AWKWARD = re.compile(r"[\\\t\n\r]")
ESCAPED = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}
NULL = r"\N"


@dataclass(frozen=True, slots=True)
class Parcel:
    """Rows of one table for one database: the text of a COPY, or tuples."""

    table: str
    columns: tuple[str, ...]
    content: bytes | list[tuple[Any, ...]]


# --- packing: no connection is needed --------------------------------------------------------------------------------


def pack_rows(table: sa.Table, rows: Sequence[Mapping[str, Any]], change_id: int, *, copied: bool) -> Parcel:
    """Rows by column name, made ready: for COPY, or for SQLite. What a row leaves out is the column's default, or null."""
    named: set[str] = set().union(*rows)
    defaults = column_defaults(table)
    columns = tuple(name for name, default in defaults.items() if name in named or default is not None)
    converts = copy_converts(table) if copied else bound_converts(table)
    values = [converts[name]([row.get(name, defaults[name]) for row in rows]) for name in columns]
    if "change_id" in table.c:
        columns = ("change_id", *columns)
        values.insert(0, [str(change_id) if copied else change_id] * len(rows))
    if not copied:
        return Parcel(table.name, columns, list(zip(*values, strict=True)))
    return Parcel(table.name, columns, ("\n".join(map("\t".join, zip(*values, strict=True))) + "\n").encode())


@cache
def column_defaults(table: sa.Table) -> dict[str, Any]:
    """Every column that a row may fill, with the value it takes where the row says nothing."""
    return {column.name: plain_default(column) for column in table.c if column.name not in PLAIN}


def plain_default(column: sa.Column[Any]) -> Any:
    """The scalar default of a column, None without one."""
    return column.default.arg if column.default is not None and column.default.is_scalar else None  # type: ignore[attr-defined]  # scalar defaults carry it


@cache
def copy_converts(table: sa.Table) -> dict[str, ConvertAll]:
    """How the values of each column are written in COPY's text."""
    return {column.name: find_copied(column.type) for column in table.c}


@cache
def bound_converts(table: sa.Table) -> dict[str, ConvertAll]:
    """How the values of each column are bound by SQLite's driver."""
    return {column.name: find_bound(column.type) for column in table.c}


def find_copied(kind: sa.types.TypeEngine[Any]) -> ConvertAll:
    """COPY's text of values of this type."""
    if isinstance(kind, sa.types.JSON):
        return each(lambda value: NULL if value is None else escape(json.dumps(value, ensure_ascii=False)))
    if isinstance(kind, Instant):
        return each(remembered(lambda value: NULL if value is None else as_utc(value).isoformat()))
    if isinstance(kind, sa.types.LargeBinary):
        return each(lambda value: NULL if value is None else rf"\\x{value.hex()}")
    if isinstance(kind, sa.types.Boolean):
        return each(lambda value: NULL if value is None else "t" if value else "f")
    if isinstance(kind, sa.types.String):
        return copy_texts
    return each(lambda value: NULL if value is None else str(value))


def find_bound(kind: sa.types.TypeEngine[Any]) -> ConvertAll:
    """Values of this type as SQLite keeps them: what the types of `foundation.database` write there."""
    if isinstance(kind, sa.types.JSON):
        return each(lambda value: None if value is None else json.dumps(value))
    if isinstance(kind, Instant):
        return each(remembered(lambda value: None if value is None else f"{as_utc(value):%Y-%m-%d %H:%M:%S.%f}"))
    if isinstance(kind, sa.types.Uuid):
        return each(lambda value: None if value is None else as_hex(value))
    if isinstance(kind, sa.types.Date):
        return each(lambda value: value.isoformat() if isinstance(value, date) else value)
    if isinstance(kind, sa.types.Boolean):
        return each(lambda value: None if value is None else int(value))
    return keep


def each(convert: Convert) -> ConvertAll:
    """The conversion of one value, for all of them."""
    return lambda values: [convert(value) for value in values]


def keep(values: list[Any]) -> list[Any]:
    """The values as they are."""
    return values


def copy_texts(values: list[Any]) -> list[Any]:
    """Texts as COPY reads them; hardly ever is there a letter that has to be written out, so all are looked at in one go."""
    if AWKWARD.search("".join(value for value in values if value is not None)):
        return [NULL if value is None else escape(value) for value in values]
    return [NULL if value is None else value for value in values]


def escape(text: str) -> str:
    """Text as COPY reads it: the few letters that mean something are written out."""
    return AWKWARD.sub(lambda found: ESCAPED[found[0]], text) if AWKWARD.search(text) else text


def as_hex(identity: uuid.UUID | str) -> str:
    """An identity as SQLite keeps it: 32 digits."""
    return identity.hex if isinstance(identity, uuid.UUID) else identity.replace("-", "")


def as_utc(instant: datetime) -> datetime:
    """The instant in UTC. Raises ValueError for one without a zone."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return instant.astimezone(UTC)


def remembered(convert: Convert) -> Convert:
    """The same conversion, which remembers its last value: nearly all rows of a plan begin at one instant."""
    last: tuple[Any, Any] | None = None

    def recall(value: Any) -> Any:
        nonlocal last
        if last is None or last[0] is not value:
            last = (value, convert(value))
        return last[1]

    return recall


# --- handing over: within the transaction ----------------------------------------------------------------------------


def look_up_by_key(writes: Writes) -> None:
    """Begin a transaction whose foreign keys are looked up by index, however small the tables are as yet.

    PostgreSQL plans the check of a key once a connection. Where somebody had counted a register of two people, it would read all people for
    each row that a roster brings, and go on so while they become thousands.
    """
    connection = writes.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")


def insert_parcel(writes: Writes, parcel: Parcel) -> None:
    """Add the rows. Raises IntegrityError where a constraint or a guard refuses one, on both databases."""
    connection = writes.connection()
    named = ", ".join(parcel.columns)
    if isinstance(parcel.content, bytes):
        copy_in(connection, f"COPY {parcel.table} ({named}) FROM STDIN", parcel.content)
    elif parcel.content:
        marks = ", ".join("?" * len(parcel.columns))
        connection.exec_driver_sql(f"INSERT INTO {parcel.table} ({named}) VALUES ({marks})", parcel.content)


def copy_in(connection: sa.Connection, statement: str, content: bytes) -> None:
    """Rows by COPY in the transaction at hand. Raises IntegrityError as an insert does."""
    raw = connection.connection.cursor()
    try:
        with raw.copy(statement) as copying:
            copying.write(content)
    except psycopg.IntegrityError as error:
        raise sa.exc.IntegrityError(statement, None, error) from error


def withdraw_rows(writes: Writes, table: sa.Table, row_ids: Iterable[int], change_id: int) -> None:
    """Withdraw rows nobody else withdrew. Raises PlanStale if one is gone."""
    wanted = list(dict.fromkeys(row_ids))
    if not wanted:
        return
    connection = writes.connection()
    listed, mark = list_ids(connection, wanted)
    # Not `withdrawn_by IS NULL`: PostgreSQL would read every standing row by the index of a guard and compare it with each id of the list.
    statement = (
        f"UPDATE {table.name} SET withdrawn_by = {mark} "
        f"WHERE coalesce(withdrawn_by, 0) = 0 AND row_id {IN_LIST[connection.dialect.name]}"
    )
    done = connection.exec_driver_sql(statement, (change_id, listed))
    if done.rowcount != len(wanted):
        raise PlanStale(changes=f"{len(wanted) - done.rowcount} × {table.name}")


def copy_rows(
    writes: Writes, table: sa.Table, row_ids: Iterable[int], change_id: int, changed: Mapping[str, Any]
) -> None:
    """Write rows again under this change with some columns changed, inside the database."""
    wanted = sorted(row_ids)
    if not wanted:
        return
    connection = writes.connection()
    listed, mark = list_ids(connection, wanted)
    fixed = {**changed, "change_id": change_id}
    kept = [column.name for column in table.c if column.name not in PLAIN and column.name not in fixed]
    casts = [f"CAST({mark} AS {table.c[name].type.compile(connection.dialect)})" for name in fixed]
    if connection.dialect.name == "sqlite":
        casts = [mark] * len(fixed)  # SQLite keeps a bound value as it is; CAST would read an instant as a number.
        values = [bound_converts(table)[name]([value])[0] for name, value in fixed.items()]
    else:
        values = [as_json_text(table.c[name], value) for name, value in fixed.items()]
    statement = (
        f"INSERT INTO {table.name} ({', '.join((*kept, *fixed))}) SELECT {', '.join((*kept, *casts))} "
        f"FROM {table.name} WHERE row_id {IN_LIST[connection.dialect.name]} ORDER BY row_id"
    )
    connection.exec_driver_sql(statement, (*values, listed))


def as_json_text(column: sa.Column[Any], value: Any) -> Any:
    """A value psycopg binds as it is; JSON is text to it."""
    return json.dumps(value) if isinstance(column.type, sa.types.JSON) and value is not None else value


IN_LIST = {"sqlite": "IN (SELECT value FROM json_each(?))", "postgresql": "= ANY(%s)"}
"""However many ids there are, they are one bound value."""


def list_ids(connection: sa.Connection, row_ids: Sequence[int]) -> tuple[Any, str]:
    """The ids as one bound value, and the mark that stands for a value."""
    if connection.dialect.name == "sqlite":
        return json.dumps(row_ids), "?"
    return list(row_ids), "%s"
