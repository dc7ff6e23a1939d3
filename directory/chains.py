"""Units with everything above them: which territory a commune lies in, whose department an office is."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from directory.models import Unit, UnitCode, UnitVersion
from directory.units import AT, MANY, TERRITORIES, UNITS, UnitFacts, chunked
from foundation.changes import AsOf, visible
from foundation.database import Reads


def find_chains(reads: Reads, unit_ids: Iterable[uuid.UUID], as_of: AsOf) -> dict[uuid.UUID, list[UnitFacts]]:
    """Each of these units that is in force with everything above it, from itself to the root, by id.

    Two statements, however many the units and however deep they lie.
    """
    found: dict[uuid.UUID, list[UnitFacts]] = {}
    for ids in chunked(dict.fromkeys(unit_ids), MANY):
        asked, connection = {"units": ids, "at": as_of.at}, reads.connection()
        codes: dict[uuid.UUID, dict[str, str]] = {}
        for unit_id, scheme, code in connection.execute(select_codes_above(as_of.known_at), asked):
            codes.setdefault(unit_id, {})[scheme] = code
        rows = connection.execute(select_units_above(as_of.known_at), asked)
        above = {row[0]: UnitFacts(*(*row, codes.get(row[0], {}))) for row in rows}
        found.update((unit_id, climb(above, unit_id)) for unit_id in ids if unit_id in above)
    return found


def find_ancestors(reads: Reads, unit_id: uuid.UUID, as_of: AsOf) -> list[UnitFacts]:
    """The unit and everything above it, from itself to the root; empty if it is not in force."""
    return find_chains(reads, [unit_id], as_of).get(unit_id, [])


def full_name(chain: Sequence[UnitFacts]) -> str:
    """A unit with the territories above it: “UBND xã An Bình, tỉnh Vĩnh Long”."""
    if not chain:
        return ""
    above = [f"{u.name[:1].lower()}{u.name[1:]}" for u in chain[1:] if u.level in TERRITORIES]
    return ", ".join([chain[0].agency_name, *above])


def climb(units: Mapping[uuid.UUID, UnitFacts], unit_id: uuid.UUID) -> list[UnitFacts]:
    """From a unit to the root, each once."""
    chain: dict[uuid.UUID, UnitFacts] = {}
    current: uuid.UUID | None = unit_id
    while current is not None and current in units and current not in chain:
        chain[current] = units[current]
        current = units[current].parent_id
    return list(chain.values())


@lru_cache(maxsize=16)
def select_units_above(known_at: datetime | None) -> sa.Select[Any]:
    """The units and those above them as in force; columns in the order of UnitFacts."""
    version, above = UnitVersion.__table__, walk_up(known_at)
    v = version.c
    return (
        sa.select(
            v.unit_id, Unit.__table__.c.level, v.name, v.short_name, v.parent_id, v.kind, v.hotline, v.email,
            v.address, v.phone, v.example, v.valid_from, v.valid_to,
        )
        .join(Unit.__table__, Unit.__table__.c.id == v.unit_id)
        .where(v.unit_id.in_(sa.select(above.c.unit_id)), stands(version, known_at))
    )  # fmt: skip


@lru_cache(maxsize=16)
def select_codes_above(known_at: datetime | None) -> sa.Select[Any]:
    """The codes those units bear."""
    code, above = UnitCode.__table__, walk_up(known_at)
    return sa.select(code.c.unit_id, code.c.scheme, code.c.code).where(
        code.c.unit_id.in_(sa.select(above.c.unit_id)), stands(code, known_at)
    )


def walk_up(known_at: datetime | None) -> sa.CTE:
    """The ids of the units asked for and of everything above them; a union, so a circle in the register ends."""
    version = UnitVersion.__table__
    start = sa.select(version.c.unit_id, version.c.parent_id).where(
        version.c.unit_id.in_(UNITS), stands(version, known_at)
    )
    below, parent = start.cte("above", recursive=True), version.alias("parent")
    return below.union(
        sa.select(parent.c.unit_id, parent.c.parent_id)
        .join(below, parent.c.unit_id == below.c.parent_id)
        .where(stands(parent, known_at))
    )


def stands(row: sa.FromClause, known_at: datetime | None) -> sa.ColumnElement[bool]:
    """A clause true for the dated rows that are known and in force at the instant asked for."""
    begins, ends = row.c.valid_from, row.c.valid_to
    return sa.and_(visible(row, known_at), begins <= AT, sa.or_(ends.is_(None), ends > AT))
