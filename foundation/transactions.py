"""What a block of work has in its hand: `Reads` sees one consistent snapshot, `Writes` also writes; and what drivers say, told plainly.

`foundation.database` opens them.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NoReturn

import sqlalchemy as sa
from sqlalchemy.orm import Session

from foundation.errors import TryAgain, Unreachable
from foundation.mishaps import DiskFull

UNDEFINED = ("42P01", "42703")
"""PostgreSQL's words for a table and a column that is not there."""


NO_CONNECTION_LEFT = ("too many clients", "too many connections", "remaining connection slots")
"""PostgreSQL's words when it, a database or a role has as many connections as it may."""


SOMEBODY_ELSE = ("database is locked", "deadlock detected", "could not serialize", "due to lock timeout")
"""What either database says when somebody else was in the way."""


class RegisterUnready(TryAgain):
    """The database has no tables yet, or those of an earlier release."""

    code = "register_unready"
    status = 503
    sentence = (
        "The register has no tables yet, or those of an earlier release. A new installation: hopnhat init; "
        "after an upgrade of the software: hopnhat db upgrade"
    )


class ConnectionsTaken(TryAgain):
    """Every connection to the database was in use for as long as somebody can wait."""

    code = "crowded"
    status = 503
    sentence = "The register is asked by many at this moment. Please try again in a few seconds; nothing is lost."


Fault = sa.exc.OperationalError | sa.exc.ProgrammingError | sa.exc.TimeoutError
"""What the engine raises when the database, or the way to it, is not as it should be."""
FAULTS: Final = (sa.exc.OperationalError, sa.exc.ProgrammingError, sa.exc.TimeoutError)


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


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn "locked", "gone", "all taken" and "no such table" into TryAgain, Unreachable, ConnectionsTaken and RegisterUnready."""
    try:
        yield
    except FAULTS as error:
        tell_plainly(error)


def tell_plainly(error: Fault) -> NoReturn:
    """Raise what `told_plainly` names, or the error itself where it is another."""
    if isinstance(error, sa.exc.TimeoutError):
        raise ConnectionsTaken from error
    if isinstance(error, sa.exc.ProgrammingError):
        if getattr(error.orig, "sqlstate", None) in UNDEFINED:
            raise RegisterUnready from error
        raise error
    text = str(error.orig)
    if any(words in text for words in NO_CONNECTION_LEFT):
        raise ConnectionsTaken from error
    if any(words in text for words in SOMEBODY_ELSE):
        raise TryAgain("The register is busy. Nothing was changed; please try again.") from error
    if "no such table" in text or "no such column" in text:
        raise RegisterUnready from error
    if "syntax" in text:
        raise error
    if "disk is full" in text or "No space left" in text:
        raise DiskFull from error
    raise Unreachable("The database does not answer.") from error
