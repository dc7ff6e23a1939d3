"""The lines of a plan, written in short transactions: on SQLite one after the other, on PostgreSQL two beside each other.

Lines become rows before anybody waits for the writer. Each transaction moves the journal too: a kill leaves a beginning of the plan.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa

from foundation.database import Database, Writes, broken_guard
from foundation.errors import BadInput
from foundation.outbox import enqueue_many
from foundation.plans import Plan, PlanStale, advance_run
from foundation.runtime import Runtime
from provisioning.merger.batches import Batch
from provisioning.merger.bulk import look_up_by_key
from provisioning.merger.holding import FEW, Log, fit_size, open_writer
from provisioning.merger.turns import Turns, may_write_beside
from provisioning.merger.writers import WRITERS, Writer

WRITERS_AT_ONCE = 2
"""Connections that write beside each other where the database allows it."""
PRINTED_ONE_BY_ONE = 200
"""A plan of more lines is printed to the directory by one job that compares everything (docs/decisions/0008)."""
SUSPEND_LEAVERS = "suspend_leavers"
Lines = Iterator[Mapping[str, Any]]


class UnknownLine(BadInput):
    """A line of the plan this release does not know."""

    code = "unknown_line"
    sentence = "This release does not know the change “{op}” of the plan."


@dataclass(frozen=True)
class Work:
    """A plan that is being written under its change; `due` is the instant at which it takes effect."""

    runtime: Runtime
    plan: Plan
    change_id: int
    due: datetime


@dataclass(frozen=True)
class Packed:
    """Lines turned into rows that are ready for the database; `count` is how many lines, 0 at the end of the plan.

    `beside`: none of them needs what another line of the plan writes.
    """

    batch: Batch
    count: int
    beside: bool


def write_in_a_row(work: Work, position: int, most: int, on_progress: Callable[[int], None]) -> None:
    """Each transaction alone, in the size that holds the writer shortly; its log is settled while the next one is packed.

    Nothing else of ours runs while the writer is held: packing would take the interpreter from it row by row.
    """
    turns, lines, size = Turns(position), work.plan.each_line(position), min(FEW, most)
    with open_writer(work.runtime.database) as database, Log(database) as log:
        while (packed := pack_lines(work, lines, size)).count:
            seconds = write_lines(database, work.plan, turns.position, packed, turns, turns.position)
            log.settle()
            size = fit_size(packed.count, seconds, most)
            on_progress(turns.position)


def write_beside(work: Work, position: int, most: int, on_progress: Callable[[int], None]) -> None:
    """Several transactions at once, committed in the plan's order; the next one is packed while the database writes these."""
    turns, lines, database = Turns(position), work.plan.each_line(position), work.runtime.database
    started = alone = position
    writing: deque[Future[float]] = deque()
    with ThreadPoolExecutor(1, "packing") as packer, ThreadPoolExecutor(WRITERS_AT_ONCE, "writing") as pool:
        waiting = packer.submit(pack_lines, work, lines, most)
        while (packed := waiting.result()).count or writing:
            if packed.count:
                waiting = packer.submit(pack_lines, work, lines, most)
                needed = alone if packed.beside else started
                writing.append(pool.submit(write_lines, database, work.plan, started, packed, turns, needed))
                started += packed.count
                alone = alone if packed.beside else started
            if len(writing) >= WRITERS_AT_ONCE or not packed.count:
                writing.popleft().result()
                on_progress(turns.position)


def pack_lines(work: Work, lines: Lines, size: int) -> Packed:
    """The next lines of the plan as rows. Raises UnknownLine."""
    runtime = work.runtime
    batch = Batch(work.change_id, work.due, runtime.clocks.wall(), many=work.plan.header.lines > PRINTED_ONE_BY_ONE)
    packed, beside = 0, True
    for line in islice(lines, size):
        find_writer(line["op"])(batch, line)
        packed += 1
        beside = beside and may_write_beside(line)
    batch.pack(runtime.database.engine.dialect)
    return Packed(batch, packed, beside)


def write_lines(database: Database, plan: Plan, position: int, packed: Packed, turns: Turns, needed: int) -> float:
    """One short transaction: these lines and the journal's new place, after everything up to `needed`.

    Gives the seconds for which it held the writer. Raises PlanStale, and then nothing after it is written either.
    """
    batch, after = packed.batch, position + packed.count
    try:
        turns.wait(needed)
        with database.write() as writes:
            look_up_by_key(writes)
            since = time.monotonic()
            batch.write(writes)
            turns.wait(position)
            advance_run(writes, plan.digest, position, after)
            batch.add_jobs(writes)
            suspend_leavers(writes, batch, after)
    except sa.exc.IntegrityError as error:
        turns.give_up()
        raise PlanStale(changes=broken_guard(error) or str(error.orig)) from error
    except BaseException:
        turns.give_up()
        raise
    held = time.monotonic() - since
    turns.move(after)
    return held


def suspend_leavers(writes: Writes, batch: Batch, after: int) -> None:
    """One job for those of the batch who leave, named by the journal's place after it."""
    if batch.leavers:
        keyed: list[tuple[str, Mapping[str, Any]]] = [(f"{batch.change_id}:{after}", {"people": batch.leavers})]
        enqueue_many(writes, SUSPEND_LEAVERS, keyed, batch.now, batch.effective, batch.change_id)


def find_writer(op: str) -> Writer:
    """The function that writes a line of this kind. Raises UnknownLine."""
    writer = WRITERS.get(op)
    if writer is None:
        raise UnknownLine(op=op)
    return writer
