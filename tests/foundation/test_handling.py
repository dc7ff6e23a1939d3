"""Jobs that wait for somebody else are done beside each other."""

import threading

from foundation.handling import Beside, work_once
from foundation.outbox import Job, count_by_state, enqueue
from foundation.runtime import Runtime

MANY = 3


def add(runtime: Runtime, kind: str, *keys: str) -> None:
    """Jobs that are due."""
    with runtime.database.write() as writes:
        for key in keys:
            enqueue(writes, kind, key, runtime.clocks.wall())


def test_jobs_that_wait_are_done_beside_each_other_and_beside_the_rest(runtime: Runtime) -> None:
    meeting = threading.Barrier(MANY + 1, timeout=30)
    add(runtime, "call", *(str(number) for number in range(MANY)))
    add(runtime, "print", "a")

    def meet(_: Runtime, __: Job) -> None:
        meeting.wait()

    assert work_once(runtime, {"call": Beside(meet), "print": meet}) == MANY + 1, (
        "one after the other they would have waited for each other in vain"
    )
    assert count_by_state(runtime.database) == {"done": MANY + 1}


def test_one_of_them_that_fails_is_put_off_alone(runtime: Runtime) -> None:
    def call(_: Runtime, job: Job) -> None:
        if job.key == "away":
            raise ConnectionError("nobody there")

    add(runtime, "call", "here", "away", "there")
    assert work_once(runtime, {"call": Beside(call)}) == MANY
    assert count_by_state(runtime.database) == {"done": 2, "waiting": 1}
