"""The units of the register as a planner reads them: versions and codes with their row numbers, on the eve of an instant.

Read once, kept as values; `events` works on it without asking the database again.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar, cast

import sqlalchemy as sa

from directory.models import Unit, UnitCode, UnitVersion
from foundation.changes import visible
from foundation.database import Reads

EVE = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One period of a unit."""

    row_id: int
    unit_id: uuid.UUID
    name: str
    short_name: str | None
    parent_id: uuid.UUID | None
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One period of a code."""

    row_id: int
    unit_id: uuid.UUID
    scheme: str
    level: str
    code: str
    decision_number: str | None
    decision_date: date | None
    decision_issuer: str | None
    valid_from: datetime
    valid_to: datetime | None

    @property
    def decision(self) -> str:
        """The act that gave the code, as people cite it."""
        parts = [
            self.decision_number,
            f"{self.decision_date:%d/%m/%Y}" if self.decision_date else None,
            self.decision_issuer,
        ]
        return ", ".join(part for part in parts if part) or "—"


Row = TypeVar("Row", VersionRow, CodeRow)


@dataclass(frozen=True)
class UnitBook:
    """Every visible version and code, and where the reader stands: the last moment before `effective`."""

    effective: datetime
    levels: Mapping[uuid.UUID, str]
    versions: Mapping[uuid.UUID, list[VersionRow]]
    codes: Mapping[uuid.UUID, list[CodeRow]]

    @property
    def eve(self) -> datetime:
        """The last moment before the change."""
        return self.effective - EVE

    @cached_property
    def bearers(self) -> dict[tuple[str, str], list[CodeRow]]:
        """Who ever bore a code, by scheme and code."""
        found: dict[tuple[str, str], list[CodeRow]] = defaultdict(list)
        for rows in self.codes.values():
            for row in rows:
                found[row.scheme, row.code].append(row)
        return found

    @cached_property
    def standing(self) -> dict[uuid.UUID, VersionRow]:
        """The version of each unit that is in force on the eve."""
        found = {}
        for unit_id, rows in self.versions.items():
            row = find_in_force(rows, self.eve)
            if row is not None:
                found[unit_id] = row
        return found

    @cached_property
    def children(self) -> dict[uuid.UUID, list[uuid.UUID]]:
        """The units directly under each unit on the eve."""
        found: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
        for unit_id, row in self.standing.items():
            if row.parent_id is not None:
                found[row.parent_id].append(unit_id)
        return found

    def find_bearer(self, scheme: str, code: str, at: datetime | None = None) -> uuid.UUID | None:
        """The unit that bears this code on the eve, or at another instant."""
        row = find_in_force(self.bearers.get((scheme, code), ()), at or self.eve)
        return row.unit_id if row else None

    def find_version(self, unit_id: uuid.UUID, at: datetime | None = None) -> VersionRow | None:
        """The version of a unit that is in force on the eve, or at another instant."""
        return find_in_force(self.versions.get(unit_id, ()), at or self.eve)

    def standing_codes(self, unit_id: uuid.UUID, at: datetime | None = None) -> list[CodeRow]:
        """The codes the unit bears on the eve, or at another instant."""
        return [row for row in self.codes.get(unit_id, ()) if is_in_force(row, at or self.eve)]

    def name(self, unit_id: uuid.UUID) -> str:
        """What the unit is called on the eve, or was last."""
        known = [*self.versions.get(unit_id, ()), *([self.standing[unit_id]] if unit_id in self.standing else [])]
        return known[-1].name if known else str(unit_id)

    def code(self, unit_id: uuid.UUID) -> str:
        """The code people use for the unit on the eve: the agency's, else the administrative one."""
        codes = {row.scheme: row.code for row in self.standing_codes(unit_id)}
        return next((codes[scheme] for scheme in ("agency", "admin", "admin-2004") if scheme in codes), "")

    def subtree(self, roots: Iterable[uuid.UUID]) -> list[uuid.UUID]:
        """These units and everything under them on the eve, parents before children, each once."""
        found: dict[uuid.UUID, None] = {}
        waiting = [root for root in roots if root in self.standing]
        while waiting:
            unit_id = waiting.pop()
            if unit_id not in found:
                found[unit_id] = None
                waiting += self.children.get(unit_id, ())
        return list(found)

    def find_standing_above(self, unit_id: uuid.UUID, at: datetime) -> uuid.UUID:
        """The unit if it stands at the instant, else the nearest above it that does; itself where none does."""
        seen: set[uuid.UUID] = set()
        above: uuid.UUID | None = unit_id
        while above is not None and above not in seen:
            if find_in_force(self.versions.get(above, ()), at) is not None:
                return above
            seen.add(above)
            row = self.standing.get(above)
            above = row.parent_id if row is not None else None
        return unit_id

    def has_ancestor_in(self, unit_id: uuid.UUID, units: Set[uuid.UUID]) -> bool:
        """Whether one of these units lies above this one on the eve."""
        seen = {unit_id}
        row = self.standing.get(unit_id)
        while row is not None and row.parent_id is not None and row.parent_id not in seen:
            if row.parent_id in units:
                return True
            seen.add(row.parent_id)
            row = self.standing.get(row.parent_id)
        return False


def is_in_force(row: VersionRow | CodeRow, at: datetime) -> bool:
    """Whether the period holds the instant."""
    return row.valid_from <= at and (row.valid_to is None or row.valid_to > at)


def find_in_force(rows: Iterable[Row], at: datetime) -> Row | None:
    """The one period that holds the instant."""
    return next((row for row in rows if is_in_force(row, at)), None)


def read_units(reads: Reads, effective: datetime) -> UnitBook:
    """Every unit of the register with its codes, as known now."""
    version, code = UnitVersion.__table__.c, UnitCode.__table__.c
    versions: dict[uuid.UUID, list[VersionRow]] = defaultdict(list)
    codes: dict[uuid.UUID, list[CodeRow]] = defaultdict(list)
    for period in reads.execute(
        sa.select(
            version.row_id, version.unit_id, version.name, version.short_name, version.parent_id,
            version.valid_from, version.valid_to,
        ).where(visible(UnitVersion)).order_by(version.valid_from, version.row_id)
    ):  # fmt: skip
        versions[period[1]].append(VersionRow(*cast(tuple[Any, ...], period)))
    for bearing in reads.execute(
        sa.select(
            code.row_id, code.unit_id, code.scheme, code.level, code.code, code.decision_number, code.decision_date,
            code.decision_issuer, code.valid_from, code.valid_to,
        ).where(visible(UnitCode)).order_by(code.valid_from, code.row_id)
    ):  # fmt: skip
        codes[bearing[1]].append(CodeRow(*cast(tuple[Any, ...], bearing)))
    levels = {row.id: row.level for row in reads.execute(sa.select(Unit.id, Unit.level))}
    return UnitBook(effective, levels, versions, codes)
