"""SIGKILL anywhere during apply: nothing is seen, and the resumed run ends in the very register of an undisturbed one.

`KILL_ROUNDS=100 KILL_SEED=7 pytest tests/provisioning/merger/test_kill.py -s` is the long proof; the seed is always printed.
"""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from foundation.changes import register_digest
from foundation.database import Database
from foundation.outbox import OutboxJob
from foundation.plans import Plan, PlanRun
from foundation.runtime import Runtime
from provisioning.merger.apply import apply_plan, resume_plan
from provisioning.merger.run_states import AlreadyRun
from tests.provisioning.merger.conftest import DECREE, Administration
from tests.services.databases import Databases

ROUNDS = int(os.environ.get("KILL_ROUNDS", "2"))
HOUSE = Path(__file__).resolve().parents[3]


@contextmanager
def copied(databases: Databases, runtime: Runtime, tmp_path: Path, number: int) -> Iterator[Runtime]:
    """The same register once more."""
    url = runtime.database.url
    runtime.database.close()
    if runtime.database.sqlite:
        target = tmp_path / f"copy{number}.sqlite"
        shutil.copyfile(str(url.database), target)
        address = f"sqlite:///{target}"
    else:
        address = databases.start_cluster().create(f"kill_{number}_{os.getpid()}", str(url.database))
    database = Database(address)
    yield replace(runtime, database=database)
    database.close()
    if not database.sqlite:
        databases.start_cluster().drop(f"kill_{number}_{os.getpid()}")


def digest(runtime: Runtime) -> str:
    with runtime.database.read() as reads:
        return register_digest(reads)


def start(runtime: Runtime, plan: Plan, person: str) -> subprocess.Popen[str]:
    """The process, at the moment when it begins to write."""
    address = runtime.database.url.render_as_string(hide_password=False)
    arguments = [address, str(runtime.settings.data), str(plan.path), person]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.provisioning.merger.apply_in_process", *arguments],
        cwd=HOUSE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def test_a_killed_apply_shows_nothing_and_resumes_to_the_same_register(
    administration: Administration, databases: Databases, tmp_path: Path
) -> None:
    seed = int(os.environ.get("KILL_SEED", str(random.SystemRandom().randrange(10**6))))
    draws = random.Random(seed)
    sys.stdout.write(f"KILL_SEED={seed}\n")
    administration.add_crowd("28756", 320)
    plan = administration.plan(DECREE, [administration.row("Võ Văn Huyện", "H08.31", None)])
    administration.approve(plan)
    person = str(administration.people["Lê Thị Hoa"])
    before = digest(administration.runtime)
    with copied(databases, administration.runtime, tmp_path, 0) as undisturbed:
        process = start(undisturbed, plan, person)
        since = time.monotonic()
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"
        whole = time.monotonic() - since
        process.communicate()
        after, jobs = digest(undisturbed), count_jobs(undisturbed)
    for number in range(1, ROUNDS + 1):
        with copied(databases, administration.runtime, tmp_path, number) as runtime:
            process = start(runtime, plan, person)
            time.sleep(draws.uniform(0, whole))
            process.kill()
            process.communicate()
            check_resumes(runtime, administration, plan, before, after)
            assert count_jobs(runtime) == jobs


def check_resumes(runtime: Runtime, administration: Administration, plan: Plan, before: str, after: str) -> None:
    """Nothing is seen unless all of it is; the rest is done once."""
    with runtime.database.read() as reads:
        run = reads.execute(sa.select(PlanRun)).scalar_one()
    sys.stdout.write(f"killed at {run.position}/{run.lines} {run.state}\n")
    assert digest(runtime) == (after if run.state == "done" else before)
    actor = administration.actor("Lê Thị Hoa")
    if run.state != "done":
        with pytest.raises(AlreadyRun):
            apply_plan(runtime, plan.path, actor)
        resume_plan(runtime, plan.digest, actor)
    assert digest(runtime) == after


def count_jobs(runtime: Runtime) -> dict[str, int]:
    """Jobs by kind."""
    with runtime.database.read() as reads:
        rows = reads.execute(sa.select(OutboxJob.kind, sa.func.count()).group_by(OutboxJob.kind))
        return {row[0]: row[1] for row in rows}
