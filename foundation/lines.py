"""Lines to PostgreSQL for hot paths: one call of its client library sends a prepared statement and fetches the answer.

`Database.read_quickly` and `write_quickly` give a transaction whose `connection()` works like this.

A round trip costs more than most of these statements. BEGIN, and what nobody needs an answer to (`Writes.tell`), wait for the next
question or for COMMIT and go with it; several questions may go together (`Reads.ask`).
"""

import select
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, NoReturn, cast

import psycopg
import sqlalchemy as sa
from psycopg.adapt import Transformer
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import StaticPool

from foundation.prepared import CATALOGUE, NUMBERED, Found, Prepared

SETTINGS: Final = b"SET timezone = 'UTC'; SET jit = off; SET plan_cache_mode = force_generic_plan"
"""Each of these statements finds rows by their key, so one plan is good for all values."""
BINARY: Final = 1
BEGIN: Final = b"BEGIN"
COMMIT: Final = b"COMMIT"
GOOD: Final = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


class Order(NamedTuple):
    """A prepared statement as it is sent: its name, its values and their formats, and the text that errors tell."""

    name: bytes
    values: Any
    formats: Any
    text: bytes


class Line:
    """One connection to PostgreSQL with what is prepared on it; used by one thread at a time."""

    def __init__(self, engine: Engine) -> None:
        arguments, options = engine.dialect.create_connect_args(engine.url)
        # The driver's own preparing is off: it would now and then forget all that is prepared, ours too.
        self.connection = psycopg.connect(*arguments, **options, autocommit=True, prepare_threshold=None)
        self._pq = self.connection.pgconn
        self._pq.exec_(SETTINGS)
        self._transformer = Transformer(self.connection)
        self._readable = select.poll()
        self._readable.register(self._pq.socket, select.POLLIN)
        self._names: dict[Prepared, bytes] = {}
        self._words: set[bytes] = set()
        self._waiting: list[Order] = []
        self._engine = engine
        self._bound: Connection | None = None

    def run(self, prepared: Prepared, given: Mapping[str, Any]) -> "Found":
        """Send a statement, and what waits before it, and fetch its answer. Raises SQLAlchemy's errors."""
        (result,) = self._send([self._write(prepared, given)])
        return self._read(prepared, result)

    def run_together(self, questions: Sequence[tuple[Prepared, Mapping[str, Any]]]) -> list["Found"]:
        """Send several statements at once and fetch their answers. Raises SQLAlchemy's errors."""
        results = self._send([self._write(prepared, given) for prepared, given in questions])
        return [self._read(prepared, result) for (prepared, _given), result in zip(questions, results, strict=True)]

    def wait(self, prepared: Prepared, given: Mapping[str, Any]) -> None:
        """Keep a statement that needs no answer until the next one is sent."""
        self._waiting.append(self._write(prepared, given))

    def flush(self) -> None:
        """Send what waits. Raises SQLAlchemy's errors."""
        if self._waiting:
            self._send([])

    def begin(self) -> None:
        """Open a transaction with the first statement that is sent."""
        self._waiting.append(self._write_word(BEGIN))

    def commit(self) -> None:
        """Keep what was done, if anything was. Raises SQLAlchemy's errors, also where nothing was kept because a statement before
        had failed.
        """
        if not self.working:
            # Nothing was asked yet: what waits behind BEGIN goes at once, which is whole or not at all even without that word.
            orders, self._waiting = self._waiting[1:], []
            if orders:
                self._send(orders)
            return
        (result,) = self._send([self._write_word(COMMIT)])
        if result.command_status == b"ROLLBACK":
            raise sa.exc.PendingRollbackError("A statement failed, and nothing of this transaction was kept.")

    def _write(self, prepared: Prepared, given: Mapping[str, Any]) -> "Order":
        name = self._names.get(prepared)
        if name is None:
            name = self._names[prepared] = self._prepare(b"s%d" % len(self._names), prepared.text)
        values: Any = self._transformer.dump_sequence(prepared.values(given), prepared.formats)
        return Order(name, values, prepared.sent_as, prepared.text)

    def _write_word(self, word: bytes) -> "Order":
        if word not in self._words:
            self._words.add(self._prepare(word, word))
        return Order(word, None, None, word)

    def _prepare(self, name: bytes, text: bytes) -> bytes:
        self._check(self._pq.prepare(name, text), text)
        return name

    def _send(self, orders: list["Order"]) -> list[PGresult]:
        """Send what waits and these; gives the results of these."""
        waiting, self._waiting = self._waiting, []
        every = [*waiting, *orders]
        if len(every) == 1:
            results = [self._pq.exec_prepared(every[0].name, every[0].values, every[0].formats, BINARY)]
        else:
            results = self._exchange(every)
        for number, result in enumerate(results):
            # One result more than orders: everything was done, and keeping it was refused.
            self._check(result, every[min(number, len(every) - 1)].text)
        return results[len(waiting) :]

    def _exchange(self, orders: list["Order"]) -> list[PGresult]:
        """The results of orders that are sent at once; none of those behind one that failed are carried out."""
        line = self._pq
        try:
            line.enter_pipeline_mode()
            for order in orders:
                line.send_query_prepared(order.name, order.values, order.formats, BINARY)
            line.pipeline_sync()
            results = self._fetch_all()
            line.exit_pipeline_mode()
        except psycopg.Error as error:
            self._give_up(orders[-1].text, psycopg.OperationalError(str(error)))
        return results

    def _fetch_all(self) -> list[PGresult]:
        """The results of a pipeline, in order; other threads work while the server does."""
        line = self._pq
        results: list[PGresult] = []
        while True:
            while line.is_busy():
                self._readable.poll()
                line.consume_input()
            result = line.get_result()
            if result is None:  # Behind the last result of a statement, or of a server that is gone.
                if line.status != ConnStatus.OK:
                    raise psycopg.OperationalError("The server closed the connection.")
            elif result.status == ExecStatus.PIPELINE_SYNC:
                return results
            else:
                results.append(result)

    def _read(self, prepared: Prepared, result: PGresult) -> "Found":
        if result.status == ExecStatus.COMMAND_OK:
            return Found((), result.command_tuples or 0)
        self._transformer.set_pgresult(result)
        rows = self._transformer.load_rows(0, result.ntuples, tuple)
        return Found([prepared.build_row(row) for row in rows], result.ntuples)

    def _check(self, result: PGresult, text: bytes) -> None:
        if result.status in GOOD:
            return
        error: psycopg.Error = psycopg.errors.error_from_result(result, encoding="utf-8")
        self._give_up(text, error if self._pq.status == ConnStatus.OK else psycopg.OperationalError(str(error)))

    def _give_up(self, text: bytes, error: psycopg.Error) -> NoReturn:
        if isinstance(error, psycopg.OperationalError) and self._pq.status != ConnStatus.OK:
            self.connection.close()
        raise cast(
            Exception,
            sa.exc.DBAPIError.instance(
                text.decode(), None, error, psycopg.Error, hide_parameters=True, dialect=self._engine.dialect
            ),
        )

    @property
    def cut(self) -> bool:
        """Whether the server said something while nobody asked: almost always good-bye, and another line costs little."""
        return bool(self._readable.poll(0))

    @property
    def idle(self) -> bool:
        """Whether it may be used again: it stands, and no transaction is open on it."""
        return not self.connection.closed and self._pq.transaction_status == TransactionStatus.IDLE

    @property
    def working(self) -> bool:
        """Whether a transaction is open on it."""
        return self._pq.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)

    def undo(self) -> None:
        """Undo what is open, and forget what waits. A connection that is gone needs none."""
        self._waiting.clear()
        if self.working:
            self._pq.exec_(b"ROLLBACK")

    def bind(self) -> Connection:
        """The same connection as SQLAlchemy's sessions take it, when everything before was sent."""
        self.flush()
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

    def take(self) -> Line:
        """A line for one thread that is not known to be cut: the server may have been restarted."""
        while True:
            try:
                line = self._idle.pop()
            except IndexError:
                return self._open()
            if not line.cut:
                return line
            line.close()

    def _open(self) -> Line:
        try:
            # SQLAlchemy learns at its own first connection what kind of server this is.
            self._engine.connect().close()
            return Line(self._engine)
        except psycopg.Error as error:
            raise sa.exc.OperationalError("connect", None, error) from error

    def give(self, line: Line) -> None:
        """Take a line back: what is open on it is undone, and one that does not stand any more is cut."""
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

    def execute_together(self, questions: Sequence[tuple[Any, Mapping[str, Any]]]) -> list[Any]:
        """The answers to several questions, sent at once where all are prepared."""
        found = [CATALOGUE.find(statement, given) for statement, given in questions]
        prepared = [(one, given) for one, (_statement, given) in zip(found, questions, strict=True) if one is not None]
        if len(prepared) < len(found):
            return [self.execute(statement, given) for statement, given in questions]
        return list(self.line.run_together(prepared))

    def execute_later(self, statement: Any, parameters: Mapping[str, Any]) -> None:
        """Carry out what needs no answer, with the next question or COMMIT where it is prepared."""
        prepared = CATALOGUE.find(statement, parameters)
        if prepared is None:
            self._ordinary().execute(statement, parameters)
        else:
            self.line.wait(prepared, parameters)
