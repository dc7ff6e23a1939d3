"""What is counted for a task: for each unit how many are done of how many, at an instant, as it was known at another.

Every measure has the same shape, so that a unit's figures add up to its province's and those to the whole.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from directory.models import (
    Certificate,
    ForeignAccount,
    MailAddress,
    Post,
    Unit,
    UnitCode,
    UnitEvent,
    UnitEventLink,
    UnitVersion,
)
from foundation.changes import AsOf, Change, in_force, visible
from foundation.database import Instant, Reads
from foundation.i18n import _
from provisioning.merger.report import ENOUGH, SIGNERS_NEEDED, SIGNING
from provisioning.reports.census import HAS_ACCOUNT, Census, take_census
from provisioning.reports.homes import select_homes
from provisioning.reports.tasks import Task


@dataclass(frozen=True)
class Count:
    """So many are done of so many."""

    done: int
    of: int

    @property
    def left(self) -> int:
        """How many are not done."""
        return self.of - self.done

    def __add__(self, other: "Count") -> "Count":
        return Count(self.done + other.done, self.of + other.of)


Counts = Mapping[uuid.UUID, Count]
NOTHING: Final = Count(0, 0)

UNITS_COUNTED: Final[Mapping[str, str]] = {
    "agency_codes": _("agencies"),
    "old_codes": _("units that ended"),
    "accounts": _("officials"),
    "activated": _("officials"),
    "addresses": _("officials"),
    "application": _("officials"),
    "certificates": _("officials"),
    "agency_certificates": _("agencies"),
    "signers": _("agencies"),
    "told": _("as reported"),
}
"""What a measure counts, for people."""


class Counting:
    """The measures at one instant; what several of them need is read once.

    With `by`, an instant before it, only what had begun or was on record by then is done: the units and officials are those of
    `as_of`, so that a deadline before the merger is told of the units that begin with it.
    """

    def __init__(
        self, reads: Reads, as_of: AsOf, now: datetime, by: datetime | None = None, applications: Sequence[str] = ()
    ) -> None:
        self.reads = reads
        self.as_of = as_of
        self.now = now
        self.by = by
        self.applications = applications
        self._officials: dict[str, Counts] = {}
        self._census: Census | None = None
        self._homes = select_homes(as_of)

    @property
    def census(self) -> Census:
        """Every official in one place."""
        if self._census is None:
            self._census = take_census(self.reads, self.as_of, self.now, self.by)
        return self._census

    def measure(self, task: Task) -> Counts:
        """The figures of a task by unit; a told one has none."""
        if task.measure == "application":
            return self.of_officials(f"application:{task.application}")
        return MEASURES[task.measure](self)

    def of_officials(self, name: str) -> Counts:
        """Of the officials of each unit those for whom the clause of this name is true; all clauses are asked at once."""
        if name not in self._officials:
            homes, clauses = self._homes, self.official_clauses()
            sums = [sa.func.sum(sa.case((clause, 1), else_=0)) for clause in clauses.values()]
            rows = self.reads.execute(
                sa.select(homes.c.unit_id, sa.func.count(), *sums).group_by(homes.c.unit_id)
            ).all()
            for place, asked in enumerate(clauses, 2):
                self._officials[asked] = {row[0]: Count(int(row[place] or 0), row[1]) for row in rows}
        return self._officials[name]

    def official_clauses(self) -> dict[str, sa.ColumnElement[bool]]:
        """What is asked of every official, by name."""
        named = {f"application:{name}": self.has_foreign_account(name) for name in self.applications}
        return {"addresses": self.has_address(), "certificates": self.has_certificate(), **named}

    def of_agencies(self, clause: sa.ColumnElement[bool]) -> Counts:
        """Of the units that are agencies those the clause is true for: each is one."""
        done = sa.case((clause, 1), else_=0)
        rows = self.reads.execute(
            sa.select(UnitVersion.unit_id, done)
            .join(Unit, Unit.id == UnitVersion.unit_id)
            .where(in_force(UnitVersion, self.as_of), Unit.level.in_(SIGNERS_NEEDED))
        )
        return {unit: Count(some, 1) for unit, some in rows}

    def in_census(self, places: frozenset[str]) -> Counts:
        """Of the officials of each unit those in one of these places."""
        done = self.census.count(*places)
        return {unit: Count(done[unit], total) for unit, total in self.census.total().items()}

    def has_foreign_account(self, application: str) -> sa.ColumnElement[bool]:
        """An account in another application."""
        holders = sa.select(ForeignAccount.person_id).where(
            ForeignAccount.application == application, self.stands(ForeignAccount)
        )
        return self._homes.c.person_id.in_(holders)

    def has_address(self) -> sa.ColumnElement[bool]:
        """An official address of their own."""
        holders = sa.select(MailAddress.person_id).where(MailAddress.kind == "own", self.stands(MailAddress))
        return self._homes.c.person_id.in_(holders)

    def has_certificate(self) -> sa.ColumnElement[bool]:
        """A valid certificate."""
        return self._homes.c.person_id.in_(self.select_holders())

    def bears_code(self) -> sa.ColumnElement[bool]:
        """An agency code that is no example."""
        return UnitVersion.unit_id.in_(
            sa.select(UnitCode.unit_id).where(
                UnitCode.scheme == "agency", UnitCode.example.is_(False), self.stands(UnitCode)
            )
        )

    def seals(self) -> sa.ColumnElement[bool]:
        """A valid certificate of the agency."""
        return UnitVersion.unit_id.in_(
            sa.select(Certificate.unit_id).where(self.is_valid(), Certificate.unit_id.is_not(None))
        )

    def can_sign(self) -> sa.ColumnElement[bool]:
        """Two leaders or deputies with a valid certificate."""
        return UnitVersion.unit_id.in_(self.select_signed())

    def stands(self, row: Any) -> sa.ColumnElement[bool]:
        """Dated rows in force at the instant; with `by` only those that had begun, or were written down, by then."""
        if self.by is None:
            return in_force(row, self.as_of)
        by = sa.literal(self.by, Instant())
        written = sa.select(Change.id).where(Change.published_at <= by)
        return sa.and_(in_force(row, self.as_of), sa.or_(row.valid_from <= by, row.change_id.in_(written)))

    def is_valid(self) -> sa.ColumnElement[bool]:
        """Certificates in their time and not revoked."""
        unrevoked = sa.or_(Certificate.revoked_at.is_(None), Certificate.revoked_at > (self.by or self.as_of.at))
        return sa.and_(self.stands(Certificate), unrevoked)

    def select_holders(self) -> sa.Select[uuid.UUID | None]:
        """The people with a valid certificate."""
        return sa.select(Certificate.person_id).where(self.is_valid(), Certificate.person_id.is_not(None))

    def select_signed(self) -> sa.Select[uuid.UUID]:
        """The units with at least two leaders or deputies who can sign."""
        leading = sa.or_(*(Post.duties.contains(duty) for duty in SIGNING))
        return (
            sa.select(Post.unit_id)
            .where(in_force(Post, self.as_of), leading, Post.person_id.in_(self.select_holders()))
            .group_by(Post.unit_id)
            .having(sa.func.count(sa.distinct(Post.person_id)) >= ENOUGH)
        )

    def old_codes(self) -> Counts:
        """Of the units that ended those whose codes lead somewhere; counted at the principal heir, else where they lay."""
        return count_old(self.reads, self.as_of)


MEASURES: Final[Mapping[str, Callable[[Counting], Counts]]] = {
    "agency_codes": lambda counting: counting.of_agencies(counting.bears_code()),
    "old_codes": Counting.old_codes,
    "accounts": lambda counting: counting.in_census(HAS_ACCOUNT),
    "activated": lambda counting: counting.in_census(frozenset({"active"})),
    "addresses": lambda counting: counting.of_officials("addresses"),
    "certificates": lambda counting: counting.of_officials("certificates"),
    "agency_certificates": lambda counting: counting.of_agencies(counting.seals()),
    "signers": lambda counting: counting.of_agencies(counting.can_sign()),
    "told": lambda counting: {},
}


def count_old(reads: Reads, as_of: AsOf) -> Counts:
    """Units that ended by the instant: done are those with an heir, each counted once, at its principal heir or its last superior."""
    standing = sa.select(UnitVersion.unit_id).where(in_force(UnitVersion, as_of))
    ended = reads.execute(
        sa.select(UnitVersion.unit_id, UnitVersion.parent_id)
        .where(
            visible(UnitVersion, as_of.known_at), UnitVersion.valid_to <= as_of.at, UnitVersion.unit_id.not_in(standing)
        )
        .order_by(UnitVersion.valid_to)
    )
    last = {unit: parent for unit, parent in ended}  # noqa: C416 — dict() of rows does not type
    heirs = read_heirs(reads, as_of)
    homes = set(reads.execute(standing).scalars())
    found: Counter[uuid.UUID] = Counter()
    done: Counter[uuid.UUID] = Counter()
    for unit, parent in last.items():
        heir = follow(unit, heirs, homes)
        home = heir or next((place for place in climb(parent, last, heirs, homes)), None)
        if home is not None:
            found[home] += 1
            done[home] += heir is not None
    return {home: Count(done[home], count) for home, count in found.items()}


def read_heirs(reads: Reads, as_of: AsOf) -> dict[uuid.UUID, uuid.UUID]:
    """To whom each unit passed, the principal heir where there are several."""
    rows = reads.execute(
        sa.select(UnitEventLink.predecessor_id, UnitEventLink.successor_id)
        .join(UnitEvent, UnitEvent.id == UnitEventLink.event_id)
        .where(
            visible(UnitEventLink, as_of.known_at), visible(UnitEvent, as_of.known_at), UnitEvent.instant <= as_of.at,
            UnitEventLink.predecessor_id.is_not(None), UnitEventLink.successor_id.is_not(None),
        )
        .order_by(UnitEvent.instant.desc(), UnitEventLink.principal.desc(), UnitEventLink.row_id)
    )  # fmt: skip
    heirs: dict[uuid.UUID, uuid.UUID] = {}
    for predecessor, successor in rows:
        if predecessor is not None and successor is not None and predecessor != successor:
            heirs.setdefault(predecessor, successor)
    return heirs


def follow(unit: uuid.UUID, heirs: Mapping[uuid.UUID, uuid.UUID], homes: set[uuid.UUID]) -> uuid.UUID | None:
    """The standing unit at the end of the chain of heirs, or None."""
    seen: set[uuid.UUID] = set()
    here: uuid.UUID | None = unit
    while here is not None and here not in seen:
        seen.add(here)
        here = heirs.get(here)
        if here in homes:
            return here
    return None


def climb(
    parent: uuid.UUID | None,
    last: Mapping[uuid.UUID, uuid.UUID | None],
    heirs: Mapping[uuid.UUID, uuid.UUID],
    homes: set[uuid.UUID],
) -> list[uuid.UUID]:
    """The standing units above a unit that ended without heirs, the nearest first."""
    found: list[uuid.UUID] = []
    seen: set[uuid.UUID] = set()
    while parent is not None and parent not in seen:
        seen.add(parent)
        here = parent if parent in homes else follow(parent, heirs, homes)
        if here is not None:
            found.append(here)
        parent = last.get(parent)
    return found
