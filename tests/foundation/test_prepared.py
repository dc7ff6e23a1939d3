"""The transactions of hot paths: the same answers as the ordinary ones, on both databases, and nothing left behind."""

import contextlib
import threading
import uuid
from datetime import UTC, datetime
from typing import Any, cast

import pytest
import sqlalchemy as sa

from foundation import audit, lines, prepared
from foundation.changes import Change, small_change
from foundation.database import Database
from foundation.errors import Unreachable
from foundation.lines import Line
from foundation.quick import QuickReads
from tests.services.clock import MovableClock

ROW = cast(sa.Table, audit.AuditRow.__table__)
FIND = sa.select(ROW).where(ROW.c.actor == sa.bindparam("who"))
MARK = (
    sa.update(ROW)
    .where(ROW.c.actor == sa.bindparam("who"))
    .values(outcome=sa.bindparam("now"))
    .returning(ROW.c.id, ROW.c.outcome)
)
SET = sa.update(ROW).where(ROW.c.actor == sa.bindparam("who")).values(outcome=sa.bindparam("now"))
WHERE_FROM = sa.select(sa.bindparam("some", type_=sa.Uuid()).label("some"))
ADD = sa.insert(ROW)
PREPARED = sa.text("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 's%'")


def record(database: Database, who: str, clock: MovableClock) -> None:
    """One row, written quickly."""
    with database.write_quickly() as writes:
        audit.record(writes, clock.now, "test.row.written", who, "đồng chí", {"số": [1, None, "x"]})


def build_row(who: str, clock: MovableClock, outcome: str | None = "done") -> dict[str, Any]:
    """The values of one row; without an outcome the database refuses it."""
    row = {"at": clock.now, "event": "test.row.written", "actor": who, "subject": None, "detail": {}}
    return {**row, "outcome": outcome, "request_id": None}


def cut_off(database: Database, reads: QuickReads) -> None:
    """End the server's side of a line."""
    with database.write() as writes:
        ended = sa.text("SELECT pg_terminate_backend(:pid, 20000)")
        writes.execute(ended, {"pid": reads.line.connection.info.backend_pid})


def test_what_is_written_quickly_is_read_alike_both_ways(database: Database, clock: MovableClock) -> None:
    record(database, "a", clock)
    for opened in (database.read, database.read_quickly):
        with opened() as reads:
            found = reads.connection().execute(FIND, {"who": "a"})
            row = found.first()
            assert (row.at, row.subject, row.detail) == (clock.now, "đồng chí", {"số": [1, None, "x"]})
            assert row.at.tzinfo is UTC
            assert reads.connection().execute(FIND, {"who": "nobody"}).first() is None


def test_the_answer_takes_the_questions_of_sqlalchemys(database: Database, clock: MovableClock) -> None:
    for _ in range(2):
        record(database, "b", clock)
    with database.write_quickly() as writes:
        connection = writes.connection()
        rows = connection.execute(FIND, {"who": "b"}).mappings().all()
        assert [row["actor"] for row in rows] == ["b", "b"]
        assert [row.actor for row in connection.execute(FIND, {"who": "b"})] == ["b", "b"]
        assert connection.execute(MARK, {"who": "b", "now": "marked"}).all()[0].outcome == "marked"
        assert len(connection.execute(MARK, {"who": "b", "now": "done"}).scalars().all()) == 2
        with pytest.raises(sa.exc.MultipleResultsFound):
            connection.execute(FIND, {"who": "b"}).one()
        with pytest.raises(sa.exc.NoResultFound):
            connection.execute(FIND, {"who": "nobody"}).one()
        assert connection.execute(WHERE_FROM, {"some": uuid.UUID(int=7)}).scalar() == uuid.UUID(int=7)


def test_a_session_and_prepared_statements_share_the_transaction(database: Database, clock: MovableClock) -> None:
    def break_off() -> None:
        with database.write_quickly() as writes:
            audit.record(writes, clock.now, "test.row.written", "c")
            change = small_change(writes, "test", "c", clock.now)
            assert writes.connection().execute(FIND, {"who": "c"}).first() is not None
            assert writes.get(Change, change.id) is change
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    with database.read_quickly() as reads:
        assert reads.connection().execute(FIND, {"who": "c"}).first() is None
        assert reads.execute(sa.select(Change.id).where(Change.actor == "c")).first() is None
    with database.write_quickly() as writes:
        audit.record(writes, clock.now, "test.row.written", "c")
        small_change(writes, "test", "c", clock.now)
    with database.read() as reads:
        assert reads.connection().execute(FIND, {"who": "c"}).first() is not None
        assert reads.execute(sa.select(Change.id).where(Change.actor == "c")).first() is not None


def test_an_error_of_the_database_is_sqlalchemys_and_leaves_a_line_that_works(
    database: Database, clock: MovableClock
) -> None:
    with pytest.raises(sa.exc.IntegrityError), database.write_quickly() as writes:
        audit.record(writes, clock.now, "test.row.written", "d", outcome=None)  # type: ignore[arg-type]  # What the database refuses.
    record(database, "d", clock)
    with database.read() as reads:
        assert len(reads.connection().execute(FIND, {"who": "d"}).all()) == 1


