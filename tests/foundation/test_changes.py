"""What a change wrote is seen all at once; the record is never rewritten."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from directory.models import Unit, UnitVersion
from foundation.changes import (
    AsOf,
    Change,
    abandon,
    in_force,
    open_change,
    publish,
    register_digest,
    small_change,
    visible,
    withdraw,
)
from foundation.database import Database, Reads, Writes, broken_guard
from foundation.errors import TryAgain

NOW = datetime(2025, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def add_unit(
    writes: Writes, change: Change, name: str, unit: uuid.UUID | None = None, **valid: datetime | None
) -> uuid.UUID:
    """A unit with one version written by the change."""
    if unit is None:
        unit = uuid.uuid4()
        writes.add(Unit(id=unit, level="commune", change_id=change.id))
        writes.flush()
    row = {"valid_from": NOW, "valid_to": None} | valid
    writes.add(UnitVersion(unit_id=unit, name=name, name_key=name, kind="office", change_id=change.id, **row))
    writes.flush()
    return unit


def names(reads: Reads, as_of: AsOf) -> list[str]:
    """The names in force."""
    return sorted(reads.execute(sa.select(UnitVersion.name).where(in_force(UnitVersion, as_of))).scalars())


def test_nothing_is_seen_before_a_change_is_published_and_all_of_it_afterwards(database: Database) -> None:
    with database.write() as writes:
        change = open_change(writes, "load", "tester", NOW)
    for name in ("a", "b"):
        with database.write() as writes:
            add_unit(writes, change, name)
    with database.read() as reads:
        assert names(reads, AsOf(NOW)) == []
    with database.write() as writes:
        publish(writes, change, NOW)
    with database.read() as reads:
        assert names(reads, AsOf(NOW)) == ["a", "b"]


def test_a_row_withdrawn_by_an_unpublished_change_still_stands(database: Database) -> None:
    with database.write() as writes:
        unit = add_unit(writes, small_change(writes, "load", "tester", NOW), "old")
    with database.write() as writes:
        change = open_change(writes, "rename", "tester", NOW)
        row = writes.execute(sa.select(UnitVersion.row_id)).scalar_one()
        assert withdraw(writes, UnitVersion, change, [row]) == 1
        add_unit(writes, change, "old", unit, valid_to=NOW + DAY)
        add_unit(writes, change, "new", unit, valid_from=NOW + DAY)
    with database.read() as reads:
        assert names(reads, AsOf(NOW + 2 * DAY)) == ["old"]
    with database.write() as writes:
        publish(writes, change, NOW)
    with database.read() as reads:
        assert names(reads, AsOf(NOW)) == ["old"]
        assert names(reads, AsOf(NOW + DAY)) == ["new"]


def test_an_old_report_can_be_repeated_as_it_was_known_then(database: Database) -> None:
    with database.write() as writes:
        unit = add_unit(writes, small_change(writes, "load", "tester", NOW), "wrong")
    with database.write() as writes:
        change = small_change(writes, "correct", "tester", NOW + DAY)
        row = writes.execute(sa.select(UnitVersion.row_id)).scalar_one()
        withdraw(writes, UnitVersion, change, [row])
        add_unit(writes, change, "right", unit)
    with database.read() as reads:
        assert names(reads, AsOf(NOW)) == ["right"]
        assert names(reads, AsOf(NOW, known_at=NOW + DAY / 2)) == ["wrong"]
        assert names(reads, AsOf(NOW, known_at=NOW + DAY)) == ["right"]


def test_an_abandoned_change_leaves_the_register_as_it_was(database: Database) -> None:
    with database.write() as writes:
        add_unit(writes, small_change(writes, "load", "tester", NOW), "old")
    with database.read() as reads:
        before = register_digest(reads)
    with database.write() as writes:
        change = open_change(writes, "rename", "tester", NOW)
        row = writes.execute(sa.select(UnitVersion.row_id)).scalar_one()
        withdraw(writes, UnitVersion, change, [row])
        add_unit(writes, change, "new")
    with database.write() as writes:
        abandon(writes, writes.get_one(Change, change.id), NOW)
    with database.read() as reads:
        assert names(reads, AsOf(NOW)) == ["old"]
        assert register_digest(reads) == before
        assert reads.execute(sa.select(sa.func.count()).where(visible(UnitVersion))).scalar_one() == 1


@pytest.mark.parametrize("second", ["publish", "abandon"])
def test_a_published_change_is_neither_published_nor_abandoned_again(database: Database, second: str) -> None:
    with database.write() as writes:
        change = small_change(writes, "load", "tester", NOW)
    act = publish if second == "publish" else abandon
    with pytest.raises(TryAgain), database.write() as writes:
        act(writes, writes.get_one(Change, change.id), NOW)


@pytest.mark.parametrize(
    ("begins", "ends", "fits"),
    [
        pytest.param(NOW - DAY, NOW, True, id="ends where the other begins"),
        pytest.param(NOW + DAY, None, True, id="begins where the other ends"),
        pytest.param(NOW - DAY, NOW + timedelta(microseconds=1), False, id="overlaps by a microsecond"),
        pytest.param(NOW - DAY, None, False, id="covers it"),
        pytest.param(NOW, NOW + DAY, False, id="the same period"),
    ],
)
def test_one_version_is_in_force_per_instant(
    database: Database, begins: datetime, ends: datetime | None, fits: bool
) -> None:
    with database.write() as writes:
        change = small_change(writes, "load", "tester", NOW)
        unit = add_unit(writes, change, "a", valid_to=NOW + DAY)
    if fits:
        with database.write() as writes:
            add_unit(writes, change, "b", unit, valid_from=begins, valid_to=ends)
        return
    with pytest.raises(sa.exc.IntegrityError) as caught, database.write() as writes:
        add_unit(writes, change, "b", unit, valid_from=begins, valid_to=ends)
    assert broken_guard(caught.value) == "one_version_in_force"


def test_a_withdrawn_row_makes_room_and_bringing_it_back_is_guarded_too(database: Database) -> None:
    with database.write() as writes:
        change = small_change(writes, "load", "tester", NOW)
        unit = add_unit(writes, change, "a")
        row = writes.execute(sa.select(UnitVersion.row_id)).scalar_one()
        withdraw(writes, UnitVersion, change, [row])
        add_unit(writes, change, "b", unit)
    with pytest.raises(sa.exc.IntegrityError), database.write() as writes:
        writes.execute(sa.update(UnitVersion).where(UnitVersion.row_id == row).values(withdrawn_by=None))


def test_equal_content_has_equal_digests_whatever_the_numbers(database: Database) -> None:
    unit = uuid.uuid4()
    digests = []
    for extra in (0, 3):
        with database.write() as writes:
            for _ in range(extra):
                small_change(writes, "noise", "tester", NOW)
            change = small_change(writes, "load", "tester", NOW + extra * DAY)
            if extra == 0:
                add_unit(writes, change, "a", None)
                unit = writes.execute(sa.select(UnitVersion.unit_id)).scalar_one()
            else:
                row = writes.execute(sa.select(UnitVersion.row_id)).scalar_one()
                withdraw(writes, UnitVersion, change, [row])
                add_unit(writes, change, "a", unit)
        with database.read() as reads:
            digests.append(register_digest(reads))
    assert digests[0] == digests[1]


def test_a_reader_sees_one_snapshot_however_long_it_looks(database: Database) -> None:
    with database.read() as reads:
        assert names(reads, AsOf(NOW)) == []
        with database.write() as writes:
            add_unit(writes, small_change(writes, "load", "tester", NOW), "a")
        assert names(reads, AsOf(NOW)) == []
    with database.read() as reads:
        assert names(reads, AsOf(NOW)) == ["a"]
