"""The whole installation as an operator starts it: `hopnhat serve` and `hopnhat worker` on a durable PostgreSQL, settings in a file."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from foundation.runtime import Runtime, open_runtime
from foundation.settings import build_settings
from provisioning.schema import upgrade
from provisioning.sections import SECTIONS
from tests.bench.served import WORKERS, wait_for
from tests.services.ports import free_port
from tests.services.postgresql import PrivateCluster

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on"}
START = "import sys; from provisioning.command import main; sys.exit(main())"


@dataclass(frozen=True)
class Installation:
    """What runs: its address and the roots of the three process trees."""

    origin: str
    server: int
    worker: int
    database: int
    cluster: PrivateCluster

    def count(self, table: str) -> int:
        """How many rows a table holds."""
        with self.cluster.connect("register") as connection:
            row = connection.execute(psycopg.sql.SQL("SELECT count(*) FROM {}").format(psycopg.sql.Identifier(table)))
            found = row.fetchone()
        return int(str(found[0])) if found else 0


@contextmanager
def run_installation(
    sections: Mapping[str, Mapping[str, Any]], fill: Callable[[Runtime], None]
) -> Iterator[Installation]:
    """Start everything on a register that `fill` fills, wait until it answers, end it."""
    with ExitStack() as stack:
        cluster = stack.enter_context(PrivateCluster(DURABLE))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hn-bench-")))
        port = free_port()
        core: dict[str, Any] = {
            "issuer": f"http://127.0.0.1:{port}",
            "database": cluster.create("register"),
            "data": str(folder),
        }
        core["trusted_proxies"] = ["127.0.0.1"]
        file = folder / "hopnhat.toml"
        file.write_text(write_settings(core, {**sections, "serve": {"port": port, "workers": WORKERS}}))
        runtime = open_runtime(build_settings({**core, **sections}, SECTIONS))
        upgrade(runtime.database)
        fill(runtime)
        runtime.close()
        server, worker = (stack.enter_context(run_verb(verb, file, folder)) for verb in ("serve", "worker"))
        try:
            wait_for(core["issuer"], server)
        except RuntimeError as error:
            raise RuntimeError((folder / "serve.log").read_text(errors="replace")[-3000:]) from error
        assert cluster.server
        yield Installation(core["issuer"], server.pid, worker.pid, cluster.server.pid, cluster)


def write_settings(core: Mapping[str, Any], sections: Mapping[str, Mapping[str, Any]]) -> str:
    """The settings file: numbers, words and lists are the same in TOML as in Python."""
    lines = [f"{name} = {value!r}" for name, value in core.items()]
    for title, values in sections.items():
        lines += [f"[{title}]", *(f"{name} = {value!r}" for name, value in values.items())]
    return "\n".join(lines)


@contextmanager
def run_verb(verb: str, file: Path, folder: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """A verb of the command line in a process of its own until the block ends; what it says is in the folder."""
    # The benchmark's own variables are no settings of the product.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HOPNHAT_")}
    environment["HOPNHAT_CONFIG"] = str(file)
    with (folder / f"{verb}.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-c", START, verb], env=environment, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=60)
