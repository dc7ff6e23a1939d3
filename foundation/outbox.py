"""The outbox: everything outside the database is a job, written in the deed's transaction and done by the worker.

At least once: a handler must be idempotent, because a worker may die between doing and saying so. A job names a `kind` and a
`key`; while one is waiting, another with the same kind, key and due instant is not added again. A job tied to a change is due only once the
change is published and is cancelled when it is undone. Failures are tried again with growing pauses, then parked where `doctor`
and the metrics show them. What is done or cancelled leaves after a while, a batch a transaction.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.changes import Change
from foundation.database import Base, Database, RowId, Writes
from foundation.skipping import insert_or_skip

if TYPE_CHECKING:
    from foundation.runtime import Runtime

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 10
LONGEST_PAUSE = timedelta(hours=1)
BATCH = 500
log = logging.getLogger("hopnhat.outbox")


class OutboxJob(Base):
    """One job; `state` is waiting, done, parked or cancelled."""

    __tablename__ = "outbox_job"
    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    kind: Mapped[str]
    key: Mapped[str]
    payload: Mapped[dict[str, Any]]
    due: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    last_error: Mapped[str | None]
    change_id: Mapped[int | None] = mapped_column(RowId, sa.ForeignKey("change.id"), index=True)
    made_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    __table_args__ = (
        sa.CheckConstraint("state IN ('waiting', 'done', 'parked', 'cancelled')", name="state"),
        sa.Index("ix_outbox_job_due", "state", "due"),
        sa.Index(
            "uq_outbox_job_waiting",
            "kind",
            "key",
            "due",
            unique=True,
            sqlite_where=sa.text("state = 'waiting' AND attempts = 0"),
            postgresql_where=sa.text("state = 'waiting' AND attempts = 0"),
        ),
    )


@dataclass(frozen=True)
class Job:
    """What a handler gets: how often it was tried before is in `attempts` (1 the first time)."""

    id: int
    kind: str
    key: str
    payload: Mapping[str, Any]
    attempts: int
    due: datetime


class GiveUp(Exception):
    """Raised by a handler where another try cannot help: the job is parked at once and shown with this reason."""


class TryLater(Exception):
    """Raised by a handler that knows when to try again and when to give up by itself: the try is not counted."""

    def __init__(self, reason: str, pause: timedelta) -> None:
        super().__init__(reason)
        self.pause = pause


Handler = Callable[["Runtime", Job], None]
Handlers = Mapping[str, Handler]


def enqueue(
    writes: Writes,
    kind: str,
    key: str,
    now: datetime,
    payload: Mapping[str, Any] | None = None,
    due: datetime | None = None,
    change_id: int | None = None,
) -> None:
    """Add a job in the deed's transaction; nothing happens if one of the same kind, key and due instant waits untouched."""
    enqueue_many(writes, kind, [(key, payload or {})], now, due, change_id)


def enqueue_many(
    writes: Writes,
    kind: str,
    keyed: list[tuple[str, Mapping[str, Any]]],
    now: datetime,
    due: datetime | None = None,
    change_id: int | None = None,
) -> None:
    """Add many jobs of one kind at once."""
    rows = [
        {
            "kind": kind,
            "key": key,
            "payload": dict(payload),
            "due": due or now,
            "made_at": now,
            "change_id": change_id,
            "state": "waiting",
            "attempts": 0,
        }
        for key, payload in keyed
    ]
    if not rows:
        return
    writes.connection().execute(insert_or_skip(writes, OutboxJob), rows)


def cancel_of_change(writes: Writes, change_id: int) -> int:
    """Cancel the waiting jobs of a change that is undone or abandoned. Gives how many."""
    statement = (
        sa.update(OutboxJob)
        .where(OutboxJob.change_id == change_id, OutboxJob.state.in_(("waiting", "parked")))
        .values(state="cancelled")
    )
    return int(writes.connection().execute(statement).rowcount)


