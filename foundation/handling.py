"""Doing the outbox's jobs: one after the other, many of a kind together, or beside each other where they wait for somebody else."""

import logging
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import SQLAlchemyError

from foundation.errors import HopnhatError
from foundation.outbox import Handler, Handlers, Job, claim_jobs, fail_job, finish_jobs
from foundation.requests import request

if TYPE_CHECKING:
    from foundation.runtime import Runtime

TELL_SECONDS = 0.5
"""Done jobs are marked together, but none waits longer than this for the others of its batch; those done beside each other wait for
their own."""
BESIDE_AT_ONCE: Final = 8
log = logging.getLogger("hopnhat.outbox")


def work_once(runtime: "Runtime", handlers: Handlers, most: int = 200) -> int:
    """Do the jobs that are due now. Gives how many were tried."""
    jobs = claim_jobs(runtime.database, runtime.clocks.wall(), sorted(handlers), most)
    beside = [job for job in jobs if isinstance(handlers[job.kind], Beside)]
    with ThreadPoolExecutor(BESIDE_AT_ONCE, "beside") as pool:
        tried = [(job, pool.submit(attempt, runtime, handlers, job)) for job in beside]
        done: list[Job] = []
        told = time.monotonic()
        for job in jobs:
            if not isinstance(handlers[job.kind], Beside) and attempt(runtime, handlers, job):
                done.append(job)
            if done and time.monotonic() - told > TELL_SECONDS:
                finish_jobs(runtime.database, done, runtime.clocks.wall())
                done, told = [], time.monotonic()
        if done:  # None waits for those who wait for others.
            finish_jobs(runtime.database, done, runtime.clocks.wall())
        if well := [job for job, went_well in tried if went_well.result()]:
            finish_jobs(runtime.database, well, runtime.clocks.wall())
    return len(jobs)


def attempt(runtime: "Runtime", handlers: Handlers, job: Job) -> bool:
    """Do a job; one that fails is put off. Gives whether it went well."""
    with request(f"job-{job.id}"):
        try:
            handlers[job.kind](runtime, job)
        except Exception as error:  # noqa: BLE001 — a handler may fail in any way, and the worker must go on
            log.warning("job %s %s failed: %s", job.kind, job.key, error)
            log.debug("%s", traceback.format_exc())
            put_off(runtime, job, error)
            return False
        return True


def put_off(runtime: "Runtime", job: Job, error: Exception) -> None:
    """Have a job that failed tried again. Where not even that can be written its lease runs out; what others did is still marked."""
    try:
        fail_job(runtime.database, job, runtime.clocks.wall(), error)
    except (HopnhatError, SQLAlchemyError) as fault:
        log.warning("job %s %s cannot be put off: %s", job.kind, job.key, fault)


class Beside:
    """A handler that waits for somebody else most of its time: its jobs are done in threads, beside each other and beside all others;
    by the worker in a round of their own (`foundation.loop`).
    """

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    def __call__(self, runtime: "Runtime", job: Job) -> None:
        """Do the job; raises what the handler raises."""
        self._handler(runtime, job)


class Together:
    """A handler whose first job takes along those of its kind that are due, up to `most` in all, and does them in one act.

    Each is leased and marked done as any other. Where the act fails for all, each is done by itself, so that one bad job fails alone.
    """

    def __init__(self, act: Callable[["Runtime", Sequence[Job]], None], most: int) -> None:
        self._act = act
        self._most = most

    def __call__(self, runtime: "Runtime", job: Job) -> None:
        """Do this job and those it takes along; raises what this one's own failure was."""
        others = claim_jobs(runtime.database, runtime.clocks.wall(), [job.kind], self._most - 1)
        try:
            self._act(runtime, [job, *others])
        except Exception:  # each says by itself what is wrong with it
            if not others:
                raise
            log.debug("%s", traceback.format_exc())
            self._do_each(runtime, others)
            self._act(runtime, [job])
        else:
            if others:
                finish_jobs(runtime.database, others, runtime.clocks.wall())

    def _do_each(self, runtime: "Runtime", jobs: Sequence[Job]) -> None:
        for job in jobs:
            if attempt(runtime, {job.kind: lambda here, one: self._act(here, [one])}, job):
                finish_jobs(runtime.database, [job], runtime.clocks.wall())


def drain(runtime: "Runtime", handlers: Handlers, rounds: int = 10_000) -> int:
    """Work until nothing is due. Gives how many jobs were tried."""
    total = 0
    for _ in range(rounds):
        tried = work_once(runtime, handlers)
        total += tried
        if tried == 0:
            break
    return total
