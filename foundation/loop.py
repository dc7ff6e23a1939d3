"""The worker's loop: the outbox's jobs one after the other, and beside them the audit's seals, until told to stop."""

import logging
import threading
import time
from datetime import timedelta

from foundation.handling import work_once
from foundation.outbox import Handlers, drop_done
from foundation.runtime import Runtime

SLOW_AT_ONCE = 4
LEAVE_SECONDS = 60.0
log = logging.getLogger("hopnhat.outbox")


def work(
    runtime: Runtime,
    handlers: Handlers,
    stop: threading.Event,
    slow: frozenset[str] = frozenset(),
    pause: float = 0.3,
    leave: float = LEAVE_SECONDS,
    *,
    kept: timedelta,
) -> None:
    """The worker's loop: do what is due, let old jobs leave, wait a little; until told to stop. Beside it the audit is sealed.

    Kinds in `slow` are done a few at a time, after the others: a leaver is shut out before certificates are proposed. Jobs that are
    done or cancelled leave after `kept`, which is looked at every `leave` seconds.
    """
    quick = {kind: handler for kind, handler in handlers.items() if kind not in slow}
    heavy = {kind: handler for kind, handler in handlers.items() if kind in slow}
    sealer = threading.Thread(target=keep_sealing, args=(runtime, stop, pause), name="sealer")
    sealer.start()
    try:
        keep_working(runtime, (quick, heavy), stop, pause, leave, kept)
    finally:
        stop.set()
        sealer.join()
        seal(runtime)


def keep_working(
    runtime: Runtime,
    both: tuple[Handlers, Handlers],
    stop: threading.Event,
    pause: float,
    leave: float,
    kept: timedelta,
) -> None:
    """Do what is due, the slow kinds behind the quick ones, and let old jobs leave, until told to stop."""
    quick, heavy = both
    dropped = time.monotonic()
    while not stop.is_set():
        try:
            tried = work_once(runtime, quick)
            if tried == 0 and heavy:
                tried = work_once(runtime, heavy, SLOW_AT_ONCE)
            if time.monotonic() - dropped > leave:
                dropped = time.monotonic()
                drop_done(runtime.database, runtime.clocks.wall() - kept)
        except Exception:  # the database may be away for a while; the worker stays
            log.exception("the worker met an error and goes on")
            tried = 0
        if tried == 0:
            stop.wait(pause)


def keep_sealing(runtime: Runtime, stop: threading.Event, pause: float) -> None:
    """Seal the audit every `pause` seconds until told to stop: no job of many minutes, such as printing everybody, keeps it waiting."""
    while not stop.wait(pause):
        seal(runtime)


def seal(runtime: Runtime) -> None:
    """Seal what waits; if that fails, it waits on."""
    try:
        runtime.seal_audit()
    except Exception:  # the database may be away for a while
        log.exception("the audit could not be sealed yet")
