"""The merger of the country again and again: its rosters are loaded once, into a register that is kept, and each run merges a copy of it.

`HOPNHAT_BENCH_KEEP=folder python -m tests.bench country:again` (SQLite; the first time takes as long as the rosters, some five minutes).
"""

import os
import pickle
import shutil
import tempfile
from functools import partial
from pathlib import Path

from tests.bench import figures
from tests.bench.figures import Figure, measure
from tests.bench.merger import (
    Timed,
    apart,
    apply,
    build_figures,
    fill,
    found_register,
    open_register,
    plan_merger,
    plan_rosters,
)
from trial.generator import Trial, all_provinces, write_trial

ENGINE = "sqlite"
REGISTER = "register.sqlite"


@measure("country:again", by_name=True)
def measure_country_again() -> list[Figure]:
    """All 34 provinces, from loaded rosters on. Raises KeyError when nobody says where the register is kept."""
    kept = Path(os.environ["HOPNHAT_BENCH_KEEP"])
    trial = keep_register(kept)
    runs = [merge_copy(kept, trial) for _run in range(figures.RUNS)]
    return [
        figure
        for step in runs[0]
        for figure in build_figures(ENGINE, step, [run[step] for run in runs], trial.people, whole=True)
    ]


def keep_register(kept: Path) -> Trial:
    """The generated people whose rosters the kept register holds; both are made where they are not there yet."""
    told = kept / "trial.pickle"
    if told.exists():
        trial: Trial = pickle.loads(told.read_bytes())  # our own file of an earlier run
        return trial
    trial = write_trial(kept / "trial", all_provinces())
    url = f"sqlite:///{kept / REGISTER}"
    open_here = partial(open_register, url, kept)
    fill(url)
    for act in (
        partial(found_register, open_here, trial),
        partial(plan_rosters, open_here, trial, kept),
        partial(apply, open_here, kept / "roster.plan"),
    ):
        apart(act, None)
    told.write_bytes(pickle.dumps(trial))
    return trial


def merge_copy(kept: Path, trial: Trial) -> dict[str, Timed]:
    """Decree to plan and plan to register on a copy, with the keys of the kept one."""
    with tempfile.TemporaryDirectory(prefix="hn-bench-", dir=kept) as folder:
        place = Path(folder)
        shutil.copyfile(kept / REGISTER, place / REGISTER)
        shutil.copytree(kept / "data" / "keys", place / "data" / "keys")
        open_here = partial(open_register, f"sqlite:///{place / REGISTER}", place)
        return {
            "merger → plan": apart(partial(plan_merger, open_here, trial, place), None),
            "merger plan → register": apart(partial(apply, open_here, place / "merger.plan"), None),
        }
