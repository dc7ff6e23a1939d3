"""The frame around every request: its id, its log line, the headers every answer carries, and a last word when all
else failed.

Pure ASGI, outside of everything else: nothing that happens inside can leave without these. Pages add to the policy
by `PagePolicy`; an answer without one gets the strictest.
"""

import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foundation.callers import Proxies, name_peer
from foundation.errors import BadInput
from foundation.i18n import _
from foundation.requests import request as open_request

log = logging.getLogger("hopnhat.web")

Rescue = Callable[[Request, Exception], Awaitable[Response]]


@dataclass
class PagePolicy:
    """What one answer may do in the browser; kept in `request.state.policy` and written as Content-Security-Policy."""

    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    form_targets: tuple[str, ...] = ()
    """Origins a form of this page may end at after our redirects (the application's), beside our own."""
    scripts: bool = False
    """Whether modules with the nonce may run."""
    frames: tuple[str, ...] = ()
    """Origins this page may show in frames of its own."""
    framed: bool = False
    """Whether pages of other sites may show this one in a frame: only what shows nothing and takes no input."""

    def write(self) -> str:
        """The header's value (CSP level 3)."""
        script = f"script-src 'nonce-{self.nonce}'; connect-src 'self'; " if self.scripts else ""
        targets = " ".join(("'self'", *self.form_targets))
        frames = f"frame-src {' '.join(self.frames)}; " if self.frames else ""
        ancestors = "*" if self.framed else "'none'"
        return (
            f"default-src 'none'; {script}{frames}style-src 'self'; font-src 'self'; img-src 'self' data:; "
            f"form-action {targets}; frame-ancestors {ancestors}; base-uri 'none'"
        )


BARE_POLICY = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
BARE = (b"content-security-policy", BARE_POLICY)
ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"cache-control", b"no-store"),
)
REQUEST: Final = vars(logging.LogRecord(log.name, logging.INFO, __file__, 0, "request", None, None))
"""What the log's record of every request has in common."""
NOT_FRAMED = (b"x-frame-options", b"DENY")
TLS_ONLY = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


def check_address(scope: Scope) -> None:
    """Refuse a path or query with a NUL, which no address of ours has and PostgreSQL keeps in no text. Raises BadInput."""
    if "\x00" in scope["path"] or b"%00" in scope.get("raw_path", b"") + scope["query_string"]:
        raise BadInput(_("What was sent is not UTF-8 text."))


def log_request(scope: Scope, status: int, started: float) -> None:
    """The one line of a request that was answered; `started` by `time.perf_counter`."""
    if not log.isEnabledFor(logging.INFO):
        return
    # Made by hand: the logger would look up the line of the program that asked it, which is always this one, and the record its file.
    record = logging.LogRecord.__new__(logging.LogRecord)
    vars(record).update(
        REQUEST,
        created=time.time(),
        method=scope["method"],
        path=scope["path"],
        status=status,
        ms=round((time.perf_counter() - started) * 1000, 1),
        caller=scope["state"]["caller"],
    )
    log.handle(record)


class RequestFrame:
    """ASGI middleware: see the module."""

    def __init__(self, app: ASGIApp, issuer: str, proxies: Proxies, rescue: Rescue) -> None:
        self.app = app
        self.always = (*ALWAYS, TLS_ONLY) if issuer.startswith("https:") else ALWAYS
        self.unframed = (*self.always, NOT_FRAMED)
        self.proxies = proxies
        self.rescue = rescue

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass on what is none."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, started, answered = 500, time.perf_counter(), False
        state = self.note_caller(scope)

        async def send_framed(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = message["status"], True
                headers = message["headers"] = list(message.get("headers", ()))
                self.add_headers(headers, state, status)
            await send(message)

        with open_request() as state["request_id"]:
            try:
                check_address(scope)
                await self.app(scope, receive, send_framed)
            except BadInput as error:
                response = await self.rescue(Request(scope, receive), error)
                await response(scope, receive, send_framed)
            except Exception as error:
                # The last guard of the house: whatever it is, it is logged whole and answered kindly.
                log.exception("unexpected")
                if answered:
                    raise
                response = await self.rescue(Request(scope, receive), error)
                await response(scope, receive, send_framed)
            finally:
                log_request(scope, status, started)

    def note_caller(self, scope: Scope) -> dict[str, object]:
        """The state of a request, with who calls in it, and how surely the proxy says so."""
        state: dict[str, object] = scope.setdefault("state", {})
        state["proxy"], state["caller"] = self.proxies.look(name_peer(scope), scope["headers"])
        return state

    def add_headers(self, headers: list[tuple[bytes, bytes]], state: dict[str, object], status: int) -> None:
        """Write what every answer carries, without overriding what an answer decided for itself."""
        policy = state.get("policy")
        page = policy if isinstance(policy, PagePolicy) else None
        wanted = [
            (b"x-request-id", str(state["request_id"]).encode("latin-1")),
            (b"content-security-policy", page.write().encode("latin-1")) if page else BARE,
            *(self.always if 300 <= status < 400 or (page and page.framed) else self.unframed),
        ]
        decided = {name.lower() for name, _value in headers}
        headers += [header for header in wanted if header[0] not in decided]
