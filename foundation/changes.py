"""Changes: the record is never rewritten, and what a change wrote is seen all at once.

Each row of the register names the change that wrote it and, once withdrawn, the change that withdrew it. A change becomes
visible when it is published, by one row, in one transaction; a kill before that leaves nothing visible. Undo is another change
that withdraws what the first wrote and writes again what it had withdrawn (DESIGN §2.2).
"""

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from foundation.database import Base, Instant, Reads, RowId, Writes
from foundation.errors import TryAgain
from foundation.standing_rows import keep_for_ever


class Change(Base):
    """One act upon the register: who, why, by which decision, and since when it is seen."""

    __tablename__ = "change"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    kind: Mapped[str]
    actor: Mapped[str]
    reason: Mapped[str | None]
    decision: Mapped[str | None]
    approved_by: Mapped[str | None]
    plan_digest: Mapped[str | None] = mapped_column(index=True)
    opened_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    abandoned_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(sa.ForeignKey("change.id"))

    __table_args__ = (
        sa.Index(
            "ix_change_unpublished",
            "id",
            sqlite_where=sa.text("published_at IS NULL"),
            postgresql_where=sa.text("published_at IS NULL"),
        ),
    )


keep_for_ever(cast(sa.Table, Change.__table__))


class Recorded:
    """A row of the register: written by one change, withdrawn by at most one, never edited."""

    row_id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    withdrawn_by: Mapped[int | None] = mapped_column(RowId, sa.ForeignKey("change.id"))

    def __init_subclass__(cls, **options: Any) -> None:
        """Index the rows that were withdrawn, by who withdrew them.

        Never the others: SQLite would read every standing row by such an index rather than look up the few that were asked for.
        """
        super().__init_subclass__(**options)
        table = getattr(cls, "__table__", None)
        if table is not None:
            column = table.c.withdrawn_by
            withdrawn = column.is_not(None)
            name = f"ix_{table.name}_withdrawn_by"
            sa.Index(name, column, sqlite_where=withdrawn, postgresql_where=withdrawn)

    @declared_attr
    def change_id(cls) -> Mapped[int]:  # noqa: N805 — SQLAlchemy passes the class
        """The change that wrote this row."""
        return mapped_column(RowId, sa.ForeignKey("change.id"), index=True)


class DatedRow(Recorded):
    """A recorded row with valid time `[valid_from, valid_to)`."""

    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


@dataclass(frozen=True)
class AsOf:
    """Where a reader stands: what is in force `at` that instant, as it was known at `known_at` (None: now)."""

    at: datetime
    known_at: datetime | None = None


_change = Change.__table__
UNPUBLISHED = sa.select(_change.c.id).where(_change.c.published_at.is_(None)).scalar_subquery()


def visible(row: Any, known_at: datetime | None = None) -> sa.ColumnElement[bool]:
    """A clause true for the rows known at `known_at` (None: now): written by a published change and not withdrawn by one.

    `row` is a mapped class, an alias of one or a table with the columns of `Recorded`.
    """
    columns = row.c if isinstance(row, sa.FromClause) else row
    if known_at is None:
        return sa.and_(
            columns.change_id.not_in(UNPUBLISHED),
            sa.or_(columns.withdrawn_by.is_(None), columns.withdrawn_by.in_(UNPUBLISHED)),
        )
    known = sa.select(_change.c.id).where(_change.c.published_at <= sa.literal(known_at, Instant())).scalar_subquery()
    return sa.and_(
        columns.change_id.in_(known), sa.or_(columns.withdrawn_by.is_(None), columns.withdrawn_by.not_in(known))
    )


def in_force(row: Any, as_of: AsOf) -> sa.ColumnElement[bool]:
    """A clause true for the dated rows that are known and in force where the reader stands."""
    columns = row.c if isinstance(row, sa.FromClause) else row
    at = sa.literal(as_of.at, Instant())
    return sa.and_(
        visible(row, as_of.known_at),
        columns.valid_from <= at,
        sa.or_(columns.valid_to.is_(None), columns.valid_to > at),
    )


