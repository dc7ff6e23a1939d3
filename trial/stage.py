"""The stage of the story: one folder, the service, its worker and the document system in processes of their own.

Everything lies in `./var`, where later commands find it. What was started ends with the story: by id, and if the story itself is
killed, by the kernel (the children ask for a signal when their parent dies).
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from directory.printing.access import build_slapd
from foundation.errors import BadInput, Unreachable
from foundation.runtime import Runtime, start
from provisioning.sections import SECTIONS

MARKER = ".demo"
PATIENCE = 120.0
PR_SET_PDEATHSIG = 1


@dataclass
class Stage:
    """A folder with a settings file, and the processes that play."""

    folder: Path
    port: int
    log: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        """The address of the service."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def documents(self) -> str:
        """The address of the document system."""
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def config(self) -> Path:
        """The settings file."""
        return self.folder / "hopnhat.toml"

    def open_runtime(self) -> Runtime:
        """The product on this stage's settings."""
        return start(SECTIONS, self.config)

    def spawn(self, name: str, command: list[str], environment: Mapping[str, str] | None = None) -> None:
        """Start a process whose words go to `<folder>/log/<name>.log`."""
        self.log.mkdir(parents=True, exist_ok=True)
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("HOPNHAT_", "DOCUMENTS_"))}
        with (self.log / f"{name}.log").open("wb") as words:
            self.processes.append(
                subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=words,
                    stderr=subprocess.STDOUT,
                    env=clean | dict(environment or {}),
                    preexec_fn=die_with_parent,
                )
            )

    def start_service(self) -> None:
        """The web service and its worker."""
        self.spawn("serve", [program(), "--config", str(self.config), "serve"])
        self.spawn("worker", [program(), "--config", str(self.config), "worker"])

    def start_documents(self, environment: Mapping[str, str]) -> None:
        """The document system, which knows of us only what its environment says."""
        command = [sys.executable, "-m", "deploy.demo.document_system", "--port", str(self.port + 1)]
        self.spawn("documents", command, environment)

    def wait_for(self, address: str) -> None:
        """Until an address answers. Raises Unreachable with the last words of the log."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                if httpx.get(address, timeout=2, trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            if any(process.poll() is not None for process in self.processes):
                break
            time.sleep(0.1)
        raise Unreachable("{address} does not answer; see {log}.", address=address, log=str(self.log))

    def close(self) -> None:
        """End every process we started, the private directory last."""
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in reversed(self.processes):
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()
        if self.config.exists():
            runtime = self.open_runtime()
            build_slapd(runtime.settings).stop()
            runtime.close()


def program() -> str:
    """The `hopnhat` of this environment."""
    return str(Path(sys.executable).with_name("hopnhat"))


def die_with_parent() -> None:
    """Ask the kernel for SIGTERM when the story's process dies (Linux, prctl(2))."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def check_port(port: int) -> None:
    """Refuse a port somebody else listens on. Raises Unreachable naming the option."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Unreachable("Port {port} is in use; give another with --port.", port=port) from error


def clear_folder(folder: Path) -> None:
    """Make room for a fresh story. Only what an earlier story made is removed. Raises BadInput for anything else."""
    if not folder.exists() or not any(folder.iterdir()):
        folder.mkdir(parents=True, exist_ok=True)
    elif not (folder / MARKER).exists():
        raise BadInput("{folder} holds something that is no demo; move it away first.", folder=str(folder))
    else:
        for entry in folder.iterdir():
            if entry.name in (MARKER, "trial"):
                continue
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    (folder / MARKER).write_text("made by hopnhat demo; removed by the next one\n", encoding="utf-8")


@contextmanager
def open_stage(folder: Path, port: int, database: str | None = None) -> Iterator[Stage]:
    """A fresh stage; everything on it ends with the block. Raises Unreachable, BadInput.

    `database` is the address of an empty PostgreSQL database; without it the register is an SQLite file.
    """
    for needed in (port, port + 1):
        check_port(needed)
    stop_earlier(folder)
    clear_folder(folder)
    stage = Stage(folder, port, folder / "log")
    stage.log.mkdir(parents=True, exist_ok=True)
    address = database or f"sqlite:///{folder.resolve()}/hopnhat.sqlite"
    stage.config.write_text(
        f'issuer = "{stage.issuer}"\n'
        f'database = "{address}"\n'
        f'data = "{folder.resolve()}"\n'
        'title = "Hợp Nhất · bản trình diễn"\nhotline = "1022"\n\n'
        f"[serve]\nport = {port}\nworkers = 1\n\n[ldap]\nprivate = true\n",
        encoding="utf-8",
    )
    try:
        yield stage
    finally:
        stage.close()


def stop_earlier(folder: Path) -> None:
    """Stop the private directory an earlier story may have left."""
    config = folder / "hopnhat.toml"
    if config.exists() and (folder / MARKER).exists():
        runtime = start(SECTIONS, config)
        build_slapd(runtime.settings).stop()
        runtime.close()
