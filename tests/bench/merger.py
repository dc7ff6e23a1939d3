"""Rosters to plan, plan to register, decree to plan, plan to register again: the real tables with generated officials.

`merger` is the merger of three provinces with 8,000 officials; `country:50k` and `country` (290,000) are asked for by name. Every step
runs in a process of its own, so that its memory is its own; both databases are durable and lie on the disk.
"""

import multiprocessing
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa

import provisioning.tables
from directory.models import Unit
from directory.unit_file import read_units
from directory.unit_import import import_units
from foundation.clocks import parse_instant
from foundation.collecting import rarely_collected
from foundation.database import Database
from foundation.plans import Plan, read_plan, record_approval
from foundation.runtime import Runtime, open_runtime
from foundation.settings import build_settings
from foundation.shell import Actor
from provisioning.installation import found_installation
from provisioning.merger import apply as applying
from provisioning.merger import transactions
from provisioning.merger.decree_file import read_decree
from provisioning.merger.lists_beside import read_beside
from provisioning.merger.planning import Author, make_plan
from provisioning.rosters.check import Check
from provisioning.rosters.loading import plan_load
from provisioning.rosters.unit_book import open_unit_book
from tests.bench import figures
from tests.bench.figures import Figure, measure
from tests.bench.processes import processor_seconds
from tests.services.databases import ENGINES
from tests.services.postgresql import PrivateCluster
from tests.services.schema import create_schema
from trial.generator import DEFAULT_PROVINCE, Trial, all_provinces, write_trial

assert provisioning.tables.ROOMS
GLASS = Actor("break-glass:bench", None, "bench", "bench")
AUTHOR = Author(GLASS.label, "bench")
HELD_FROM = parse_instant("2025-01-01")
RATES = {"sqlite": 2500, "postgresql": 5000}
PLAN_RATE = 5000
LONGEST_LOCK = 100
COUNTRY_SECONDS = {"planned": {"sqlite": 60, "postgresql": 60}, "applied": {"sqlite": 120, "postgresql": 60}}
COUNTRY_MEGABYTES = 1000
DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "autovacuum": "on",
    "max_wal_size": "4GB",
}


@dataclass(frozen=True)
class Timed:
    """One step: seconds of wall, of its own processor time and of the database server's, peak megabytes, longest lock in seconds."""

    wall: float
    own: float
    server: float
    memory: float
    longest: float
    load: float


@measure("merger")
def measure_merger() -> list[Figure]:
    """Three provinces, 8,000 officials."""
    return measure_provinces((DEFAULT_PROVINCE,), whole=False)


@measure("country:50k", by_name=True)
def measure_region() -> list[Figure]:
    """Six provinces, about 50,000 officials."""
    return measure_provinces(all_provinces()[:6], whole=False)


@measure("country", by_name=True)
def measure_country() -> list[Figure]:
    """All 34 provinces, about 290,000 officials."""
    return measure_provinces(all_provinces(), whole=True)


def measure_provinces(provinces: Sequence[str], *, whole: bool) -> list[Figure]:
    """People a second through each step, on both databases, as often as was asked for."""
    found: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="hn-bench-") as folder:
        place = Path(folder)
        place.chmod(0o755)  # PostgreSQL runs as somebody else and must find its folder
        trial = write_trial(place / "trial", provinces)
        for engine in ENGINES:
            runs = [run_steps(engine, place / f"{engine}{number}", trial) for number in range(figures.RUNS)]
            for step in runs[0]:
                found += build_figures(engine, step, [run[step] for run in runs], trial.people, whole=whole)
    return found


def build_figures(engine: str, step: str, runs: Sequence[Timed], people: int, *, whole: bool) -> Iterator[Figure]:
    """The median of the runs beside their spread, and what the processors did."""
    walls = sorted(run.wall for run in runs)
    beside = tell_noise(runs)
    planned = step.endswith("→ plan")
    goal = PLAN_RATE if planned else RATES[engine]
    yield Figure(f"{engine}: {step}", people / median(walls), "people/s", goal, "more", beside)
    if whole and step.startswith("merger"):
        seconds = COUNTRY_SECONDS["planned" if planned else "applied"][engine]
        yield Figure(f"{engine}: {step}, {people:,} people", median(walls), "s", seconds)
    yield Figure(f"{engine}: {step}, peak memory", max(run.memory for run in runs), "MB", COUNTRY_MEGABYTES)
    if not planned:
        longest = max(run.longest for run in runs) * 1000
        yield Figure(
            f"{engine}: {step}, longest hold of the writer", longest, "ms", LONGEST_LOCK if engine == "sqlite" else None
        )


def tell_noise(runs: Sequence[Timed]) -> str:
    """Least and most wall, processor time (median) of step and server, load while it ran."""
    walls = [run.wall for run in runs]
    cost = median(run.own + run.server for run in runs)
    return f"{min(walls):.1f}–{max(walls):.1f} s wall, {cost:.1f} s of processors, load {max(run.load for run in runs):.1f}"


# --- one run ---------------------------------------------------------------------------------------------------------


