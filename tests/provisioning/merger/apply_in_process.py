"""Applies a plan in a process of its own, a few people a transaction, so that a test can kill it anywhere.

Arguments: database address, data folder, plan file, the acting person's id. Says `begun` before the first line is written.
"""

import sys
import uuid
from pathlib import Path

import provisioning.tables
from foundation.runtime import open_runtime
from foundation.settings import build_settings
from foundation.shell import Actor
from provisioning.merger import apply as applying

assert provisioning.tables.ROOMS


def main(database: str, data: str, plan: str, person: str) -> None:
    applying.PEOPLE_AT_ONCE = 8
    runtime = open_runtime(build_settings({"database": database, "data": data}))
    begin_run = applying.begin_run

    def begin_aloud(*arguments: object) -> int:
        change = begin_run(*arguments)  # type: ignore[arg-type]  # the same arguments
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        return change

    applying.begin_run = begin_aloud  # type: ignore[assignment]  # the same, and says so
    applying.apply_plan(runtime, Path(plan), Actor(person, uuid.UUID(person)))
    sys.stdout.write("done\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
