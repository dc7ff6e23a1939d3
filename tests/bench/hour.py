"""An hour of mixed load on the whole installation: what its processes hold at the end, and whether tables stay bounded.

Lives are short, so that everything is made, ends and leaves many times within the hour. `HOPNHAT_BENCH_MINUTES` (60) and
`HOPNHAT_BENCH_RATE` (40 acts a second) set it otherwise; `HOPNHAT_BENCH_SAMPLES` names a file for every sample, one JSON object a line.
"""

import json
import os
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from foundation.runtime import Runtime
from sso.client_registration import GRANT_TYPES, NewClient
from sso.factors.devices import MOST_KNOWN
from sso.sweeping import EXPIRING
from tests.bench.figures import Figure, measure
from tests.bench.installation import Installation, run_installation
from tests.bench.memory import Held, read_held, slope
from tests.bench.processes import processor_seconds, tree
from tests.bench.served import CALLBACK, SCOPES, register
from tests.bench.sign_on import Walks
from tests.bench.visitors import Tally, Visitor
from tests.sso.flow import Application
from tests.sso.people import official

MINUTES = float(os.environ.get("HOPNHAT_BENCH_MINUTES", "60"))
RATE = float(os.environ.get("HOPNHAT_BENCH_RATE", "40"))
SAMPLES = os.environ.get("HOPNHAT_BENCH_SAMPLES")
VISITORS = 12
PEOPLE = 180
EVERY_SECONDS = 30
MEGABYTES = 200
GROWTH_AN_HOUR = 6
"""Megabytes an hour that the line through the last half may rise: 3 within the half, which is what one measurement wavers by."""
GROWTH_OF_TABLES = 1.25
"""So much the last quarter's highest count may be of the second quarter's, when everything has ended and left for the first time."""
LIVES: dict[str, dict[str, Any]] = {
    "sso": {
        "access_seconds": 300,
        "refresh_seconds": 600,
        "session_seconds": 600,
        "session_idle_seconds": 300,
        "device_seconds": 120,
        "guess_window_seconds": 120,
        "source_window_seconds": 120,
        "sweep_seconds": 60,
        "kept_seconds": 60,
    },
    "worker": {"kept_seconds": 60},
}


@dataclass(frozen=True)
class Sample:
    """One look: minutes since the beginning, what each process holds, how many rows each table has, processor seconds so far."""

    minutes: float
    held: dict[str, Held]
    rows: dict[str, int]
    spent: dict[str, float]

    def write(self) -> str:
        """One line of JSON."""
        held = {
            name: {"rss": round(one.resident, 1), "pss": round(one.proportional, 1)} for name, one in self.held.items()
        }
        return json.dumps({"minutes": round(self.minutes, 2), "held": held, "rows": self.rows, "spent": self.spent})


@measure("hour", by_name=True)
def measure_hour() -> list[Figure]:
    """The load, the samples, the judgement."""
    made: dict[str, Application] = {}
    tally = Tally()
    with listen_for_logouts() as (address, told):
        with run_installation(LIVES, lambda runtime: made.update(fill(runtime, address))) as here:
            samples = list(load(here, Walks(made["van-ban"]), tally))
        return [*tell_load(tally, samples, len(told)), *judge_memory(samples), *judge_tables(samples)]


def fill(runtime: Runtime, logouts: str) -> dict[str, Application]:
    """People, and an application that is told of log-outs."""
    for number in range(PEOPLE):
        official(runtime, login=f"can-bo.{number}", unit=f"Xã {number}", code=f"H61.{number}")
    new = NewClient(
        name="Quản lý văn bản",
        client_id="van-ban",
        redirect_uris=(CALLBACK,),
        grant_types=(*GRANT_TYPES,),
        scopes=SCOPES,
        id_token_alg="ES256",
        backchannel_logout_uri=logouts,
    )
    return {"van-ban": register(runtime, new)}


def load(here: Installation, walks: Walks, tally: Tally) -> Iterator[Sample]:
    """Everybody begins; a sample each half minute until the time is over."""
    done, begin = threading.Event(), time.monotonic()
    names = [f"can-bo.{number}" for number in range(PEOPLE)]
    visitors = [Visitor(walks, here.origin, names[number::VISITORS], number) for number in range(VISITORS)]
    every = VISITORS / RATE
    with ThreadPoolExecutor(VISITORS) as pool:
        for number, visitor in enumerate(visitors):
            pool.submit(visitor.visit, begin + number * every / VISITORS, every, tally, done)
        try:
            for number in range(1, int(MINUTES * 60 / EVERY_SECONDS) + 1):
                time.sleep(max(0.0, begin + number * EVERY_SECONDS - time.monotonic()))
                sample = look(here, (time.monotonic() - begin) / 60)
                if SAMPLES:
                    with Path(SAMPLES).open("a", encoding="utf-8") as out:
                        out.write(sample.write() + "\n")
                yield sample
        finally:
            done.set()


