"""An application served on a real port of this machine, inside this process, for real browsers and real programs."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from granian.constants import Interfaces
from granian.server.embed import Server
from starlette.types import ASGIApp

PATIENCE = 20.0


class Service:
    """A server in a thread of its own."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self.app = app
        self.port = port
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
        self.server = Server(
            self.app, address="127.0.0.1", port=self.port, interface=Interfaces.ASGI, log_enabled=False
        )
        await self.server.serve()

    def wait(self) -> None:
        """Until the port answers. Raises TimeoutError."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with socket.socket() as door:
                if door.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError(f"nothing listens on port {self.port}")

    def stop(self) -> None:
        """End the server and its thread."""
        if self.server is not None:
            self.loop.call_soon_threadsafe(self.server.stop)
        self.thread.join(timeout=PATIENCE)


@contextmanager
def serve(app: ASGIApp, port: int) -> Iterator[None]:
    """Serve until the block ends; the port answers when it begins."""
    service = Service(app, port)
    service.thread.start()
    try:
        service.wait()
        yield
    finally:
        service.stop()