LINKS = sa.Table(
    "links_of_a_test",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("next", sa.ForeignKey("links_of_a_test.id", deferrable=True, initially="DEFERRED")),
)
ADD_LINK = sa.insert(LINKS)
FIND_LINKS = sa.select(LINKS.c.id)


@pytest.mark.parametrize("asked", [pytest.param(False, id="all at once"), pytest.param(True, id="after a question")])
@pytest.mark.parametrize(
    "links, kept",
    [
        pytest.param([(1, None)], True, id="one"),
        pytest.param([(1, 2), (2, 1)], True, id="two that need each other"),
        pytest.param([(1, None), (1, None)], False, id="the second is refused"),
        pytest.param([(1, 7)], False, id="one that cannot be kept"),
        pytest.param([(1, None), (2, 7)], False, id="two of which one cannot be kept"),
    ],
)
def test_what_is_told_is_kept_whole_or_not_at_all(
    database: Database, links: list[tuple[int, int | None]], kept: bool, asked: bool
) -> None:
    LINKS.drop(database.engine, checkfirst=True)
    LINKS.create(database.engine)
    with (
        contextlib.nullcontext() if kept else pytest.raises(sa.exc.IntegrityError),
        database.write_quickly() as writes,
    ):
        if asked:
            assert writes.connection().execute(FIND_LINKS, {}).first() is None
        for number, following in links:
            writes.tell(ADD_LINK, {"id": number, "next": following})
    with database.read_quickly() as reads:
        assert len(reads.connection().execute(FIND_LINKS, {}).all()) == (len(links) if kept else 0)
    LINKS.drop(database.engine)


def test_nobody_is_told_that_a_transaction_was_kept_that_failed(database: Database, clock: MovableClock) -> None:
    """PostgreSQL answers COMMIT with ROLLBACK then: a code would be redeemed and not spent. SQLite keeps what did not fail."""
    with contextlib.suppress(sa.exc.PendingRollbackError), database.write_quickly() as writes:
        kept = not isinstance(writes, QuickReads)
        audit.record(writes, clock.now, "test.row.written", "j")
        with pytest.raises(sa.exc.IntegrityError):
            writes.connection().execute(ADD, build_row("j", clock, outcome=None))
        if not kept:
            with pytest.raises(sa.exc.DBAPIError):
                writes.connection().execute(FIND, {"who": "j"})
    with database.read_quickly() as reads:
        # Also over the same line, where the statement could not be prepared a moment ago.
        assert (reads.connection().execute(FIND, {"who": "j"}).first() is not None) == kept
    if not kept:
        with (
            pytest.raises(sa.exc.PendingRollbackError),
            database.write_quickly() as writes,
            contextlib.suppress(sa.exc.IntegrityError),
        ):
            writes.connection().execute(ADD, build_row("j", clock, outcome=None))


def test_what_nobody_waits_for_is_done_in_its_order(database: Database, clock: MovableClock) -> None:
    with database.write_quickly() as writes:
        writes.tell(ADD, build_row("k", clock))
        writes.tell(SET, {"who": "k", "now": "second"})
        assert writes.connection().execute(FIND, {"who": "k"}).one().outcome == "second"
        writes.tell(SET, {"who": "k", "now": "third"})
        change = small_change(writes, "test", "k", clock.now)
        assert writes.execute(sa.select(ROW.c.outcome).where(ROW.c.actor == "k")).scalar_one() == "third"
        writes.tell(SET, {"who": "k", "now": "fourth"})
    with database.read_quickly() as reads:
        assert reads.connection().execute(FIND, {"who": "k"}).one().outcome == "fourth"
        assert reads.get(Change, change.id) is not None


def test_what_nobody_waits_for_is_undone_with_the_rest(database: Database, clock: MovableClock) -> None:
    def break_off(asks: bool) -> None:
        with database.write_quickly() as writes:
            writes.tell(ADD, build_row("l", clock))
            if asks:
                assert writes.connection().execute(FIND, {"who": "l"}).first() is not None
            writes.tell(SET, {"who": "l", "now": "second"})
            raise ZeroDivisionError

    for asks in (False, True):
        with pytest.raises(ZeroDivisionError):
            break_off(asks)
    with database.read_quickly() as reads:
        assert reads.connection().execute(FIND, {"who": "l"}).first() is None


@pytest.mark.parametrize("asks", [False, True], ids=["told at the end", "told at the next question"])
def test_what_nobody_waits_for_and_fails_takes_the_rest_with_it(
    database: Database, clock: MovableClock, asks: bool
) -> None:
    def fail() -> None:
        with database.write_quickly() as writes:
            writes.tell(ADD, build_row("m", clock))
            writes.tell(ADD, build_row("m", clock, outcome=None))
            writes.tell(ADD, build_row("m", clock))
            if asks:
                writes.connection().execute(FIND, {"who": "m"})

    with pytest.raises(sa.exc.IntegrityError):
        fail()
    with database.write_quickly() as writes:
        assert writes.connection().execute(FIND, {"who": "m"}).first() is None


