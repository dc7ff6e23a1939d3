"""Which pages of other origins may call the endpoints for programs: those of a public client's registered addresses
(Fetch standard, CORS).

No cookie is ever sent along. The pre-flight names no client, so it is answered for the origin of any registered
public client.
"""

import time
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from sso.clients import list_clients
from sso.provider import Provider
from sso.redirects import origin_of

KEPT_SECONDS: Final = 5.0
PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "authorization, content-type",
    "Access-Control-Max-Age": "600",
}


class Origins:
    """Origins of public clients, read again every few seconds; one per process."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._origins: frozenset[str] = frozenset()
        self._read_at = -KEPT_SECONDS

    def allows(self, origin: str) -> bool:
        """Whether a page of this origin may call. Asks the database at times: call it on a thread."""
        if time.monotonic() - self._read_at >= KEPT_SECONDS:
            with self._provider.database.read() as reads:
                addresses = [uri for client in list_clients(reads) if client.public for uri in client.redirect_uris]
            self._origins = frozenset(filter(None, map(origin_of, addresses)))
            self._read_at = time.monotonic()
        return origin in self._origins

    def mark(self, request: Request, response: Response) -> Response:
        """The answer, with leave for the calling page where it has one; errors too, so that the page can read them."""
        origin = request.headers.get("origin")
        if origin and "access-control-allow-origin" not in response.headers:
            response.headers["Vary"] = "Origin"
            if self.allows(origin):
                response.headers["Access-Control-Allow-Origin"] = origin
                response.headers["Access-Control-Expose-Headers"] = "WWW-Authenticate"
        return response

    def answer_preflight(self, request: Request) -> Response:
        """The answer to OPTIONS."""
        return self.mark(request, Response(status_code=204, headers=PREFLIGHT))
