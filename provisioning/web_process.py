"""What the web server calls in each of its processes: the service on the settings of the environment, imported and built in one go."""

from typing import TYPE_CHECKING

from foundation.collecting import starting

if TYPE_CHECKING:
    from fastapi import FastAPI


def create() -> "FastAPI":
    """The whole service. Raises SettingsRefused."""
    with starting():
        from provisioning.app import create as build

        return build()