def run_steps(engine: str, folder: Path, trial: Trial) -> dict[str, Timed]:
    """All steps on a fresh register."""
    folder.mkdir()
    with serve(engine, folder) as (url, server):
        open_here = partial(open_register, url, folder)
        apart(partial(found_register, open_here, trial), server)
        steps: dict[str, Callable[[], float]] = {
            "roster → plan": partial(plan_rosters, open_here, trial, folder),
            "roster plan → register": partial(apply, open_here, folder / "roster.plan"),
            "merger → plan": partial(plan_merger, open_here, trial, folder),
            "merger plan → register": partial(apply, open_here, folder / "merger.plan"),
        }
        timed = {step: apart(act, server) for step, act in steps.items()}
    shutil.rmtree(folder)
    return timed


@contextmanager
def serve(engine: str, folder: Path) -> Iterator[tuple[str, int | None]]:
    """A durable database with today's schema: its address, and its server's process."""
    if engine == "sqlite":
        url = f"sqlite:///{folder / 'register.sqlite'}"
        fill(url)
        yield url, None
        return
    with PrivateCluster(DURABLE, folder) as cluster:
        assert cluster.server
        url = cluster.create("register")
        fill(url)
        yield url, cluster.server.pid


def fill(url: str) -> None:
    """Today's schema."""
    database = Database(url)
    create_schema(database)
    database.close()


def open_register(url: str, folder: Path) -> Runtime:
    """The product on this register."""
    return open_runtime(build_settings({"database": url, "data": str(folder / "data")}))


def apart(act: Callable[[], float], server: int | None) -> Timed:
    """Do it in a process of its own. Raises RuntimeError when it ends badly."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=report, args=(act, theirs))
    before, began = (processor_seconds(server) if server else 0.0), time.perf_counter()
    child.start()
    theirs.close()
    try:
        longest, own, memory = ours.recv()
    except EOFError as error:
        raise RuntimeError("a step of the benchmark ended badly") from error
    wall = time.perf_counter() - began
    child.join()  # What the server does for its leaving is part of it.
    used = processor_seconds(server) - before if server else 0.0
    return Timed(wall, own, used, memory, longest, os.getloadavg()[0])


def report(act: Callable[[], float], out: Any) -> None:
    """What it cost, with the processes it started itself, told to the process that waits."""
    before = time.process_time()
    longest = act()
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    used = time.process_time() - before + others.ru_utime + others.ru_stime
    out.send((longest, used, (own.ru_maxrss + others.ru_maxrss) / 1000))


def found_register(open_here: Callable[[], Runtime], trial: Trial) -> float:
    """A founded register with the old units."""
    runtime = open_here()
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        found_installation(writes, "Việt Nam", ["Nguyễn Văn Nam", "Trần Thị Lan"], now)
        root = writes.execute(sa.select(Unit.id)).scalar_one()
    import_units(runtime.database, read_units((trial.folder / "units-before.csv").read_bytes()), root, "bench", now)
    runtime.close()
    return 0.0


def plan_rosters(open_here: Callable[[], Runtime], trial: Trial, folder: Path) -> float:
    """The plan of all rosters, reading included."""
    runtime = open_here()
    # As `provisioning.rosters.opening` does it.
    with (
        rarely_collected(),
        runtime.database.read() as reads,
        Check(open_unit_book(reads, HELD_FROM, None)) as check,
    ):
        check.read(trial.rosters)
        units = open_unit_book(reads, check.day, None)
        plan_load(reads, runtime.sealer, units, check, folder / "roster.plan", AUTHOR, runtime.clocks.wall())
    runtime.close()
    return 0.0


def plan_merger(open_here: Callable[[], Runtime], trial: Trial, folder: Path) -> float:
    """The plan of the decree, reading included."""
    runtime = open_here()
    with read_beside([trial.folder / "placement.xlsx"]) as rows:
        text = read_decree(trial.folder / "decree.yaml")
        with runtime.database.read() as reads:
            make_plan(reads, runtime.sealer, text, rows, folder / "merger.plan", AUTHOR, runtime.clocks.wall())
    runtime.close()
    return 0.0


def apply(open_here: Callable[[], Runtime], file: Path) -> float:
    """Durable, all tables a person touches; the check that the plan is still true is part of it. Gives the longest hold of the writer."""
    runtime, plan = open_here(), read_plan(file)
    approve(runtime, plan)
    longest = 0.0
    write_lines = transactions.write_lines

    def write_timed(*arguments: Any) -> float:
        nonlocal longest
        held = write_lines(*arguments)
        longest = max(longest, held)
        return held

    transactions.write_lines = write_timed  # type: ignore[assignment]  # the same, and timed
    try:
        applying.apply_plan(runtime, plan.path, GLASS)
    finally:
        transactions.write_lines = write_lines
    runtime.close()
    return longest


def approve(runtime: Runtime, plan: Plan) -> None:
    """Agreed to by somebody else."""
    with runtime.database.write() as writes:
        record_approval(writes, plan, "somebody else", runtime.clocks.wall(), {})
