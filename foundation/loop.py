"""The worker's loop: the outbox's jobs one after the other, and beside them the audit's seals, until told to stop."""

import logging
import threading
import time
from datetime import timedelta

from foundation.outbox import Handlers, drop_done, work_once
from foundation.runtime import Runtime

SLOW_AT_ONCE = 4
KEPT = timedelta(days=7)
"""How long a job stays that is done or cancelled, for who wants to know what became of it."""
LEAVE_SECONDS = 60.0
log = logging.getLogger("hopnhat.outbox")


def work(
    runtime: Runtime,
    handlers: Handlers,
    stop: threading.Event,
    slow: frozenset[str] = frozenset(),
    pause: float = 0.3,
    kept: timedelta = KEPT,
) -> None:
    """The worker's loop: do what is due, let old jobs leave, wait a little; until told to stop. Beside it the audit is sealed.

    Kinds in `slow` are done a few at a time, after the others: a leaver is shut out before certificates are proposed. Jobs that are
    done or cancelled leave after `kept`.
    """
    sealer = threading.Thread(target=keep_sealing, args=(runtime, stop, pause), name="sealer")
    sealer.start()
    quick = {kind: handler for kind, handler in handlers.items() if kind not in slow}
    heavy = {kind: handler for kind, handler in handlers.items() if kind in slow}
    dropped = time.monotonic()
    while not stop.is_set():
        try:
            tried = work_once(runtime, quick)
            if tried == 0 and heavy:
                tried = work_once(runtime, heavy, SLOW_AT_ONCE)
            if time.monotonic() - dropped > LEAVE_SECONDS:
                dropped = time.monotonic()
                drop_done(runtime.database, runtime.clocks.wall() - kept)
        except Exception:  # the database may be away for a while; the worker stays
            log.exception("the worker met an error and goes on")
            tried = 0
        if tried == 0:
            stop.wait(pause)
    sealer.join()
    seal(runtime)


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
