"""Applications that answer, and take seconds for it: a few of the worker's threads at a time are theirs, so that all others hear in time,
however many are slow.

Who does not answer at all is left alone instead (`sso.logouts`).
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from foundation.handling import BESIDE_AT_ONCE
from foundation.outbox import TryLater, postpone
from foundation.runtime import Runtime

SLOW_SECONDS: Final = 1.0
"""An application whose last answer took longer is slow."""
AT_ONCE: Final = 3
"""How many of the worker's threads a slow application gets."""
KEPT_FREE: Final = 3
"""How many are left to those that are not slow, however many are."""
ALL_AT_ONCE: Final = BESIDE_AT_ONCE - KEPT_FREE
"""How many all slow applications get together."""
PAUSE: Final = timedelta(seconds=1)
"""How long the rest of its jobs wait then: not much longer than one of its answers, or most of the time nobody would ask it."""

_slow: dict[str, int] = {}
"""How many calls of each slow application are under way."""
_lock: Final = threading.Lock()


@contextmanager
def taken_on(runtime: Runtime, kind: str, client_id: str) -> Iterator[None]:
    """The time of one call. Raises TryLater where a slow application, or all of them together, have their share of threads.

    All its jobs (of this kind, with a key that begins with its name and a colon) are put off together then: the worker would take up each,
    only to lay it down again.
    """
    with _lock:
        slow = client_id in _slow
        full = slow and (_slow[client_id] >= AT_ONCE or sum(_slow.values()) >= ALL_AT_ONCE)
        if slow and not full:
            _slow[client_id] += 1
    if full:
        postpone(runtime.database, kind, runtime.clocks.wall() + PAUSE, f"{client_id}:")
        raise TryLater("the application answers slowly", PAUSE)
    began = time.monotonic()
    try:
        yield
    finally:
        note_speed(client_id, time.monotonic() - began, counted=slow)


def note_speed(client_id: str, seconds: float, *, counted: bool) -> None:
    """Remember how fast an application was; one that answers soon again is slow no longer."""
    with _lock:
        if seconds <= SLOW_SECONDS:
            _slow.pop(client_id, None)
        else:
            under_way = _slow.get(client_id, 0)
            _slow[client_id] = max(under_way - 1, 0) if counted else under_way
