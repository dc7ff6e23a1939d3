"""Which pages of other origins may call the endpoints for programs: those of the addresses of a public client that an
administrator registered, or took over as one of the administration's own (Fetch standard, CORS).

No cookie is ever sent along. The pre-flight names no client, so it is answered for the origin of any such client. Whoever registered
itself gets no leave: a stranger's page would else reach a provider inside the administration's network through every browser there.
What is public anyway (keys, metadata) is readable from everywhere.
"""

import time
from typing import Final

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from sso.clients import TABLE
from sso.provider import Provider
from sso.redirects import origin_of

KEPT_SECONDS: Final = 5.0
PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "authorization, content-type",
    "Access-Control-Max-Age": "600",
}
APPROVED: Final = sa.select(TABLE.c.redirect_uris).where(
    TABLE.c.kind == "public",
    TABLE.c.removed_at.is_(None),
    sa.or_(TABLE.c.registration_hash.is_(None), TABLE.c.own),
)


class Origins:
    """Origins of approved public clients, read again every few seconds; one per process."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._origins: frozenset[str] = frozenset()
        self._read_at = -KEPT_SECONDS

    def allows(self, origin: str) -> bool:
        """Whether a page of this origin may call. Asks the database at times: call it on a thread."""
        if time.monotonic() - self._read_at >= KEPT_SECONDS:
            with self._provider.database.read() as reads:
                addresses = [uri for uris in reads.connection().execute(APPROVED).scalars() for uri in uris]
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
