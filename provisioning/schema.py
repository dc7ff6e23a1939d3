"""The schema's steps: upgrade a register to today's tables, and tell where it stands.

A step is harmless before, during and after a release. The steps lie in deploy/migrations as frozen SQL for both databases.
"""

import time
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from foundation.database import Database
from foundation.errors import TryAgain, Undetermined
from foundation.runtime import Runtime

LOCK_SECONDS: Final = 3
"""How long a step waits for a table: so long everybody else who wants that table waits with it."""
TRIES: Final = 5
PAUSE_SECONDS: Final = 2.0
STEPS = Path(__file__).parent.parent / "deploy" / "migrations"


def read_config(connection: sa.Connection | None = None) -> Config:
    """Alembic's configuration, without any file."""
    config = Config()
    config.set_main_option("script_location", str(STEPS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database, target: str = "head") -> tuple[str | None, str | None]:
    """Bring the register to a step, in one transaction. Gives the step before and after.

    Tried again some times where somebody reads or writes a table for long. Raises TryAgain when they still do; nothing was changed then.
    """
    for _ in range(TRIES - 1):
        try:
            return upgrade_at_once(database, target)
        except TryAgain:
            time.sleep(PAUSE_SECONDS)
    return upgrade_at_once(database, target)


def upgrade_at_once(database: Database, target: str) -> tuple[str | None, str | None]:
    """The same, tried once."""
    with database.begin() as connection:
        if not database.sqlite:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        before = MigrationContext.configure(connection).get_current_revision()
        command.upgrade(read_config(connection), target)
        after = MigrationContext.configure(connection).get_current_revision()
    return before, after


def find_step(database: Database) -> str | None:
    """The step this register stands at, None for an empty database."""
    with database.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_step() -> str | None:
    """The newest step this release knows."""
    return ScriptDirectory.from_config(read_config()).get_current_head()


def check_schema(runtime: Runtime) -> None:
    """Refuse a register whose tables are not this release's. Raises Undetermined naming the command that mends it."""
    found, wanted = find_step(runtime.database), newest_step()
    if found != wanted:
        raise Undetermined(
            "The register stands at step {found}, this release needs {wanted}; run “hopnhat db upgrade”.",
            found=found or "0",
            wanted=wanted,
        )
