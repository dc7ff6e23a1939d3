"""The web application: routers of all rooms in one frame, and the one place where a refusal becomes a page or JSON.

`build_app(runtime, routers)` is what a server serves. Pages come from `foundation.pages.render`; a handler that
blocks is a plain function given to `page_route` (forms with token) or `machine_route` (endpoints that programs
call), which read the request and run it on a thread.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from foundation.assets import Assets
from foundation.bearers import TokenCheck
from foundation.callers import Proxies
from foundation.errors import HopnhatError, NotFound, OurFault
from foundation.forms import read_query, set_cookie
from foundation.frame import RequestFrame
from foundation.health import answer_live, answer_ready
from foundation.hop import CREW, PAGE_CREW, Crew
from foundation.i18n import LANGUAGES, Message, _, translate
from foundation.pages import LANGUAGE_COOKIE, find_language, is_https, render
from foundation.runtime import Runtime
from foundation.settings import Settings, SettingsRefused
from foundation.shortcut import Act, Endpoint, PlainEndpoint, Shortcut
from foundation.web_section import WebSection

log = logging.getLogger("hopnhat.web")

PROGRAM_PATHS: Final = ("/api/", "/scim/", "/health/", "/.well-known/", "/openapi.json")
YEAR: Final = 365 * 24 * 3600
SECRET_BYTES: Final = 32
"""How long a proxy's secret is at least."""
ADDED_HEADERS: Final[dict[int, dict[str, str]]] = {
    401: {"WWW-Authenticate": "Bearer"},
    429: {"Retry-After": "60"},
    503: {"Retry-After": "2"},
}

__all__ = [
    "Act",
    "Endpoint",
    "ErrorPage",
    "Service",
    "TokenRouter",
    "build_app",
    "machine_route",
    "page_route",
    "render",
    "show_error",
]


class TokenRouter(APIRouter):
    """A router whose room gives tokens out, and says here how one is checked (`foundation.bearers`).

    `hot` are the paths that are asked thousands of times a second.
    """

    check_token: TokenCheck
    hot: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ErrorPage:
    """What a kind error page says. `data-code` carries `code`; the ways on stand in the template."""

    code: str
    sentence: str
    detail: str = ""


def build_app(runtime: Runtime, routers: Sequence[APIRouter] = ()) -> "Service":
    """The application of these rooms: frame, static files, health, error pages, OpenAPI at /openapi.json."""
    app = Service(title="Hợp Nhất", docs_url=None, redoc_url=None, openapi_url="/openapi.json")
    app.state.runtime = runtime
    app.state.assets = Assets(runtime.settings[WebSection].emblem)
    app.add_route("/static/{name:path}", app.state.assets.serve, methods=["GET"], include_in_schema=False)
    app.add_route("/health/live", answer_live, methods=["GET"], include_in_schema=False)
    app.add_route("/health/ready", answer_ready, methods=["GET"], include_in_schema=False)
    app.add_route("/language", choose, methods=["GET"], include_in_schema=False)
    for router in routers:
        app.include_router(router)
        if isinstance(router, TokenRouter):
            app.state.check_token = router.check_token
    app.add_exception_handler(HopnhatError, answer_refusal)
    app.add_exception_handler(HTTPException, answer_http_error)
    app.add_exception_handler(RequestValidationError, answer_invalid)
    around = (runtime.settings.issuer, know_proxies(runtime.settings), rescue)
    app.add_middleware(RequestFrame, *around)
    app.shortcut = Shortcut(app, list_hot(routers), RequestFrame(app, *around), refuse)
    return app


