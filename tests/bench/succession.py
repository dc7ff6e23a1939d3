"""What an old code has become: one, and ten thousand in one request, in the register of the whole country after its merger."""

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import provisioning.tables
from directory.app import as_json
from directory.succession import answer_successors
from foundation.changes import AsOf
from foundation.runtime import Runtime, open_runtime
from foundation.settings import build_settings
from tests.bench.figures import Figure, measure
from tests.services.country import found_country, merge_country
from tests.services.databases import ENGINES, Databases
from tests.services.reform_table import DAY, EVE, check_predecessors, check_successors, list_shares
from trial.places import Country

assert provisioning.tables.ROOMS
CODES_GOAL = 10_000
ONE_GOAL = 1.0


@measure("succession")
def measure_succession() -> list[Figure]:
    """Codes a second in bulk and milliseconds for one, on both databases; first the answers are compared with the table."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="hn-bench-") as folder, ExitStack() as stack:
        databases = Databases(Path(folder), stack)
        for engine in ENGINES:
            place = Path(folder) / engine
            place.mkdir()
            with databases.make(engine, place) as url:
                runtime = open_runtime(build_settings({"database": url, "data": str(place / "data")}))
                country = found_country(runtime, place)
                merge_country(runtime, place, country)
                figures += measure_engine(engine, runtime, country)
                runtime.close()
    return figures


def measure_engine(engine: str, runtime: Runtime, country: Country) -> Iterator[Figure]:
    """Bulk with its JSON, and one look-up; wall time, and processor time beside it for a machine that is busy."""
    shares = list_shares(country, country.provinces_after)
    codes = [share.old.admin_code for share in shares][:10_000]
    with runtime.database.read() as reads:
        check_successors(reads, shares)
        check_predecessors(reads, shares)
        bulk = [time_bulk(runtime, codes) for _ in range(5)]
    yield Figure(f"successors, 10,000 codes, {engine}", 10_000 / min(w for w, _ in bulk), "codes/s", CODES_GOAL, "more")
    yield Figure(f"  per second of processor, {engine}", 10_000 / min(p for _, p in bulk), "codes/s")
    ones, costs = time_one(runtime, codes[:600])
    yield Figure(f"successors of one code, {engine}", ones, "ms", ONE_GOAL)
    yield Figure(f"  processor, {engine}", costs, "ms")


def time_bulk(runtime: Runtime, codes: list[str]) -> tuple[float, float]:
    """Seconds of wall and of processor for one request, its JSON included."""
    wall, processor = time.perf_counter(), time.process_time()
    with runtime.database.read() as reads:
        answers = answer_successors(reads, codes, AsOf(DAY), None, EVE)
    text = as_json({"answers": answers})
    spent = time.perf_counter() - wall, time.process_time() - processor
    assert len(json.loads(text)["answers"]) == len(codes)
    return spent


def time_one(runtime: Runtime, codes: list[str]) -> tuple[float, float]:
    """Median milliseconds of wall and of processor for one code in an open register."""
    walls, costs = [], []
    with runtime.database.read() as reads:
        for code in codes:
            wall, processor = time.perf_counter(), time.process_time()
            answer_successors(reads, [code], AsOf(DAY), None, EVE)
            walls.append(time.perf_counter() - wall)
            costs.append(time.process_time() - processor)
    return median(walls) * 1000, median(costs) * 1000
