"""A small listener on this machine's own address, where a browser brings the answer to a native application (RFC 8252 §7.3)."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from foundation.errors import Undetermined
from foundation.i18n import _, translate
from foundation.terminal import language

PAGE = (
    '<!doctype html><html lang="{language}"><meta charset="utf-8"><title>Hợp Nhất</title>'
    "<body><p>{sentence}</p></body></html>"
)


class LoginNotFinished(Undetermined):
    """Nobody logged in while the command waited."""

    code = "login_not_finished"
    sentence = "Nobody logged in within the time. Please start again."


class Loopback:
    """Listens on a free port of 127.0.0.1 for one answer at /done."""

    def __init__(self) -> None:
        self._came = threading.Event()
        self._query = ""
        self._server = HTTPServer(("127.0.0.1", 0), self._build_handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def address(self) -> str:
        """The redirect address."""
        return f"http://127.0.0.1:{self._server.server_port}/done"

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait(self, seconds: float) -> str:
        """The query of the answer. Raises LoginNotFinished."""
        if not self._came.wait(seconds):
            raise LoginNotFinished()
        return self._query

    def _build_handler(self) -> type[BaseHTTPRequestHandler]:
        loopback = self

        class Handler(BaseHTTPRequestHandler):
            """Takes the first answer, thanks, and says nothing to the terminal."""

            def do_GET(self) -> None:
                """One request."""
                parts = urlsplit(self.path)
                known = parts.path == "/done"
                body = PAGE.format(language=language(), sentence=say_done()).encode() if known else b""
                self.send_response(200 if known else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Security-Policy", "default-src 'none'")
                self.end_headers()
                self.wfile.write(body)
                if known and not loopback._came.is_set():
                    loopback._query = parts.query
                    loopback._came.set()

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: the address holds a code."""

        return Handler


def say_done() -> str:
    """The sentence in the browser."""
    return translate(language(), _("You may close this window and go back to the terminal."))
