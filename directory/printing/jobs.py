"""Jobs of the outbox that print: one person, one unit, everything.

Each job reads the register when it runs, so doing it twice or late does no harm; and the first of many does all that wait,
with a few queries and one pipeline, so that the eight thousand jobs of a merger take seconds.
"""

import logging
import uuid
from collections.abc import Collection

from directory.people import find_members
from directory.printing.access import build_limits, open_access, take_turn
from directory.printing.ahead import do_ahead
from directory.printing.asking import PRINT_ALL, PRINT_PERSON, PRINT_UNIT, ask_for_all, ask_for_people, ask_for_units
from directory.printing.deeds import is_first, record_printing
from directory.printing.entries import person_dn, unit_dn
from directory.printing.server import Server
from directory.printing.singles import Printed, print_people, print_units
from directory.printing.sync import sync
from directory.settings import LdapSettings
from foundation.changes import AsOf
from foundation.outbox import Handler, Job
from foundation.runtime import Runtime

log = logging.getLogger("hopnhat.printing")


def print_person(runtime: Runtime, job: Job) -> None:
    """Bring one person's entry up to date, and with it those of everybody else who waits."""
    do_ahead(runtime, job, print_all_people, person_dn)


def print_unit(runtime: Runtime, job: Job) -> None:
    """Bring one unit's entry up to date, and those of the people whose main post is in it: they carry its name and codes.

    All other units that wait are done with it.
    """
    do_ahead(runtime, job, print_all_units, unit_dn)


def print_all_people(runtime: Runtime, server: Server, people: Collection[uuid.UUID]) -> Printed:
    """These people."""
    return print_people(runtime.database, server, people, runtime.clocks.register)


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
    with take_turn(runtime.settings), open_access(runtime.settings) as access, Server(access) as server:
        with runtime.database.read() as reads:
            first = is_first(reads, access.base)
        limits = build_limits(runtime.settings)
        outcome = sync(runtime.database, server, runtime.clocks.register, limits, from_nothing=first)
    with runtime.database.write() as writes:
        record_printing(writes, runtime.clocks.wall(), "directory.printing.sync", "worker", access.base, outcome)
    log.info("printed %s, refused %d", outcome.comparison.counts, len(outcome.refused))


HANDLERS: dict[str, Handler] = {PRINT_PERSON: print_person, PRINT_UNIT: print_unit, PRINT_ALL: print_all}

__all__ = ["HANDLERS", "PRINT_ALL", "PRINT_PERSON", "PRINT_UNIT", "ask_for_all", "ask_for_people", "ask_for_units"]
