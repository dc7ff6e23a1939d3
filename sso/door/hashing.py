"""Where passwords are hashed: as many at once as there are cores, a queue before it, and a kind "in a moment" when that is full.

Who comes in by a password takes their place in the queue before a try is counted on the account (`door_place`): who is told to come
again has tried nothing, and a crowded morning shuts nobody out.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, local
from typing import Final

from foundation.errors import HopnhatError

WAITING_AT_MOST: Final = 64
"""Fewer than the threads that pages have, so that a full queue is seen and other pages are still served."""
SECONDS_AT_MOST: Final = 8.0


class DoorCrowded(HopnhatError):
    """More people at the door than can be served in a few seconds."""

    code = "crowded"
    status = 503
    exit_code = 75
    sentence = "Many people are logging in at this moment. Please try again in a few seconds; nothing is lost."


_places = BoundedSemaphore(WAITING_AT_MOST)
_cores = BoundedSemaphore(os.cpu_count() or 1)
_held = local()
"""Whether this thread has its place in the queue already."""


def share_cores(processes: int) -> None:
    """Have each of so many processes compute its share of as many hashes as there are cores, one at least. Called before they begin.

    A hash that is interrupted by another finds its 19 MiB pushed out of the cache: it then costs a quarter more.
    """
    global _cores
    _cores = BoundedSemaphore(max(1, (os.cpu_count() or 1) // processes))


@contextmanager
def door_place() -> Iterator[None]:
    """A place in the queue for all hashes of one try, taken before anything else is done. Raises DoorCrowded."""
    if not _places.acquire(blocking=False):
        raise DoorCrowded()
    _held.place = True
    try:
        yield
    finally:
        _held.place = False
        _places.release()


@contextmanager
def hashing_place() -> Iterator[None]:
    """A place at a core for one hash. Raises DoorCrowded when the queue is full or a place does not come in time."""
    if not getattr(_held, "place", False):
        with door_place(), hashing_place():
            yield
        return
    if not _cores.acquire(timeout=SECONDS_AT_MOST):
        raise DoorCrowded()
    try:
        yield
    finally:
        _cores.release()
