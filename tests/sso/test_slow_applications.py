"""An application that takes seconds for each answer keeps nobody else waiting, and hears everything in the end."""

import threading

import pytest
import sqlalchemy as sa

import sso.slow_applications
from foundation.handling import BESIDE_AT_ONCE, Beside, work_once
from foundation.outbox import Job, OutboxJob, count_by_state, enqueue
from foundation.runtime import Runtime
from sso.slow_applications import AT_ONCE, PAUSE, note_speed, taken_on
from tests.services.clock import MovableClock

MANY = 20
KIND = "call"


class Applications:
    """What is called: `slow` and its like answer once the test lets them, all others at once."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.told: list[str] = []
        self.most = self.now = 0
        self.lock = threading.Lock()

    def __call__(self, runtime: Runtime, job: Job) -> None:
        client = job.key.partition(":")[0]
        with taken_on(runtime, KIND, client):
            if client.startswith("slow"):
                with self.lock:
                    self.now += 1
                    self.most = max(self.most, self.now)
                assert self.open.wait(30)
                with self.lock:
                    self.now -= 1
            else:
                self.open.set()
            self.told.append(job.key)


@pytest.fixture
def applications() -> Applications:
    sso.slow_applications._slow.clear()
    note_speed("slow", 4.9, counted=False)
    return Applications()


def test_a_slow_application_gets_a_few_threads_and_loses_no_try(
    runtime: Runtime, clock: MovableClock, applications: Applications, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`slow` answers nobody before `quick`, the last of all, was told."""
    monkeypatch.setattr(sso.slow_applications, "SLOW_SECONDS", -1)  # All who are called here stay slow.
    keys = [*(f"slow:{number}" for number in range(MANY)), "quick:0"]
    with runtime.database.write() as writes:
        for key in keys:
            enqueue(writes, KIND, key, runtime.clocks.wall())
    handlers = {KIND: Beside(applications)}
    assert work_once(runtime, handlers) == len(keys)
    with runtime.database.read() as reads:
        waiting = reads.execute(sa.select(OutboxJob.attempts).where(OutboxJob.state == "waiting")).scalars().all()
    assert waiting == [1] * (MANY - AT_ONCE), "those that were put off were not tried"
    while count_by_state(runtime.database) != {"done": len(keys)}:
        clock.advance(PAUSE.seconds)
        assert work_once(runtime, handlers), "what was put off is due"
    assert sorted(applications.told) == sorted(keys)
    assert applications.most == AT_ONCE


def test_three_slow_applications_together_leave_threads_to_all_others(
    runtime: Runtime, clock: MovableClock, applications: Applications, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each by itself has its few threads, and the three have more than there are; `quick` is the last of all."""
    monkeypatch.setattr(sso.slow_applications, "SLOW_SECONDS", -1)  # All who are called here stay slow.
    slow = [f"slow{letter}" for letter in "abc"]
    for one in slow:
        note_speed(one, 4.9, counted=False)
    keys = [*(f"{one}:{number}" for one in slow for number in range(AT_ONCE)), "quick:0"]
    assert len(slow) * AT_ONCE > BESIDE_AT_ONCE
    with runtime.database.write() as writes:
        for key in keys:
            enqueue(writes, KIND, key, runtime.clocks.wall())
    handlers = {KIND: Beside(applications)}
    assert work_once(runtime, handlers) == len(keys)
    assert applications.most <= BESIDE_AT_ONCE - 3, "none of these answered before quick was told"
    while count_by_state(runtime.database) != {"done": len(keys)}:
        clock.advance(PAUSE.seconds)
        assert work_once(runtime, handlers), "what was put off is due"
    assert sorted(applications.told) == sorted(keys)


def test_what_waits_for_a_slow_application_is_put_off_together(
    runtime: Runtime, clock: MovableClock, applications: Applications
) -> None:
    with runtime.database.write() as writes:
        for key in (*(f"slow:{number}" for number in range(MANY)), "quick:0"):
            enqueue(writes, KIND, key, runtime.clocks.wall())
    sso.slow_applications._slow["slow"] = AT_ONCE
    assert work_once(runtime, {KIND: Beside(applications)}, 1) == 1
    assert work_once(runtime, {KIND: Beside(applications)}) == 1, "the others' alone"
    assert applications.told == ["quick:0"]


def test_an_application_that_answers_soon_again_is_slow_no_longer(applications: Applications) -> None:
    for seconds, slow in ((0.5, False), (1.5, True), (0.5, False)):
        note_speed("slow", seconds, counted=False)
        assert ("slow" in sso.slow_applications._slow) is slow
