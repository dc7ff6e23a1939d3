"""The jobs of this folder for the worker: a leaver's account is shut on the day."""

import uuid

from foundation.outbox import Handlers, Job
from foundation.runtime import Runtime
from provisioning.merger.jobs import SUSPENDED, move_accounts
from provisioning.people.leaving import SUSPEND_DEPARTED, has_left


def suspend_departed(runtime: Runtime, job: Job) -> None:
    """Outbox `suspend_departed` {person}: shut out who has left by now and holds no post; safe to repeat."""
    person, now = uuid.UUID(job.payload["person"]), runtime.clocks.wall()
    with runtime.database.write() as writes:
        if has_left(writes, person, max(now, job.due)):
            move_accounts(writes, [person], ("issued", "active"), "suspended", SUSPENDED, job, now)


HANDLERS: Handlers = {SUSPEND_DEPARTED: suspend_departed}
