"""Units as they are printed: names, codes today and before, and who took over, read from the register in a few queries."""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from directory.models import Certificate, Unit, UnitCode, UnitEvent, UnitEventLink, UnitVersion
from directory.printing.entries import UnitPrinting
from directory.units import name_agency
from foundation.changes import AsOf, in_force, visible
from foundation.database import Reads


@dataclass(frozen=True)
class BorneCode:
    """A code and the time a unit bore it."""

    code: str
    since: datetime
    until: datetime | None

    def overlaps(self, since: datetime, until: datetime | None) -> bool:
        """Whether the unit bore it at some time within `[since, until)`."""
        return (until is None or self.since < until) and (self.until is None or self.until > since)


@dataclass(frozen=True)
class UnitLine:
    """One unit where the reader stands; `version` is its last one if it has ended, and then it bears no code."""

    level: str
    name: str
    version: Any
    standing: bool
    codes: tuple[BorneCode, ...] = ()
    current_codes: tuple[str, ...] = ()


@dataclass
class UnitBook:
    """Units by id, with what passed between them up to the reader's instant."""

    as_of: AsOf
    units: dict[uuid.UUID, UnitLine] = field(default_factory=dict)
    predecessors: dict[uuid.UUID, set[uuid.UUID]] = field(default_factory=dict)
    successors: dict[uuid.UUID, set[uuid.UUID]] = field(default_factory=dict)
    certificates: dict[uuid.UUID, list[bytes]] = field(default_factory=dict)
    _borne: dict[tuple[uuid.UUID, datetime, datetime | None], frozenset[str]] = field(default_factory=dict)

    def codes_during(self, unit_id: uuid.UUID, since: datetime, until: datetime | None) -> frozenset[str]:
        """The codes a unit bore at some time within a period, up to the reader's instant."""
        # Thousands of people had posts of the same unit from the same day on.
        asked = unit_id, since, until
        known = self._borne.get(asked)
        if known is None:
            line = self.units.get(unit_id)
            codes = line.codes if line is not None else ()
            known = self._borne[asked] = frozenset(code.code for code in codes if code.overlaps(since, until))
        return known

    def former_codes(self, unit_id: uuid.UUID) -> tuple[str, ...]:
        """The codes that lead to this unit and that it does not bear: its own old ones, and those of all it took over."""
        former: set[str] = set()
        seen, waiting = {unit_id}, [unit_id]
        while waiting:
            unit = waiting.pop()
            line = self.units.get(unit)
            former |= {code.code for code in line.codes}.difference(line.current_codes) if line else set()
            waiting += self.predecessors.get(unit, set()) - seen
            seen |= self.predecessors.get(unit, set())
        return tuple(sorted(former.difference(self.units[unit_id].current_codes)))

    def build_printing(self, unit_id: uuid.UUID) -> UnitPrinting:
        """Everything of a unit that is printed."""
        line = self.units[unit_id]
        return UnitPrinting(
            unit_id=unit_id,
            name=line.name,
            level=line.level,
            standing=line.standing,
            parent_id=line.version.parent_id if line.standing else None,
            codes=line.current_codes,
            former_codes=self.former_codes(unit_id),
            successor_ids=() if line.standing else tuple(sorted(self.successors.get(unit_id, ()))),
            mail=line.version.email if line.standing else None,
            phone=line.version.phone if line.standing else None,
            address=line.version.address if line.standing else None,
            certificates=tuple(self.certificates.get(unit_id, ())) if line.standing else (),
        )

    def build_printings(self) -> Iterator[UnitPrinting]:
        """Every unit that stands or once stood."""
        return map(self.build_printing, self.units)


def load_units(reads: Reads, as_of: AsOf, only: Collection[uuid.UUID] | None = None) -> UnitBook:
    """The book of all units, or of these; names and codes only, which is what people need."""
    book = UnitBook(as_of)
    codes: dict[uuid.UUID, list[BorneCode]] = {}
    wanted: Any = sa.select(UnitCode.unit_id, UnitCode.code, UnitCode.valid_from, UnitCode.valid_to).where(
        visible(UnitCode, as_of.known_at), UnitCode.valid_from <= as_of.at
    )
    for unit_id, code, since, until in reads.execute(narrowed(wanted, UnitCode.unit_id, only)):
        codes.setdefault(unit_id, []).append(BorneCode(code, since, until))
    columns = (UnitVersion.unit_id, Unit.level, *[getattr(UnitVersion, name) for name in VERSION])
    versions = (
        sa.select(*columns)
        .join(Unit, Unit.id == UnitVersion.unit_id)
        .where(visible(UnitVersion, as_of.known_at), UnitVersion.valid_from <= as_of.at)
        .order_by(UnitVersion.valid_from)
    )
    for row in reads.execute(narrowed(versions, UnitVersion.unit_id, only)):
        book.units[row.unit_id] = build_line(row, tuple(codes.get(row.unit_id, ())), as_of.at)
    return book


def build_line(version: Any, codes: tuple[BorneCode, ...], at: datetime) -> UnitLine:
    """A unit of its last version up to now and every code it bore up to now."""
    standing = version.valid_to is None or version.valid_to > at
    current = tuple(code.code for code in codes if standing and (code.until is None or code.until > at))
    return UnitLine(version.level, name_agency(version.level, version.name), version, standing, codes, current)


VERSION = ("name", "parent_id", "email", "phone", "address", "valid_from", "valid_to")


def load_whole_units(reads: Reads, as_of: AsOf) -> UnitBook:
    """The book of all units, with what passed between them and their certificates."""
    book = load_units(reads, as_of)
    passed: Any = (
        sa.select(UnitEventLink.predecessor_id, UnitEventLink.successor_id)
        .join(UnitEvent, UnitEvent.id == UnitEventLink.event_id)
        .where(
            visible(UnitEventLink, as_of.known_at),
            visible(UnitEvent, as_of.known_at),
            UnitEvent.instant <= as_of.at,
            UnitEventLink.predecessor_id != UnitEventLink.successor_id,
        )
    )
    for before, after in reads.execute(passed):
        book.predecessors.setdefault(after, set()).add(before)
        book.successors.setdefault(before, set()).add(after)
    certificates: Any = sa.select(Certificate.unit_id, Certificate.der).where(
        Certificate.unit_id.is_not(None), Certificate.revoked_at.is_(None), in_force(Certificate, as_of)
    )
    for unit_id, der in reads.execute(certificates):
        book.certificates.setdefault(unit_id, []).append(der)
    return book


def narrowed(wanted: Any, column: Any, only: Collection[uuid.UUID] | None) -> Any:
    """The statement for these ids only, if ids are named."""
    return wanted if only is None else wanted.where(column.in_(only))
