"""The worker's loop: the outbox's jobs one after the other; beside them those that wait for somebody else, and the audit's seals."""

import logging
import threading
import time
from datetime import timedelta

from foundation.handling import Beside, work_once
from foundation.outbox import Handlers, drop_done
from foundation.runtime import Runtime

SLOW_AT_ONCE = 4
CALLS_AT_ONCE = 32
"""How many calls are taken on together: none of them is over before the last of them is, and who is called may take seconds."""
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

    Kinds in `slow` are done a few at a time, after the others: a leaver is shut out before certificates are proposed. Kinds that wait for
    somebody else (`Beside`) have a thread of their own: whoever is called and takes their time keeps nobody's mail or directory waiting.
    Jobs that are done or cancelled leave after `kept`, which is looked at every `leave` seconds.
    """
    calls = {kind: handler for kind, handler in handlers.items() if isinstance(handler, Beside)}
    quick = {kind: handler for kind, handler in handlers.items() if kind not in slow and kind not in calls}
    heavy = {kind: handler for kind, handler in handlers.items() if kind in slow and kind not in calls}
    besides = [threading.Thread(target=keep_sealing, args=(runtime, stop, pause), name="sealer")]
    if calls:
        besides.append(threading.Thread(target=keep_calling, args=(runtime, calls, stop, pause), name="caller"))
    for thread in besides:
        thread.start()
    try:
        keep_working(runtime, (quick, heavy), stop, pause, leave, kept)
    finally:
        stop.set()
        for thread in besides:
            thread.join()
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


def keep_calling(runtime: Runtime, calls: Handlers, stop: threading.Event, pause: float) -> None:
    """Do the jobs that wait for somebody else, until told to stop."""
    while not stop.is_set():
        try:
            tried = work_once(runtime, calls, CALLS_AT_ONCE)
        except Exception:  # the database may be away for a while
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
