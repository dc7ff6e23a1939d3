"""The long hunt: `python -m tests.sso.fuzzing SECONDS [SEED]`. A third of the time goes to the readers, the rest to requests.

Prints the number of each finding, with which it is repeated, and ends with 1 where there was one.
"""

import importlib.util
import logging
import random
import subprocess
import sys
import tempfile
import time
import warnings
from contextlib import ExitStack
from pathlib import Path

from tests.services.databases import Databases
from tests.sso.fuzzing.damage import damage
from tests.sso.fuzzing.readers import READERS
from tests.sso.fuzzing.requests import hunt_once, is_fault, open_hunted


def hunt_readers(seconds: float, seed: int) -> int:
    """Broken examples for every reader in turn. Gives how many were tried; raises what a reader raised."""
    ends, count = time.monotonic() + seconds, 0
    seeds = {reader.name: reader.seeds() for reader in READERS}
    while time.monotonic() < ends:
        for reader in READERS:
            try:
                reader.try_on(damage(seeds[reader.name], seed + count))
            except Exception:
                print(f"reader {reader.name}, number {seed + count}", file=sys.stderr)
                raise
        count += 1
    return count * len(READERS)


def hunt_guided(seconds: int) -> None:
    """The same with atheris, each reader in a process of its own. Raises CalledProcessError where something was found."""
    for reader in READERS:
        subprocess.run([sys.executable, "-m", "tests.sso.fuzzing.guided", reader.name, str(seconds)], check=True)


def hunt_requests(seconds: float, seed: int) -> tuple[int, list[str]]:
    """Requests at every address of the service on PostgreSQL. Gives how many, and the findings."""
    found, count = [], 0
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        url = stack.enter_context(Databases(folder, stack).make("postgresql", folder))
        hunted = open_hunted(folder, url)
        stack.callback(hunted.app.state.runtime.database.close)
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            asked, status = hunt_once(hunted, seed + count)
            found += [f"{status} {asked}"] if is_fault(status) else []
            count += 1
    return count, found


def main(seconds: float, seed: int) -> int:
    """All of it; 1 where something was found."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    print(f"seed {seed}")
    if importlib.util.find_spec("atheris"):
        hunt_guided(max(1, int(seconds / 3 / len(READERS))))
    else:
        print(f"{hunt_readers(seconds / 3, seed)} readings")
    count, found = hunt_requests(seconds * 2 / 3, seed)
    print(f"{count} requests, {len(found)} faults", *found, sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    chosen = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(2**32)
    sys.exit(main(float(sys.argv[1]), chosen))
