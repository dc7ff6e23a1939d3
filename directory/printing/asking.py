"""Asking for something to be printed: a job in the deed's own transaction. No LDAP here, so that every room may ask."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from foundation.database import Writes
from foundation.outbox import enqueue_many

PRINT_PERSON: Final = "print_person"
PRINT_UNIT: Final = "print_unit"
PRINT_ALL: Final = "print_all"


def ask_for_people(
    writes: Writes,
    people: Iterable[uuid.UUID],
    now: datetime,
    due: datetime | None = None,
    change_id: int | None = None,
) -> None:
    """Have these people printed: now, or when `due`."""
    enqueue_many(writes, PRINT_PERSON, [(str(person_id), {}) for person_id in people], now, due, change_id)


def ask_for_units(
    writes: Writes, units: Iterable[uuid.UUID], now: datetime, due: datetime | None = None, change_id: int | None = None
) -> None:
    """Have these units, and the people whose main post is there, printed."""
    enqueue_many(writes, PRINT_UNIT, [(str(unit_id), {}) for unit_id in units], now, due, change_id)


def ask_for_all(writes: Writes, now: datetime, due: datetime | None = None, change_id: int | None = None) -> None:
    """Have everything compared and printed: after a deed that touches many, or at the instant it takes effect."""
    enqueue_many(writes, PRINT_ALL, [("all", {})], now, due, change_id)
