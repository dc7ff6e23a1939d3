"""Rosters to plan, plan to register, decree to plan, plan to register again: the real tables of Vĩnh Long with generated officials."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import sqlalchemy as sa

import provisioning.tables
from directory.models import Unit
from directory.unit_file import read_units
from directory.unit_import import import_units
from foundation.clocks import parse_instant
from foundation.plans import Plan, record_approval
from foundation.runtime import Runtime, open_runtime
from foundation.settings import build_settings
from foundation.shell import Actor
from provisioning.installation import found_installation
from provisioning.merger import apply as applying
from provisioning.merger.decree_file import read_decree
from provisioning.merger.placement import read_placements
from provisioning.merger.planning import Author, make_plan
from provisioning.rosters.check import Check
from provisioning.rosters.loading import plan_load
from provisioning.rosters.unit_book import open_unit_book
from tests.bench.figures import Figure, measure
from tests.services.databases import ENGINES, Databases
from trial.generator import Trial, write_trial

assert provisioning.tables.ROOMS
GLASS = Actor("break-glass:bench", None, "bench", "bench")
AUTHOR = Author(GLASS.label, "bench")
HELD_FROM = parse_instant("2025-01-01")
PLAN_GOAL = 5000
APPLY_GOALS = {"sqlite": 2500, "postgresql": 5000}
LONGEST_LOCK = 100


@dataclass
class Timed:
    """How long an act took and the longest of its transactions, in seconds."""

    seconds: float
    longest: float
    plan: Plan


@measure("merger")
def measure_merger() -> list[Figure]:
    """People a second through each step, on both databases."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="hn-bench-") as folder, ExitStack() as stack:
        trial = write_trial(Path(folder) / "trial")
        databases = Databases(Path(folder), stack)
        for engine in ENGINES:
            with found_register(databases, engine, Path(folder) / engine, trial) as runtime:
                figures += measure_engine(engine, runtime, trial)
    return figures


@contextmanager
def found_register(databases: Databases, engine: str, folder: Path, trial: Trial) -> Iterator[Runtime]:
    """A founded register with the old units."""
    folder.mkdir()
    with databases.make(engine, folder) as url:
        runtime = open_runtime(build_settings({"database": url, "data": str(folder / "data")}))
        now = runtime.clocks.wall()
        with runtime.database.write() as writes:
            found_installation(writes, "Việt Nam", ["Nguyễn Văn Nam", "Trần Thị Lan"], now)
            root = writes.execute(sa.select(Unit.id)).scalar_one()
        import_units(runtime.database, read_units((trial.folder / "units-before.csv").read_bytes()), root, "bench", now)
        yield runtime
        runtime.close()


def measure_engine(engine: str, runtime: Runtime, trial: Trial) -> Iterator[Figure]:
    """The four steps on one database."""
    for name, plan in (("roster", plan_rosters), ("merger", plan_merger)):
        planned = clock(partial(plan, runtime, trial))
        yield Figure(f"{engine}: {name} → plan", trial.people / planned.seconds, "people/s", PLAN_GOAL, "more")
        applied = clock(partial(apply, runtime, planned.plan))
        rate = trial.people / applied.seconds
        yield Figure(f"{engine}: {name} plan → register", rate, "people/s", APPLY_GOALS[engine], "more")
        goal = LONGEST_LOCK if engine == "sqlite" else None
        yield Figure(f"{engine}: {name}, longest transaction", applied.longest * 1000, "ms", goal)


def plan_rosters(runtime: Runtime, trial: Trial) -> Timed:
    """The plan of all rosters, reading included."""
    out = trial.folder / "roster.plan"
    with runtime.database.read() as reads, Check(open_unit_book(reads, HELD_FROM, None)) as check:
        check.read(trial.rosters)
        units = open_unit_book(reads, check.day, None)
        plan = plan_load(reads, runtime.sealer, units, check, out, AUTHOR, runtime.clocks.wall())
    return Timed(0, 0, plan)


def plan_merger(runtime: Runtime, trial: Trial) -> Timed:
    """The plan of the decree, reading included."""
    text = read_decree(trial.folder / "decree.yaml")
    rows = read_placements([trial.folder / "placement.xlsx"])
    with runtime.database.read() as reads:
        out = trial.folder / "merger.plan"
        plan = make_plan(reads, runtime.sealer, text, rows, out, AUTHOR, runtime.clocks.wall())
    return Timed(0, 0, plan)


def apply(runtime: Runtime, plan: Plan) -> Timed:
    """Durable, all tables a person touches; the check that the plan is still true is part of it."""
    with runtime.database.write() as writes:
        record_approval(writes, plan, "somebody else", runtime.clocks.wall(), {})
    longest = 0.0
    write_lines = applying.write_lines

    def write_timed(*arguments: object) -> int:
        nonlocal longest
        start = time.perf_counter()
        position = write_lines(*arguments)  # type: ignore[arg-type]  # the same arguments
        longest = max(longest, time.perf_counter() - start)
        return position

    applying.write_lines = write_timed  # type: ignore[assignment]  # the same, and timed
    try:
        applying.apply_plan(runtime, plan.path, GLASS)
    finally:
        applying.write_lines = write_lines
    return Timed(0, longest, plan)


def clock(act: Callable[[], Timed]) -> Timed:
    """The act with its wall time."""
    start = time.perf_counter()
    timed = act()
    return Timed(time.perf_counter() - start, timed.longest, timed.plan)
