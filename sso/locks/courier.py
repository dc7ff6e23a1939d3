"""The courier: twice a second the locks of both sides are brought to each other, beside the worker's other jobs.

A round first tells the directory what was shut or opened here, then asks it what it has locked. What it had locked a round ago and
has no longer, before the time, somebody opened there; an entry that was made anew meanwhile (`directory rebuild`) is locked again.
What is remembered between rounds is only memory: forgotten, an opening by hand in the directory waits for the lock's own end.
"""

import logging
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from typing import Final

import sqlalchemy as sa

from directory.printing.access import open_access
from directory.printing.locks import EntryLock, find_duration, find_locked_entry, find_locks
from directory.printing.server import Server
from directory.settings import LdapSettings
from foundation.handling import work_once
from foundation.outbox import Job, OutboxJob
from foundation.runtime import Runtime
from sso.locks.asking import CARRY_LOCK
from sso.locks.carrying import bring_in, carry_out, find_account, open_here

ROUND_SECONDS: Final = 0.5
PAUSE_SECONDS: Final = 5.0
"""After a round that failed: the server is away, or does not show its policy."""
SLACK: Final = timedelta(seconds=5)
"""The server's clock may be ahead of ours: a lock that has so little left went by its time."""
log = logging.getLogger("hopnhat.locks")


class Courier:
    """Goes between one register and one directory server; `locked` is what was found a round ago."""

    def __init__(self, runtime: Runtime, server: Server) -> None:
        self.runtime = runtime
        self.server = server
        self.duration = find_duration(server, runtime.settings[LdapSettings].policy)
        self.locked: dict[uuid.UUID, EntryLock] = {}

    def go(self) -> None:
        """One round. Raises DirectoryUnreachable."""
        if self.is_asked():
            work_once(self.runtime, {CARRY_LOCK: self.tell})
        now = self.runtime.clocks.wall()
        found = {lock.person_id: lock for lock in find_locks(self.server, self.duration) if lock.holds(now)}
        for lock in found.values():
            if bring_in(self.runtime, lock, self.duration):
                log.info("shut as in the directory: %s", lock.person_id)
        kept = {}
        for person_id, lock in self.locked.items():
            if person_id not in found and lock.holds(now + SLACK) and not self.settle(lock):
                kept[person_id] = lock
        self.locked = kept | found

    def tell(self, _runtime: Runtime, job: Job) -> None:
        """The job of one account."""
        carry_out(self.runtime, self.server, self.duration, uuid.UUID(job.key))

    def is_asked(self) -> bool:
        """Whether any job waits; a read, so that an idle courier writes nothing."""
        due = sa.select(OutboxJob.id).where(
            OutboxJob.kind == CARRY_LOCK, OutboxJob.state == "waiting", OutboxJob.due <= self.runtime.clocks.wall()
        )
        with self.runtime.database.read() as reads:
            return reads.execute(due.limit(1)).first() is not None

    def settle(self, lock: EntryLock) -> bool:
        """A lock is gone before its time: opened by hand, or gone with its entry. False while there is no entry to say which."""
        entry = find_locked_entry(self.server, lock.person_id)
        if entry is None:
            return False
        if entry.incarnation != lock.incarnation:
            with self.runtime.database.read() as reads:
                account_id = find_account(reads, lock.person_id)
            if account_id is not None:
                carry_out(self.runtime, self.server, self.duration, account_id)
        elif not entry.locked and open_here(self.runtime, lock.person_id):
            log.info("opened as in the directory: %s", lock.person_id)
        return True


@contextmanager
def carry_locks(runtime: Runtime) -> Iterator[None]:
    """Have a courier going as long as this block; nothing where there is no directory or locks are not to be carried."""
    ldap, stop = runtime.settings[LdapSettings], threading.Event()
    if not (ldap.enabled and ldap.carry_locks):
        yield
        return
    thread = threading.Thread(target=partial(go_on, runtime, stop), name="locks", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def go_on(runtime: Runtime, stop: threading.Event) -> None:
    """Round after round until told to stop; a new connection after whatever went wrong."""
    while not stop.is_set():
        try:
            with ExitStack() as stack:
                access = stack.enter_context(open_access(runtime.settings))
                courier = Courier(runtime, stack.enter_context(Server(access)))
                while not stop.wait(ROUND_SECONDS):
                    courier.go()
        except Exception as error:  # noqa: BLE001 — the server or the database may be away for a while; the courier stays
            log.warning("locks wait: %s", error)
            stop.wait(PAUSE_SECONDS)
