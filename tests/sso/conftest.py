"""The provider in this process, an application that is registered with it, and a browser-like client."""

from dataclasses import dataclass

import pytest
from fastapi import FastAPI

from foundation.runtime import Runtime
from foundation.web import build_app
from sso.app import build_router
from sso.clients import NewClient, add_client
from tests.services.inside import Inside
from tests.sso.flow import Application

CALLBACK = "https://vanban.example.vn/callback"


@dataclass(frozen=True)
class Door:
    """The provider with one confidential application."""

    app: FastAPI
    runtime: Runtime
    application: Application

    def browser(self, language: str = "en", caller: tuple[str, int] = ("127.0.0.1", 40000)) -> Inside:
        """A fresh browser."""
        return Inside.of(self.app, language=language, caller=caller)


@pytest.fixture
def door(runtime: Runtime) -> Door:
    """The provider, on both databases."""
    app = build_app(runtime, [build_router(runtime)])
    with runtime.database.write() as writes:
        client, secret = add_client(
            writes,
            NewClient(
                name="Quản lý văn bản",
                client_id="van-ban",
                redirect_uris=(CALLBACK,),
                post_logout_redirect_uris=("https://vanban.example.vn/",),
                scopes=("openid", "profile", "email", "unit", "offline_access", "verify", "units.heirs"),
            ),
            "test",
            runtime.clocks.wall(),
        )
    assert secret is not None
    return Door(app, runtime, Application(client.client_id, secret, CALLBACK))
