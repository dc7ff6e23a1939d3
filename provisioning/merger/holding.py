"""SQLite's one writer, held for a short while at a time: others who write, a log-in among them, wait as long as a transaction takes.

A transaction finds its own size by the time for which it held the writer. What SQLite does after a commit to keep its log short
(a checkpoint) needs no writer and is done between two transactions (sqlite.org/wal.html §3.1).
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from sqlite3 import Connection
from typing import Final

from sqlalchemy import event

from foundation.database import Database

FEW: Final = 100
"""Lines at least: fewer cost nearly as much, because each page is written again for every transaction that touches it."""
SHORT: Final = 0.04
"""Seconds for which a transaction may hold the writer."""

OFTEN: Final = 4
"""Transactions from one checkpoint to the next: their log is some megabytes long."""


def fit_size(size: int, seconds: float, most: int) -> int:
    """How many lines the next transaction takes, after one of `size` lines held the writer for so long."""
    fitting = int(size * SHORT / max(seconds, 1e-6))
    return min(max(fitting, size // 2, FEW), size * 2, most)


@contextmanager
def open_writer(database: Database) -> Iterator[Database]:
    """The database for the transactions of a plan: on SQLite with a connection of its own, whose commits do nothing besides."""
    if not database.sqlite:
        yield database
        return
    own = Database(database.url.render_as_string(hide_password=False), pool_size=1)

    @event.listens_for(own.engine, "connect")
    def leave_checkpoints(connection: Connection, _: object) -> None:
        connection.execute("PRAGMA wal_autocheckpoint=0")

    try:
        yield own
    finally:
        own.close()


def checkpoint_now_and_then(database: Database, number: int) -> None:
    """After some transactions: move what was committed from SQLite's log to its file, as far as no reader needs the log."""
    if number % OFTEN == 0:
        with closing(database.engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
