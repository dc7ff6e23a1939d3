"""Prepared statements of the paths that are asked thousands of times a second: PostgreSQL plans each once for a connection, and one
call of its client library sends it and fetches the answer.

`Database.read_quickly` and `write_quickly` give a transaction whose `connection()` works like this. A statement that is given
with its parameters by name has to be a constant of its module, and is prepared; everything else goes the ordinary way of
SQLAlchemy, in the same transaction.
"""

from collections import deque, namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

import psycopg
import sqlalchemy as sa
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import StaticPool

STATEMENTS_AT_MOST: Final = 300
"""More than all rooms have; who builds statements at each call must not fill the server's memory with them."""
SETTINGS: Final = b"SET timezone = 'UTC'; SET jit = off; SET plan_cache_mode = force_generic_plan"
"""Each of these statements finds rows by their key, so one plan is good for all values."""
BINARY: Final = 1
GOOD: Final = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)

Processor = Callable[[Any], Any]
NUMBERED: Final = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # SQLAlchemy left it untyped.


class Prepared:
    """A statement with the names of its parameters: its text, how values go in, how rows come out."""

    def __init__(self, statement: Any, names: Sequence[str]) -> None:
        columns = list(getattr(statement, "exported_columns", ()))
        if isinstance(statement, sa.Insert) and not columns:
            statement = statement.inline()  # Nobody asks for the number of the new row.
        compiled = statement.compile(dialect=NUMBERED, column_keys=list(names))
        self.text = str(compiled).encode()
        # Free text does not say its columns, and a default that Python has to compute is SQLAlchemy's to make.
        self.possible = isinstance(
            statement, sa.Select | sa.TextualSelect | sa.Insert | sa.Update | sa.Delete
        ) and not (compiled.insert_prefetch or compiled.update_prefetch)
        self.parameters: list[tuple[str, Any, Processor | None]] = []
        for name in compiled.positiontup or ():
            bind = compiled.binds[name]
            make = bind.type.dialect_impl(NUMBERED).bind_processor
            self.parameters.append((name, bind.value, make(NUMBERED)))
        self.formats = [PyFormat.TEXT] * len(self.parameters)
        self.row: Any = namedtuple("Row", [column.key for column in columns], rename=True)  # type: ignore[misc]  # Its fields are the statement's columns.
        makers = [column.type.dialect_impl(NUMBERED).result_processor(NUMBERED, None) for column in columns]
        self.makers = [(place, make) for place, make in enumerate(makers) if make is not None]

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """The parameters in their order, each as the driver takes it."""
        found = [given.get(name, constant) for name, constant, _make in self.parameters]
        return [
            make(value) if make is not None else value
            for value, (_name, _constant, make) in zip(found, self.parameters, strict=True)
        ]

    def build_row(self, values: Sequence[Any]) -> Any:
        """A row with its columns by name."""
        if self.makers:
            values = list(values)
            for place, make in self.makers:
                values[place] = make(values[place])
        return self.row._make(values)


