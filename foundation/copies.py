"""Copies of the register taken while everybody works: one instant, nobody waits.

SQLite: its own backup in one step, which in WAL mode is one reader among others. PostgreSQL: a dump, which sees one snapshot, into a
second database of the same server. Never a copy of files.

Whoever was killed left a whole register behind: a copy is held by a lock that ends with its holder, and the next one taken removes
those that nobody holds.
"""

import fcntl
import os
import re
import sqlite3
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

import psycopg
import sqlalchemy as sa
from psycopg import sql

from foundation.database import Database
from foundation.errors import Unreachable, WrongUsage

EXTENSION: Final = re.compile(r"^\d+; \d+ \d+ (COMMENT - )?EXTENSION ")
"""A dump's line about an extension, in what pg_restore --list tells."""


class CopyImpossible(WrongUsage):
    """The register cannot be copied here."""

    code = "copy_impossible"
    sentence = "The register cannot be copied: {why}"


@contextmanager
def open_copy(database: Database, folder: Path) -> Iterator[Database]:
    """The register once more, of its own from now on, and gone afterwards. Raises CopyImpossible, Unreachable."""
    folder.mkdir(parents=True, exist_ok=True)
    with open_sqlite_copy(database, folder) if database.sqlite else open_postgresql_copy(database) as address:
        copy = Database(address)
        try:
            yield copy
        finally:
            copy.close()


@contextmanager
def open_sqlite_copy(database: Database, folder: Path) -> Iterator[str]:
    """The address of a copy in this folder."""
    sweep_sqlite_copies(folder)
    name = uuid.uuid4().hex
    path, lock = folder / f"{name}.sqlite", folder / f"{name}.lock"
    with lock.open("x") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        try:
            copy_sqlite(Path(str(database.url.database)), path)
            yield f"sqlite:///{path}"
        finally:
            remove_copy(folder, name)


def sweep_sqlite_copies(folder: Path) -> None:
    """Remove the copies in this folder that nobody holds any longer."""
    for lock in folder.glob("*.lock"):
        with suppress(OSError), lock.open() as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove_copy(folder, lock.stem)


def remove_copy(folder: Path, name: str) -> None:
    """Everything of one copy, its lock last."""
    for leftover in (*folder.glob(f"*{name}.sqlite*"), folder / f"{name}.lock"):
        leftover.unlink(missing_ok=True)


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy by SQLite's own backup; durable under its final name.

    In one step: a backup in many steps begins anew whenever somebody writes between two of them, and might never end.
    """
    draft = target.with_name(f".{target.name}.draft")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(draft)) as there:
        here.execute("PRAGMA busy_timeout=20000")
        here.backup(there)
    draft.replace(target)


@contextmanager
def open_postgresql_copy(database: Database) -> Iterator[str]:
    """The address of a second database on the same server, filled from one snapshot. Raises CopyImpossible, Unreachable."""
    url = database.url.set(drivername="postgresql")
    name = f"{url.database}_copy_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(plain(url), autocommit=True) as connection:
        sweep_postgresql_copies(connection, str(url.database))
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", (name,))
        create_beside(connection, name)
        try:
            copied = url.set(database=name)
            dump_into(url, copied)
            yield copied.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def sweep_postgresql_copies(connection: "psycopg.Connection[tuple[object, ...]]", origin: str) -> None:
    """Drop the copies of this database that nobody holds any longer: their holder's lock went with its connection."""
    found = connection.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND pg_get_userbyid(datdba) = current_user",
        (f"{origin}_copy_",),
    ).fetchall()
    ours = re.compile(re.escape(f"{origin}_copy_") + "[0-9a-f]{8}")  # Somebody's own copy may be named alike.
    for name in (str(name) for (name,) in found if ours.fullmatch(str(name))):
        free = connection.execute("SELECT pg_try_advisory_lock(hashtext(%s))", (name,)).fetchone()
        if free is not None and free[0]:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(name)))
            connection.execute("SELECT pg_advisory_unlock(hashtext(%s))", (name,))


def create_beside(connection: "psycopg.Connection[tuple[object, ...]]", name: str) -> None:
    """An empty database that sorts and compares as the one of this connection. Raises CopyImpossible."""
    found = connection.execute(
        "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    assert found is not None
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}")
    try:
        connection.execute(statement.format(sql.Identifier(name), *(sql.Literal(value) for value in found)))
    except psycopg.errors.InsufficientPrivilege as error:
        why = "the database user may not make a second database; its owner can allow it: ALTER ROLE … CREATEDB"
        raise CopyImpossible(why=why) from error


def dump_into(source: sa.URL, target: sa.URL) -> None:
    """Everything of one database into another, piped, nothing on disk. Raises Unreachable."""
    dumping = ["pg_dump", "--format=custom", "--compress=0", "--no-owner", f"--dbname={plain(source, password=False)}"]
    filling = ["pg_restore", "--no-owner", "--exit-on-error", f"--dbname={plain(target, password=False)}"]
    environment = build_environment(source)
    try:
        with subprocess.Popen(dumping, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as dump:
            filled = subprocess.run(filling, stdin=dump.stdout, capture_output=True, env=environment, check=False)
            assert dump.stdout is not None
            assert dump.stderr is not None
            dump.stdout.close()
            said = dump.stderr.read()
    except FileNotFoundError as error:
        raise Unreachable("{program} is not installed.", program=error.filename) from error
    for program, code, words in (("pg_dump", dump.returncode, said), ("pg_restore", filled.returncode, filled.stderr)):
        if code:
            raise Unreachable("{program} failed: {why}", program=program, why=last_line(words))


def restore_postgresql(url: sa.URL, file: Path) -> None:
    """A dump in the place of what is there, in one transaction. Raises Unreachable.

    Extensions stay as they stand: who administers the server made them, and the register's user may neither drop nor make them.
    """
    contents = run_postgresql("pg_restore", url, ["--list", str(file)]).decode().splitlines(keepends=True)
    with tempfile.NamedTemporaryFile("w", prefix="contents.") as wanted:
        wanted.writelines(line for line in contents if not EXTENSION.search(line))
        wanted.flush()
        how = ["--clean", "--if-exists", "--no-owner", "--single-transaction", f"--use-list={wanted.name}"]
        run_postgresql("pg_restore", url, [*how, str(file)])


def run_postgresql(program: str, url: sa.URL, arguments: Sequence[str]) -> bytes:
    """What PostgreSQL's own program says of a database. Raises Unreachable when it is missing or fails."""
    command = [program, f"--dbname={plain(url.set(drivername='postgresql'), password=False)}", *arguments]
    try:
        return subprocess.run(command, check=True, env=build_environment(url), capture_output=True).stdout
    except FileNotFoundError as error:
        raise Unreachable("{program} is not installed.", program=program) from error
    except subprocess.CalledProcessError as error:
        raise Unreachable("{program} failed: {why}", program=program, why=last_line(error.stderr)) from error


def build_environment(url: sa.URL) -> dict[str, str]:
    """What PostgreSQL's programs see: the password goes by the environment, never by the command line."""
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parts[4].zfill(3), reverse=True)
    path = os.pathsep.join([*(str(place) for place in newest), os.environ.get("PATH", "/usr/bin:/bin")])
    return {"PGPASSWORD": url.password or "", "PATH": path}


def plain(url: sa.URL, *, password: bool = True) -> str:
    """The address as PostgreSQL's own programs read it."""
    return (url if password else url.set(password=None)).render_as_string(hide_password=False)


def last_line(words: bytes) -> str:
    """The last thing a program said."""
    return (words.decode(errors="replace").strip().splitlines() or ["?"])[-1]
