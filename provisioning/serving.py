"""Serve and work: the two kinds of process that run the product."""

import os
import signal
import threading
from types import FrameType

from granian import Granian
from granian.constants import Interfaces

from directory.printing.access import hold_directory
from foundation.errors import Undetermined
from foundation.outbox import work
from foundation.runtime import Runtime
from provisioning.jobs import HANDLERS, SLOW
from provisioning.schema import find_step, newest_step
from provisioning.settings import ServeSection


def check_schema(runtime: Runtime) -> None:
    """Refuse a register whose tables are not this release's. Raises Undetermined naming the command that mends it."""
    found, wanted = find_step(runtime.database), newest_step()
    if found != wanted:
        raise Undetermined(
            "The register stands at step {found}, this release needs {wanted}; run “hopnhat db upgrade”.",
            found=found or "0",
            wanted=wanted,
        )


def serve(runtime: Runtime, host: str | None = None, port: int | None = None, workers: int | None = None) -> None:
    """Serve until told to stop; the web processes read the same settings file."""
    check_schema(runtime)
    section = runtime.settings[ServeSection]
    if runtime.settings.source is not None:
        os.environ["HOPNHAT_CONFIG"] = str(runtime.settings.source.resolve())
    runtime.close()
    server = Granian(
        "provisioning.app:create",
        factory=True,
        address=host or section.host,
        port=port or section.port,
        interface=Interfaces.ASGI,
        workers=workers or section.workers,
        log_access=False,
        respawn_failed_workers=True,
    )
    server.serve()


def run_worker(runtime: Runtime) -> None:
    """Do the outbox's jobs and seal the audit until SIGTERM or SIGINT; the job at hand is finished first."""
    check_schema(runtime)
    stop = threading.Event()

    def leave(_: int, __: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    with hold_directory(runtime.settings):
        work(runtime, HANDLERS, stop, SLOW)