class Catalogue:
    """The prepared statements of a process, each built at its first use."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, tuple[str, ...]], tuple[Any, Prepared]] = {}

    def __len__(self) -> int:
        return len(self._known)

    def find(self, statement: Any, given: Any) -> Prepared | None:
        """The prepared form of a statement with these parameters, or None where it has to go the ordinary way."""
        if not isinstance(given, Mapping):
            return None
        key = (id(statement), tuple(given))
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= STATEMENTS_AT_MOST:
                return None
            # The statement is kept beside it: as long as it lives nothing else has its id.
            known = self._known[key] = (statement, Prepared(statement, key[1]))
        return known[1] if known[1].possible else None


CATALOGUE: Final = Catalogue()


class Line:
    """One connection to PostgreSQL with what is prepared on it; used by one thread at a time."""

    def __init__(self, engine: Engine) -> None:
        arguments, options = engine.dialect.create_connect_args(engine.url)
        # The driver's own preparing is off: it would now and then forget all that is prepared, ours too.
        self.connection = psycopg.connect(*arguments, **options, autocommit=True, prepare_threshold=None)
        self._pq = self.connection.pgconn
        self._pq.exec_(SETTINGS)
        self._transformer = Transformer(self.connection)
        self._names: dict[Prepared, bytes] = {}
        self._engine = engine
        self._bound: Connection | None = None

    def run(self, prepared: Prepared, given: Mapping[str, Any]) -> "Found":
        """Send a statement and fetch its answer. Raises SQLAlchemy's errors."""
        name = self._names.get(prepared)
        if name is None:
            name = b"s%d" % len(self._names)
            self._check(self._pq.prepare(name, prepared.text), prepared.text)
            self._names[prepared] = name
        values: Any = self._transformer.dump_sequence(prepared.values(given), prepared.formats)
        result = self._pq.exec_prepared(name, values, None, BINARY)
        self._check(result, prepared.text)
        if result.status == ExecStatus.COMMAND_OK:
            return Found((), result.command_tuples or 0)
        self._transformer.set_pgresult(result)
        rows = self._transformer.load_rows(0, result.ntuples, tuple)
        return Found([prepared.build_row(row) for row in rows], result.ntuples)

    def say(self, word: bytes) -> None:
        """BEGIN, COMMIT or ROLLBACK. Raises SQLAlchemy's errors, also where COMMIT kept nothing because a statement before had failed."""
        result = self._pq.exec_(word)
        self._check(result, word)
        if word == b"COMMIT" and result.command_status == b"ROLLBACK":
            raise sa.exc.PendingRollbackError("A statement failed, and nothing of this transaction was kept.")

    def _check(self, result: PGresult, text: bytes) -> None:
        if result.status in GOOD:
            return
        error: psycopg.Error = psycopg.errors.error_from_result(result, encoding="utf-8")
        if self._pq.status != ConnStatus.OK:
            error = psycopg.OperationalError(str(error))
            self.connection.close()
        raise cast(
            Exception,
            sa.exc.DBAPIError.instance(
                text.decode(), None, error, psycopg.Error, hide_parameters=True, dialect=self._engine.dialect
            ),
        )

    @property
    def idle(self) -> bool:
        """Whether it may be used again: it stands, and no transaction is open on it."""
        return not self.connection.closed and self._pq.transaction_status == TransactionStatus.IDLE

    @property
    def working(self) -> bool:
        """Whether a transaction is open on it."""
        return self._pq.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)

    def undo(self) -> None:
        """Undo what is open. A connection that is gone needs none."""
        if not self.connection.closed:
            self._pq.exec_(b"ROLLBACK")

    def bind(self) -> Connection:
        """The same connection as SQLAlchemy's sessions take it."""
        if self._bound is None:
            engine = self._engine
            pool = StaticPool(lambda: self.connection)  # type: ignore[arg-type]  # A driver's connection is one.
            self._bound = Engine(pool, engine.dialect, engine.url, hide_parameters=True).connect()
        return self._bound

    def close(self) -> None:
        """End it."""
        self.connection.close()


class Lines:
    """The lines of a process: as many as were ever needed at once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: deque[Line] = deque()

    def take(self, *, new: bool = False) -> Line:
        """A line for one thread; `new` where the others proved to be cut."""
        if new:
            self.close()
        try:
            return self._idle.pop()
        except IndexError:
            return self._open()

    def _open(self) -> Line:
        try:
            # SQLAlchemy learns at its own first connection what kind of server this is.
            self._engine.connect().close()
            return Line(self._engine)
        except psycopg.Error as error:
            raise sa.exc.OperationalError("connect", None, error) from error

    def give(self, line: Line) -> None:
        """Take a line back: what is open on it is undone, and one that does not stand any more is cut."""
        if line.working:
            line.undo()
        if line.idle:
            self._idle.append(line)
        else:
            line.close()

    def close(self) -> None:
        """Cut all that are idle."""
        while self._idle:
            try:
                self._idle.pop().close()
            except IndexError:
                return


class Found:
    """The answer to a prepared statement, with the questions that are asked of SQLAlchemy's."""

    def __init__(self, rows: Sequence[Any], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def first(self) -> Any:
        """The first row, or None."""
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        """The only row. Raises NoResultFound, MultipleResultsFound."""
        if len(self._rows) != 1:
            raise sa.exc.MultipleResultsFound() if self._rows else sa.exc.NoResultFound()
        return self._rows[0]

    def all(self) -> list[Any]:
        """Every row."""
        return list(self._rows)

    def scalar(self) -> Any:
        """The first column of the first row, or None."""
        return self._rows[0][0] if self._rows else None

    def scalars(self) -> "Found":
        """The first column of every row."""
        return Found([row[0] for row in self._rows], self.rowcount)

    def mappings(self) -> "Found":
        """The rows as mappings."""
        return Found([row._asdict() for row in self._rows], self.rowcount)


class QuickConnection:
    """What stands in the place of SQLAlchemy's connection on hot paths."""

    def __init__(self, line: Line, ordinary: Callable[[], Connection]) -> None:
        self.line = line
        self.dialect = NUMBERED
        self._ordinary = ordinary

    def execute(self, statement: Any, parameters: Any = None) -> Any:
        """The answer to a statement: prepared, if it is a constant that was given its parameters by name."""
        prepared = CATALOGUE.find(statement, parameters)
        if prepared is None:
            return self._ordinary().execute(statement, parameters)
        return self.line.run(prepared, parameters)
