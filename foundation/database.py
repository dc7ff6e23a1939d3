"""The database: one engine, two kinds of transaction, the column types and the guards that hold on both engines.

`Reads` sees one consistent snapshot; `Writes` also writes. The edge opens one transaction per request or job and it is
committed at the end of the block, nowhere else. SQLite runs in WAL mode and takes the writer lock at BEGIN; PostgreSQL reads
in REPEATABLE READ, so that a reader never meets a change half published.
"""

import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry

from foundation.lines import Lines
from foundation.quick import QuickReads, QuickTransaction, QuickWrites
from foundation.transactions import Reads as Reads
from foundation.transactions import Writes as Writes
from foundation.transactions import told_plainly

BUSY_MILLISECONDS = 20_000
CONNECTION_SECONDS = 10
"""How long somebody waits for a connection when all are in use."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware UTC instant with microseconds; a naive value is refused at the door."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; SQLite keeps sortable text without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Identifier = sa.Uuid(as_uuid=True)
RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON()


class Base(DeclarativeBase):
    """The one metadata of all rooms; each room declares its own tables on it."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Instant(), uuid.UUID: Identifier, dict[str, Any]: Json, list[str]: Json}


class Database:
    """An engine for either database with the two kinds of transaction."""

    def __init__(self, url: str, *, pool_size: int = 20) -> None:
        self.url = sa.make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = open_sqlite(self.url, pool_size) if self.sqlite else open_postgresql(self.url, pool_size)
        self._read_engine = (
            self.engine
            if self.sqlite
            else self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        )
        self._write_engine = self.engine.execution_options(writes=True)
        self._lines = Lines(self.engine)

    @contextmanager
    def read(self) -> Iterator[Reads]:
        """One consistent look. Raises Unreachable when the database does not answer."""
        with told_plainly(), Reads(self._read_engine, autoflush=False, expire_on_commit=False) as session:
            yield session
            # Ended by COMMIT: after a ROLLBACK psycopg forgets every prepared statement, and each is planned anew.
            # Nothing that was looked at is written by it.
            session.expunge_all()
            session.commit()

    @contextmanager
    def write(self) -> Iterator[Writes]:
        """One transaction, committed at the end of the block. Raises TryAgain when the writer lock cannot be had."""
        with told_plainly(), Writes(self._write_engine, expire_on_commit=False) as session, session.begin():
            yield session

    def read_quickly(self) -> AbstractContextManager[Reads]:
        """A look for a hot path: no snapshot holds several statements together. Raises Unreachable as `read` does."""
        return self.read() if self.sqlite else QuickTransaction(self._lines, QuickReads)

    def write_quickly(self) -> AbstractContextManager[Writes]:
        """A transaction for a hot path, committed at the end of the block. Raises as `write` does."""
        return self.write() if self.sqlite else QuickTransaction(self._lines, QuickWrites)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A bare reading connection for prebuilt statements on hot paths."""
        with told_plainly(), self._read_engine.connect() as connection:
            yield connection
            connection.commit()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A bare writing connection for prebuilt statements; committed at the end of the block."""
        with told_plainly(), self._write_engine.connect() as connection, connection.begin():
            yield connection

    def create_all(self) -> None:
        """Every table and guard of the rooms imported so far, without migrations; for tests and scratch registers."""
        Base.metadata.create_all(self.engine)

    def close(self) -> None:
        """Give every connection back."""
        self._lines.close()
        self.engine.dispose()


def open_sqlite(url: sa.URL, pool_size: int) -> Engine:
    """An engine on a SQLite file, which its owner alone reads: WAL, foreign keys, a busy time-out, BEGIN IMMEDIATE for writers."""
    if url.database and url.database != ":memory:" and not url.database.startswith("file:"):
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        Path(url.database).touch(mode=0o600)  # The files beside it get the same rights from SQLite.
    engine = sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=40,
        pool_timeout=CONNECTION_SECONDS,
        hide_parameters=True,
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={BUSY_MILLISECONDS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-65536",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def open_postgresql(url: sa.URL, pool_size: int) -> Engine:
    """An engine on PostgreSQL by psycopg 3.

    Its compiler of statements is off: it expects much work of a statement that follows units through their reforms, and takes a
    second to compile what is done in a millisecond.
    """
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=20,
        pool_timeout=CONNECTION_SECONDS,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: psycopg.Connection, _: ConnectionPoolEntry) -> None:
        connection.execute("SET jit = off")
        connection.commit()

    return engine


