"""What the web server calls in each of its processes: the service on the settings of the environment."""

from typing import TYPE_CHECKING

from foundation.collecting import starting

if TYPE_CHECKING:
    from foundation.web import Service


def create() -> "Service":
    """The whole service. Raises SettingsRefused."""
    with starting():
        from foundation.doorstep import open_doorstep
        from provisioning.app import create as build

        app = build()
        if app.shortcut is not None:
            open_doorstep(app.shortcut)
        return app
