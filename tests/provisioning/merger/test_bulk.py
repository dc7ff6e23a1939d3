"""What is packed for either database reads back as it was: by the same types that everybody else reads with."""

import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa

from directory.models import Person, PersonDetail, Post, Unit
from foundation.changes import Change, open_change
from foundation.database import Database, Writes
from foundation.plans import PlanStale
from provisioning.merger.bulk import copy_rows, insert_parcel, look_up_by_key, pack_rows, withdraw_rows

NOW = datetime(2025, 6, 24, 2, 30, 15, 123456, tzinfo=UTC)
AWKWARD = "tab\there \\N \\ back\nline\rend 'quoted' \"twice\" Nguyễn\u00a0Thị"


def put(writes: Writes, change: Change, model: Any, rows: list[dict[str, Any]]) -> None:
    copied = writes.connection().dialect.name == "postgresql"
    insert_parcel(writes, pack_rows(model.__table__, rows, change.id, copied=copied))


@pytest.fixture
def person(database: Database) -> uuid.UUID:
    person_id = uuid.uuid4()
    with database.write() as writes:
        change = open_change(writes, "x", "x", NOW)
        put(writes, change, Person, [{"id": str(person_id)}])
        put(writes, change, Unit, [{"id": uuid.UUID(int=7), "level": "commune"}])
    return person_id


def test_every_kind_of_value_reads_back(database: Database, person: uuid.UUID) -> None:
    hanoi = timezone(timedelta(hours=7))
    with database.write() as writes:
        change = open_change(writes, "x", "x", NOW)
        put(writes, change, PersonDetail, [
            {"person_id": str(person), "name": AWKWARD, "name_key": "k", "number_index": b"\x00\\\xff\n",
             "birth_date": date(1979, 5, 6), "valid_from": NOW.astimezone(hanoi)},
        ])  # fmt: skip
        put(writes, change, Post, [
            {"post_id": uuid.uuid4(), "person_id": person, "unit_id": str(uuid.UUID(int=7)), "title": AWKWARD, "main": False,
             "valid_from": NOW, "valid_to": NOW + timedelta(microseconds=1)},
        ])  # fmt: skip
    with database.read() as reads:
        detail = reads.execute(sa.select(PersonDetail)).scalar_one()
        post = reads.execute(sa.select(Post)).scalar_one()
    assert (detail.person_id, detail.name, detail.number_index) == (person, AWKWARD, b"\x00\\\xff\n")
    assert (detail.kind, detail.birth_date, detail.phone, detail.valid_from) == (
        "official",
        date(1979, 5, 6),
        None,
        NOW,
    )
    assert (post.title, post.main, post.acting, post.duties, post.body) == (AWKWARD, False, False, "", "committee")
    assert post.valid_to == NOW + timedelta(microseconds=1)


def test_rows_are_ended_in_one_statement_and_never_twice(database: Database, person: uuid.UUID) -> None:
    table = PersonDetail.__table__
    assert isinstance(table, sa.Table)
    with database.write() as writes:
        first = open_change(writes, "x", "x", NOW)
        put(writes, first, PersonDetail, [{"person_id": person, "name": AWKWARD, "name_key": "k", "valid_from": NOW}])
    with database.write() as writes:
        second = open_change(writes, "x", "x", NOW)
        row = writes.execute(sa.select(PersonDetail.row_id)).scalar_one()
        withdraw_rows(writes, table, [row, row], second.id)
        copy_rows(writes, table, [row], second.id, {"valid_to": NOW + timedelta(days=1), "phone": None})
        with pytest.raises(PlanStale):
            withdraw_rows(writes, table, [row], second.id)
        with pytest.raises(PlanStale):
            withdraw_rows(writes, table, [10**9], second.id)
        ended = writes.execute(sa.select(PersonDetail).where(PersonDetail.withdrawn_by.is_(None))).scalar_one()
        assert (ended.name, ended.valid_from, ended.valid_to) == (AWKWARD, NOW, NOW + timedelta(days=1))
        assert ended.change_id == second.id


def test_a_guard_refuses_what_overlaps(database: Database, person: uuid.UUID) -> None:
    row = {"person_id": person, "name": "x", "name_key": "x", "valid_from": NOW}
    with pytest.raises(sa.exc.IntegrityError), database.write() as writes:
        put(writes, open_change(writes, "x", "x", NOW), PersonDetail, [row, row])


def test_an_instant_without_a_zone_is_refused(database: Database) -> None:
    naive = NOW.replace(tzinfo=None)
    for copied in (True, False):
        with pytest.raises(ValueError, match="zone"):
            pack_rows(PersonDetail.__table__, [{"valid_from": naive}], 1, copied=copied)  # type: ignore[arg-type]  # a table


def test_keys_are_looked_up_by_index_in_a_register_that_was_counted_while_small(
    database: Database, person: uuid.UUID
) -> None:
    with database.write() as writes:
        writes.execute(sa.text("ANALYZE person"))
        look_up_by_key(writes)
        explain = "EXPLAIN QUERY PLAN" if database.sqlite else "EXPLAIN"
        told = writes.execute(sa.text(f"{explain} SELECT id FROM person WHERE id = :id"), {"id": "0" * 32}).all()
    assert "index" in str(told).lower(), f"{person} is found by its key"