def claim_jobs(database: Database, now: datetime, kinds: list[str], most: int) -> list[Job]:
    """Lease the next due jobs to this worker; two workers never get the same one while the lease lasts."""
    published = sa.or_(
        OutboxJob.change_id.is_(None),
        OutboxJob.change_id.in_(sa.select(Change.id).where(Change.published_at.is_not(None))),
    )
    free = sa.or_(OutboxJob.leased_until.is_(None), OutboxJob.leased_until < now)
    wanted = (
        sa.select(OutboxJob)
        .where(OutboxJob.state == "waiting", OutboxJob.due <= now, free, published, OutboxJob.kind.in_(kinds))
        .order_by(OutboxJob.due, OutboxJob.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    with database.write() as writes:
        jobs = []
        for job in writes.execute(wanted).scalars():
            if job.attempts >= MOST_ATTEMPTS:  # its worker died each time before it could say so
                job.state, job.last_error = "parked", job.last_error or "the worker did not come back"
                continue
            job.leased_until = now + LEASE
            job.attempts += 1
            jobs.append(job)
        return [Job(job.id, job.kind, job.key, job.payload, job.attempts, job.due) for job in jobs]


def finish_jobs(database: Database, jobs: list[Job], now: datetime) -> None:
    """Mark jobs done."""
    with database.write() as writes:
        writes.execute(
            sa.update(OutboxJob)
            .where(OutboxJob.id.in_([job.id for job in jobs]))
            .values(state="done", done_at=now, leased_until=None, last_error=None)
        )


def fail_job(database: Database, job: Job, now: datetime, error: Exception) -> None:
    """Put a job back with a pause that doubles, or park it after MOST_ATTEMPTS; a handler may say otherwise (GiveUp, TryLater)."""
    pause = min(timedelta(seconds=2 ** min(job.attempts, 16)), LONGEST_PAUSE)
    parked = job.attempts >= MOST_ATTEMPTS or isinstance(error, GiveUp)
    attempts = job.attempts
    if isinstance(error, TryLater):
        pause, parked, attempts = error.pause, False, max(job.attempts - 1, 1)
    with database.write() as writes:
        writes.execute(
            sa.update(OutboxJob)
            .where(OutboxJob.id == job.id)
            .values(
                state="parked" if parked else "waiting",
                attempts=attempts,
                due=now if parked else now + pause,
                leased_until=None,
                last_error=f"{type(error).__name__}: {error}"[:500],
            )
        )


def postpone(database: Database, kind: str, until: datetime, begins: str = "") -> int:
    """Put off the waiting jobs of a kind that nobody works on: what they all need is away. Gives how many.

    `begins`: only those whose key begins so.
    """
    with database.write() as writes:
        statement = (
            sa.update(OutboxJob)
            .where(
                OutboxJob.kind == kind,
                OutboxJob.state == "waiting",
                OutboxJob.leased_until.is_(None),
                OutboxJob.due < until,
                OutboxJob.key.startswith(begins, autoescape=True),
            )
            # Untouched jobs are unique by their due instant; these are touched now.
            .values(due=until, attempts=sa.case((OutboxJob.attempts == 0, 1), else_=OutboxJob.attempts))
        )
        return int(writes.connection().execute(statement).rowcount)


def drop_done(database: Database, end: datetime) -> int:
    """Take away the jobs that were due and done, or cancelled, before `end`. Gives how many; nothing here is a record of anything."""
    over = sa.and_(
        OutboxJob.state.in_(("done", "cancelled")),
        OutboxJob.due < end,
        sa.or_(OutboxJob.done_at.is_(None), OutboxJob.done_at < end),
    )
    chosen = sa.select(OutboxJob.id).where(over).limit(BATCH).scalar_subquery()
    left = 0
    while True:
        with database.write() as writes:
            gone = int(writes.connection().execute(sa.delete(OutboxJob).where(OutboxJob.id.in_(chosen))).rowcount)
        left += gone
        if gone < BATCH:
            return left


def retry_parked(database: Database, now: datetime) -> int:
    """Put every parked job back, to be tried from the beginning. Gives how many."""
    with database.write() as writes:
        statement = (
            sa.update(OutboxJob)
            .where(OutboxJob.state == "parked")
            .values(state="waiting", attempts=1, due=now, leased_until=None)
        )
        return int(writes.connection().execute(statement).rowcount)


def count_by_state(database: Database) -> dict[str, int]:
    """How many jobs stand in each state."""
    with database.read() as reads:
        rows = reads.execute(sa.select(OutboxJob.state, sa.func.count()).group_by(OutboxJob.state))
        return {state: count for state, count in rows}  # noqa: C416 — dict() of rows does not type
