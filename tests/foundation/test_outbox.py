"""Jobs are done at least once, in their time, and never lost."""

import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa

from foundation import outbox
from foundation.changes import open_change, publish
from foundation.handling import Together, work_once
from foundation.outbox import (
    MOST_ATTEMPTS,
    GiveUp,
    Job,
    OutboxJob,
    TryLater,
    cancel_of_change,
    claim_jobs,
    count_by_state,
    drop_done,
    enqueue,
    postpone,
    retry_parked,
)
from foundation.runtime import Runtime
from tests.services.clock import MovableClock


def test_a_job_is_done_once_and_an_untouched_twin_is_not_added(runtime: Runtime) -> None:
    seen: list[str] = []
    with runtime.database.write() as writes:
        enqueue(writes, "print", "a", runtime.clocks.wall())
        enqueue(writes, "print", "a", runtime.clocks.wall())
    assert work_once(runtime, {"print": lambda _, job: seen.append(job.key)}) == 1
    assert work_once(runtime, {"print": lambda _, job: seen.append(job.key)}) == 0
    assert seen == ["a"]


def test_a_job_of_a_rolled_back_deed_never_existed(runtime: Runtime) -> None:
    try:
        with runtime.database.write() as writes:
            enqueue(writes, "print", "a", runtime.clocks.wall())
            raise RuntimeError
    except RuntimeError:
        pass
    assert count_by_state(runtime.database) == {}


def test_a_job_waits_for_its_instant(runtime: Runtime, clock: MovableClock) -> None:
    due = runtime.clocks.wall() + timedelta(hours=1)
    with runtime.database.write() as writes:
        enqueue(writes, "print", "a", runtime.clocks.wall(), due=due)
    assert work_once(runtime, {"print": lambda *_: None}) == 0
    clock.advance(hours=1)
    assert work_once(runtime, {"print": lambda *_: None}) == 1


def test_a_job_of_a_change_waits_until_it_is_published_and_is_cancelled_with_it(runtime: Runtime) -> None:
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        change = open_change(writes, "merger", "tester", now)
        enqueue(writes, "print", "a", now, change_id=change.id)
    assert work_once(runtime, {"print": lambda *_: None}) == 0
    with runtime.database.write() as writes:
        publish(writes, change, now)
        enqueue(writes, "print", "b", now, due=now + timedelta(days=1), change_id=change.id)
    assert work_once(runtime, {"print": lambda *_: None}) == 1
    with runtime.database.write() as writes:
        assert cancel_of_change(writes, change.id) == 1
    assert count_by_state(runtime.database) == {"done": 1, "cancelled": 1}


def test_what_is_done_or_cancelled_leaves_in_batches_and_what_waits_stays(
    runtime: Runtime, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "BATCH", 2)
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        change = open_change(writes, "merger", "tester", now)
        for name in "abcde":
            enqueue(writes, "print", name, now)
        enqueue(writes, "print", "cancelled", now, change_id=change.id)
        enqueue(writes, "print", "later", now, due=now + timedelta(days=9))
    work_once(runtime, {"print": lambda *_: None})
    with runtime.database.write() as writes:
        cancel_of_change(writes, change.id)
    assert drop_done(runtime.database, now) == 0, "not before its time"
    clock.advance(days=8)
    assert drop_done(runtime.database, runtime.clocks.wall() - timedelta(days=7)) == 6
    assert count_by_state(runtime.database) == {"waiting": 1}


def test_a_failing_job_pauses_longer_each_time_and_is_parked_in_the_end(runtime: Runtime, clock: MovableClock) -> None:
    def fail(_: Runtime, job: Job) -> None:
        raise OSError(f"try {job.attempts}")

    with runtime.database.write() as writes:
        enqueue(writes, "print", "a", runtime.clocks.wall())
    tries = 0
    for _ in range(MOST_ATTEMPTS + 5):
        tries += work_once(runtime, {"print": fail})
        assert work_once(runtime, {"print": fail}) == 0
        clock.advance(hours=2)
    assert tries == MOST_ATTEMPTS
    with runtime.database.read() as reads:
        job = reads.execute(sa.select(OutboxJob)).scalar_one()
    assert (job.state, job.last_error) == ("parked", f"OSError: try {MOST_ATTEMPTS}")


def test_a_job_whose_worker_died_is_leased_again(runtime: Runtime, clock: MovableClock) -> None:
    with runtime.database.write() as writes:
        enqueue(writes, "print", "a", runtime.clocks.wall())
    assert len(claim_jobs(runtime.database, runtime.clocks.wall(), ["print"], 10)) == 1
    assert claim_jobs(runtime.database, runtime.clocks.wall(), ["print"], 10) == []
    clock.advance(minutes=6)
    assert len(claim_jobs(runtime.database, runtime.clocks.wall(), ["print"], 10)) == 1


def test_two_workers_never_hold_the_same_job(runtime: Runtime) -> None:
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        for number in range(60):
            enqueue(writes, "print", str(number), now)
    claimed: list[int] = []
    lock = threading.Lock()

    def claim() -> None:
        while jobs := claim_jobs(runtime.database, now, ["print"], 7):
            with lock:
                claimed.extend(job.id for job in jobs)

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed)) == 60


