"""The sign-on service and the signing pages in one application, as they are served; and a browser that walks through both."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

import signing.app
import sso.app
from foundation.runtime import Runtime
from foundation.web import build_app
from provisioning.own_clients import keep_own_clients
from tests.services.inside import Inside
from tests.signing.world import PASSWORD
from tests.sso.flow import form_of


@dataclass
class Site:
    """Both rooms on one origin; the signing room calls the other over HTTP, as a relying party does."""

    app: FastAPI
    runtime: Runtime

    def browser(self, language: str = "en") -> Inside:
        """A fresh browser."""
        return Inside.of(self.app, language=language)


def build_site(runtime: Runtime) -> Site:
    """The application, with the house's own clients registered."""

    async def whole(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)

    with runtime.database.write() as writes:
        keep_own_clients(runtime, writes, runtime.clocks.wall())
    app = build_app(runtime, [sso.app.build_router(runtime), signing.app.build_router(runtime, Inside.of(whole))])
    return Site(app, runtime)


def visit(browser: Inside, address: str, login: str) -> str:
    """Go where redirects lead, logging in when the sign-on service asks. Gives the last page's text."""
    response = browser.get(address)
    for _ in range(12):
        if response.status_code == 303:
            place = urlsplit(response.headers["location"])
            response = browser.get(f"{place.path}?{place.query}" if place.query else place.path)
        elif 'name="password"' in response.text:
            response = browser.post("/login", data={**form_of(response), "login": login, "password": PASSWORD})
        else:
            break
    assert response.status_code == 200, response.text
    return response.text
