"""The worker's loop keeps nothing waiting for a job that takes its time."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from foundation import audit, loop
from foundation.errors import Unreachable
from foundation.handling import Beside, work_once
from foundation.loop import work
from foundation.outbox import Handlers, Job, OutboxJob, enqueue
from foundation.runtime import Runtime


def test_a_long_job_does_not_keep_the_audit_waiting(runtime: Runtime) -> None:
    stop, sealed = threading.Event(), threading.Event()

    def print_everybody(_: Runtime, __: Job) -> None:
        with runtime.database.write() as writes:
            audit.record(writes, runtime.clocks.wall(), "test.begun", "system")
        for _again in range(1000):
            with runtime.database.read() as reads:
                unsealed = reads.execute(sa.select(audit.AuditRow.id).where(audit.AuditRow.seal.is_(None))).first()
            if unsealed is None:
                sealed.set()
                break
            stop.wait(0.01)
        stop.set()

    with runtime.database.write() as writes:
        enqueue(writes, "print", "everybody", runtime.clocks.wall())
    work(runtime, {"print": print_everybody}, stop, pause=0.01, kept=timedelta(days=7))
    assert sealed.is_set()


def test_a_call_that_waits_for_its_answer_keeps_no_other_job_waiting(runtime: Runtime) -> None:
    stop, answered, printed = threading.Event(), threading.Event(), []

    def call(_: Runtime, __: Job) -> None:
        if not answered.wait(30):
            raise TimeoutError

    def print_one(_: Runtime, job: Job) -> None:
        printed.append(job.key)
        with runtime.database.write() as writes:
            if len(printed) < 3:  # Each is there after the one before is done: one round would not do.
                enqueue(writes, "print", str(len(printed)), runtime.clocks.wall())
            else:
                answered.set()
                stop.set()

    with runtime.database.write() as writes:
        enqueue(writes, "call", "slow", runtime.clocks.wall())
        enqueue(writes, "print", "0", runtime.clocks.wall())
    work(runtime, {"call": Beside(call), "print": print_one}, stop, pause=0.01, kept=timedelta(days=7))
    assert printed == ["0", "1", "2"]
    with runtime.database.read() as reads:
        states = reads.execute(sa.select(OutboxJob.kind, OutboxJob.state).order_by(OutboxJob.id)).all()
    assert ("call", "done") in states


def test_what_was_written_last_is_sealed_before_the_worker_leaves(runtime: Runtime) -> None:
    stop = threading.Event()

    def leave(_: Runtime, __: Job) -> None:
        stop.set()
        with runtime.database.write() as writes:
            audit.record(writes, runtime.clocks.wall(), "test.left", "system")

    with runtime.database.write() as writes:
        enqueue(writes, "leave", "now", runtime.clocks.wall())
    work(runtime, {"leave": leave}, stop, pause=60, kept=timedelta(days=7))
    with runtime.database.read() as reads:
        assert reads.execute(sa.select(audit.AuditRow.id).where(audit.AuditRow.seal.is_(None))).first() is None


def test_what_was_done_long_ago_leaves_while_the_worker_works(runtime: Runtime) -> None:
    stop = threading.Event()

    def look(_: Runtime, __: Job) -> None:
        with runtime.database.read() as reads:
            if reads.execute(sa.select(OutboxJob.id).where(OutboxJob.kind == "old")).first() is None:
                stop.set()
                return
        with runtime.database.write() as writes:
            enqueue(writes, "look", "again", runtime.clocks.wall())

    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        enqueue(writes, "old", "one", now - timedelta(days=8))
        enqueue(writes, "look", "first", now)
        writes.execute(
            sa.update(OutboxJob).where(OutboxJob.kind == "old").values(state="done", done_at=now - timedelta(days=8))
        )
    threading.Timer(20, stop.set).start()
    work(runtime, {"look": look}, stop, pause=0.01, leave=0.0, kept=timedelta(days=7))
    with runtime.database.read() as reads:
        assert reads.execute(sa.select(OutboxJob.id).where(OutboxJob.kind == "old")).first() is None


@pytest.mark.parametrize("waits", [False, True], ids=["own-round", "round-of-calls"])
def test_a_round_that_fails_is_not_the_last(runtime: Runtime, monkeypatch: pytest.MonkeyPatch, waits: bool) -> None:
    """The database may be away for a while: the worker stays, and does then what was due."""
    stop, done, failed = threading.Event(), threading.Event(), set[str]()

    def fail_once(around: Runtime, handlers: Handlers, *most: int) -> int:
        if "job" in handlers and "job" not in failed:
            failed.add("job")
            raise Unreachable
        return work_once(around, handlers, *most)

    def finish(_: Runtime, __: Job) -> None:
        done.set()
        stop.set()

    monkeypatch.setattr(loop, "work_once", fail_once)
    with runtime.database.write() as writes:
        enqueue(writes, "job", "one", runtime.clocks.wall())
    giving_up = threading.Timer(20, stop.set)
    giving_up.start()
    work(runtime, {"job": Beside(finish) if waits else finish}, stop, pause=0.01, kept=timedelta(days=7))
    giving_up.cancel()
    assert failed
    assert done.is_set()
