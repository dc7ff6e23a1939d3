"""The hop to a thread, for work that waits: as few steps as there can be.

The framework's own hop costs more than a prepared statement. Threads are started when they are needed and stay. What the event loop
sends carries its context (the request's id) along and is waited for; what the web server hands over by itself (`foundation.doorstep`)
answers for itself.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Final, TypeVar

HANDS_AT_MOST: Final = 40
PAGE_HANDS_AT_MOST: Final = 80
"""Most of them may wait for a hash; the rest serve other pages meanwhile."""
Gift = TypeVar("Gift")
Errand = Callable[[], None]

log = logging.getLogger("hopnhat.web")


@dataclass(frozen=True)
class Task:
    """A piece of work: what to do, in which context, and whom to tell."""

    act: Callable[..., Any]
    arguments: tuple[Any, ...]
    context: Context
    answer: "asyncio.Future[Any]"

    def do(self) -> None:
        """Do it and tell the loop that waits, which may have ended meanwhile."""
        try:
            told, value = self.answer.set_result, self.context.run(self.act, *self.arguments)
        except BaseException as error:  # noqa: BLE001  # Whatever it is, it belongs to who asked.
            told, value = self.answer.set_exception, error
        try:
            self.answer.get_loop().call_soon_threadsafe(tell, self.answer, told, value)
        except RuntimeError:
            return


def tell(answer: "asyncio.Future[Any]", told: Callable[[Any], None], value: Any) -> None:
    """Give an answer to who still waits for it."""
    if not answer.done():
        told(value)


class Crew:
    """Threads that work for this process."""

    def __init__(self, most: int = HANDS_AT_MOST, name: str = "hand") -> None:
        self._errands: SimpleQueue[Errand] = SimpleQueue()
        self._idle: deque[None] = deque()
        """One entry for each hand that waits for work; taken and put back in one step, unlike a count."""
        self._most = most
        self._name = name
        self._hands = 0

    async def run(self, act: Callable[..., Gift], *arguments: Any) -> Gift:
        """What the act gives, done on a thread. Raises what it raises."""
        answer: asyncio.Future[Gift] = asyncio.get_running_loop().create_future()
        self.give(Task(act, arguments, copy_context(), answer).do)
        return await answer

    def give(self, errand: Errand) -> None:
        """Have something done that nobody waits for and that raises nothing."""
        self._errands.put(errand)
        try:
            self._idle.pop()
        except IndexError:
            if self._hands < self._most:
                self._hands += 1
                threading.Thread(target=self._work, name=f"{self._name}-{self._hands}", daemon=True).start()

    def _work(self) -> None:
        while True:
            try:
                self._errands.get()()
            except Exception:
                log.exception("unexpected")
            self._idle.append(None)


CREW: Final = Crew()
"""For programs, whose questions are short."""
PAGE_CREW: Final = Crew(most=PAGE_HANDS_AT_MOST, name="page")
"""For people: those who wait for their password's hash keep no program waiting."""
