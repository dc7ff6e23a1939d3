"""The worker: does the outbox's jobs of every room, and seals the audit."""

import signal
import threading
from datetime import timedelta
from types import FrameType

from directory.printing.access import hold_directory
from foundation.loop import work
from foundation.runtime import Runtime
from provisioning.jobs import HANDLERS, SLOW
from provisioning.schema import check_schema
from provisioning.settings import WorkerSection
from sso.certificates.second_look import plan_look
from sso.locks.courier import carry_locks
from sso.sweeping import plan_sweep


def run_worker(runtime: Runtime) -> None:
    """Do the outbox's jobs and seal the audit until SIGTERM or SIGINT; the job at hand is finished first."""
    check_schema(runtime)
    stop = threading.Event()

    def leave(_: int, __: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    with runtime.database.write() as writes:
        # However the last one ended: parked, or in an installation that never had one.
        plan_sweep(writes, runtime.clocks.wall())
        plan_look(writes, runtime)
    with hold_directory(runtime.settings), carry_locks(runtime):
        work(runtime, HANDLERS, stop, SLOW, kept=timedelta(seconds=runtime.settings[WorkerSection].kept_seconds))