def guard_validity(table: sa.Table) -> None:
    """A period that ends ends after it began; declared as a check on both databases."""
    table.append_constraint(sa.CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="validity"))


def guard_no_overlap(table: sa.Table, name: str, keys: Sequence[str], condition: str = "withdrawn_by IS NULL") -> None:
    """At most one row per key at any instant, among the rows that are not withdrawn.

    An exclusion constraint on PostgreSQL (btree_gist), triggers on SQLite. `condition` speaks of columns without prefix and
    is the same text on both.
    """
    equal = ", ".join(f"{key} WITH =" for key in keys)
    postgresql = (
        f"ALTER TABLE {table.name} ADD CONSTRAINT {name} EXCLUDE USING gist "
        f"({equal}, tstzrange(valid_from, valid_to) WITH &&) WHERE ({condition})"
    )
    same = " AND ".join(f"other.{key} = NEW.{key}" for key in keys)
    clash = (
        f"{same} AND (NEW.valid_to IS NULL OR other.valid_from < NEW.valid_to) "
        "AND (other.valid_to IS NULL OR NEW.valid_from < other.valid_to)"
    )
    attach_guard(table, name, postgresql, clash, condition)


def guard_one_owner(
    table: sa.Table, name: str, keys: Sequence[str], owner: str, condition: str, *, hashed: bool = False
) -> None:
    """The same key never belongs to two owners, whatever their periods: what was given is never given to another.

    `hashed`: PostgreSQL compares 64 bits of text instead of text, for a third of the cost. Two texts of the same hash (one chance in
    a hundred million among half a million) would be refused to the second owner, never given to two.
    """
    equal = ", ".join(f"hashtextextended({key}, 0) WITH =" if hashed else f"{key} WITH =" for key in keys)
    postgresql = f"ALTER TABLE {table.name} ADD CONSTRAINT {name} EXCLUDE USING gist ({equal}, {owner} WITH <>) WHERE ({condition})"
    same = " AND ".join(f"other.{key} = NEW.{key}" for key in keys)
    attach_guard(table, name, postgresql, f"{same} AND other.{owner} <> NEW.{owner}", condition)


def attach_guard(table: sa.Table, name: str, postgresql: str, clash: str, condition: str) -> None:
    """Create the guard with its table: one statement on PostgreSQL, an insert and an update trigger on SQLite."""
    listen_after_create(table, postgresql, "postgresql")
    for verb, moment in (("insert", "INSERT"), ("update", "UPDATE OF withdrawn_by, valid_from, valid_to")):
        trigger = (
            f"CREATE TRIGGER {name}_{verb} BEFORE {moment} ON {table.name} "
            f"WHEN {prefixed(condition, 'NEW', table)} AND EXISTS (SELECT 1 FROM {table.name} AS other WHERE {clash} "
            f"AND {prefixed(condition, 'other', table)} AND other.row_id <> ifnull(NEW.row_id, -1)) "
            f"BEGIN SELECT RAISE(ABORT, 'guard {name}'); END"
        )
        listen_after_create(table, trigger, "sqlite")


def listen_after_create(table: sa.Table, statement: str, dialect: str) -> None:
    """Run the statement whenever the table is created on this database."""

    def create_guard(_: sa.Table, connection: Connection, **__: object) -> None:
        if connection.dialect.name == dialect:
            connection.execute(sa.text(statement))

    event.listen(table, "after_create", create_guard)


def prefixed(condition: str, alias: str, table: sa.Table) -> str:
    """The condition with each of the table's columns written as `alias.column`."""
    words = []
    for word in condition.split(" "):
        bare = word.strip("()")
        words.append(word.replace(bare, f"{alias}.{bare}") if bare in table.c else word)
    return "(" + " ".join(words) + ")"


def enable_extensions(_: sa.MetaData, connection: Connection, **__: object) -> None:
    """btree_gist, which the exclusion constraints need on PostgreSQL."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS btree_gist"))


event.listen(Base.metadata, "before_create", enable_extensions)


def broken_guard(error: sa.exc.IntegrityError) -> str | None:
    """The name of the constraint or guard an IntegrityError speaks of, the same word on both databases where it is ours."""
    diagnostic = getattr(error.orig, "diag", None)
    if diagnostic is not None:
        return str(diagnostic.constraint_name) if diagnostic.constraint_name else None
    text = str(error.orig)
    for opening in ("guard ", "CHECK constraint failed: ", "UNIQUE constraint failed: "):
        if opening in text:
            return text.partition(opening)[2].strip()
    return None
