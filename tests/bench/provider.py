"""The OpenID provider alone, as the web server of the benchmark runs it."""

from fastapi import FastAPI

from foundation.runtime import start
from foundation.web import build_app
from foundation.web_section import WebSection
from sso.app import build_router
from sso.settings import SsoSection


def create() -> FastAPI:
    """The provider on the settings of this process's environment."""
    runtime = start((WebSection, SsoSection))
    return build_app(runtime, [build_router(runtime)])
