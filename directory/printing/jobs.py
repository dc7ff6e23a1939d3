"""Jobs of the outbox that print: one person, one unit, everything.

Each job reads the register when it runs, so doing it twice or late does no harm; and the first of many does all that wait,
with a few queries and one pipeline, so that the eight thousand jobs of a merger take seconds.
"""

import logging
import uuid
from collections.abc import Collection, Iterable
from datetime import datetime

from directory.people import find_members
from directory.printing.access import build_limits, open_access
from directory.printing.ahead import do_ahead
from directory.printing.entries import person_dn, unit_dn
from directory.printing.server import Server
from directory.printing.sync import Printed, print_people, print_units, sync
from directory.settings import LdapSettings
from directory.units import chunked
from foundation.changes import AsOf
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
    """Bring one person's entry up to date, and with it those of everybody else who waits."""
    do_ahead(runtime, job, print_all_people, person_dn)


def print_unit(runtime: Runtime, job: Job) -> None:
    """Bring one unit's entry up to date, and those of the people whose main post is in it: they carry its name and codes.

    All other units that wait are done with it.
    """
    do_ahead(runtime, job, print_all_units, unit_dn)


def print_all_people(runtime: Runtime, server: Server, people: Collection[uuid.UUID]) -> Printed:
    """These people, in portions that one query can name."""
    printed = Printed()
    for portion in chunked(people):
        printed += print_people(runtime.database, server, portion, runtime.clocks.register)
    return printed


def print_all_units(runtime: Runtime, server: Server, units: Collection[uuid.UUID]) -> Printed:
    """These units, then their people."""
    printed = print_units(runtime.database, server, units, runtime.clocks.register)
    with runtime.database.read() as reads:
        posts = find_members(reads, units, AsOf(runtime.clocks.register()))
    return printed + print_all_people(runtime, server, {post.person_id for post in posts if post.main})


def print_all(runtime: Runtime, job: Job) -> None:
    """Compare and print everything, under the guards. Raises PrintingUnsafe: the job is tried again and then parked."""
    if not runtime.settings[LdapSettings].enabled:
        return
    with open_access(runtime.settings) as access, Server(access) as server:
        outcome = sync(runtime.database, server, runtime.clocks.register, build_limits(runtime.settings))
    log.info("printed %s, refused %d", outcome.comparison.counts, len(outcome.refused))


HANDLERS: dict[str, Handler] = {PRINT_PERSON: print_person, PRINT_UNIT: print_unit, PRINT_ALL: print_all}
