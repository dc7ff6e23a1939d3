"""A private directory server: Debian's slapd on loopback, with our schema, for the trial and the tests.

Everything lies in one folder: `config/` (written anew from deploy/ldap at every start, so that a new release brings its own
schema), `data/`, `slapd.pid`, `port`, and the passwords of the two services, mode 0600. The process is its own session: it
outlives a killed parent and is found again by its pid, which counts only while that process really serves this folder.
"""

import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from string import Template
from typing import IO, Self

from argon2 import PasswordHasher

from directory.printing.errors import ServerNotStarted
from directory.printing.server import Access

TEMPLATES = Path(__file__).resolve().parents[2] / "deploy" / "ldap"
PROGRAMS = ("/usr/sbin", "/usr/local/sbin", "/usr/libexec")
MODULES = ("/usr/lib/ldap", "/usr/lib64/openldap", "/usr/libexec/openldap")
SCHEMAS = "/etc/ldap/schema"
START_SECONDS = 10.0
STOP_SECONDS = 20.0
# Commits are not waited for: the register can print all of it again. A killed slapd loses nothing, only a power cut may.
HASTY = "olcDbEnvFlags: nosync\nolcDbCheckpoint: 1024 1"
DURABLE = "olcDbCheckpoint: 1024 1"


class PrivateSlapd:
    """The server of one folder. `start` finds a running one or makes it; `stop` ends it by its id; data stays.

    As a context manager it runs as long as anybody needs it: several processes may enter, the last to leave stops it.
    """

    def __init__(
        self,
        folder: Path,
        base: str = "dc=hopnhat,dc=example",
        port: int | None = None,
        *,
        durable: bool = False,
        outlives_parent: bool = True,
    ) -> None:
        self.folder = folder.resolve()
        self.base = base
        self.durable = durable
        self.outlives_parent = outlives_parent
        self._asked_port = port
        self._users: list[IO[str]] = []
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens (or listened last). Raises ServerNotStarted before the first start."""
        try:
            return f"ldap://127.0.0.1:{int((self.folder / 'port').read_text())}"
        except (OSError, ValueError) as error:
            raise ServerNotStarted(
                "The private directory server was never started in {folder}.", folder=str(self.folder)
            ) from error

    @property
    def writer(self) -> Access:
        """How the printing binds."""
        return self._access("writer")

    @property
    def reader(self) -> Access:
        """How mail and older systems bind."""
        return self._access("reader")

    def _access(self, service: str) -> Access:
        password = self.folder / f"{service}.password"
        return Access(self.url, self.base, f"cn={service},ou=services,{self.base}", password.read_text().strip())

    def find_pid(self) -> int | None:
        """The id of the process that serves this folder now, or None; a stale or reused id does not count."""
        try:
            pid = int((self.folder / "slapd.pid").read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if os.fsencode(self.folder / "config") in command else None

    def start(self) -> Self:
        """Serve: adopt the running process of this folder, or start one on the same data. Raises ServerNotStarted."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with alone(self.folder / "lock"):
            if self.find_pid() is None:
                (self.folder / "slapd.pid").unlink(missing_ok=True)
                self._write_configuration()
                if not (self.folder / "data" / "data.mdb").exists():
                    self._write_frame()
                self._launch(self._choose_port())
        return self

    def stop(self) -> None:
        """End the process that serves this folder, kindly and then not; data stays. Nothing happens if none runs."""
        pid = self.find_pid()
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
            if not self._gone(pid, STOP_SECONDS):
                os.kill(pid, signal.SIGKILL)
                self._gone(pid, STOP_SECONDS)
        (self.folder / "slapd.pid").unlink(missing_ok=True)

    def kill(self) -> None:
        """End the process without a word, as a power switch would; for tests."""
        pid = self.find_pid()
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            self._gone(pid, STOP_SECONDS)

    def wipe(self) -> None:
        """Stop and forget everything that was printed; the port and the passwords of the services stay."""
        self.stop()
        shutil.rmtree(self.folder / "data", ignore_errors=True)

    def __enter__(self) -> Self:
        """Serve as long as this block, or any other that has entered, in any process."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        users = (self.folder / "users").open("a")
        try:
            fcntl.flock(users, fcntl.LOCK_SH)
            self.start()
        except BaseException:
            users.close()
            raise
        self._users.append(users)
        return self

    def __exit__(self, *_: object) -> None:
        """The last to leave stops the server; the kernel lets go for whoever was killed."""
        users = self._users.pop()
        with users, suppress(BlockingIOError):
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.stop()

    def _gone(self, pid: int, seconds: float) -> bool:
        """Wait until the process has ended; our own child is also reaped. False when it still runs after `seconds`."""
        if self._child is not None and self._child.pid == pid:
            try:
                self._child.wait(seconds)
            except subprocess.TimeoutExpired:
                return False
            self._child = None
            return True
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.find_pid() == pid:
            time.sleep(0.01)
        return self.find_pid() != pid

    def _write_configuration(self) -> None:
        shutil.rmtree(self.folder / "config", ignore_errors=True)
        (self.folder / "config").mkdir(mode=0o700)
        (self.folder / "data").mkdir(mode=0o700, exist_ok=True)
        filled = fill_template(
            "config.ldif",
            # Relative to where slapd is started: a path with blanks or Vietnamese letters is no value of cn=config.
            folder=".",
            base=self.base,
            modules=next((place for place in MODULES if Path(place).is_dir()), MODULES[0]),
            schemas=SCHEMAS,
            own=TEMPLATES.as_uri(),
            durability=DURABLE if self.durable else HASTY,
        )
        self._load(0, filled)

    def _write_frame(self) -> None:
        filled = fill_template(
            "base.ldif",
            base=self.base,
            dc=self.base.partition(",")[0].removeprefix("dc="),
            writer_password=hash_service_password(keep_password(self.folder / "writer.password")),
            reader_password=hash_service_password(keep_password(self.folder / "reader.password")),
        )
        self._load(1, filled)

    def _load(self, database: int, ldif: str) -> None:
        """Run slapadd. Raises ServerNotStarted with its last line."""
        command = [find_program("slapadd"), "-F", str(self.folder / "config"), "-n", str(database)]
        done = subprocess.run(
            command, input=ldif.encode(), capture_output=True, timeout=60, check=False, cwd=self.folder
        )
        if done.returncode != 0:
            lines = done.stderr.decode(errors="replace").strip().splitlines() or ["slapadd said nothing"]
            said = " / ".join(line.strip() for line in lines[-3:])
            raise ServerNotStarted("slapadd refuses the configuration in deploy/ldap. It says: {said}", said=said)

    def _choose_port(self) -> int:
        """The port asked for, else the one of last time if it is free, else a free one; kept in the folder."""
        place = self.folder / "port"
        last = int(place.read_text()) if place.exists() else 0
        port = self._asked_port or (last if last and is_free(last) else free_port())
        place.write_text(str(port))
        return port

    def _launch(self, port: int) -> None:
        bound = [] if self.outlives_parent else ["setpriv", "--pdeathsig=TERM"]
        command = [
            *bound,
            find_program("slapd"),
            "-d",
            "0",
            "-F",
            str(self.folder / "config"),
            "-h",
            f"ldap://127.0.0.1:{port}/",
        ]
        with (self.folder / "slapd.log").open("ab") as log:
            # A session of its own: Ctrl-C at the terminal ends the parent, and the parent ends this one in good order.
            self._child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=self.folder
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._child.poll() is None:
            if not is_free(port) and self.find_pid() == self._child.pid:
                return
            time.sleep(0.01)
        self._child.kill()
        self._child.wait()
        raise ServerNotStarted(
            "slapd did not answer on port {port}. Its last words stand in {log}.",
            port=port,
            log=str(self.folder / "slapd.log"),
        )


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """Hold a lock between processes: two that start the server at once get one server."""
    with place.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def fill_template(name: str, **values: str) -> str:
    """A file of deploy/ldap with its ${words} filled in. Raises ServerNotStarted when the file is not there."""
    try:
        return Template((TEMPLATES / name).read_text(encoding="utf-8")).substitute(values)
    except OSError as error:
        raise ServerNotStarted("{file} cannot be read.", file=str(TEMPLATES / name)) from error


def find_program(name: str) -> str:
    """Where slapd or slapadd is. Raises ServerNotStarted naming the package."""
    found = shutil.which(name, path=os.pathsep.join([*PROGRAMS, os.environ.get("PATH", "")]))
    if found is None:
        raise ServerNotStarted("{program} is not installed (Debian: apt-get install slapd).", program=name)
    return found


def keep_password(place: Path) -> str:
    """The password kept in a file of mode 0600, made the first time."""
    if not place.exists():
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
    return place.read_text().strip()


def hash_service_password(password: str) -> str:
    """{ARGON2} of a random 256-bit password, at the least cost: there is nothing to guess, and services bind often."""
    return "{ARGON2}" + PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(password)


def is_free(port: int) -> bool:
    """Whether nobody listens on the port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