def open_change(
    writes: Writes,
    kind: str,
    actor: str,
    now: datetime,
    *,
    reason: str | None = None,
    decision: str | None = None,
    approved_by: str | None = None,
    plan_digest: str | None = None,
) -> Change:
    """A new change nobody sees yet; its rows may be written in this or in later transactions."""
    change = Change(
        kind=kind,
        actor=actor,
        reason=reason,
        decision=decision,
        approved_by=approved_by,
        plan_digest=plan_digest,
        opened_at=now,
    )
    writes.add(change)
    writes.flush()
    return change


def publish(writes: Writes, change: Change, now: datetime) -> None:
    """Show everything the change wrote, at once. Raises TryAgain if it was published or abandoned before."""
    done = writes.execute(
        sa.update(Change)
        .where(Change.id == change.id, Change.published_at.is_(None), Change.abandoned_at.is_(None))
        .values(published_at=now)
        .execution_options(synchronize_session="evaluate")
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]  # Session.execute of an UPDATE gives a CursorResult.
        raise TryAgain("This change was already published or given up.")
    _published.append(change.id)


_published: deque[int] = deque(maxlen=1)
"""The change this process published last."""


def last_published() -> int | None:
    """The change this process published last: what was remembered of the register before it is not told after it."""
    return _published[-1] if _published else None


def small_change(writes: Writes, kind: str, actor: str, now: datetime, **why: str | None) -> Change:
    """A change that is published in the transaction that makes it; for daily life, not for plans."""
    change = open_change(writes, kind, actor, now, **why)
    publish(writes, change, now)
    return change


def recorded_tables() -> list[sa.Table]:
    """Every table of the register whose rows name their change, in order of their foreign keys."""
    return [table for table in Base.metadata.sorted_tables if "change_id" in table.c and "withdrawn_by" in table.c]


def withdraw(writes: Writes, row: Any, change: Change, row_ids: Sequence[int]) -> int:
    """Withdraw rows by their ids; rows that somebody withdrew before are not touched. Gives how many were withdrawn."""
    table = row.__table__ if hasattr(row, "__table__") else row
    done = 0
    for start in range(0, len(row_ids), 500):
        chunk = row_ids[start : start + 500]
        statement = (
            sa.update(table)
            .where(table.c.row_id.in_(chunk), table.c.withdrawn_by.is_(None))
            .values(withdrawn_by=change.id)
        )
        done += writes.connection().execute(statement).rowcount
    return done


def abandon(writes: Writes, change: Change, now: datetime) -> None:
    """Give up a change that was never published: its rows are never seen, what it had withdrawn stands again.

    Raises TryAgain when it is published: then only undo helps.
    """
    if change.published_at is not None:
        raise TryAgain("This change was published; it can only be undone.")
    for table in reversed(recorded_tables()):
        writes.execute(
            sa.update(table)
            .where(table.c.change_id == change.id, table.c.withdrawn_by.is_(None))
            .values(withdrawn_by=change.id)
        )
        writes.execute(
            sa.update(table)
            .where(table.c.withdrawn_by == change.id, table.c.change_id != change.id)
            .values(withdrawn_by=None)
        )
    change.abandoned_at = now
    writes.flush()


def register_digest(reads: Reads, known_at: datetime | None = None) -> str:
    """One digest over the content of every visible row of the register, whatever its row and change numbers.

    Two registers with the same content have the same digest: SHA-256 of each row as text, added up modulo 2^256, so the
    order of writing plays no part. Gives 64 hexadecimal digits.
    """
    total = 0
    for table in recorded_tables():
        columns = [column for column in table.c if column.name not in ("row_id", "change_id", "withdrawn_by")]
        for row in stream(reads, sa.select(*columns).where(visible(table, known_at))):
            text = "\x1f".join([table.name, *(content_text(value) for value in row)])
            total += int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    return f"{total % (1 << 256):064x}"


def stream(reads: Reads, statement: sa.Select[Any], size: int = 2000) -> Iterator[Sequence[Any]]:
    """The rows of a large answer in flat memory."""
    result = reads.execute(statement.execution_options(yield_per=size))
    for part in result.partitions():
        yield from part


def content_text(value: object) -> str:
    """A value as text that is the same on both databases."""
    if isinstance(value, datetime):
        return f"{value.timestamp():.6f}"
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    if isinstance(value, dict):
        return repr(sorted(value.items()))
    return repr(value)
