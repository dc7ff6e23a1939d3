"""Rows of a plan gathered for one short transaction and written together.

A batch ends rows (withdraws them and writes them again with an end), withdraws rows, and adds rows; every row names the one change
of the plan. What it expected to end and did not find means that the plan is stale.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from directory.printing.jobs import PRINT_ALL, PRINT_PERSON, PRINT_UNIT
from foundation.database import Base, Writes
from foundation.outbox import enqueue_many
from provisioning.merger.bulk import Parcel, copy_rows, insert_parcel, pack_rows, withdraw_rows


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
    begun: dict[tuple[sa.Table, str, datetime | None], list[int]] = field(default_factory=lambda: defaultdict(list))
    varied: list[tuple[sa.Table, int, dict[str, Any]]] = field(default_factory=list)
    added: dict[sa.Table, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    jobs: dict[tuple[str, datetime], list[tuple[str, Mapping[str, Any]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    leavers: list[str] = field(default_factory=list)
    parcels: list[Parcel] | None = None

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

    def move(self, column: str, tables: Mapping[str, Sequence[int]], until: datetime | None = None) -> None:
        """Rows by table name are written again with this column at the plan's instant, and must be withdrawn too.

        `until`: with this end as well, for what began at the instant and goes on until a date.
        """
        for name, row_ids in tables.items():
            self.begun[Base.metadata.tables[name], column, until] += row_ids

    def vary(self, model: Any, row_id: int, **changed: Any) -> None:
        """This row is written again with these columns changed."""
        self.varied.append((cast(sa.Table, model.__table__), row_id, changed))

    def add(self, model: Any, **values: Any) -> None:
        """A new row; columns left out are null."""
        self.added[model.__table__].append(values)

    def add_job(
        self, kind: str, key: str, payload: Mapping[str, Any] | None = None, due: datetime | None = None
    ) -> None:
        """A job of the outbox, tied to the change, due at the instant."""
        if self.many and kind in (PRINT_PERSON, PRINT_UNIT):
            self.jobs[PRINT_ALL, due or self.effective] = [("all", {})]
        else:
            self.jobs[kind, due or self.effective].append((key, payload or {}))

    def pack(self, dialect: sa.Dialect) -> None:
        """Make the new rows ready, before anybody has to wait for the writer."""
        tables = sorted(self.added, key=lambda table: ORDER.get(table.name, len(ORDER)))
        copied = dialect.name == "postgresql"
        self.parcels = [pack_rows(table, self.added[table], self.change_id, copied=copied) for table in tables]

    def write(self, writes: Writes) -> None:
        """Everything in the order that keeps each constraint: withdrawals, ended rows, new rows. Raises PlanStale."""
        if self.parcels is None:
            self.pack(writes.connection().dialect)
        for table, row_ids in self.withdrawn.items():
            withdraw_rows(writes, table, row_ids, self.change_id)
        for (table, at), row_ids in self.ended.items():
            copy_rows(writes, table, row_ids, self.change_id, {"valid_to": at})
        for table, row_ids in self.copied.items():
            copy_rows(writes, table, row_ids, self.change_id, {})
        for (table, column, until), row_ids in self.begun.items():
            changed = {column: self.effective} | ({"valid_to": until} if until else {})
            copy_rows(writes, table, row_ids, self.change_id, changed)
        for table, row_id, changed in self.varied:
            copy_rows(writes, table, [row_id], self.change_id, changed)
        for parcel in self.parcels or ():
            insert_parcel(writes, parcel)

    def add_jobs(self, writes: Writes) -> None:
        """What has to be done outside; after the rows, because two transactions may ask for the same."""
        for (kind, due), keyed in self.jobs.items():
            enqueue_many(writes, kind, keyed, self.now, due, self.change_id)


# Identities before what is said of them.
ORDER = {
    name: place
    for place, name in enumerate(
        ("unit", "person", "unit_version", "unit_code", "unit_event", "unit_event_link", "account", "credential")
    )
}
