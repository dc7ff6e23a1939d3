"""SQLite's one writer, held for a short while at a time: others who write, a log-in among them, wait as long as a transaction takes.

A transaction finds its own size by the time for which it held the writer. What has to follow a commit needs no writer and is done when
nobody holds it: its log is put on the disk, and what stands in the log is moved to the file (a checkpoint, sqlite.org/wal.html §3.1).
Until then a plan could lose its last transaction with the power, together with the journal's place, and would go on before it.
"""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection
from types import TracebackType
from typing import Final, Self

from sqlalchemy import event

from foundation.database import Database

FEW: Final = 100
"""Lines at least: fewer cost nearly as much, because each page is written again for every transaction that touches it."""
SHORT: Final = 0.04
"""Seconds for which a transaction may hold the writer."""

OFTEN: Final = 4
"""Transactions from one checkpoint to the next: whoever commits meanwhile makes it in our place, and may not pay for more."""
WHOLE: Final = 16
"""Transactions until one is waited for, after which the log begins anew: written beside a checkpoint it only grows."""


def fit_size(size: int, seconds: float, most: int) -> int:
    """How many lines the next transaction takes, after one of `size` lines held the writer for so long.

    It grows by half at most: light lines may be followed by heavy ones.
    """
    fitting = int(size * SHORT / max(seconds, 1e-6))
    return min(max(fitting, size // 2, FEW), size + size // 2, most)


@contextmanager
def open_writer(database: Database) -> Iterator[Database]:
    """SQLite for the transactions of a plan: a connection of its own, whose commits wait for nothing. Use `Log` with it."""
    own = Database(database.url.render_as_string(hide_password=False), pool_size=2)

    @event.listens_for(own.engine, "connect")
    def leave_to_log(connection: Connection, _: object) -> None:
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("PRAGMA synchronous=NORMAL")

    try:
        yield own
    finally:
        own.close()


class Log:
    """The log of an `open_writer`: what was committed comes to rest beside what is done next.

    Leaving it waits for the last transaction, and raises as `settle` does unless something else was raised.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        # SQLite lays the log beside the file itself, also where it was opened by a link.
        self._file = Path(f"{os.path.realpath(str(database.url.database))}-wal")
        self._pool = ThreadPoolExecutor(1, "settling")
        self._number = 0
        self._under_way: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._pool.shutdown()
        if kind is None:
            self._check_settled()

    def settle(self) -> None:
        """Put the transaction that was just committed on the disk, beside what follows, once the one before it is there.

        Raises, for this one or the one before it, OSError when the disk failed, and DiskFull or Unreachable when a checkpoint did.
        """
        self._check_settled()
        self._number += 1
        self._under_way = self._pool.submit(self._settle, self._number)
        if self._number % WHOLE == 0:
            self._check_settled()

    def _check_settled(self) -> None:
        """Wait for what is under way. Raises what it raised."""
        if self._under_way is not None:
            self._under_way.result()

    def _settle(self, number: int) -> None:
        # A checkpoint syncs nothing while somebody reads who began before: it is no proof that the log is on the disk.
        self._sync()
        if number % OFTEN == 0:
            self._checkpoint()

    def _checkpoint(self) -> None:
        """Move the log to the file, as far as no reader needs it. Raises DiskFull or Unreachable."""
        with (
            self._database.connect() as connection
        ):  # Its BEGIN takes no lock yet, or SQLite would refuse the checkpoint.
            connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").close()

    def _sync(self) -> None:
        """Sync the log. SQLite keeps its locks on the other two files, so this one may be opened and closed beside it."""
        descriptor = os.open(self._file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
