"""A lock carried to the other side: what stands in the register to the directory, what the directory has locked to the register.

Only the account's own count is shut, never that of a browser the account knows: who guesses at the directory shuts strangers out
of the log-in page, and nobody out of their own desk. A job that waits is newer than anything the directory says.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from directory.models import Account
from directory.printing.access import open_access
from directory.printing.ahead import AHEAD, PAUSE
from directory.printing.errors import DirectoryUnreachable
from directory.printing.locks import EntryLock, find_duration, find_locks, lock_entry, open_entry
from directory.printing.server import Server
from directory.settings import LdapSettings
from foundation import audit
from foundation.database import Reads, Writes
from foundation.outbox import Handler, Job, OutboxJob
from foundation.runtime import Runtime
from sso.door.guesses import account_subject, forgive, shut
from sso.locks.asking import CARRY_LOCK
from sso.models import Guess
from sso.policy import load_policy
from sso.settings import SsoSection

SHUT: Final = "sso.account.shut"
OPENED: Final = "sso.account.opened"


@dataclass(frozen=True)
class Standing:
    """How an account stands in the register: whose it is, and until when guesses have shut it, if they have."""

    person_id: uuid.UUID
    printed: bool
    shut_until: datetime | None


def carry_lock(runtime: Runtime, job: Job) -> None:
    """The worker's job where no courier goes. Raises DirectoryUnreachable."""
    ldap, register, now = runtime.settings[LdapSettings], str(runtime.database.url), runtime.clocks.wall()
    if not (ldap.enabled and ldap.carry_locks):
        return
    AHEAD.check_presence(register, now)
    try:
        with open_access(runtime.settings) as access, Server(access) as server:
            carry_out(runtime, server, find_duration(server, ldap.policy), uuid.UUID(job.key))
    except DirectoryUnreachable:
        AHEAD.note_absence(register, now + PAUSE)
        raise


def carry_out(runtime: Runtime, server: Server, duration: timedelta, account_id: uuid.UUID) -> None:
    """Bring the directory to what stands in the register; a lock of its own that lasts longer stays. Raises DirectoryUnreachable."""
    now = runtime.clocks.wall()
    with runtime.database.read() as reads:
        standing = find_standing(runtime, reads, account_id)
    if standing is None or not standing.printed:
        return
    if standing.shut_until is None or standing.shut_until <= now:
        open_entry(server, standing.person_id)
        return
    until = standing.shut_until
    there = [lock for lock in find_locks(server, duration) if lock.person_id == standing.person_id]
    if not any(lock.holds(until - timedelta(seconds=1)) for lock in there):
        lock_entry(server, standing.person_id, until, duration)


def find_standing(runtime: Runtime, reads: Reads, account_id: uuid.UUID) -> Standing | None:
    """How an account stands; only a business account is printed."""
    account = reads.execute(sa.select(Account.person_id, Account.kind).where(Account.id == account_id)).first()
    if account is None:
        return None
    kept = sa.select(Guess.shut_until).where(Guess.subject == account_subject(runtime.sealer, account_id))
    return Standing(account.person_id, account.kind == "business", reads.execute(kept).scalar_one_or_none())


def bring_in(runtime: Runtime, lock: EntryLock, duration: timedelta) -> bool:
    """Shut the account of an entry that the directory has locked. Gives whether it was open till now."""
    now, policy = runtime.clocks.wall(), load_policy(runtime.settings[SsoSection]).section
    with runtime.database.write() as writes:
        account_id = find_account(writes, lock.person_id)
        if account_id is None or is_waiting(writes, account_id) or is_shut(runtime, writes, account_id, now):
            return False
        until = lock.until or now + duration
        shut(writes, account_subject(runtime.sealer, account_id), policy, now, until)
        audit.record(writes, now, SHUT, "directory", str(account_id), {"until": until.isoformat()})
        return True


def open_here(runtime: Runtime, person_id: uuid.UUID) -> bool:
    """Open the account of an entry whose lock was taken away in the directory. Gives whether it was shut till now."""
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        account_id = find_account(writes, person_id)
        if account_id is None or is_waiting(writes, account_id) or not is_shut(runtime, writes, account_id, now):
            return False
        forgive(writes, account_subject(runtime.sealer, account_id))
        audit.record(writes, now, OPENED, "directory", str(account_id), {})
        return True


def find_account(reads: Reads, person_id: uuid.UUID) -> uuid.UUID | None:
    """The account that is printed for a person."""
    wanted = sa.select(Account.id).where(Account.person_id == person_id, Account.kind == "business")
    return reads.execute(wanted).scalar_one_or_none()


def is_shut(runtime: Runtime, reads: Reads, account_id: uuid.UUID, now: datetime) -> bool:
    """Whether guesses have shut the account to strangers."""
    standing = find_standing(runtime, reads, account_id)
    return standing is not None and standing.shut_until is not None and standing.shut_until > now


def is_waiting(writes: Writes, account_id: uuid.UUID) -> bool:
    """Whether the directory is still to be told something about this account."""
    waiting = sa.select(OutboxJob.id).where(
        OutboxJob.kind == CARRY_LOCK, OutboxJob.key == str(account_id), OutboxJob.state == "waiting"
    )
    return writes.execute(waiting.limit(1)).first() is not None


HANDLERS: dict[str, Handler] = {CARRY_LOCK: carry_lock}
