"""The hop from the event loop to a thread, for work that waits: as few steps as there can be.

The framework's own hop costs more than a prepared statement. Threads are started when they are needed, stay, and each
carries the context (the request's id) of who sent the work.
"""

import asyncio
import threading
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Final, TypeVar

HANDS_AT_MOST: Final = 40
Gift = TypeVar("Gift")


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
    """Threads that work for the event loops of this process."""

    def __init__(self, most: int = HANDS_AT_MOST) -> None:
        self._tasks: SimpleQueue[Task] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._most = most
        self._hands = 0

    async def run(self, act: Callable[..., Gift], *arguments: Any) -> Gift:
        """What the act gives, done on a thread. Raises what it raises."""
        answer: asyncio.Future[Gift] = asyncio.get_running_loop().create_future()
        self._tasks.put(Task(act, arguments, copy_context(), answer))
        if not self._idle.acquire(blocking=False) and self._hands < self._most:
            self._hands += 1
            threading.Thread(target=self._work, name=f"hand-{self._hands}", daemon=True).start()
        return await answer

    def _work(self) -> None:
        while True:
            self._tasks.get().do()
            self._idle.release()


CREW: Final = Crew()
