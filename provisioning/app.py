"""The whole service: the routers of all rooms in one frame. `create()` is what the web server calls in each of its processes."""

from fastapi import FastAPI

import directory.app
import signing.app
import sso.app
from foundation.log import open_log
from foundation.runtime import Runtime, start
from foundation.web import build_app
from foundation.web_section import WebSection
from provisioning import schemas_served
from provisioning.sections import SECTIONS


def build_service(runtime: Runtime) -> FastAPI:
    """All rooms on one runtime."""
    return build_app(
        runtime,
        [
            sso.app.build_router(runtime),
            directory.app.build_router(runtime),
            signing.app.build_router(runtime),
            schemas_served.build_router(),
        ],
    )


def create() -> FastAPI:
    """The service on the settings of this process's environment; each web process opens its own log."""
    runtime = start(SECTIONS)
    open_log(runtime.settings[WebSection].log_level)
    return build_service(runtime)
