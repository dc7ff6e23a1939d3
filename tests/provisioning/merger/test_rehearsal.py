"""A rehearsal is the real apply on a copy: same digest afterwards, and neither the register nor the directory knows of it."""

import json
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from directory.printing.slapd import PrivateSlapd
from foundation.audit import AuditRow
from foundation.changes import register_digest
from foundation.copies import CopyImpossible, create_beside, open_copy, plain
from foundation.database import Database, Writes
from foundation.outbox import OutboxJob
from foundation.plans import find_run
from provisioning.merger.apply import apply_plan
from provisioning.merger.directory_rehearsal import RehearsalServerLost
from provisioning.merger.go_no_go import tell_time
from provisioning.merger.reader import Reader
from provisioning.merger.rehearsal import Rehearsal, rehearse_plan
from provisioning.merger.rehearsal_screen import build_rehearsal_screen
from tests.provisioning.merger.conftest import DECREE, Administration
from tests.provisioning.merger.test_command import Terminal, terminal
from tests.services.clock import MovableClock
from tests.services.databases import Databases

__all__ = ["terminal"]


def digest(database: Database) -> str:
    with database.read() as reads:
        return register_digest(reads)


def against(found: Rehearsal) -> list[str]:
    return [finding.told.text for finding in found.against]


def copies(administration: Administration) -> list[str]:
    """What a rehearsal could have left: databases beside the register, files, servers."""
    database = administration.runtime.database
    left = [path.name for path in (administration.runtime.settings.data / "rehearsals").glob("*.sqlite*")]
    left += [path.name for path in (administration.runtime.settings.data / "rehearsals").glob("ldap-*")]
    if not database.sqlite:
        with database.read() as reads:
            left += reads.execute(sa.text("SELECT datname FROM pg_database WHERE datname LIKE '%_copy_%'")).scalars()
    return left


def test_the_copy_ends_as_the_register_will(administration: Administration) -> None:
    runtime, hoa = administration.runtime, administration.actor("Lê Thị Hoa")
    plan = administration.plan(DECREE)
    before = digest(runtime.database)
    found = rehearse_plan(runtime, plan, hoa)
    assert digest(runtime.database) == before == found.digest_before
    assert against(found) == ["nobody has approved the plan yet", "{count} people are undecided"]
    with runtime.database.read() as reads:
        assert find_run(reads, plan.digest) is None
    assert copies(administration) == []
    administration.approve(plan)
    applied = apply_plan(runtime, plan.path, hoa)
    assert digest(runtime.database) == found.digest_after
    with runtime.database.read() as reads:
        post = sa.select(sa.func.count()).select_from(sa.table("post", sa.column("change_id")))
        written = reads.execute(post.where(sa.column("change_id") == applied.change_id)).scalar_one()
    assert found.rows["post"].written == written


def test_the_result_is_kept_with_its_times_and_in_the_audit(administration: Administration) -> None:
    plan = administration.plan(DECREE)
    found = rehearse_plan(administration.runtime, plan, administration.actor("Lê Thị Hoa"))
    kept = json.loads((administration.runtime.settings.data / "rehearsals" / f"{plan.digest[:16]}.json").read_text())
    assert kept["digest_after"] == found.digest_after
    assert kept["applied"] > 0
    assert kept["rows"]["unit_event"] == {"withdrawn": 0, "written": 3}
    assert kept["against"] == ["nobody has approved the plan yet", "3 people are undecided"]
    with administration.runtime.database.read() as reads:
        row = reads.execute(sa.select(AuditRow).where(AuditRow.event == "provisioning.plan.rehearse")).scalar_one()
    assert (row.subject, row.detail["digest_after"]) == (plan.digest, found.digest_after)


def test_nobody_is_stopped_while_the_copy_is_taken(administration: Administration, tmp_path: Path) -> None:
    """A writer in the middle of its transaction waits for nobody, and the copy is one instant: without what was not committed."""
    database = administration.runtime.database
    with database.write() as writes, open_copy(database, tmp_path) as copy:
        writes.add(
            AuditRow(at=administration.runtime.clocks.wall(), event="a.b.c", actor="x", detail={}, outcome="done")
        )
        writes.flush()
        with copy.read() as reads:
            assert reads.execute(sa.select(sa.func.count()).where(AuditRow.event == "a.b.c")).scalar_one() == 0


def test_a_copy_is_gone_after_a_failure_too(administration: Administration, tmp_path: Path) -> None:
    database = administration.runtime.database
    with pytest.raises(RuntimeError, match="in the middle"), open_copy(database, tmp_path / "copies"):
        raise RuntimeError("in the middle")
    assert list((tmp_path / "copies").iterdir()) == []
    assert copies(administration) == []


def test_what_a_killed_rehearsal_left_is_removed_by_the_next_and_a_copy_in_use_stays(
    administration: Administration, tmp_path: Path
) -> None:
    """A kill left the whole register behind, for good: everybody's names beside it, a disk that filled up."""
    database, folder = administration.runtime.database, tmp_path / "copies"
    leave_copy(database, folder)
    assert copies(administration) != [] or list(folder.iterdir()) != []
    with open_copy(database, folder) as first, open_copy(database, folder) as second:
        for copy in (first, second):
            with copy.read() as reads:
                assert reads.execute(sa.select(sa.func.count()).select_from(AuditRow)).scalar_one() >= 0
        assert not list(folder.glob("*dead*"))
    assert list(folder.iterdir()) == []
    assert copies(administration) == []


