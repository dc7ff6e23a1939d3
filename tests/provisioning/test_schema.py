"""Steps of the schema: each is taken with data in the register, and nothing of it is lost."""

import uuid
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from directory.models import Unit, UnitVersion
from foundation import audit
from foundation.changes import small_change
from foundation.database import Database
from foundation.errors import TryAgain
from foundation.plans import PlanApproval
from provisioning import schema
from provisioning.schema import find_step, newest_step, read_config, upgrade
from provisioning.tables import all_tables

NOW = datetime(2025, 7, 1, tzinfo=UTC)


def steps() -> list[str]:
    """Every step, oldest first."""
    return [script.revision for script in ScriptDirectory.from_config(read_config()).walk_revisions()][::-1]


@pytest.fixture
def empty(bare_database_url: str) -> Database:
    """A database without a table."""
    return Database(bare_database_url)


def test_an_empty_database_comes_to_the_newest_step_and_stays(empty: Database) -> None:
    assert find_step(empty) is None
    assert upgrade(empty) == (None, newest_step())
    assert upgrade(empty) == (newest_step(), newest_step())
    assert find_step(empty) == newest_step()
    empty.close()


def test_each_step_keeps_what_the_register_holds(empty: Database) -> None:
    """From each step to the next with a unit, an audit row and a guard at work."""
    upgrade(empty, steps()[0])
    unit = uuid.uuid4()
    with empty.write() as writes:
        change = small_change(writes, "test", "tester", NOW)
        writes.add(Unit(id=unit, level="commune", change_id=change.id))
        writes.flush()
        writes.add(
            UnitVersion(
                unit_id=unit, name="Xã Một", name_key="xa mot", kind="office", valid_from=NOW, change_id=change.id
            )
        )
        audit.record(writes, NOW, "test.unit.made", "tester", str(unit))
        writes.add_all(agreement(words) for words in ("first", "second"))
    before = rows_of_first_step(empty)
    for step in steps()[1:]:
        upgrade(empty, step)
        assert rows_of_first_step(empty) == before, step
        with empty.read() as reads:
            assert reads.execute(sa.select(sa.func.count()).select_from(audit.AuditRow)).scalar_one() == 1
    with empty.read() as reads:
        agreed = [one.said for one in reads.execute(sa.select(PlanApproval)).scalars()]
    assert agreed == [{"words": "first"}], "of two agreements in one moment the first stays"
    with pytest.raises(sa.exc.IntegrityError):
        add_second_version(empty, unit)
    empty.close()


def agreement(words: str) -> PlanApproval:
    """What one person said to one plan."""
    return PlanApproval(
        digest="0" * 64, plan_id=uuid.uuid4(), author="a", approver="b", said={"words": words}, approved_at=NOW
    )


KEPT = (
    sa.text("SELECT id, level, change_id FROM unit"),
    sa.text("SELECT unit_id, name, name_key, kind, valid_from, valid_to, change_id, withdrawn_by FROM unit_version"),
)
"""By name, because what today's tables say cannot be asked of yesterday's schema."""


def rows_of_first_step(database: Database) -> list[list[tuple[object, ...]]]:
    """What was in the register before the steps."""
    with database.connect() as connection:
        return [[tuple(row) for row in connection.execute(question)] for question in KEPT]


def add_second_version(database: Database, unit: uuid.UUID) -> None:
    """A version that overlaps the one in force."""
    with database.write() as writes:
        change = small_change(writes, "test", "tester", NOW)
        writes.add(
            UnitVersion(
                unit_id=unit, name="Xã Hai", name_key="xa hai", kind="office", valid_from=NOW, change_id=change.id
            )
        )


def test_every_table_is_made_by_the_steps(empty: Database) -> None:
    upgrade(empty)
    assert set(all_tables().tables) <= set(sa.inspect(empty.engine).get_table_names())
    empty.close()


def test_a_step_waits_for_nobody_long_and_says_so(bare_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who writes a table for minutes would otherwise hold up the step, and behind it everybody who logs in."""
    monkeypatch.setattr(schema, "LOCK_SECONDS", 0.1)
    monkeypatch.setattr(schema, "PAUSE_SECONDS", 0.0)
    database = Database(bare_database_url)
    upgrade(database, "0017")
    with database.write() as holder:
        holder.execute(
            sa.text("SELECT count(*) FROM person" if database.sqlite else "LOCK TABLE person IN ROW EXCLUSIVE MODE")
        )
        if database.sqlite:
            monkeypatch.setattr("foundation.database.BUSY_MILLISECONDS", 50)
        other = Database(bare_database_url)
        with pytest.raises(TryAgain):
            upgrade(other)
        assert find_step(other) == "0017"
    assert upgrade(other) == ("0017", newest_step())
    other.close()
    database.close()
