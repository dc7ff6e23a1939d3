"""The document system in its own process on loopback, with the stubbed provider beside it: for tests with a real browser."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from tests.deploy.demo.stub import CLIENT, SECRET, StubProvider
from tests.services.ports import free_port

PATIENCE = 20.0
"""Seconds the document system may take to start."""


@dataclass(frozen=True)
class Standing:
    """A running document system and the provider that tests may change."""

    address: str
    provider: StubProvider


@contextmanager
def stand_document_system(folder: Path, documents: Path) -> Iterator[Standing]:
    """Start both; they end with the block."""
    port, provider = free_port(), StubProvider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), build_handler(provider))
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{port}"
    environment = {
        "DOCUMENTS_ISSUER": provider.issuer,
        "DOCUMENTS_CLIENT_ID": CLIENT,
        "DOCUMENTS_CLIENT_SECRET": SECRET,
        "DOCUMENTS_ADDRESS": address,
        "DOCUMENTS_DATA": str(folder),
        "DOCUMENTS_IMPORT": str(documents),
    }
    command = [sys.executable, "-m", "document_system", "--port", str(port)]
    home = Path(__file__).resolve().parents[3] / "deploy" / "demo"
    process = subprocess.Popen(command, cwd=home, env=os.environ | environment, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"{address}/health/live")
        yield Standing(address, provider)
    finally:
        process.terminate()
        process.wait(timeout=10)
        server.shutdown()
        server.server_close()


def wait_for(address: str) -> None:
    """Return when the address answers. Raises TimeoutError."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if httpx.get(address, trust_env=False).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(address)


def build_handler(provider: StubProvider) -> type[BaseHTTPRequestHandler]:
    """A handler that hands every request to the stub."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer()

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = list(self.headers.items())
            answer = provider(
                httpx.Request(self.command, f"{provider.issuer}{self.path}", headers=headers, content=body)
            )
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
