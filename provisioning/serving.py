"""Serve: the web processes of the product. They are started from here, and each opens the rooms for itself."""

import os

from granian import Granian
from granian.constants import Interfaces

from foundation.runtime import Runtime
from provisioning.schema import check_schema
from provisioning.settings import ServeSection


def serve(runtime: Runtime, host: str | None = None, port: int | None = None, workers: int | None = None) -> None:
    """Serve until told to stop; the web processes read the same settings file."""
    check_schema(runtime)
    section = runtime.settings[ServeSection]
    if runtime.settings.source is not None:
        os.environ["HOPNHAT_CONFIG"] = str(runtime.settings.source.resolve())
    runtime.close()
    server = Granian(
        "provisioning.web_process:create",
        factory=True,
        address=host or section.host,
        port=port or section.port,
        interface=Interfaces.ASGI,
        workers=workers or section.workers,
        log_access=False,
        respawn_failed_workers=True,
    )
    server.serve()
