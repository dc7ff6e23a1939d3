"""The short way for what is asked thousands of times a second: endpoints that are plain functions, by path and method, past the
framework's layers but in the same frame (id, headers, log) and with the same answers to refusals.

`Shortcut.answer` does all of it on one thread. The event loop reaches it by `Shortcut.serve`, the web server's own process without
the loop (`foundation.doorstep`).
"""

import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from foundation.errors import HopnhatError, OurFault
from foundation.forms import FORM_BYTES, Form, FormTooLarge, check_form_token, parse_body, read_body, read_query
from foundation.frame import RequestFrame, check_address, log_request
from foundation.hop import Crew
from foundation.pages import is_https
from foundation.requests import request as open_request

log = logging.getLogger("hopnhat.web")

Act = Callable[[Request, Form], Response]
Endpoint = Callable[[Request], Awaitable[Response]]
Refuse = Callable[[Request, HopnhatError], Response]


@dataclass(frozen=True)
class PlainEndpoint:
    """A plain function that answers a request by its form: the body of a POST, else the query.

    `program`: refusals are JSON. `bound`: a posted form carries the token of its browser. `crew`: whose threads do it.
    """

    act: Act
    crew: Crew
    program: bool
    bound: bool

    def answer(self, request: Request, body: bytes | None) -> Response:
        """What the function gives; a body of None was larger than a form may be. Raises what it and the form's readers raise."""
        if request.method != "POST":
            return self.act(request, read_query(request))
        if body is None:
            raise FormTooLarge()
        form = parse_body(body, request.headers.get("content-type", ""))
        if self.bound:
            runtime = request.app.state.runtime
            check_form_token(runtime.sealer, request, form, is_https(runtime.settings))
        return self.act(request, form)

    async def serve(self, request: Request) -> Response:
        """The same for the framework: reads on the loop, acts on a thread."""
        request.state.program = self.program
        body = await read_body(request, FORM_BYTES) if request.method == "POST" else b""
        return await self.crew.run(self.answer, request, body)


def find_plain(route: Route) -> PlainEndpoint | None:
    """The plain endpoint behind a route, or None where it is of another kind."""
    behind = getattr(route.endpoint, "__self__", None)
    return behind if isinstance(behind, PlainEndpoint) else None


class Shortcut:
    """Plain endpoints by method and path; another method of such a path is answered by the framework."""

    def __init__(self, app: Any, routes: Iterable[Route], frame: RequestFrame, refuse: Refuse) -> None:
        self.endpoints: dict[tuple[str, str], PlainEndpoint] = {}
        for route in routes:
            if plain := find_plain(route):
                self.endpoints |= {(method, route.path): plain for method in route.methods or ()}
        self._app = app
        self._frame = frame
        self._refuse = refuse

    def find(self, scope: Scope) -> PlainEndpoint | None:
        """The endpoint of a request, or None where this is not the way."""
        return self.endpoints.get((scope["method"], scope["path"])) if scope["type"] == "http" else None

    async def serve(self, plain: PlainEndpoint, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request by the event loop."""
        body: bytes | None = b""
        if scope["method"] == "POST":
            try:
                body = await read_body(Request(scope, receive), FORM_BYTES)
            except FormTooLarge:
                body = None  # Refused where all refusals are answered.
            except ClientDisconnect:
                return
        start, end = await plain.crew.run(self.answer, plain, scope, body)
        await send(start)
        await send(end)

    def answer(self, plain: PlainEndpoint, scope: Scope, body: bytes | None) -> tuple[Message, Message]:
        """The answer to a request as the two messages of ASGI, framed and logged. Never raises."""
        started, status = time.perf_counter(), 500
        state = self._frame.note_caller(scope)
        scope["app"] = self._app
        with open_request() as state["request_id"]:
            try:
                response = self._respond(plain, scope, body)
                status, headers = response.status_code, list(response.raw_headers)
                self._frame.add_headers(headers, state, status)
            finally:
                log_request(scope, status, started)
        start = {"type": "http.response.start", "status": status, "headers": headers}
        return start, {"type": "http.response.body", "body": bytes(response.body)}

    def _respond(self, plain: PlainEndpoint, scope: Scope, body: bytes | None) -> Response:
        request = Request(scope)
        try:
            check_address(scope)
            request.state.program = plain.program
            return plain.answer(request, body)
        except HopnhatError as error:
            return self._refuse(request, error)
        except Exception:
            # The last guard of the house: whatever it is, it is logged whole and answered kindly.
            log.exception("unexpected")
            return self._refuse(request, OurFault())
