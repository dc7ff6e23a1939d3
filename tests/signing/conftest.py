"""A small register around a merger, and the product on it."""

from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

import signing.app
import sso.app
from foundation.runtime import Runtime
from foundation.web import build_app
from provisioning.own_clients import keep_own_clients
from signing.authority.embedded import EmbeddedAuthority, open_authority
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.signing.world import MERGER, Merged, World


@pytest.fixture
def world(runtime: Runtime, clock: MovableClock) -> World:
    """A register to be filled by the test, the day after the merger."""
    clock.set(MERGER)
    clock.advance(days=1)
    return World(runtime)


@pytest.fixture
def merged(world: World) -> Merged:
    """Two communes became one."""
    return Merged(world)


@pytest.fixture
def authority(runtime: Runtime, world: World) -> EmbeddedAuthority:
    """The embedded authority of this installation."""
    return open_authority(runtime)


@dataclass
class Site:
    """The sign-on service and these pages in one application, as they are served."""

    app: FastAPI
    runtime: Runtime

    def browser(self, language: str = "en") -> Inside:
        """A fresh browser."""
        return Inside.of(self.app, language=language)


@pytest.fixture
def site(runtime: Runtime, world: World) -> Site:
    """Both rooms on one origin; the signing room calls the other over HTTP, as a relying party does."""

    async def whole(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)

    with runtime.database.write() as writes:
        keep_own_clients(runtime, writes, runtime.clocks.wall())
    routers = [sso.app.build_router(runtime), signing.app.build_router(runtime, Inside.of(whole))]
    app = build_app(runtime, routers)
    return Site(app, runtime)