def test_questions_that_go_together_are_answered_in_their_order(database: Database, clock: MovableClock) -> None:
    built = sa.select(ROW.c.outcome).where(ROW.c.actor == "o")
    with database.write_quickly() as writes:
        writes.tell(ADD, build_row("n", clock))
        writes.tell(ADD, build_row("o", clock, outcome="refused"))
        found, marked, again = writes.ask(
            (FIND, {"who": "n"}), (MARK, {"who": "n", "now": "marked"}), (FIND, {"who": "o"})
        )
        assert (found.one().outcome, marked.one().outcome, again.one().outcome) == ("done", "marked", "refused")
    with database.read_quickly() as reads:
        found, nobody, outcome = reads.ask((FIND, {"who": "n"}), (FIND, {"who": "nobody"}), (built, {}))
        assert (found.one().outcome, nobody.first(), outcome.scalar()) == ("marked", None, "refused")


def tell_last(database: Database, line: Line) -> Any:
    """The last thing a line was asked, and when."""
    found = sa.text("SELECT query_start, state_change, query FROM pg_stat_activity WHERE pid = :pid")
    with database.read() as reads:
        return tuple(reads.execute(found, {"pid": line.connection.info.backend_pid}).one())


def test_nothing_is_sent_for_a_transaction_in_which_nothing_was_asked(database: Database) -> None:
    """What PostgreSQL was told last on the line stays what it was told before."""
    with database.write_quickly() as writes:
        if not isinstance(writes, QuickReads):
            return
        writes.connection().execute(FIND, {"who": "nobody"})
        line, asked = writes.line, tell_last(database, writes.line)
    before = tell_last(database, line)
    assert before != asked
    with database.write_quickly() as writes:
        assert isinstance(writes, QuickReads)
        assert writes.line is line
    assert tell_last(database, line) == before
    assert line.idle


def test_other_threads_work_while_one_waits_for_the_database(database: Database, clock: MovableClock) -> None:
    """A transaction that waits for a row must not keep the one that holds it from going on."""
    with database.write_quickly() as writes:
        if not isinstance(writes, QuickReads):
            return
        writes.tell(ADD, build_row("p", clock))
    waited: list[str] = []

    def mark() -> None:
        with database.write_quickly() as writes:
            first, _second = writes.ask((MARK, {"who": "p", "now": "late"}), (FIND, {"who": "p"}))
            waited.append(first.one().outcome)

    with database.write_quickly() as writes:
        writes.connection().execute(MARK, {"who": "p", "now": "early"})
        thread = threading.Thread(target=mark)
        thread.start()
        thread.join(0.05)
        assert thread.is_alive()
        writes.tell(SET, {"who": "p", "now": "later"})
    thread.join(20)
    assert waited == ["late"]


def test_a_statement_is_prepared_once_for_a_line(database: Database, clock: MovableClock) -> None:
    for _ in range(4):
        record(database, "e", clock)
    with database.read_quickly() as reads:
        for _ in range(3):
            assert len(reads.connection().execute(FIND, {"who": "e"}).all()) == 4
        if isinstance(reads, QuickReads):
            assert reads.execute(PREPARED).scalar_one() == 2


def test_statements_built_at_each_call_do_not_fill_the_server(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = prepared.Catalogue()
    monkeypatch.setattr(lines, "CATALOGUE", catalogue)
    monkeypatch.setattr(prepared, "STATEMENTS_AT_MOST", 3)
    with database.read_quickly() as reads:
        for number in range(6):
            statement = sa.select(ROW.c.id).where(ROW.c.actor == sa.bindparam("who"), ROW.c.id != number)
            assert reads.connection().execute(statement, {"who": "f"}).first() is None
    assert len(catalogue) == (0 if database.sqlite else 3)


def test_after_the_database_was_restarted_the_next_transaction_finds_it(
    database: Database, clock: MovableClock
) -> None:
    record(database, "g", clock)
    with database.read_quickly() as reads:
        if not isinstance(reads, QuickReads):
            return
        cut_off(database, reads)
    record(database, "g", clock)
    with database.read_quickly() as reads:
        assert len(reads.connection().execute(FIND, {"who": "g"}).all()) == 2


def test_a_look_over_a_cut_line_is_told_plainly_and_the_next_one_works(database: Database, clock: MovableClock) -> None:
    record(database, "h", clock)

    def look(together: int) -> None:
        with database.read_quickly() as reads:
            if not isinstance(reads, QuickReads):
                raise Unreachable
            cut_off(database, reads)
            reads.ask(*[(FIND, {"who": "h"})] * together)

    for together in (1, 2):
        with pytest.raises(Unreachable):
            look(together)
    with database.read_quickly() as reads:
        assert len(reads.connection().execute(FIND, {"who": "h"}).all()) == 1


def test_an_instant_without_a_zone_is_refused_here_too(database: Database) -> None:
    with pytest.raises((ValueError, sa.exc.StatementError)), database.write_quickly() as writes:
        audit.record(writes, datetime(2026, 1, 1), "test.row.written", "i")  # noqa: DTZ001  # What is refused.