def look(here: Installation, minutes: float) -> Sample:
    """The web processes, the worker, and the database as a whole."""
    held = {}
    web = [pid for pid in tree(here.server) if pid != here.server]
    for name, pid in [*((f"web process {number}", pid) for number, pid in enumerate(web, 1)), ("worker", here.worker)]:
        if one := read_held(pid):
            held[name] = one
    database = [one for pid in tree(here.database) if (one := read_held(pid))]
    held["database"] = Held(max(one.resident for one in database), sum(one.proportional for one in database))
    tables = [expiring.table.name for expiring in EXPIRING if expiring.table.name != "sso_client"]
    rows = {table: here.count(table) for table in [*tables, "outbox_job", "audit_row"]}
    return Sample(minutes, held, rows, read_costs(here))


def read_costs(here: Installation) -> dict[str, float]:
    """Processor seconds so far."""
    trees = {"web": here.server, "worker": here.worker, "database": here.database}
    return {name: processor_seconds(root) for name, root in trees.items()}


# --- what it says --------------------------------------------------------------------------------------------------


def tell_load(tally: Tally, samples: Sequence[Sample], told: int) -> Iterator[Figure]:
    """How much was done, at which cost from the first look to the last, and what nobody expected."""
    first, last = samples[0], samples[-1]
    shares = {
        name: (last.spent[name] - first.spent[name]) / max(last.minutes - first.minutes, 0.01) / 0.6
        for name in last.spent
    }
    mixture = ", ".join(f"{name} {number:,}" for name, number in tally.done.most_common())
    parts = ", ".join(f"{name} {share:.1f}" for name, share in shares.items())
    yield Figure("acts of people and programs", sum(tally.done.values()), "", None, "more", mixture)
    yield Figure("processors, of one", sum(shares.values()), "%", None, beside=parts)
    yield Figure("the longest act", tally.longest, "s", None, beside=f"begun {tally.late:.1f} s after its time at most")
    yield Figure("applications told of log-outs", told, "")
    yield Figure("answers nobody expected", len(tally.faults), "", 0, beside=" | ".join(tally.faults[:3]))


def judge_memory(samples: Sequence[Sample]) -> Iterator[Figure]:
    """What each process held at the end, at most, and how it went in the last half."""
    last = samples[-1].held
    half = samples[len(samples) // 2 :]
    for name in samples[0].held:
        series = [(one.minutes / 60, one.held[name]) for one in half if name in one.held]
        most = max(one.held[name].resident for one in samples if name in one.held)
        if name == "database":
            yield Figure("the database at the end (Pss of all)", last[name].proportional, "MB")
            continue
        beside = f"{last[name].proportional:.0f} its own share; at most {most:.0f}, at first {samples[0].held[name].resident:.0f}"
        yield Figure(f"{name} at the end", last[name].resident, "MB", MEGABYTES, beside=beside)
        rise = slope([(hours, one.proportional) for hours, one in series])
        yield Figure(f"{name}: rise in the last half", rise, "MB/hour", GROWTH_AN_HOUR)


def judge_tables(samples: Sequence[Sample]) -> Iterator[Figure]:
    """The highest count of the last quarter beside that of the second; the audit is for ever and only told."""
    quarter = max(len(samples) // 4, 1)
    second, last = samples[quarter : 2 * quarter] or samples, samples[-quarter:]
    for table in samples[0].rows:
        early, late = max(one.rows[table] for one in second), max(one.rows[table] for one in last)
        beside = f"at most {late:,} in the last quarter, {early:,} in the second"
        if table == "audit_row":
            yield Figure("audit rows, kept for ever", late, "")
        elif table == "sso_device":
            yield Figure("browsers known, at most twenty an account", late, "", PEOPLE * MOST_KNOWN, beside=beside)
        elif late > 50:
            yield Figure(f"{table}: last quarter to second", late / max(early, 1), "", GROWTH_OF_TABLES, beside=beside)


@contextmanager
def listen_for_logouts() -> Iterator[tuple[str, list[str]]]:
    """An application's address for log-outs, and who has called."""
    told: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        """Takes every log-out."""

        def do_POST(self) -> None:
            told.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/logout", told
        server.shutdown()
