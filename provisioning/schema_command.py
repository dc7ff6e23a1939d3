"""`hopnhat db …`: upgrade, backup, restore."""

import shutil
import sqlite3
from pathlib import Path
from typing import Annotated

import typer

from foundation import audit
from foundation.copies import copy_sqlite, restore_postgresql, run_postgresql
from foundation.errors import BadInput, TryAgain, WrongUsage
from foundation.i18n import _
from foundation.shell import get_shell
from foundation.terminal import say
from provisioning.schema import upgrade

db_group = typer.Typer(no_args_is_help=True, help="The database: its tables, its copies.")


@db_group.command("upgrade")
def upgrade_tables(context: typer.Context) -> int:
    """Bring the tables to this release; harmless while the service runs."""
    before, after = upgrade(get_shell(context).runtime.database)
    say(_("The register stands at step {after} (before: {before})."), after=after, before=before or "0")
    return 0


@db_group.command("backup")
def backup(context: typer.Context, file: Path) -> int:
    """A consistent copy while everything runs: SQLite's backup, or pg_dump. Keys are not in it."""
    runtime = get_shell(context).runtime
    if file.exists():
        raise BadInput("{file} exists already.", file=str(file))
    if runtime.database.sqlite:
        copy_sqlite(Path(str(runtime.database.url.database)), file)
    else:
        run_postgresql("pg_dump", runtime.database.url, ["--format=custom", f"--file={file}"])
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        audit.record(writes, now, "provisioning.database.backup", "owner", file.name)
    say(
        _("The copy is {file}. The keys in {keys} are not in it; keep them apart."),
        file=str(file),
        keys=str(runtime.settings.keys),
    )
    return 0


@db_group.command("restore")
def restore(
    context: typer.Context,
    file: Path,
    replace: Annotated[bool, typer.Option("--replace", help="the register of now gives way")] = False,
) -> int:
    """Put a copy in the register's place; on SQLite the register of now is kept beside it."""
    runtime = get_shell(context).runtime
    if not file.is_file():
        raise BadInput("{file} cannot be read.", file=str(file))
    if not replace:
        raise WrongUsage("The register of now would be replaced: give --replace.")
    if runtime.database.sqlite:
        target = Path(str(runtime.database.url.database))
        check_sqlite(file)
        runtime.close()
        move_aside(target)
        copy_sqlite(file, target)
    else:
        restore_postgresql(runtime.database.url, file)
    upgrade(runtime.database)
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        audit.excuse_restore(writes, runtime.audit_key, now)
        audit.record(writes, now, "provisioning.database.restore", "owner", file.name)
    say(_("The register is the one of {file} again."), file=str(file))
    return 0


def check_sqlite(file: Path) -> None:
    """Refuse a file that is no sound SQLite database. Raises BadInput."""
    try:
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
            verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
            connection.execute("SELECT count(*) FROM change").fetchone()
    except sqlite3.DatabaseError as error:
        raise BadInput("{file} is not a copy of a register.", file=str(file)) from error
    if verdict != "ok":
        raise BadInput("{file} is damaged: {why}", file=str(file), why=str(verdict))


def move_aside(target: Path) -> None:
    """Keep the register of now under a name of its own. Raises TryAgain while somebody writes to it."""
    if not target.exists():
        return
    connection = sqlite3.connect(target, timeout=1, isolation_level=None)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        raise TryAgain("The register is in use; stop the service first.") from error
    finally:
        connection.close()
    aside = target.with_suffix(".before-restore.sqlite")
    shutil.move(target, aside)
    for suffix in ("-wal", "-shm"):
        Path(f"{target}{suffix}").unlink(missing_ok=True)
