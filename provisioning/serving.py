"""Serve: the web processes of the product. They are forked from here, share what is imported here, and each opens the rooms for itself."""

import os
from functools import partial
from importlib import import_module

from granian import Granian
from granian.constants import Interfaces

from foundation.collecting import starting
from foundation.runtime import Runtime
from provisioning.listening import MODE, Listening, choose_listening, clear_socket, open_to_group
from provisioning.schema import check_schema
from provisioning.settings import ServeSection


def serve(runtime: Runtime, host: str | None = None, port: int | None = None, workers: int | None = None) -> None:
    """Serve until told to stop; the web processes read the same settings file. Raises SettingsRefused, ListensAlready."""
    check_schema(runtime)
    settings = runtime.settings
    listening = choose_listening(settings, host, port)
    if settings.source is not None:
        os.environ["HOPNHAT_CONFIG"] = str(settings.source.resolve())
    runtime.close()
    serve_processes(listening, workers or settings[ServeSection].workers)


def serve_processes(listening: Listening, workers: int) -> None:
    """The web server and its processes, on the settings of the environment. The product is imported before they are forked, so that
    they share what it takes: a hundred megabytes each otherwise, and the time of a start. Raises ListensAlready.
    """
    if listening.socket is not None:
        clear_socket(listening.socket)
    with starting():
        import_module("provisioning.app")
        share_cores = import_module("sso.door.hashing").share_cores
    share_cores(workers)
    server = Granian(
        "provisioning.web_process:create",
        factory=True,
        address=listening.host,
        port=listening.port,
        uds=listening.socket,
        uds_permissions=MODE,
        interface=Interfaces.ASGI,
        workers=workers,
        websockets=False,
        log_access=False,
        respawn_failed_workers=True,
    )
    server.on_startup(partial(open_to_group, listening))
    server.serve()
