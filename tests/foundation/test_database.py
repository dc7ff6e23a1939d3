"""The two kinds of transaction: what a reader leaves behind, and what it never does."""

from contextlib import ExitStack

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from foundation import database as opening
from foundation.changes import Change, small_change
from foundation.database import Database
from foundation.transactions import ConnectionsTaken
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


def take_all(database: Database, taken: ExitStack) -> None:
    """More connections than there are."""
    for _ in range(100):
        taken.enter_context(database.connect())


@pytest.mark.parametrize("way", ["read", "write", "connect", "begin"])
def test_who_gets_no_connection_is_told_to_come_again(
    database: Database, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(opening, "CONNECTION_SECONDS", 0.05)
    crowded = Database(database.url.render_as_string(hide_password=False), pool_size=1)
    with ExitStack() as taken:
        taken.callback(crowded.close)
        with pytest.raises(ConnectionsTaken):
            take_all(crowded, taken)
        with pytest.raises(ConnectionsTaken), getattr(crowded, way)() as asked:
            asked.execute(sa.text("SELECT 1"))
