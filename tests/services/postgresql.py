"""A private PostgreSQL cluster for one test session: Debian's binaries, a unix socket, nothing durable."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from tests.services.memory import find_place

OWNER = "hopnhat"
# What is lost when the machine loses power does not matter here; speed does.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "autovacuum": "off",
    "timezone": "UTC",
}


class PrivateCluster:
    """Starts when entered, ends and leaves nothing behind when left.

    PostgreSQL refuses to run as root, so root starts it as `postgres` (or `nobody`). It ends with the test session
    even if that is killed: the kernel interrupts it when its parent dies.
    """

    def __init__(self, settings: Mapping[str, str] | None = None, place: Path | None = None) -> None:
        self.settings = SETTINGS | dict(settings or {})
        # A short path: a unix socket's address holds 107 characters.
        self.directory = Path(tempfile.mkdtemp(prefix="hn-pg-", dir=place or find_place()))  # short, private, removed
        self.binaries = find_binaries()
        self.as_user = find_owner() if os.geteuid() == 0 else None
        self.server: subprocess.Popen[bytes] | None = None
        self.maker: psycopg.Connection[tuple[object, ...]] | None = None
        """Makes and removes databases: a connection of its own for each costs as much as half a copy."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Make the cluster and wait until it answers. Raises RuntimeError with its log when it does not."""
        if self.as_user:
            shutil.chown(self.directory, self.as_user)
        data, log = self.directory / "data", self.directory / "log"
        made = subprocess.run(
            self.command("initdb", "--no-sync", "--auth=trust", f"--username={OWNER}", "--encoding=UTF8", "--locale=C.UTF-8", str(data)),
            cwd=self.directory, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode:
            raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")
        settings = [f"--{name}={value}" for name, value in self.settings.items()]
        with log.open("wb") as output:
            self.server = subprocess.Popen(
                self.command("postgres", "-D", str(data), "-k", str(self.directory), *settings),
                cwd=self.directory, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
        self.wait(log)

    def command(self, program: str, *arguments: str) -> list[str]:
        """A program of PostgreSQL as the right user, interrupted when we die."""
        who = [f"--reuid={self.as_user}", f"--regid={self.as_user}", "--clear-groups"] if self.as_user else []
        if self.as_user == "nobody":
            who[1] = "--regid=nogroup"
        return ["setpriv", *who, "--pdeathsig=INT", str(self.binaries / program), *arguments]

    def wait(self, log: Path) -> None:
        """Until a connection is accepted, half a minute at most."""
        end = time.monotonic() + 30
        while time.monotonic() < end and self.server and self.server.poll() is None:
            try:
                with self.connect():
                    return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")

    def stop(self) -> None:
        """End the server at once (SIGQUIT: nothing needs to be saved) and remove its files."""
        if self.maker:
            self.maker.close()
        if self.server:
            self.server.send_signal(3)
            self.server.wait(timeout=30)
        shutil.rmtree(self.directory)

    def connect(self, name: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """A connection of the owner in autocommit."""
        return psycopg.connect(host=str(self.directory), user=OWNER, dbname=name, autocommit=True)

    def create(self, name: str, template: str = "template0") -> str:
        """A new database made from a template; gives its address for `foundation.database.Database`."""
        self.make(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self.make(f'DROP DATABASE "{name}" WITH (FORCE)')

    def make(self, statement: str) -> None:
        """Run it on the one connection that is kept for such; on a new one where the server was started anew."""
        if self.maker is None or self.maker.closed:
            self.maker = self.connect()
        self.maker.execute(statement.encode())

    def url(self, name: str) -> str:
        """The address of a database of this cluster."""
        return f"postgresql+psycopg://{OWNER}@/{name}?host={self.directory}"


def find_binaries() -> Path:
    """Where PostgreSQL's server programs lie: on the path, or Debian's newest. Raises RuntimeError if nowhere."""
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    if not debian:
        raise RuntimeError("PostgreSQL is missing, and tests without it would prove half: run `make install`.")
    return debian[-1].parent


def find_owner() -> str:
    """An unprivileged user who can own the cluster when root runs the tests."""
    names = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
