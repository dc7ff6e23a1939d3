"""Bodies of typed endpoints, bounded before they are read: a router with `route_class=BoundedRoute` takes none larger than MOST_BYTES.

The framework reads a JSON body whole before it looks at it; here it is counted while it comes in, whatever its headers promise.
"""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message

from foundation.errors import BadInput
from foundation.forms import FormTooLarge, read_body

MOST_BYTES: Final = 1024 * 1024
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class BodyTooLarge(BadInput):
    """More bytes than any question of a program needs."""

    code = "body_too_large"
    status = 413
    sentence = "What was sent is larger than {most} KB. Please send it in smaller parts."


class BoundedRoute(APIRoute):
    """A typed route whose body is at most MOST_BYTES. Raises BodyTooLarge before more is read."""

    def get_route_handler(self) -> Handler:
        """The framework's handler behind the count."""
        handle = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            try:
                content = await read_body(request, MOST_BYTES)
            except FormTooLarge as error:
                raise BodyTooLarge(most=MOST_BYTES // 1024) from error

            async def replay() -> Message:
                return {"type": "http.request", "body": content, "more_body": False}

            return await handle(Request(request.scope, replay))

        return bounded
