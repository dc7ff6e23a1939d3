"""The database: one engine, two kinds of transaction, the column types and the guards that hold on both engines.

`Reads` sees one consistent snapshot; `Writes` also writes. The edge opens one transaction per request or job and it is
committed at the end of the block, nowhere else. SQLite runs in WAL mode and takes the writer lock at BEGIN; PostgreSQL reads
in REPEATABLE READ, so that a reader never meets a change half published.
"""

import sqlite3
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, NoReturn, TypeVar, cast

import psycopg
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry

from foundation.errors import TryAgain, Unreachable
from foundation.lines import Line, Lines, QuickConnection
from foundation.mishaps import DiskFull

BUSY_MILLISECONDS = 20_000
UNDEFINED = ("42P01", "42703")
"""PostgreSQL's words for a table and a column that is not there."""


class RegisterUnready(TryAgain):
    """The database has no tables yet, or those of an earlier release."""

    code = "register_unready"
    status = 503
    sentence = (
        "The register has no tables yet, or those of an earlier release. A new installation: hopnhat init; "
        "after an upgrade of the software: hopnhat db upgrade"
    )


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


class Reads(Session):
    """A transaction that only looks, on one snapshot."""

    def ask(self, *questions: tuple[Any, Mapping[str, Any]]) -> list[Any]:
        """The answers to several statements with their parameters by name; a hot path sends them at once (`foundation.lines`)."""
        return [self.connection().execute(statement, given) for statement, given in questions]


class Writes(Reads):
    """A transaction that writes; committed by the edge that opened it."""

    def tell(self, statement: Any, given: Mapping[str, Any]) -> None:
        """Carry out a statement nobody needs an answer to: on a hot path with the next question or COMMIT, which raise what it raises."""
        self.connection().execute(statement, given)


class QuickReads(Reads):
    """Looks of a hot path, each on the snapshot of its moment: `connection()` prepares what it is given (`foundation.prepared`)."""

    made = False
    """Whether it is a session by now. Few hot paths need what only a session has, and making one takes as long as a statement's words."""
    ordinary = False

    def __init__(self, line: Line) -> None:
        self.line = line

    def __getattr__(self, name: str) -> Any:
        """What a session has, at the first question for it."""
        if self.made:
            raise AttributeError(name)
        self.made = True
        super().__init__(expire_on_commit=False)
        return getattr(self, name)

    def connection(self, *_unused: Any, **__unused: Any) -> Connection:
        """The quick one; what a session does by itself goes the ordinary way, in the same transaction."""
        return cast(Connection, QuickConnection(self.line, super().connection))

    def ask(self, *questions: tuple[Any, Mapping[str, Any]]) -> list[Any]:
        """The answers, fetched by one round trip where all statements stand ready."""
        return QuickConnection(self.line, super().connection).execute_together(questions)

    def get_bind(self, *_unused: Any, **__unused: Any) -> Connection:
        """The line, as a session takes it."""
        self.ordinary = True
        return self.line.bind()


class QuickWrites(QuickReads, Writes):
    """A transaction of a hot path."""

    def tell(self, statement: Any, given: Mapping[str, Any]) -> None:
        """Carry out a statement with the next question, or with COMMIT."""
        QuickConnection(self.line, super().connection).execute_later(statement, given)


Opened = TypeVar("Opened", bound=QuickReads)


class QuickTransaction(Generic[Opened]):
    """A transaction of a hot path as a block: begun with its first question if it writes, kept at the end of the block, undone by an error.

    A class, because the ordinary blocks, one in the other, take longer than what is asked in them.
    """

    def __init__(self, lines: Lines, opened: type[Opened]) -> None:
        self._lines = lines
        self._kind = opened

    def __enter__(self) -> Opened:
        try:
            line = self._lines.take()
            try:
                if issubclass(self._kind, QuickWrites):
                    line.begin()
            except BaseException:
                self._lines.give(line)
                raise
        except (sa.exc.OperationalError, sa.exc.ProgrammingError) as fault:
            tell_plainly(fault)
        self._opened = self._kind(line)
        return self._opened

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        opened, line = self._opened, self._opened.line
        try:
            try:
                if error is None and isinstance(opened, QuickWrites):
                    self._keep(opened)
            finally:
                if opened.ordinary:
                    opened.close()
                self._lines.give(line)
        except (sa.exc.OperationalError, sa.exc.ProgrammingError) as fault:
            tell_plainly(fault)
        if isinstance(error, sa.exc.OperationalError | sa.exc.ProgrammingError):
            tell_plainly(error)

    def _keep(self, writes: QuickWrites) -> None:
        if writes.ordinary or (writes.made and writes.new):
            writes.line.flush()
            writes.commit()
            writes.close()
        writes.line.commit()


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
        with Reads(self._read_engine, autoflush=False, expire_on_commit=False) as session, told_plainly():
            yield session
            # Ended by COMMIT: after a ROLLBACK psycopg forgets every prepared statement, and each is planned anew.
            # Nothing that was looked at is written by it.
            session.expunge_all()
            session.commit()

    @contextmanager
    def write(self) -> Iterator[Writes]:
        """One transaction, committed at the end of the block. Raises TryAgain when the writer lock cannot be had."""
        with Writes(self._write_engine, expire_on_commit=False) as session, told_plainly(), session.begin():
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
        with self._read_engine.connect() as connection, told_plainly():
            yield connection
            connection.commit()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A bare writing connection for prebuilt statements; committed at the end of the block."""
        with self._write_engine.connect() as connection, told_plainly(), connection.begin():
            yield connection

    def create_all(self) -> None:
        """Every table and guard of the rooms imported so far, without migrations; for tests and scratch registers."""
        Base.metadata.create_all(self.engine)

    def close(self) -> None:
        """Give every connection back."""
        self._lines.close()
        self.engine.dispose()


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn "locked", "gone" and "no such table" of either driver into TryAgain, Unreachable and RegisterUnready."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.ProgrammingError) as error:
        tell_plainly(error)


def tell_plainly(error: sa.exc.OperationalError | sa.exc.ProgrammingError) -> NoReturn:
    """Raise TryAgain, Unreachable or RegisterUnready for what a driver said, or the error itself where it is another."""
    if isinstance(error, sa.exc.ProgrammingError):
        if getattr(error.orig, "sqlstate", None) in UNDEFINED:
            raise RegisterUnready from error
        raise error
    text = str(error.orig)
    if "database is locked" in text or "deadlock detected" in text or "could not serialize" in text:
        raise TryAgain("The register is busy. Nothing was changed; please try again.") from error
    if "no such table" in text or "no such column" in text:
        raise RegisterUnready from error
    if "syntax" in text:
        raise error
    if "disk is full" in text or "No space left" in text:
        raise DiskFull from error
    raise Unreachable("The database does not answer.") from error


def open_sqlite(url: sa.URL, pool_size: int) -> Engine:
    """An engine on a SQLite file, which its owner alone reads: WAL, foreign keys, a busy time-out, BEGIN IMMEDIATE for writers."""
    if url.database and url.database != ":memory:" and not url.database.startswith("file:"):
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        Path(url.database).touch(mode=0o600)  # The files beside it get the same rights from SQLite.
    engine = sa.create_engine(
        url, pool_size=pool_size, max_overflow=40, hide_parameters=True, connect_args={"check_same_thread": False}
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
        url.set(drivername="postgresql+psycopg"), pool_size=pool_size, max_overflow=20, hide_parameters=True
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
