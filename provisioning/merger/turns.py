"""Whose turn it is: transactions of one plan may write beside each other, but the journal moves in the plan's order.

On PostgreSQL two connections write people at once, because there the server's work, constraint by constraint, is what takes the time. Each
puts its rows in, waits until all before it is committed, moves the journal and commits: a kill leaves a beginning of the plan and nothing
after a gap. Units begin alone: what is said of people points to them. What ends of units and codes needs nothing that the plan writes, and
an event is pointed to by nobody, so both are written beside others.
"""

import threading
from collections.abc import Mapping
from typing import Any

from foundation.errors import TryAgain

BESIDE = frozenset(
    {"person.load", "person.move", "person.undecided", "person.leave", "person.stay", "login.until"}
    | {"unit.end", "code.end", "event"}
)
"""Changes that nobody points to, and that themselves point to rows that were there before, or to units begun earlier in the plan."""


def may_write_beside(line: Mapping[str, Any]) -> bool:
    """Whether the line may be written beside its neighbours, once everything that is written alone before it is there."""
    return line["op"] in BESIDE


class Turns:
    """How far the plan is committed; others wait for it."""

    def __init__(self, position: int) -> None:
        self._position = position
        self._moved = threading.Condition()
        self._broken = False

    @property
    def position(self) -> int:
        """The last line that is committed."""
        return self._position

    def wait(self, position: int) -> None:
        """Until everything up to this line is committed. Raises TryAgain when it never will be."""
        with self._moved:
            self._moved.wait_for(lambda: self._broken or self._position >= position)
            if self._broken:
                raise TryAgain("An earlier part of this plan could not be written.")

    def move(self, position: int) -> None:
        """Everything up to this line is committed."""
        with self._moved:
            self._position = position
            self._moved.notify_all()

    def give_up(self) -> None:
        """A part failed: nobody after it may commit."""
        with self._moved:
            self._broken = True
            self._moved.notify_all()
