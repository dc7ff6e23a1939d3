"""The provider in this process, an application that is registered with it, and a browser-like client."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from fastapi import FastAPI

from foundation.database import Database
from foundation.runtime import Runtime, open_runtime
from foundation.settings import Settings, build_settings
from foundation.web import build_app
from sso.app import build_router
from sso.client_keeping import add_client
from sso.client_registration import NewClient
from sso.settings import SsoSection
from tests.services.clock import MovableClock
from tests.services.databases import Databases
from tests.services.inside import Inside
from tests.sso.examined import op
from tests.sso.flow import Application

__all__ = ["op"]
CALLBACK = "https://vanban.example.vn/callback"
SCOPES = ("openid", "profile", "email", "unit", "offline_access", "verify", "units.heirs")


@dataclass(frozen=True)
class Door:
    """The provider with one confidential application."""

    app: FastAPI
    runtime: Runtime
    application: Application

    def browser(self, language: str = "en", caller: tuple[str, int] = ("127.0.0.1", 40000)) -> Inside:
        """A fresh browser."""
        return Inside.of(self.app, language=language, caller=caller)


def build_door(runtime: Runtime) -> Door:
    """The provider on a runtime, with the application registered."""
    app = build_app(runtime, [build_router(runtime)])
    new = NewClient(
        name="Quản lý văn bản",
        client_id="van-ban",
        redirect_uris=(CALLBACK,),
        post_logout_redirect_uris=("https://vanban.example.vn/",),
        scopes=SCOPES,
    )
    with runtime.database.write() as writes:
        client, secret = add_client(writes, new, "test", runtime.clocks.wall())
    return Door(app, runtime, Application(client.client_id, secret, CALLBACK))


def settle(settings: Settings, database: Database, clock: MovableClock, **policy: object) -> Runtime:
    """The product with another policy of the provider."""
    written = {"database": settings.database, "data": str(settings.data), "issuer": settings.issuer, "sso": policy}
    return replace(open_runtime(build_settings(written, [SsoSection]), clock.clocks), database=database)


@pytest.fixture
def door(runtime: Runtime) -> Door:
    """The provider, on both databases, fresh for this test."""
    return build_door(runtime)


@pytest.fixture(scope="module")
def standing_door(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """The provider for tables of refusals that change nothing: one for the file, on SQLite."""
    folder = tmp_path_factory.mktemp("standing")
    with databases.make("sqlite", folder) as url:
        database = Database(url)
        settings = build_settings({"database": url, "data": str(folder / "data")})
        yield build_door(replace(open_runtime(settings, MovableClock().clocks), database=database))
        database.close()