def leave_copy(database: Database, folder: Path) -> None:
    """What SIGKILL leaves: the files, or the second database, and a lock that nobody holds."""
    folder.mkdir()
    if database.sqlite:
        for name in ("dead.sqlite", "dead.sqlite-wal", ".dead.sqlite.draft", "dead.lock"):
            (folder / name).write_bytes(b"x")
        return
    with psycopg.connect(plain(database.url.set(drivername="postgresql")), autocommit=True) as connection:
        create_beside(connection, f"{database.url.database}_copy_0000dead")


def test_a_database_user_who_may_make_no_copy_is_told_how(databases: Databases, tmp_path: Path) -> None:
    cluster = databases.start_cluster()
    address = cluster.create("powerless_register")
    with cluster.connect() as connection:
        connection.execute("DROP ROLE IF EXISTS powerless")
        connection.execute("CREATE ROLE powerless LOGIN")
    stranger = Database(address.replace("hopnhat@", "powerless@"))
    try:
        with pytest.raises(CopyImpossible, match="CREATEDB"), open_copy(stranger, tmp_path):
            raise AssertionError
    finally:
        stranger.close()
        cluster.drop("powerless_register")


def test_the_directory_is_rehearsed_on_a_server_of_its_own(administration: Administration, terminal: Terminal) -> None:
    plan = administration.plan(DECREE, [administration.row("Võ Văn Huyện", "H08.31", None)])
    administration.approve(plan)
    runtime = administration.runtime
    found = rehearse_plan(runtime, plan, administration.actor("Lê Thị Hoa"), directory=True)
    printed = found.directory
    assert printed is not None
    assert printed.unsafe is None
    assert printed.refused == 0
    assert printed.added == 1
    assert printed.changed > 5
    assert printed.seconds > 0
    listed = [json.loads(line) for line in Path(printed.listing).read_text(encoding="utf-8").splitlines()]
    assert len(listed) == printed.added + printed.changed + printed.deleted
    assert not (runtime.settings.data / "ldap").exists()
    assert copies(administration) == []
    told = "\n".join(build_rehearsal_screen(found, Reader("en", runtime.settings.zone, runtime.clocks.wall())))
    assert "shows old and new side by side for about" in told
    assert "✗ 2 people are undecided" in told
    assert terminal("Lê Thị Hoa", "rehearse", str(plan.path), "--ldap", "--output", "json") == 1
    assert json.loads(terminal.out)["directory"]["changed"] == printed.changed


def test_a_directory_server_that_ends_in_the_middle_ends_the_rehearsal_alone(
    administration: Administration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server is killed between the two printings; nothing real was touched, and nothing is left."""
    real = apply_plan
    servers = list[PrivateSlapd]()
    start = PrivateSlapd.__enter__

    def remember(slapd: PrivateSlapd) -> PrivateSlapd:
        started = start(slapd)
        servers.append(started)
        return started

    def apply_and_kill(*given: Any, **named: Any) -> Any:
        applied = real(*given, **named)
        servers[0].kill()
        return applied

    monkeypatch.setattr(PrivateSlapd, "__enter__", remember)
    monkeypatch.setattr("provisioning.merger.rehearsal.apply_plan", apply_and_kill)
    runtime, plan = administration.runtime, administration.plan(DECREE)
    with pytest.raises(RehearsalServerLost) as caught:
        rehearse_plan(runtime, plan, administration.actor("Lê Thị Hoa"), directory=True)
    assert caught.value.exit_code == 69
    assert copies(administration) == []
    assert list((runtime.settings.data / "rehearsals").glob("*ldap*")) == []
    with runtime.database.read() as reads:
        assert find_run(reads, plan.digest) is None


def test_what_the_worker_gave_up_speaks_against_it(administration: Administration) -> None:
    plan = administration.plan(DECREE)

    def park(writes: Writes, _change: object) -> None:
        now = administration.runtime.clocks.wall()
        writes.add(OutboxJob(kind="print_all", key="x", payload={}, due=now, made_at=now, state="parked", attempts=9))

    administration.write("x", park)
    found = rehearse_plan(administration.runtime, plan, administration.actor("Lê Thị Hoa"))
    assert "{count} jobs of the worker are parked; see: hopnhat doctor" in against(found)


def test_a_rehearsal_ends_what_it_started(administration: Administration) -> None:
    """No server and no thread is left over."""
    threads = threading.active_count()
    rehearse_plan(
        administration.runtime, administration.plan(DECREE), administration.actor("Lê Thị Hoa"), directory=True
    )
    assert threading.active_count() <= threads
    assert PrivateSlapd(administration.runtime.settings.data / "rehearsals" / "none").find_pid() is None


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(172_800, "2 days"), (172_799, "47 hours"), (7_199, "119 minutes"), (119, "119 seconds"), (0.5, "0 seconds")],
)
def test_time_is_told_as_people_say_it(seconds: float, told: str) -> None:
    assert tell_time(seconds).show("en") == told


def test_too_little_time_before_the_instant_speaks_against_it(
    administration: Administration, clock: MovableClock
) -> None:
    plan = administration.plan(DECREE)
    clock.set("2025-06-30T23:59:59.999+07:00")
    found = rehearse_plan(administration.runtime, plan, administration.actor("Lê Thị Hoa"))
    assert "applying takes {seconds} s; {left} are left until the instant" in against(found)
