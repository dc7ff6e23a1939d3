"""Prepared statements of the paths that are asked thousands of times a second: PostgreSQL plans each once for a connection
(`foundation.lines`), and here each is compiled once for a process, with how values go in and rows come out.

A statement that is given with its parameters by name in a dict has to be a constant of its module, and is prepared; everything else
goes the ordinary way of SQLAlchemy, in the same transaction.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from psycopg.adapt import PyFormat
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

STATEMENTS_AT_MOST: Final = 300
"""More than all rooms have; who builds statements at each call must not fill the server's memory with them."""

AS_THE_SERVER_HAS_THEM: Final = (sa.Uuid, sa.LargeBinary, sa.String, sa.DateTime)
"""What goes in the server's own form, which neither side has to write or read as text; of these the statement alone tells the type."""

Processor = Callable[[Any], Any]
NUMBERED: Final = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # SQLAlchemy left it untyped.


def choose_format(kind: Any) -> PyFormat:
    """How a value of this type is sent."""
    inner = getattr(kind, "impl_instance", kind)
    return PyFormat.BINARY if isinstance(inner, AS_THE_SERVER_HAS_THEM) else PyFormat.TEXT


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
        self.formats: list[PyFormat] = []
        for name in compiled.positiontup or ():
            bind = compiled.binds[name]
            kind = bind.type.dialect_impl(NUMBERED)
            self.parameters.append((name, bind.value, kind.bind_processor(NUMBERED)))
            self.formats.append(choose_format(kind))
        self.sent_as = [form == PyFormat.BINARY for form in self.formats]
        self.row: Any = namedtuple("Row", [column.key for column in columns], rename=True)  # type: ignore[misc]  # Its fields are the statement's columns.
        makers = [column.type.dialect_impl(NUMBERED).result_processor(NUMBERED, None) for column in columns]
        self.makers = [(place, make) for place, make in enumerate(makers) if make is not None]

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """The parameters in their order, each as the driver takes it."""
        return [
            given.get(name, constant) if make is None else make(given.get(name, constant))
            for name, constant, make in self.parameters
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
        if not isinstance(given, dict):
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
