"""An application served on a real port of this machine, or a socket, inside this process, for real browsers and real programs."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server
from starlette.types import ASGIApp

PATIENCE = 20.0


class Service:
    """A server in a thread of its own."""

    def __init__(self, app: ASGIApp, place: int | Path) -> None:
        self.app = app
        self.place = place
        self.loop = asyncio.new_event_loop()
        self.server: Server | None = None
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self) -> None:
        """The thread's work: serve until stopped."""
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_until_complete(self.serve())
        finally:
            self.loop.run_until_complete(self.loop.shutdown_default_executor())
            self.loop.close()

    async def serve(self) -> None:
        """The server belongs to the loop it is made in."""
        place: dict[str, Any] = {"port": self.place} if isinstance(self.place, int) else {"uds": self.place}
        self.server = Server(self.app, address="127.0.0.1", **place, interface=Interfaces.ASGI, log_enabled=False)
        await self.server.serve()

    def wait(self) -> None:
        """Until somebody answers there. Raises TimeoutError."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.answers():
                return
            time.sleep(0.05)
        raise TimeoutError(f"nothing listens at {self.place}")

    def answers(self) -> bool:
        """Whether somebody does."""
        at_port = isinstance(self.place, int)
        with socket.socket(socket.AF_INET if at_port else socket.AF_UNIX) as door:
            return door.connect_ex(("127.0.0.1", self.place) if at_port else str(self.place)) == 0

    def stop(self) -> None:
        """End the server and its thread."""
        if self.server is not None:
            self.loop.call_soon_threadsafe(self.server.stop)
        self.thread.join(timeout=PATIENCE)


@contextmanager
def serve(app: ASGIApp, place: int | Path) -> Iterator[None]:
    """Serve at a port or socket until the block ends; it answers when the block begins."""
    service = Service(app, place)
    service.thread.start()
    try:
        service.wait()
        yield
    finally:
        service.stop()
