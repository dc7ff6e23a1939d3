"""The two kinds of transaction: what a reader leaves behind, and what it never does."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from foundation.changes import Change, small_change
from foundation.database import Database
from tests.services.clock import MovableClock

PREPARED = sa.text("SELECT count(*) FROM pg_prepared_statements")
LOOK = sa.select(Change.id).where(Change.kind == sa.bindparam("kind"))


@pytest.mark.parametrize("way", ["read", "connect"])
def test_a_statement_asked_again_and_again_is_planned_once(database: Database, way: str) -> None:
    if database.sqlite:
        assert database.engine.dialect.name == "sqlite"  # SQLite's driver keeps what it compiled by itself.
        return
    for _ in range(8):
        with getattr(database, way)() as reads:
            reads.execute(LOOK, {"kind": "test"}).all()
    with database.connect() as connection:
        assert connection.execute(PREPARED).scalar_one() >= 1


def test_nothing_that_was_only_looked_at_is_written(database: Database, clock: MovableClock) -> None:
    with database.write() as writes:
        change_id = small_change(writes, "test", "before", clock.now).id
    with database.read() as reads:
        change = reads.get_one(Change, change_id)
        change.actor = "changed by a reader"
    with database.read() as reads:
        assert isinstance(reads, Session)
        assert reads.get_one(Change, change_id).actor == "before"
