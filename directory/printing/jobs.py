"""Jobs of the outbox that print: one person, one unit, everything.

A deed that touches one person asks for one person; a deed that touches many (a roster, a merger at its instant) asks for
everything once, which is far cheaper. Each job reads the register when it runs, so doing it twice or late does no harm.
"""

import logging
import uuid
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from directory.models import Post
from directory.printing.access import build_limits, open_access
from directory.printing.server import Server
from directory.printing.sync import print_people, print_units, sync
from directory.settings import LdapSettings
from foundation.changes import AsOf, in_force
from foundation.database import Writes
from foundation.outbox import Handler, Job, enqueue_many
from foundation.runtime import Runtime

PRINT_PERSON = "print_person"
PRINT_UNIT = "print_unit"
PRINT_ALL = "print_all"
log = logging.getLogger("hopnhat.printing")


def ask_for_people(
    writes: Writes,
    people: Iterable[uuid.UUID],
    now: datetime,
    due: datetime | None = None,
    change_id: int | None = None,
) -> None:
    """Have these people printed: now, or when `due`. Call it in the deed's transaction."""
    enqueue_many(writes, PRINT_PERSON, [(str(person_id), {}) for person_id in people], now, due, change_id)


def ask_for_units(
    writes: Writes, units: Iterable[uuid.UUID], now: datetime, due: datetime | None = None, change_id: int | None = None
) -> None:
    """Have these units, and the people whose main post is there, printed."""
    enqueue_many(writes, PRINT_UNIT, [(str(unit_id), {}) for unit_id in units], now, due, change_id)


def ask_for_all(writes: Writes, now: datetime, due: datetime | None = None, change_id: int | None = None) -> None:
    """Have everything compared and printed: after a deed that touches many, or at the instant it takes effect."""
    enqueue_many(writes, PRINT_ALL, [("all", {})], now, due, change_id)


def print_person(runtime: Runtime, job: Job) -> None:
    """Bring one person's entry up to date."""
    if not runtime.settings[LdapSettings].enabled:
        return
    with open_access(runtime.settings) as access, Server(access) as server:
        print_people(runtime.database, server, [uuid.UUID(job.key)], runtime.clocks.register)


def print_unit(runtime: Runtime, job: Job) -> None:
    """Bring one unit's entry up to date, and those of the people whose main post is in it: they carry its name and codes."""
    if not runtime.settings[LdapSettings].enabled:
        return
    at, unit_id = runtime.clocks.register(), uuid.UUID(job.key)
    with runtime.database.read() as reads:
        members = reads.execute(
            sa.select(Post.person_id).where(Post.unit_id == unit_id, Post.main, in_force(Post, AsOf(at)))
        ).scalars()
        people = list(members)
    with open_access(runtime.settings) as access, Server(access) as server:
        print_units(runtime.database, server, [unit_id], runtime.clocks.register)
        print_people(runtime.database, server, people, runtime.clocks.register)


def print_all(runtime: Runtime, job: Job) -> None:
    """Compare and print everything, under the guards. Raises PrintingUnsafe: the job is tried again and then parked."""
    if not runtime.settings[LdapSettings].enabled:
        return
    with open_access(runtime.settings) as access, Server(access) as server:
        outcome = sync(runtime.database, server, runtime.clocks.register, build_limits(runtime.settings))
    log.info("printed %s, refused %d", outcome.comparison.counts, len(outcome.refused))


HANDLERS: dict[str, Handler] = {PRINT_PERSON: print_person, PRINT_UNIT: print_unit, PRINT_ALL: print_all}
