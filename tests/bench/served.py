"""A provider in processes of its own on a private PostgreSQL with durable defaults, and a load for it."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from foundation.clocks import Clocks
from foundation.database import Database
from foundation.runtime import open_runtime
from foundation.settings import build_settings
from sso.client_keeping import add_client
from sso.client_registration import NewClient
from tests.bench.processes import processor_seconds
from tests.services.ports import free_port
from tests.services.postgresql import PrivateCluster
from tests.services.schema import create_schema
from tests.sso.flow import Application
from tests.sso.people import official

WORKERS = 2
USERS = 8
CALLBACK = "https://vanban.example.vn/callback"


@dataclass(frozen=True)
class User:
    """One of those who make the load: a browser and the log-in of its official. Each has an account of its own, because
    many tries at once on one account are counted as guesses."""

    browser: httpx.Client
    login: str


Walk = Callable[[User], object]


@dataclass(frozen=True)
class Served:
    """A running provider with one application."""

    origin: str
    application: Application
    server: int
    database: int

    def client(self) -> httpx.Client:
        """A browser-like client with an empty cookie jar."""
        return httpx.Client(base_url=self.origin, headers={"Accept": "text/html"}, timeout=30)

    def cost(self, prepare: Callable[[User], Walk], seconds: float = 6) -> float:
        """Milliseconds of processor time per walk, server and database, under eight users; each prepares once."""
        ready, done, counts = threading.Barrier(USERS + 1), threading.Event(), [0] * USERS

        def use(number: int) -> None:
            with self.client() as browser:
                user = User(browser, f"can-bo.{number}")
                try:
                    walk = prepare(user)
                    for _ in range(20):
                        walk(user)
                    ready.wait()
                    while not done.is_set():
                        walk(user)
                        counts[number] += 1
                finally:
                    ready.abort()  # Nobody waits for a user who failed.

        with ThreadPoolExecutor(USERS) as pool:
            users = [pool.submit(use, number) for number in range(USERS)]
            with suppress(threading.BrokenBarrierError):
                ready.wait(timeout=120)
            before = processor_seconds(self.server, self.database)
            done.wait(seconds if not ready.broken else 0)
            done.set()
            faults = [fault for user in users if (fault := user.exception())]
            # Whoever failed first broke the barrier for the others.
            if faults:
                raise min(faults, key=lambda fault: isinstance(fault, threading.BrokenBarrierError))
            return (processor_seconds(self.server, self.database) - before) / sum(counts) * 1000


@contextmanager
def serve_provider() -> Iterator[Served]:
    """Start database and provider, wait until they answer, end both."""
    durable = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on"}
    with PrivateCluster(durable) as cluster, tempfile.TemporaryDirectory() as folder:
        port = free_port()
        origin = f"http://127.0.0.1:{port}"
        url = cluster.create("register")
        application = fill(url, Path(folder), origin)
        environment = os.environ | {"HOPNHAT_DATABASE": url, "HOPNHAT_DATA": folder, "HOPNHAT_ISSUER": origin}
        command = [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "asgi",
            "--factory",
            "--no-ws",
            "--workers",
            str(WORKERS),
        ]
        command += ["--host", "127.0.0.1", "--port", str(port), "--log-level", "error", "tests.bench.provider:create"]
        server = subprocess.Popen(command, env=environment)
        try:
            wait_for(origin, server)
            assert cluster.server
            yield Served(origin, application, server.pid, cluster.server.pid)
        finally:
            server.terminate()
            server.wait(timeout=30)


def fill(url: str, data: Path, origin: str) -> Application:
    """A register with an official for each user and one application."""
    database = Database(url)
    create_schema(database)
    database.close()
    runtime = open_runtime(build_settings({"database": url, "data": str(data), "issuer": origin}), Clocks())
    for number in range(USERS):
        official(runtime, login=f"can-bo.{number}", unit=f"Xã {number}", code=f"H61.{number}")
    new = NewClient(
        name="Quản lý văn bản",
        client_id="van-ban",
        redirect_uris=(CALLBACK,),
        grant_types=("authorization_code", "refresh_token", "client_credentials"),
        scopes=("openid", "profile", "email", "unit", "offline_access", "verify"),
        id_token_alg="ES256",
    )
    with runtime.database.write() as writes:
        client, secret = add_client(writes, new, "bench", runtime.clocks.wall())
    runtime.close()
    return Application(client.client_id, secret, CALLBACK)


def wait_for(origin: str, server: "subprocess.Popen[bytes]") -> None:
    """Until the provider answers, half a minute at most. Raises RuntimeError."""
    end = time.monotonic() + 30
    while time.monotonic() < end and server.poll() is None:
        try:
            if httpx.get(f"{origin}/health/live").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("The provider did not start.")
