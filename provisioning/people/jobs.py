"""The jobs of this folder for the worker: leavers are shut out on the day, newcomers are looked at: are they known, where do they go on?"""

import uuid

import sqlalchemy as sa

from directory.joins import find_survivor
from directory.models import Person
from foundation.changes import Change
from foundation.outbox import Handlers, Job
from foundation.runtime import Runtime
from provisioning.merger.apply import LOOK_AT_NEWCOMERS
from provisioning.merger.jobs import SUSPENDED, WORKER, move_accounts
from provisioning.people.carrying import carry_latecomers
from provisioning.people.cases import open_cases
from provisioning.people.closing import close_departed
from provisioning.people.closing_lines import CLOSE_ACCOUNT
from provisioning.people.leaving import SUSPEND_DEPARTED, has_left
from provisioning.people.searching import search


def suspend_departed(runtime: Runtime, job: Job) -> None:
    """Outbox `suspend_departed` {person}: shut out who has left by now and holds no post, by whatever id they go on; safe to repeat."""
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        person = find_survivor(writes, uuid.UUID(job.payload["person"]))
        if has_left(writes, person, max(now, job.due)):
            move_accounts(writes, [person], ("issued", "active"), "suspended", SUSPENDED, job, now)


def look_at_newcomers(runtime: Runtime, job: Job) -> None:
    """Outbox `look_at_newcomers` {change}: whom a change brought; safe to repeat.

    Posts it wrote into units whose end is written go on by that merger's rule, and pairs that may be one human open a case.
    """
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        carry_latecomers(writes, WORKER, now)
    with runtime.database.read() as reads:
        change = reads.get_one(Change, job.payload["change"])
        came = set(reads.execute(sa.select(Person.id).where(Person.change_id == change.id)).scalars())
        found = list(search(reads, runtime.sealer, came)) if came else []
    with runtime.database.write() as writes:
        open_cases(writes, found, change.reason, now)


def close_account(runtime: Runtime, job: Job) -> None:
    """Outbox `close_account` {person}: close the account of somebody who left; safe to repeat."""
    with runtime.database.write() as writes:
        close_departed(writes, uuid.UUID(job.payload["person"]), WORKER, job.key, runtime.clocks.wall())


HANDLERS: Handlers = {
    SUSPEND_DEPARTED: suspend_departed,
    LOOK_AT_NEWCOMERS: look_at_newcomers,
    CLOSE_ACCOUNT: close_account,
}
