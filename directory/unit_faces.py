"""What answers about units say of each: name, level, period and the codes people use."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Generic, NamedTuple, TypeVar

import sqlalchemy as sa

from directory.models import Unit, UnitVersion
from directory.units import AT, MANY, UNITS, UnitFacts, chunked, select_codes_until
from foundation.changes import AsOf, visible
from foundation.database import Reads

Id = TypeVar("Id")


class Face(NamedTuple, Generic[Id]):
    """What answers say of a unit besides its codes: as in force, or as it was at its end."""

    id: Id
    level: str
    name: str
    example: bool
    begins: datetime
    ends: datetime | None


def stands(unit: Face[Any] | UnitFacts, as_of: AsOf) -> bool:
    """Whether the unit is in force where the reader stands."""
    return unit.begins <= as_of.at and (unit.ends is None or unit.ends > as_of.at)


def load_faces(reads: Reads, units: Iterable[uuid.UUID], as_of: AsOf) -> dict[uuid.UUID, Face[uuid.UUID]]:
    """The units as in force or as they were at their end; those yet to begin are left out."""
    found: dict[uuid.UUID, Face[uuid.UUID]] = {}
    for ids in chunked(units, MANY):
        rows = reads.connection().execute(select_faces(as_of.known_at), {"units": ids, "at": as_of.at})
        found.update((row[0], Face._make(row)) for row in rows)
    return found


@lru_cache(maxsize=16)
def select_faces(known_at: datetime | None) -> sa.Select[Any]:
    """What some units were called up to an instant, the newest last; columns in the order of Face."""
    version, unit = UnitVersion.__table__, Unit.__table__
    return (
        sa.select(
            version.c.unit_id, unit.c.level, version.c.name, version.c.example, version.c.valid_from, version.c.valid_to
        )
        .join(unit, unit.c.id == version.c.unit_id)
        .where(version.c.unit_id.in_(UNITS), visible(version, known_at), version.c.valid_from <= AT)
        .order_by(version.c.valid_from)
    )  # fmt: skip


Codes = Mapping[Id, Mapping[str, str | None]]


def load_codes(reads: Reads, units: Iterable[uuid.UUID], as_of: AsOf, ended: bool = False) -> Codes[uuid.UUID]:
    """`admin` and `agency` as answers show them: the codes in force; with `ended` also the last ones of what ended."""
    found: dict[uuid.UUID, dict[str, tuple[str, bool]]] = {}
    for ids in chunked(units, MANY):
        for unit_id, scheme, code, until in reads.connection().execute(
            select_codes_until(as_of.known_at), {"units": ids, "at": as_of.at}
        ):
            found.setdefault(unit_id, {})[scheme] = (code, until is None or until > as_of.at)
    return {
        unit_id: show_codes({scheme: code for scheme, (code, borne) in codes.items() if borne} or last_of(codes, ended))
        for unit_id, codes in found.items()
    }


def last_of(codes: Mapping[str, tuple[str, bool]], wanted: bool) -> dict[str, str]:
    """The codes of a unit that bears none any more."""
    return {scheme: code for scheme, (code, _borne) in codes.items()} if wanted else {}


def show_codes(codes: Mapping[str, str]) -> dict[str, str | None]:
    """The code of its territory, new kind before old, and the code of its agency (DESIGN §8)."""
    return {"admin": codes.get("admin") or codes.get("admin-2004"), "agency": codes.get("agency")}


NO_CODES: Final[Mapping[str, str | None]] = {"admin": None, "agency": None}
