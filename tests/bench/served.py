"""The service in processes of its own on a private PostgreSQL with durable defaults, and a load for it."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from foundation.clocks import Clocks
from foundation.database import Database
from foundation.runtime import Runtime, open_runtime
from foundation.settings import build_settings
from sso.client_keeping import add_client
from sso.client_registration import NewClient
from tests.bench.callers import Caller
from tests.bench.processes import processor_seconds
from tests.services.ports import free_port
from tests.services.postgresql import PrivateCluster
from tests.services.schema import create_schema
from tests.sso.flow import Application
from tests.sso.people import official

WORKERS = 2
USERS = 8
SERVE = (
    "import sys; from tests.bench.hash_account import keep_account; keep_account(sys.argv[3]); "
    "from provisioning.listening import Listening; from provisioning.serving import serve_processes; "
    "serve_processes(Listening('127.0.0.1', int(sys.argv[1])), int(sys.argv[2]))"
)
"""What `hopnhat serve` does when the settings are read, with an account of its hashes."""
CALLBACK = "https://vanban.example.vn/callback"
SCOPES = ("openid", "profile", "email", "unit", "offline_access", "verify")


@dataclass(frozen=True)
class User:
    """One of those who make the load: a browser and the log-in of its official. Each has an account of its own, because
    many tries at once on one account are counted as guesses."""

    browser: Caller
    login: str


Walk = Callable[[User], object]


@dataclass(frozen=True)
class Cost:
    """What one walk cost: milliseconds of processor time of server and of database, and walks a second while it was measured."""

    server: float
    database: float
    rate: float

    @property
    def whole(self) -> float:
        """Server and database."""
        return self.server + self.database


def measure_load(
    origin: str, server: int, database: int, prepare: Callable[[User], Walk], seconds: float = 6, warm: int = 20
) -> Cost:
    """What a walk costs the process trees `server` and `database` under eight users; each prepares once and warms up."""
    ready, done, counts = threading.Barrier(USERS + 1), threading.Event(), [0] * USERS

    def use(number: int) -> None:
        with Caller(origin) as browser:
            user = User(browser, f"can-bo.{number}")
            try:
                walk = prepare(user)
                for _ in range(warm):
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
        before, begun, start = (processor_seconds(server), processor_seconds(database)), sum(counts), time.monotonic()
        done.wait(seconds if not ready.broken else 0)
        walked, spent = sum(counts) - begun, time.monotonic() - start
        after = (processor_seconds(server), processor_seconds(database))
        done.set()
        faults = [fault for user in users if (fault := user.exception())]
        # Whoever failed first broke the barrier for the others.
        if faults:
            raise min(faults, key=lambda fault: isinstance(fault, threading.BrokenBarrierError))
        each = [(late - early) / walked * 1000 for early, late in zip(before, after, strict=True)]
        return Cost(each[0], each[1], walked / spent)


@dataclass(frozen=True)
class Served:
    """The running service with its applications: one a signature algorithm, and one that gets self-contained tokens."""

    origin: str
    applications: dict[str, Application]
    server: int
    database: int
    hashes: Path
    """Where the cost of each hash stands (`tests.bench.hash_account`)."""

    def cost(self, prepare: Callable[[User], Walk], seconds: float = 6) -> Cost:
        """What a walk costs."""
        return measure_load(self.origin, self.server, self.database, prepare, seconds)


@contextmanager
def serve_provider() -> Iterator[Served]:
    """Start database and service, wait until they answer, end both. The service writes its log, as it does for everybody."""
    durable = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on"}
    with PrivateCluster(durable) as cluster, tempfile.TemporaryDirectory() as folder:
        port = free_port()
        origin = f"http://127.0.0.1:{port}"
        url = cluster.create("register")
        applications = fill(url, Path(folder), origin)
        environment = os.environ | {"HOPNHAT_DATABASE": url, "HOPNHAT_DATA": folder, "HOPNHAT_ISSUER": origin}
        hashes = Path(folder) / "hashes"
        command = [sys.executable, "-c", SERVE, str(port), str(WORKERS), str(hashes)]
        with (Path(folder) / "service.log").open("wb") as log:
            server = subprocess.Popen(command, env=environment, stderr=log, stdout=log)
            try:
                wait_for(origin, server)
                assert cluster.server
                yield Served(origin, applications, server.pid, cluster.server.pid, hashes)
            finally:
                server.terminate()
                server.wait(timeout=30)


def fill(url: str, data: Path, origin: str) -> dict[str, Application]:
    """A register with an official for each user and the applications."""
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
        scopes=SCOPES,
        id_token_alg="ES256",
    )
    try:
        return {
            "ES256": register(runtime, new),
            "RS256": register(runtime, replace(new, client_id="van-ban-rs", id_token_alg="RS256")),
            "jwt": register(runtime, replace(new, client_id="van-ban-jwt", access_token_format="jwt")),
        }
    finally:
        runtime.close()


def register(runtime: Runtime, new: NewClient) -> Application:
    """An application with its secret."""
    with runtime.database.write() as writes:
        client, secret = add_client(writes, new, "bench", runtime.clocks.wall())
    return Application(client.client_id, secret, CALLBACK)


def wait_for(origin: str, server: "subprocess.Popen[bytes]") -> None:
    """Until the service answers, five minutes at most (a busy machine). Raises RuntimeError."""
    end = time.monotonic() + 300
    while time.monotonic() < end and server.poll() is None:
        try:
            if httpx.get(f"{origin}/health/live").status_code == 200:
                httpx.get(f"{origin}/jwks", timeout=60)  # The first who asks has the keys made.
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("The service did not start.")
