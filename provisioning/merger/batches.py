"""Rows of a plan gathered for one short transaction and written together.

A batch ends rows (withdraws them and writes them again with an end), withdraws rows, and adds rows; every row names the one change
of the plan. What it expected to end and did not find means that the plan is stale.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import psycopg
import sqlalchemy as sa

from directory.printing.jobs import PRINT_ALL, PRINT_PERSON, PRINT_UNIT
from foundation.database import Base, Writes
from foundation.outbox import enqueue_many
from foundation.plans import PlanStale

AT_ONCE = 400
PLAIN = {"change_id", "withdrawn_by", "row_id"}


@dataclass
class Batch:
    """What one transaction writes. `change_id` is the plan's change; `effective` the instant at which ended rows end; `many` says
    that the plan touches so many that they are printed by one job.
    """

    change_id: int
    effective: datetime
    now: datetime
    many: bool = False
    withdrawn: dict[sa.Table, list[int]] = field(default_factory=lambda: defaultdict(list))
    ended: dict[tuple[sa.Table, datetime], list[int]] = field(default_factory=lambda: defaultdict(list))
    copied: dict[sa.Table, list[int]] = field(default_factory=lambda: defaultdict(list))
    varied: list[tuple[sa.Table, int, dict[str, Any]]] = field(default_factory=list)
    added: dict[sa.Table, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    jobs: dict[tuple[str, datetime], list[tuple[str, Mapping[str, Any]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    leavers: list[str] = field(default_factory=list)

    def withdraw(self, model: Any, row_ids: Sequence[int]) -> None:
        """These rows are withdrawn."""
        self.withdrawn[cast(sa.Table, model.__table__)] += row_ids

    def end(self, model: Any, row_ids: Sequence[int], at: datetime | None = None) -> None:
        """These rows are written again with this end (the plan's instant), and must be withdrawn too."""
        self.ended[cast(sa.Table, model.__table__), at or self.effective] += row_ids

    def take_back(self, withdrawn: Mapping[str, Sequence[int]], again: Mapping[str, Sequence[int]]) -> None:
        """Rows by table name: the first are withdrawn, the second written again as they were."""
        for name, row_ids in withdrawn.items():
            self.withdrawn[Base.metadata.tables[name]] += row_ids
        for name, row_ids in again.items():
            self.copied[Base.metadata.tables[name]] += row_ids

    def vary(self, model: Any, row_id: int, **changed: Any) -> None:
        """This row is written again with these columns changed."""
        self.varied.append((cast(sa.Table, model.__table__), row_id, changed))

    def add(self, model: Any, **values: Any) -> None:
        """A new row; columns left out are null."""
        self.added[cast(sa.Table, model.__table__)].append(values)

    def add_job(
        self, kind: str, key: str, payload: Mapping[str, Any] | None = None, due: datetime | None = None
    ) -> None:
        """A job of the outbox, tied to the change, due at the instant."""
        if self.many and kind in (PRINT_PERSON, PRINT_UNIT):
            self.jobs[PRINT_ALL, due or self.effective] = [("all", {})]
        else:
            self.jobs[kind, due or self.effective].append((key, payload or {}))

    def write(self, writes: Writes) -> None:
        """Everything in the order that keeps each constraint: withdrawals, ended rows, new rows, jobs. Raises PlanStale."""
        for table, row_ids in self.withdrawn.items():
            withdraw_rows(writes, table, row_ids, self.change_id)
        for (table, at), row_ids in self.ended.items():
            copy_rows(writes, table, row_ids, self.change_id, {"valid_to": at})
        for table, row_ids in self.copied.items():
            copy_rows(writes, table, row_ids, self.change_id, {})
        for table, row_id, changed in self.varied:
            copy_rows(writes, table, [row_id], self.change_id, changed)
        for table in sorted(self.added, key=lambda table: ORDER.get(table.name, len(ORDER))):
            insert_rows(writes, table, self.added[table], self.change_id)
        for (kind, due), keyed in self.jobs.items():
            enqueue_many(writes, kind, keyed, self.now, due, self.change_id)


# Identities before what is said of them.
ORDER = {
    name: place
    for place, name in enumerate(
        ("unit", "person", "unit_version", "unit_code", "unit_event", "unit_event_link", "account", "credential")
    )
}


def withdraw_rows(writes: Writes, table: sa.Table, row_ids: Sequence[int], change_id: int) -> None:
    """Withdraw rows nobody else withdrew. Raises PlanStale if one is gone."""
    for start in range(0, len(row_ids), AT_ONCE):
        chunk = row_ids[start : start + AT_ONCE]
        done = writes.connection().execute(
            sa.update(table)
            .where(table.c.row_id.in_(chunk), table.c.withdrawn_by.is_(None))
            .values(withdrawn_by=change_id)
        )
        if done.rowcount != len(set(chunk)):
            raise PlanStale(changes=f"{len(set(chunk)) - done.rowcount} × {table.name}")


def copy_rows(
    writes: Writes, table: sa.Table, row_ids: Sequence[int], change_id: int, changed: Mapping[str, Any]
) -> None:
    """Write rows again under this change with some columns changed, inside the database."""
    fixed = {**changed, "change_id": change_id}
    kept = [column for column in table.c if column.name not in PLAIN and column.name not in fixed]
    values = [sa.literal(value, table.c[name].type) for name, value in fixed.items()]
    for start in range(0, len(row_ids), AT_ONCE):
        chunk = row_ids[start : start + AT_ONCE]
        rows = sa.select(*kept, *values).where(table.c.row_id.in_(chunk)).order_by(table.c.row_id)
        names = [*(column.name for column in kept), *fixed]
        writes.connection().execute(sa.insert(table).from_select(names, rows, include_defaults=False))


def insert_rows(writes: Writes, table: sa.Table, rows: Sequence[dict[str, Any]], change_id: int) -> None:
    """Add rows, all with the same columns: by COPY on PostgreSQL, in one statement for many on SQLite."""
    names = dict.fromkeys(name for row in rows for name in row)
    tied = {"change_id": change_id} if "change_id" in table.c else {}
    defaults = {name: plain_default(table.c[name]) for name in table.c.keys() if name not in PLAIN}  # noqa: SIM118 — columns
    columns = [*tied, *(name for name, default in defaults.items() if name in names or default is not None)]
    filled = [{**defaults, **row, **tied} for row in rows]
    connection = writes.connection()
    if connection.dialect.name == "postgresql":
        copy_in(connection, table, columns, filled)
    else:
        connection.execute(sa.insert(table), [{name: row[name] for name in columns} for row in filled])


def copy_in(connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    """Rows by PostgreSQL's COPY, in the transaction at hand; constraints are checked as ever.

    Raises IntegrityError as the other way does.
    """
    named = ", ".join(columns)
    raw = connection.connection.cursor()
    try:
        with raw.copy(f"COPY {table.name} ({named}) FROM STDIN") as copying:
            for row in rows:
                copying.write_row([row[name] for name in columns])
    except psycopg.IntegrityError as error:
        raise sa.exc.IntegrityError(f"COPY {table.name}", None, error) from error
    finally:
        raw.close()


def plain_default(column: sa.Column[Any]) -> Any:
    """The value a column takes where a row says nothing."""
    return column.default.arg if column.default is not None and column.default.is_scalar else None  # type: ignore[attr-defined]  # scalar defaults carry it


def as_id(text: str | None) -> uuid.UUID | None:
    """An identity from a plan's text."""
    return uuid.UUID(text) if text else None
