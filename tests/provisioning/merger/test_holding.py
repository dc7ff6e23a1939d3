"""How long a plan holds SQLite's only writer."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from foundation.database import Database
from foundation.mishaps import DiskFull
from foundation.plans import PlanStale
from provisioning.merger.holding import OFTEN, WHOLE, Log, fit_size, open_writer


@pytest.mark.parametrize(
    ("size", "seconds", "wanted"),
    [
        pytest.param(100, 0.04, 100, id="just-right"),
        pytest.param(100, 0.01, 150, id="grows-at-most-by-half"),
        pytest.param(400, 0.001, 500, id="never-beyond-the-most"),
        pytest.param(400, 4.0, 200, id="shrinks-by-half"),
        pytest.param(120, 4.0, 100, id="never-below-the-least"),
    ],
)
def test_a_transaction_finds_its_own_size(size: int, seconds: float, wanted: int) -> None:
    assert fit_size(size, seconds, 500) == wanted


def test_the_most_is_less_than_the_least_where_somebody_says_so() -> None:
    assert fit_size(8, 0.0001, 8) == 8


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Database]:
    """A database as a plan writes it, with a table for what is heavy."""
    database = Database(f"sqlite:///{tmp_path / 'register.sqlite'}")
    with open_writer(database) as own:
        with own.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE heavy (content BLOB)")
        yield own
    database.close()


def commit_megabytes(writer: Database, megabytes: int) -> None:
    with writer.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO heavy VALUES (zeroblob({megabytes} * 1000000))")


def sizes(folder: Path) -> tuple[int, int]:
    """Megabytes of the file and of its log."""
    return tuple((folder / f"register.sqlite{end}").stat().st_size // 1_000_000 for end in ("", "-wal"))  # type: ignore[return-value]  # two ends


def test_commits_of_a_plan_leave_the_log_to_checkpoints_of_their_own(writer: Database, tmp_path: Path) -> None:
    commit_megabytes(writer, 8)
    assert sizes(tmp_path) == (0, 8)
    with Log(writer) as log:
        for _turn in range(OFTEN - 1):
            log.settle()
    assert sizes(tmp_path) == (0, 8)
    with Log(writer) as log:
        for _turn in range(OFTEN):
            log.settle()
    assert sizes(tmp_path) == (8, 8)


def test_the_log_of_a_register_behind_a_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.sqlite").symlink_to(tmp_path / "real" / "register.sqlite")
    database = Database(f"sqlite:///{tmp_path / 'link.sqlite'}")
    with open_writer(database) as own, Log(own) as log:
        with own.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE heavy (content BLOB)")
        log.settle()
    database.close()
    assert (tmp_path / "real" / "register.sqlite").exists()


def test_a_log_begins_anew_after_a_checkpoint_that_was_waited_for(writer: Database, tmp_path: Path) -> None:
    with Log(writer) as log:
        for _turn in range(2 * WHOLE):
            commit_megabytes(writer, 1)
            log.settle()
    assert sizes(tmp_path)[0] >= 2 * WHOLE
    assert sizes(tmp_path)[1] < 2 * WHOLE - OFTEN


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were synced, in their order."""
    names: list[str] = []

    def note(descriptor: int) -> None:
        names.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)

    monkeypatch.setattr(os, "fsync", note)
    return names


def test_what_was_committed_is_on_the_disk_before_the_next_but_one(writer: Database, synced: list[str]) -> None:
    with Log(writer) as log:
        log.settle()
        log.settle()
        assert synced
    assert synced == ["register.sqlite-wal", "register.sqlite-wal"]


def test_a_checkpoint_that_a_reader_holds_back_leaves_nothing_unsynced(writer: Database, synced: list[str]) -> None:
    with writer.connect() as reader, Log(writer) as log:
        reader.exec_driver_sql("SELECT count(*) FROM heavy").all()
        for _turn in range(OFTEN):
            commit_megabytes(writer, 1)
            log.settle()
    assert synced == ["register.sqlite-wal"] * OFTEN


def break_sync(_writer: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk takes nothing of the log any more."""

    def fail(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)


def fill_disk(writer: Database, _: pytest.MonkeyPatch) -> None:
    """SQLite finds no room for what the log holds, as its driver says it."""

    @event.listens_for(writer.engine, "do_execute")
    def refuse(_cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("PRAGMA wal_checkpoint"):
            raise sqlite3.OperationalError("database or disk is full")


def settle_turns(writer: Database, turns: int, settled: list[int], stopped_by: Exception | None = None) -> None:
    """Settle so many turns of a plan, each written down in `settled`; then the plan ends, or is stopped."""
    with Log(writer) as log:
        for turn in range(turns):
            log.settle()
            settled.append(turn)
        if stopped_by is not None:
            raise stopped_by


@pytest.mark.parametrize(
    ("fault", "refusal", "turns", "taken"),
    [
        pytest.param(break_sync, OSError, 2, 1, id="before-the-next-but-one"),
        pytest.param(break_sync, OSError, 1, 1, id="under-the-last-transaction"),
        pytest.param(fill_disk, DiskFull, OFTEN + 1, OFTEN, id="full-at-a-checkpoint"),
        pytest.param(fill_disk, DiskFull, OFTEN, OFTEN, id="full-at-the-last-checkpoint"),
    ],
)
def test_a_disk_that_fails_stops_the_plan(
    fault: Callable[[Database, pytest.MonkeyPatch], None],
    refusal: type[Exception],
    turns: int,
    taken: int,
    writer: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fault(writer, monkeypatch)
    settled: list[int] = []
    with pytest.raises(refusal):
        settle_turns(writer, turns, settled)
    assert len(settled) == taken


def test_what_stopped_a_plan_is_told_rather_than_the_disk_that_failed_too(
    writer: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_sync(writer, monkeypatch)
    with pytest.raises(PlanStale):
        settle_turns(writer, 1, [], PlanStale(changes="anything"))
