"""`python -m document_system [--host 127.0.0.1] [--port 8100]`: run it, with the settings of the environment."""

from __future__ import annotations

import argparse
import os
import sys

from fastapi import FastAPI
from granian import Granian
from granian.constants import Interfaces

from .app import build_app
from .settings import SettingsMissing, read_settings


def serve() -> FastAPI:
    """The application as the web server asks for it."""
    return build_app(read_settings(os.environ))


def main() -> int:
    """Check the settings, then serve until told to stop."""
    parser = argparse.ArgumentParser(prog="document_system", description="A small document system for integrators.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100)
    given = parser.parse_args()
    try:
        read_settings(os.environ)
    except SettingsMissing as missing:
        sys.stderr.write(f"document_system: {missing}\n")
        return 64
    target = f"{__package__}.__main__:serve"
    Granian(target, address=given.host, port=given.port, interface=Interfaces.ASGI, factory=True).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
