"""Transactions of hot paths: on lines to PostgreSQL that keep their statements prepared (`foundation.lines`)."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar, cast

from sqlalchemy.engine import Connection

from foundation.lines import Line, Lines, QuickConnection
from foundation.transactions import FAULTS, Reads, Writes, tell_plainly


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
        except FAULTS as fault:
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
        except FAULTS as fault:
            tell_plainly(fault)
        if isinstance(error, FAULTS):
            tell_plainly(error)

    def _keep(self, writes: QuickWrites) -> None:
        if writes.ordinary or (writes.made and writes.new):
            writes.line.flush()
            writes.commit()
            writes.close()
        writes.line.commit()