class Service(FastAPI):
    """The application, with a shortcut for the paths that are asked thousands of times a second."""

    shortcut: Shortcut | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request: past the framework's layers where that is enough."""
        plain = self.shortcut.find(scope) if self.shortcut is not None else None
        if self.shortcut is not None and plain is not None:
            await self.shortcut.serve(plain, scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def know_proxies(settings: Settings) -> Proxies:
    """The proxies of the settings, with the secret they show. Raises SettingsRefused."""
    addresses = tuple(settings.trusted_proxies)
    if settings.proxy_secret is None:
        return Proxies(addresses)
    try:
        secret = settings.proxy_secret.read_bytes().strip()
    except OSError as error:
        raise SettingsRefused(complaints=Message("{place}: {why}", {"place": "proxy_secret", "why": error})) from error
    if len(secret) < SECRET_BYTES:
        raise SettingsRefused(complaints=Message("proxy_secret: less than {count} characters", {"count": SECRET_BYTES}))
    return Proxies(addresses, secret)


def list_hot(routers: Sequence[APIRouter]) -> Iterator[Route]:
    """The plain routes of the hot paths."""
    for router in routers:
        if isinstance(router, TokenRouter):
            yield from (route for route in router.routes if isinstance(route, Route) and route.path in router.hot)


def page_route(act: Act) -> Endpoint:
    """An endpoint for people: reads a posted form, refuses it without its browser's token, runs `act` on a thread."""
    return PlainEndpoint(act, PAGE_CREW, program=False, bound=True).serve


def machine_route(act: Act, *, pages: bool = False, crew: Crew = CREW) -> Endpoint:
    """An endpoint for programs: the body of a POST, else the query, no form token; runs `act` on a thread.

    Refusals are JSON, unless `pages`: then a browser is at the other end. `crew`: whose threads do it, where it may wait long.
    """
    return PlainEndpoint(act, crew, program=not pages, bound=False).serve


async def choose(request: Request) -> Response:
    """`GET /language?to=en&back=/login…`: keep the reader's choice and go back to where they were, on our own origin only."""
    query = read_query(request)
    back = query.text("back")
    response = RedirectResponse(back if is_own_path(back) else "/", 303)
    if query.text("to") in LANGUAGES:
        set_cookie(
            response, LANGUAGE_COOKIE, query.text("to"), is_https(request.app.state.runtime.settings), max_age=YEAR
        )
    return response


def is_own_path(path: str) -> bool:
    """Whether a way back is a plain path of ours: no scheme, host, backslash or control character."""
    if not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable():
        return False
    parts = urlsplit(path)
    return not parts.scheme and not parts.netloc


async def answer_refusal(request: Request, error: Exception) -> Response:
    """A refusal of ours as the framework asks for it."""
    assert isinstance(error, HopnhatError)
    return refuse(request, error)


def refuse(request: Request, error: HopnhatError) -> Response:
    """A refusal of ours as a page, or as JSON for programs, with its line in the log."""
    level = logging.ERROR if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR else logging.INFO
    log.log(
        level,
        "refused: %s",
        error.shown,
        extra={"refusal": error.code},
        exc_info=error if level == logging.ERROR else None,
    )
    return show_error(request, error)


async def answer_http_error(request: Request, error: Exception) -> Response:
    """The framework's own refusals (no such path, no such method) in our words."""
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return show_error(request, NotFound(_("There is no page at this address.")))
    if is_program(request):
        return JSONResponse({"error": "http", "status": error.status_code}, error.status_code, headers=error.headers)
    page = ErrorPage("not_allowed", _("This address cannot be used in this way."))
    response = render(request, "foundation/error.html", page, status=error.status_code)
    response.headers.update(error.headers or {})
    return response


async def answer_invalid(request: Request, error: Exception) -> Response:
    """What a typed endpoint could not read, as a list of places and reasons without the values sent."""
    assert isinstance(error, RequestValidationError)
    faults = [{"place": ".".join(map(str, fault["loc"])), "why": fault["msg"]} for fault in error.errors()]
    return JSONResponse({"error": "bad_input", "faults": faults}, 400)


async def rescue(request: Request, error: Exception) -> Response:
    """The answer when something of ours broke: kind, with the request id, and nothing of what happened.

    A refusal made by the frame itself is shown as what it is.
    """
    return show_error(request, error if isinstance(error, HopnhatError) else OurFault())


def show_error(request: Request, error: HopnhatError) -> Response:
    """A refusal as a page that names the way on, or as JSON where a program asked."""
    headers = ADDED_HEADERS.get(error.status, {})
    language = find_language(request, request.app.state.runtime.settings)
    sentence = translate(language, error.message, **error.values)
    if is_program(request):
        body = {"error": error.code, "message": sentence, "request_id": request.state.request_id}
        return JSONResponse(body, error.status, headers=headers)
    response = render(request, "foundation/error.html", ErrorPage(error.code, sentence), status=error.status)
    response.headers.update(headers)
    return response


def is_program(request: Request) -> bool:
    """Whether JSON is the right answer: by the route or path, or because the caller accepts JSON and no page."""
    if getattr(request.state, "program", False):
        return True
    accepted = request.headers.get("accept", "")
    return request.url.path.startswith(PROGRAM_PATHS) or ("json" in accepted and "text/html" not in accepted)
