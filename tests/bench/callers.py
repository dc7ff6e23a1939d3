"""A small HTTP caller: one connection kept open, a cookie jar, no more work than the bytes need.

A load generator that needs the processor itself leaves the server idle between two requests, and what it costs to wake it up again is
then counted as the server's. HTTP/1.1 with Content-Length or chunks; nothing else is sent by what we measure.
"""

import base64
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode()

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.content)

    def expect(self, *statuses: int) -> Self:
        """Itself, if its status is one of these; anything else ends the benchmark."""
        assert self.status in statuses, (self.status, self.text[:500])
        return self


class Caller:
    """One of those who make the load; used by one thread."""

    def __init__(self, origin: str, always: Mapping[str, str] | None = None, patience: float = 30) -> None:
        """`always`: headers of every request, as a proxy adds them. `patience`: seconds before an answer is given up."""
        self._always = "".join(f"\r\n{name}: {value}" for name, value in (always or {}).items())
        place = urlsplit(origin)
        self._host = place.netloc
        self._socket = socket.create_connection((place.hostname or "", place.port or 80), timeout=patience)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._left = b""
        self.cookies: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """GET a path of the origin, or a whole address on it."""
        return self._ask("GET", path, headers or {}, b"")

    def post(self, path: str, form: Mapping[str, str], basic: tuple[str, str] | None = None) -> Answer:
        """POST a form, with HTTP Basic where an application asks."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if basic:
            headers["Authorization"] = f"Basic {base64.b64encode(':'.join(basic).encode()).decode()}"
        return self._ask("POST", path, headers, urlencode(form).encode())

    def _ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        target = path if path.startswith("/") else f"/{path.partition('://')[2].partition('/')[2]}"
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self._host}", f"Accept: text/html,*/*{self._always}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        self._socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return self._read()

    def _read(self) -> Answer:
        head = self._until(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in rest:
            name, _colon, value = line.partition(":")
            name, value = name.lower(), value.strip()
            if name == "set-cookie":
                self._keep(value)
            headers[name] = value
        status = int(first.split(" ", 2)[1])
        if headers.get("transfer-encoding") == "chunked":
            content = self._chunks()
        else:
            content = self._exactly(int(headers.get("content-length", 0)))
        return Answer(status, headers, content)

    def _keep(self, cookie: str) -> None:
        name, _equal, value = cookie.partition(";")[0].partition("=")
        if value:
            self.cookies[name] = value
        else:
            self.cookies.pop(name, None)

    def _chunks(self) -> bytes:
        content = b""
        while size := int(self._until(b"\r\n").split(b";")[0], 16):
            content += self._exactly(size)
            self._until(b"\r\n")
        self._until(b"\r\n")
        return content

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._left:
            self._more()
        found, _mark, self._left = self._left.partition(mark)
        return found

    def _exactly(self, length: int) -> bytes:
        while len(self._left) < length:
            self._more()
        found, self._left = self._left[:length], self._left[length:]
        return found

    def _more(self) -> None:
        got = self._socket.recv(65536)
        if not got:
            raise ConnectionError("The server closed the connection.")
        self._left += got