def test_a_job_whose_worker_dies_each_time_is_parked_and_can_be_put_back(runtime: Runtime, clock: MovableClock) -> None:
    with runtime.database.write() as writes:
        enqueue(writes, "print", "a", runtime.clocks.wall())
    for _ in range(MOST_ATTEMPTS):
        assert len(claim_jobs(runtime.database, runtime.clocks.wall(), ["print"], 10)) == 1
        clock.advance(minutes=6)
    assert claim_jobs(runtime.database, runtime.clocks.wall(), ["print"], 10) == []
    assert count_by_state(runtime.database) == {"parked": 1}
    assert retry_parked(runtime.database, runtime.clocks.wall()) == 1
    assert work_once(runtime, {"print": lambda *_: None}) == 1


def ask(runtime: Runtime, *keys: str) -> None:
    """Jobs of these keys that are due."""
    with runtime.database.write() as writes:
        for key in keys:
            enqueue(writes, "print", key, runtime.clocks.wall())


def test_jobs_that_are_done_together_are_each_marked_done(runtime: Runtime) -> None:
    ask(runtime, *"abcde")
    acts: list[list[str]] = []
    handlers = {"print": Together(lambda _, jobs: acts.append([job.key for job in jobs]), 3)}
    assert work_once(runtime, handlers, most=1) == 1
    assert acts == [["a", "b", "c"]]
    assert count_by_state(runtime.database) == {"done": 3, "waiting": 2}
    assert work_once(runtime, handlers, most=1) == 1
    assert (acts[1:], work_once(runtime, handlers)) == ([["d", "e"]], 0)


def test_one_bad_job_among_many_fails_alone(runtime: Runtime) -> None:
    ask(runtime, *"abc")

    def act(_runtime: Runtime, jobs: Sequence[Job]) -> None:
        if "b" in [job.key for job in jobs]:
            raise OSError("b cannot be done")

    assert work_once(runtime, {"print": Together(act, 10)}, most=1) == 1
    with runtime.database.read() as reads:
        states = {job.key: (job.state, job.last_error) for job in reads.execute(sa.select(OutboxJob)).scalars()}
    assert states == {"a": ("done", None), "b": ("waiting", "OSError: b cannot be done"), "c": ("done", None)}


def test_a_worker_that_dies_in_the_act_leaves_all_it_took_along_to_the_next(
    runtime: Runtime, clock: MovableClock
) -> None:
    ask(runtime, *"abc")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work_once(runtime, {"print": Together(die, 10)}, most=1)
    seen: list[str] = []
    handlers = {"print": Together(lambda _, jobs: seen.extend(job.key for job in jobs), 10)}
    assert work_once(runtime, handlers) == 0, "they are leased"
    clock.advance(minutes=6)
    assert (work_once(runtime, handlers, most=1), seen) == (1, ["a", "b", "c"])


def test_a_job_that_cannot_be_helped_is_parked_at_once(runtime: Runtime) -> None:
    def refuse(_runtime: Runtime, _job: Job) -> None:
        raise GiveUp("nobody of this name")

    with runtime.database.write() as writes:
        enqueue(writes, "mail", "a", runtime.clocks.wall())
    assert work_once(runtime, {"mail": refuse}) == 1
    assert count_by_state(runtime.database) == {"parked": 1}
    assert retry_parked(runtime.database, runtime.clocks.wall()) == 1


def test_a_handler_that_knows_when_to_try_again_is_never_given_up_for_it(runtime: Runtime, clock: MovableClock) -> None:
    def wait(_runtime: Runtime, _job: Job) -> None:
        raise TryLater("away", timedelta(minutes=10))

    with runtime.database.write() as writes:
        enqueue(writes, "mail", "a", runtime.clocks.wall())
    for _try in range(MOST_ATTEMPTS * 2):
        assert work_once(runtime, {"mail": wait}) == 1
        assert work_once(runtime, {"mail": wait}) == 0
        clock.advance(minutes=10)
    assert count_by_state(runtime.database) == {"waiting": 1}


def test_jobs_of_a_kind_are_put_off_together_and_no_other(runtime: Runtime, clock: MovableClock) -> None:
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        for kind, key in (("mail", "a"), ("mail", "b"), ("print", "a")):
            enqueue(writes, kind, key, now)
        enqueue(writes, "mail", "a", now, due=now + timedelta(minutes=1))  # two of one key, untouched
    assert postpone(runtime.database, "mail", now + timedelta(minutes=5)) == 3
    handlers = {"mail": lambda *_: None, "print": lambda *_: None}
    assert work_once(runtime, handlers) == 1
    clock.advance(minutes=5)
    assert work_once(runtime, handlers) == 3


def test_jobs_whose_key_begins_alike_are_put_off_together_and_no_other(runtime: Runtime, clock: MovableClock) -> None:
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        for key in ("a_b:1", "a_b:2", "axb:1"):
            enqueue(writes, "call", key, now)
    assert postpone(runtime.database, "call", now + timedelta(minutes=5), "a_b:") == 2
    assert work_once(runtime, {"call": lambda *_: None}) == 1
