"""Serve: the web processes of the product. They are forked from here, share what is imported here, and each opens the rooms for itself."""

import os
from importlib import import_module

from granian import Granian
from granian.constants import Interfaces

from foundation.collecting import starting
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
    serve_processes(host or section.host, port or section.port, workers or section.workers)


def serve_processes(host: str, port: int, workers: int) -> None:
    """The web server and its processes, on the settings of the environment. The product is imported before they are forked, so that
    they share what it takes: a hundred megabytes each otherwise, and the time of a start.
    """
    with starting():
        import_module("provisioning.app")
    server = Granian(
        "provisioning.web_process:create",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=workers,
        websockets=False,
        log_access=False,
        respawn_failed_workers=True,
    )
    server.serve()
