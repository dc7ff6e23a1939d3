"""The whole service: the routers of all rooms in one frame. `create()` is what the web server calls in each of its processes."""

import directory.app
import signing.app
import sso.app
from foundation.log import open_log
from foundation.runtime import Runtime, start
from foundation.web import Service, build_app
from foundation.web_section import WebSection
from provisioning import schemas_served
from provisioning.sections import SECTIONS
from signing.authority.embedded import open_authority
from signing.authority.lists import current_list, root_list
from sso.certificates.lists import OwnAuthority


def build_service(runtime: Runtime) -> Service:
    """All rooms on one runtime."""
    return build_app(
        runtime,
        [
            sso.app.build_router(runtime, introduce_authority(runtime)),
            directory.app.build_router(runtime),
            signing.app.build_router(runtime),
            schemas_served.build_router(),
        ],
    )


def introduce_authority(runtime: Runtime) -> OwnAuthority:
    """The embedded authority as the log-in page knows it: its certificates and today's lists, read when they are asked for."""

    def read_lists() -> tuple[bytes, ...]:
        authority = open_authority(runtime)
        return root_list(authority.keys, runtime.clocks.wall()), current_list(runtime, authority)

    return OwnAuthority(lambda: open_authority(runtime).chain(), read_lists)


def create() -> Service:
    """The service on the settings of this process's environment; each web process opens its own log."""
    runtime = start(SECTIONS)
    open_log(runtime.settings[WebSection].log_level, together=True)
    return build_service(runtime)
