"""The hop to a thread: the answer, the error, the request it belongs to, and how many hands there are."""

import asyncio
import threading
import time

import pytest

from foundation.hop import Crew
from foundation.requests import current_request_id, request


def test_an_answer_comes_back_with_the_request_it_belongs_to() -> None:
    async def ask() -> tuple[str | None, str]:
        with request("here"):
            return await Crew().run(lambda: (current_request_id(), threading.current_thread().name))

    found, thread = asyncio.run(ask())
    assert found == "here"
    assert thread.startswith("hand-")


def test_an_error_belongs_to_who_asked() -> None:
    def break_down() -> None:
        raise ZeroDivisionError

    crew = Crew()
    with pytest.raises(ZeroDivisionError):
        asyncio.run(crew.run(break_down))
    assert asyncio.run(crew.run(lambda: 1)) == 1


def test_hands_stay_and_are_never_more_than_allowed() -> None:
    crew, names = Crew(most=3), set()
    gate = threading.Event()

    def note() -> None:
        gate.wait(5)
        names.add(threading.current_thread().name)

    async def ask() -> None:
        waiting = [asyncio.create_task(crew.run(note)) for _ in range(12)]
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(*waiting)

    asyncio.run(ask())
    assert 1 <= len(names) <= 3


def test_who_went_away_disturbs_nobody() -> None:
    crew, gate = Crew(most=1), threading.Event()

    async def leave() -> int:
        waiting = asyncio.create_task(crew.run(gate.wait, 5))
        await asyncio.sleep(0)
        waiting.cancel()
        gate.set()
        return await crew.run(lambda: 7)

    assert asyncio.run(leave()) == 7


def test_an_answer_for_a_loop_that_ended_is_dropped() -> None:
    crew, gate, done = Crew(most=1), threading.Event(), threading.Event()

    async def leave() -> None:
        crew_task = asyncio.create_task(crew.run(gate.wait, 5))
        await asyncio.sleep(0)
        crew_task.cancel()

    asyncio.run(leave())
    gate.set()
    deadline = time.monotonic() + 5
    while not done.is_set() and time.monotonic() < deadline:
        asyncio.run(crew.run(done.set))
    assert done.is_set()
