"""Doing the jobs of one kind together: the first whose turn it is does all that wait.

A job that can be read when we print had its deed committed before, so nothing is left to do when its own turn comes. What is
known here is only memory: forgetting it (a restart, another worker) means printing the same once more.
"""

import uuid
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from directory.printing.access import open_access, take_turn
from directory.printing.errors import DirectoryRefused, DirectoryUnreachable
from directory.printing.server import Server
from directory.printing.singles import Printed
from directory.settings import LdapSettings
from foundation.changes import UNPUBLISHED
from foundation.outbox import Job, OutboxJob
from foundation.runtime import Runtime

MOST_AHEAD = 2000
MOST_REMEMBERED = 100_000
PAUSE = timedelta(seconds=10)
"""So long a server that did not answer is not asked again: two hundred jobs must not wait for it one after the other."""

Act = Callable[[Runtime, Server, Collection[uuid.UUID]], Printed]


class Ahead:
    """What this process has done ahead, by register and job id, and until when the server is taken to be away."""

    def __init__(self) -> None:
        self._done: set[tuple[str, int]] = set()
        self._away_until: dict[str, datetime] = {}

    def take(self, register: str, job: Job) -> bool:
        """Whether this job is done already; said once."""
        if (register, job.id) not in self._done:
            return False
        self._done.discard((register, job.id))
        return True

    def keep(self, register: str, jobs: Iterable[int]) -> None:
        """These are done."""
        if len(self._done) > MOST_REMEMBERED:
            self._done.clear()
        self._done.update((register, job_id) for job_id in jobs)

    def note_absence(self, register: str, until: datetime) -> None:
        """The server did not answer."""
        self._away_until[register] = until

    def check_presence(self, register: str, now: datetime) -> None:
        """Refuse to wait again for a server that did not answer just now. Raises DirectoryUnreachable."""
        if now < self._away_until.get(register, now):
            raise DirectoryUnreachable("The directory server did not answer a moment ago. The job is tried again.")


AHEAD = Ahead()


def do_ahead(runtime: Runtime, job: Job, act: Act, name: Callable[[uuid.UUID, str], str]) -> None:
    """Do this job and all of its kind that wait; `name` gives the entry of a key.

    Without a directory nothing is done. Raises DirectoryUnreachable, and DirectoryRefused when this job's own entry is refused:
    another's is told at its turn.
    """
    register, now = str(runtime.database.url), runtime.clocks.wall()
    if not runtime.settings[LdapSettings].enabled or AHEAD.take(register, job):
        return
    AHEAD.check_presence(register, now)
    try:
        with take_turn(runtime.settings), open_access(runtime.settings) as access, Server(access) as server:
            jobs = find_waiting(runtime, job, now)
            printed = act(runtime, server, {uuid.UUID(key) for key in jobs.values()})
    except DirectoryUnreachable:
        AHEAD.note_absence(register, now + PAUSE)
        raise
    names = {job_id: name(uuid.UUID(key), access.base) for job_id, key in jobs.items()}
    AHEAD.keep(register, (job_id for job_id, dn in names.items() if dn not in printed.refused and job_id != job.id))
    if names[job.id] in printed.refused:
        raise DirectoryRefused(url=access.url, what=names[job.id], answer=printed.refused[names[job.id]])


def find_waiting(runtime: Runtime, job: Job, now: datetime) -> dict[int, str]:
    """This job and those of its kind that are due and published: keys by job id."""
    due = (
        sa.select(OutboxJob.id, OutboxJob.key)
        .where(
            OutboxJob.kind == job.kind,
            OutboxJob.state == "waiting",
            OutboxJob.due <= now,
            sa.or_(OutboxJob.change_id.is_(None), OutboxJob.change_id.not_in(UNPUBLISHED)),
        )
        .order_by(OutboxJob.due, OutboxJob.id)
        .limit(MOST_AHEAD)
    )
    with runtime.database.read() as reads:
        return {job.id: job.key} | {row.id: row.key for row in reads.execute(due)}
