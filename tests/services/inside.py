"""An HTTP client that calls the application in this process: no socket, no server, one event loop a request, so any thread may use it."""

import asyncio
from typing import Self

import httpx
from starlette.types import ASGIApp

CALLER = ("127.0.0.1", 40000)


class InsideTransport(httpx.BaseTransport):
    """Hands each request to an ASGI application and waits for its answer."""

    def __init__(self, app: ASGIApp, caller: tuple[str, int] = CALLER) -> None:
        self.inner = httpx.ASGITransport(app=app, raise_app_exceptions=True, client=caller)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, read whole."""
        return asyncio.run(self._ask(request))

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        asked = httpx.Request(request.method, request.url, headers=request.headers, content=body)
        answer = await self.inner.handle_async_request(asked)
        content = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, content=content, request=request)


class Inside(httpx.Client):
    """A browser-like client of the application: keeps cookies, follows nothing by itself."""

    @classmethod
    def of(
        cls, app: ASGIApp, origin: str = "http://127.0.0.1:8000", language: str = "en", caller: tuple[str, int] = CALLER
    ) -> Self:
        """A client that speaks from `caller` in `language`."""
        return cls(
            transport=InsideTransport(app, caller),
            base_url=origin,
            headers={"Accept-Language": language, "Accept": "text/html"},
        )
