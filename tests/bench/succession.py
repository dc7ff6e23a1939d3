"""What an old code has become: one, and ten thousand in one request, in the register of the whole country after its merger.

The register holds every territory of the real tables and nobody; it is made once, and its rows are copied to the other database.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import sqlalchemy as sa
from psycopg import sql

import provisioning.tables
from directory.app import as_json
from directory.models import Unit, UnitCode, UnitEvent, UnitEventLink, UnitVersion
from directory.succession import answer_successors
from foundation.changes import AsOf, Change
from foundation.database import Base, Database
from foundation.runtime import Runtime, open_runtime
from foundation.settings import build_settings
from tests.bench.figures import Figure, measure
from tests.bench.processes import processor_seconds
from tests.services.country import found_country, merge_country
from tests.services.databases import Databases
from tests.services.reform_table import DAY, EVE, check_predecessors, check_successors, list_shares
from trial.places import Country

assert provisioning.tables.ROOMS
CODES_GOAL = 10_000
ONE_GOAL = 1.0
ASKED = (Change, Unit, UnitVersion, UnitCode, UnitEvent, UnitEventLink)
"""The tables a look-up asks; what was written beside them (jobs, the journal, the audit) plays no part in it."""


@measure("succession")
def measure_succession() -> list[Figure]:
    """Codes a second in bulk and milliseconds for one, on both databases; first the answers are compared with the table."""
    with tempfile.TemporaryDirectory(prefix="hn-bench-") as folder, ExitStack() as stack:
        place = Path(folder)
        databases = Databases(place, stack)
        first = stack.enter_context(databases.make("sqlite", place))
        second = stack.enter_context(databases.make("postgresql", place))
        with open_register(first, place) as runtime:
            country = found_country(runtime, place)
            merge_country(runtime, place, country)
            figures = list(measure_engine("sqlite", runtime, country))
            assert databases.cluster is not None
            assert databases.cluster.server is not None
            server = databases.cluster.server.pid
            with open_register(second, place) as other:
                copy_rows(runtime.database, other.database)
                figures += measure_engine("postgresql", other, country, server)
    return figures


@contextmanager
def open_register(url: str, folder: Path) -> Iterator[Runtime]:
    """The register at this address, closed again at the end of the block."""
    runtime = open_runtime(build_settings({"database": url, "data": str(folder / "data")}))
    try:
        yield runtime
    finally:
        runtime.close()


def copy_rows(source: Database, target: Database) -> None:
    """What look-ups ask of one register, copied into an empty PostgreSQL of the same schema."""
    with source.read() as reads, target.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        cursor = connection.connection.cursor()
        for model in ASKED:
            table = Base.metadata.tables[model.__tablename__]
            connection.execute(sa.delete(table))
            columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.c)
            wanted = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
            with cursor.copy(wanted) as copy:
                for row in reads.execute(sa.select(table)):
                    copy.write_row(row)


def measure_engine(engine: str, runtime: Runtime, country: Country, *servers: int) -> Iterator[Figure]:
    """Bulk with its JSON, and one look-up, as the public interface asks: wall time, and the processor's, the database's server included."""
    shares = list_shares(country, country.provinces_after)
    codes = [share.old.admin_code for share in shares][:10_000]
    with runtime.database.read() as reads:
        check_successors(reads, shares)
        check_predecessors(reads, shares)

    def ask_all() -> None:
        with runtime.database.read() as reads:
            answers = answer_successors(reads, codes, AsOf(DAY), None, EVE)
        assert len(as_json({"answers": answers})) > len(codes)

    bulk = [time_act(ask_all, servers) for _ in range(3)]
    yield Figure(f"successors, 10,000 codes, {engine}", 10_000 / min(w for w, _ in bulk), "codes/s", CODES_GOAL, "more")
    yield Figure(f"  per second of processor, {engine}", 10_000 / min(p for _, p in bulk), "codes/s")
    walls, spent = time_one(runtime, codes[:600], servers)
    yield Figure(f"successors of one code, {engine}", walls, "ms", ONE_GOAL)
    yield Figure(f"  processor, {engine}", spent, "ms")


def time_act(act: Callable[[], None], servers: Sequence[int]) -> tuple[float, float]:
    """Seconds of wall and of processor of one act, ours and the database servers'."""
    before, wall = sum_up(servers), time.perf_counter()
    act()
    return time.perf_counter() - wall, sum_up(servers) - before


def sum_up(servers: Sequence[int]) -> float:
    """Processor seconds so far."""
    return time.process_time() + processor_seconds(*servers)


def time_one(runtime: Runtime, codes: list[str], servers: Sequence[int]) -> tuple[float, float]:
    """Milliseconds for one code in an open register: the median of wall, the mean of processor."""
    walls = []

    def ask_each() -> None:
        for code in codes:
            wall = time.perf_counter()
            with runtime.database.read_quickly() as reads:
                answer_successors(reads, [code], AsOf(DAY), None, EVE)
            walls.append(time.perf_counter() - wall)

    _, processor = time_act(ask_each, servers)
    return median(walls) * 1000, processor / len(codes) * 1000
