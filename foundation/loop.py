"""The worker's loop: the outbox's jobs one after the other; beside them those that wait for somebody else, and the audit's seals."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

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
    quick, heavy, calls = part_kinds(handlers, slow)
    leaving = Leaving(runtime, leave, kept)

    def do_round() -> int:
        tried = work_once(runtime, quick) or (work_once(runtime, heavy, SLOW_AT_ONCE) if heavy else 0)
        leaving.drop_when_due()
        return tried

    besides = [threading.Thread(target=keep_sealing, args=(runtime, stop, pause), name="sealer")]
    if calls:
        call_round = partial(work_once, runtime, calls, CALLS_AT_ONCE)
        besides.append(threading.Thread(target=keep_working, args=(call_round, stop, pause), name="caller"))
    for thread in besides:
        thread.start()
    try:
        keep_working(do_round, stop, pause)
    finally:
        stop.set()
        for thread in besides:
            thread.join()
        seal(runtime)


def part_kinds(handlers: Handlers, slow: frozenset[str]) -> tuple[Handlers, Handlers, Handlers]:
    """The handlers of the quick kinds, of the slow ones, and of those that wait for somebody else."""
    calls = {kind: handler for kind, handler in handlers.items() if isinstance(handler, Beside)}
    quick = {kind: handler for kind, handler in handlers.items() if kind not in slow and kind not in calls}
    heavy = {kind: handler for kind, handler in handlers.items() if kind in slow and kind not in calls}
    return quick, heavy, calls


def keep_working(do_round: Callable[[], int], stop: threading.Event, pause: float) -> None:
    """Do round after round until told to stop; wait a little after one that found nothing to do, or failed."""
    while not stop.is_set():
        try:
            tried = do_round()
        except Exception:  # the database may be away for a while; the worker stays
            log.exception("the worker met an error and goes on")
            tried = 0
        if tried == 0:
            stop.wait(pause)


class Leaving:
    """Old jobs leave `kept` after they were done or cancelled, which is looked at every `every` seconds."""

    def __init__(self, runtime: Runtime, every: float, kept: timedelta) -> None:
        self._runtime, self._every, self._kept = runtime, every, kept
        self._looked = time.monotonic()

    def drop_when_due(self) -> None:
        """Let them leave, if nobody looked for that long."""
        if time.monotonic() - self._looked > self._every:
            self._looked = time.monotonic()
            drop_done(self._runtime.database, self._runtime.clocks.wall() - self._kept)


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
