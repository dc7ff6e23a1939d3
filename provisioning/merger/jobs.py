"""The jobs of this room for the worker: leavers' accounts are suspended at the instant, and opened again when that is undone."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from directory.joins import find_survivors
from directory.models import Account, Credential, Post
from foundation.audit import record
from foundation.changes import AsOf, in_force
from foundation.database import Writes
from foundation.outbox import Handlers, Job, enqueue_many
from foundation.runtime import Runtime
from provisioning.account_states import shut_out
from provisioning.merger.transactions import SUSPEND_LEAVERS
from provisioning.merger.writers import REOPEN_LEAVERS

SUSPENDED = "provisioning.account.suspend"
REOPENED = "provisioning.account.resume"
WORKER = "worker"


def suspend_leavers(runtime: Runtime, job: Job) -> None:
    """Outbox `suspend_leavers` {people}: whoever holds no post any more cannot come in, by whatever id they go on; safe to repeat."""
    named = [uuid.UUID(person) for person in job.payload["people"]]
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        survivors = find_survivors(writes, named)
        people = list(dict.fromkeys(survivors.get(person, person) for person in named))
        holding = find_holding(writes, people, max(now, job.due))
        leaving = [person for person in people if person not in holding]
        move_accounts(writes, leaving, ("issued", "active"), "suspended", SUSPENDED, job, now)


def reopen_leavers(runtime: Runtime, job: Job) -> None:
    """Outbox `reopen_leavers` {people}: accounts that a merger suspended and that was undone open again; safe to repeat."""
    people = [uuid.UUID(person) for person in job.payload["people"]]
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        opened = set(
            writes.execute(
                sa.select(Account.person_id)
                .join(Credential, Credential.account_id == Account.id)
                .where(Account.person_id.in_(people), Credential.password_hash.is_not(None))
            ).scalars()
        )
        for state, some in (("active", opened), ("issued", set(people) - opened)):
            move_accounts(writes, sorted(some), ("suspended",), state, REOPENED, job, now)


def find_holding(writes: Writes, people: Sequence[uuid.UUID], at: datetime) -> set[uuid.UUID]:
    """Who of them holds a post at the instant."""
    held = sa.select(Post.person_id).where(Post.person_id.in_(people), in_force(Post, AsOf(at)))
    return set(writes.execute(held).scalars())


def move_accounts(
    writes: Writes, people: Sequence[uuid.UUID], before: Sequence[str], after: str, event: str, job: Job, now: datetime
) -> None:
    """Change the state of these people's business accounts, one audit row and one printing each."""
    found = writes.execute(
        sa.select(Account).where(Account.person_id.in_(people), Account.kind == "business", Account.state.in_(before))
    ).scalars()
    moved = []
    for account in found:
        account.state, account.state_since = after, now
        if after == "suspended":
            shut_out(writes, account, now)
        moved.append(str(account.person_id))
        record(writes, now, event, WORKER, str(account.person_id), {"job": job.kind, "key": job.key})
    enqueue_many(writes, "print_person", [(person, {}) for person in moved], now)


HANDLERS: Handlers = {SUSPEND_LEAVERS: suspend_leavers, REOPEN_LEAVERS: reopen_leavers}
