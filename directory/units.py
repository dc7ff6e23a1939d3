"""Units as of an instant: what they are called, which codes they bear, what lies under them, who bore a code.

Every read takes an `AsOf`; the answers are frozen values. Who became whom is `succession.py`.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeVar

import sqlalchemy as sa

from directory.codes import clean_code, possible_schemes
from directory.errors import CodeAmbiguous, UnitNotFound
from directory.models import Unit, UnitCode, UnitVersion
from foundation.changes import AsOf, in_force, visible
from foundation.database import Identifier, Instant, Reads

T = TypeVar("T")
CHUNK = 500
MANY: Final = 5000
"""How many values the statements made once for many units take in one IN clause."""
UNITS: Final = sa.bindparam("units", expanding=True, type_=Identifier)
AT: Final = sa.bindparam("at", type_=Instant())
TERRITORIES = ("province", "district", "commune")


@dataclass(frozen=True)
class UnitFacts:
    """A unit where the reader stands; `codes` maps scheme to code. `ends` is the instant its version ends, if known."""

    id: uuid.UUID
    level: str
    name: str
    short_name: str | None
    parent_id: uuid.UUID | None
    kind: str
    hotline: str | None
    email: str | None
    address: str | None
    phone: str | None
    example: bool
    begins: datetime
    ends: datetime | None
    codes: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str | None:
        """The code people use for it: the agency's, else the administrative one."""
        return next(
            (self.codes[s] for s in ("agency", "admin", "admin-2004", "agency-legacy") if s in self.codes), None
        )

    @property
    def agency_name(self) -> str:
        """The name of the agency that acts for a territory: “UBND xã An Bình”; other units bear their own name."""
        return name_agency(self.level, self.name)


class Bearing(NamedTuple):
    """That a unit bore a code for a time, by a decision."""

    unit_id: uuid.UUID
    scheme: str
    level: str
    code: str
    borne_from: datetime
    borne_to: datetime | None
    decision_number: str | None
    decision_date: date | None
    decision_issuer: str | None
    continued_from: uuid.UUID | None
    example: bool


def name_agency(level: str, name: str) -> str:
    """What the agency of a unit is called: a territory's is its People's Committee, any other unit is its own."""
    return f"UBND {name[:1].lower()}{name[1:]}" if level in TERRITORIES else name


def chunked(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The items in lists that fit one IN clause."""
    chunk: list[T] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def find_units(reads: Reads, unit_ids: Iterable[uuid.UUID], as_of: AsOf) -> dict[uuid.UUID, UnitFacts]:
    """The units of these ids that are in force, by id."""
    found: dict[uuid.UUID, UnitFacts] = {}
    for ids in chunked(dict.fromkeys(unit_ids)):
        codes: dict[uuid.UUID, dict[str, str]] = {}
        for unit_id, scheme, code in reads.execute(
            sa.select(UnitCode.unit_id, UnitCode.scheme, UnitCode.code).where(
                UnitCode.unit_id.in_(ids), in_force(UnitCode, as_of)
            )
        ):
            codes.setdefault(unit_id, {})[scheme] = code
        rows = reads.execute(
            sa.select(UnitVersion, Unit.level)
            .join(Unit, Unit.id == UnitVersion.unit_id)
            .where(UnitVersion.unit_id.in_(ids), in_force(UnitVersion, as_of))
        )
        for version, level in rows:
            found[version.unit_id] = build_facts(version, level, codes.get(version.unit_id, {}))
    return found


def build_facts(version: UnitVersion, level: str, codes: Mapping[str, str]) -> UnitFacts:
    """A version row as a value."""
    return UnitFacts(
        id=version.unit_id,
        level=level,
        name=version.name,
        short_name=version.short_name,
        parent_id=version.parent_id,
        kind=version.kind,
        hotline=version.hotline,
        email=version.email,
        address=version.address,
        phone=version.phone,
        example=version.example,
        begins=version.valid_from,
        ends=version.valid_to,
        codes=dict(codes),
    )


def find_unit(reads: Reads, unit_id: uuid.UUID, as_of: AsOf) -> UnitFacts | None:
    """The unit if it is in force."""
    return find_units(reads, [unit_id], as_of).get(unit_id)


def last_facts(reads: Reads, unit_ids: Iterable[uuid.UUID], as_of: AsOf) -> dict[uuid.UUID, UnitFacts]:
    """The units as in force, or, where they ended before, as they were at their end; units yet to begin are left out."""
    found: dict[uuid.UUID, UnitFacts] = {}
    for ids in chunked(dict.fromkeys(unit_ids), MANY):
        asked = {"units": ids, "at": as_of.at}
        codes: dict[uuid.UUID, list[Sequence[Any]]] = {}
        for row in reads.connection().execute(select_codes_until(as_of.known_at), asked):
            codes.setdefault(row[0], []).append(row)
        versions = {row[0]: row for row in reads.connection().execute(select_versions_until(as_of.known_at), asked)}
        for unit_id, row in versions.items():
            stands = row[-1] is None or row[-1] > as_of.at
            borne = codes.get(unit_id, ())
            facts = {
                scheme: code for _, scheme, code, until in borne if not stands or until is None or until > as_of.at
            }
            found[unit_id] = UnitFacts(*(*row, facts))
    return found


@lru_cache(maxsize=16)
def select_versions_until(known_at: datetime | None) -> sa.Select[Any]:
    """What some units were called up to an instant, the newest last; columns in the order of UnitFacts."""
    version = UnitVersion.__table__.c
    return (
        sa.select(
            version.unit_id, Unit.__table__.c.level, version.name, version.short_name, version.parent_id, version.kind,
            version.hotline, version.email, version.address, version.phone, version.example, version.valid_from,
            version.valid_to,
        )
        .join(Unit.__table__, Unit.__table__.c.id == version.unit_id)
        .where(version.unit_id.in_(UNITS), visible(UnitVersion.__table__, known_at), version.valid_from <= AT)
        .order_by(version.valid_from)
    )  # fmt: skip


@lru_cache(maxsize=16)
def select_codes_until(known_at: datetime | None) -> sa.Select[Any]:
    """The codes some units bore up to an instant, the newest last."""
    code = UnitCode.__table__.c
    return (
        sa.select(code.unit_id, code.scheme, code.code, code.valid_to)
        .where(code.unit_id.in_(UNITS), visible(UnitCode.__table__, known_at), code.valid_from <= AT)
        .order_by(code.valid_from)
    )


def find_bearers(
    reads: Reads, codes: Iterable[str], as_of: AsOf, scheme: str | None = None, code_at: datetime | None = None
) -> dict[str, list[Bearing]]:
    """Who bore these codes up to the reader's instant, by code, oldest first; with `code_at` only those of that instant.

    Without a scheme every scheme is looked at; a text that can be no code was never borne.
    """
    found: dict[str, list[Bearing]] = {}
    statement = select_bearings(as_of.known_at, scheme is not None, code_at is not None)
    asked: dict[str, Any] = {"at": as_of.at}
    if scheme is not None:
        asked["scheme"] = scheme
    if code_at is not None:
        asked["code_at"] = code_at
    for chunk in chunked(dict.fromkeys(clean_code(code) for code in codes if possible_schemes(code)), MANY):
        for row in reads.connection().execute(statement, asked | {"codes": chunk}):
            found.setdefault(row[3], []).append(Bearing._make(row))
    return found


@lru_cache(maxsize=64)
def select_bearings(known_at: datetime | None, of_scheme: bool, of_day: bool) -> sa.Select[Any]:
    """Who bore some codes; columns in the order of Bearing."""
    code = UnitCode.__table__.c
    wanted = (
        sa.select(
            code.unit_id, code.scheme, code.level, code.code, code.valid_from, code.valid_to, code.decision_number,
            code.decision_date, code.decision_issuer, code.continued_from, code.example,
        )
        .where(
            code.code.in_(sa.bindparam("codes", expanding=True)),
            visible(UnitCode.__table__, known_at),
            code.valid_from <= AT,
        )
        .order_by(code.valid_from, code.row_id)
    )  # fmt: skip
    if of_scheme:
        wanted = wanted.where(code.scheme == sa.bindparam("scheme"))
    if of_day:
        day = sa.bindparam("code_at", type_=Instant())
        wanted = wanted.where(code.valid_from <= day, sa.or_(code.valid_to.is_(None), code.valid_to > day))
    return wanted


def get_unit_by_code(reads: Reads, code: str, as_of: AsOf, scheme: str | None = None) -> UnitFacts:
    """The unit that bears this code where the reader stands, or failing that the one that bore it last.

    Raises UnitNotFound when no unit ever did, CodeAmbiguous when units of several schemes bear the text today.
    """
    bearers = find_bearers(reads, [code], as_of, scheme).get(clean_code(code), [])
    if not bearers:
        raise UnitNotFound(code=code)
    today = {b.unit_id for b in bearers if b.borne_to is None or b.borne_to > as_of.at}
    if len(today) > 1:
        raise CodeAmbiguous(code=code)
    wanted = today.pop() if today else bearers[-1].unit_id
    facts = last_facts(reads, [wanted], as_of).get(wanted)
    if facts is None:
        raise UnitNotFound(code=code)
    return facts


def find_subtree(reads: Reads, roots: Iterable[uuid.UUID], as_of: AsOf) -> set[uuid.UUID]:
    """The ids of these units and of everything under them, as in force."""
    tree = (
        sa.select(UnitVersion.unit_id)
        .where(UnitVersion.unit_id.in_(list(roots)), in_force(UnitVersion, as_of))
        .cte("tree", recursive=True)
    )
    child = sa.orm.aliased(UnitVersion)
    tree = tree.union(
        sa.select(child.unit_id).join(tree, child.parent_id == tree.c.unit_id).where(in_force(child, as_of))
    )
    return set(reads.execute(sa.select(tree.c.unit_id)).scalars())


def list_units(reads: Reads, as_of: AsOf, level: str | None = None) -> list[UnitFacts]:
    """Every unit in force, by name."""
    wanted = sa.select(UnitVersion.unit_id).where(in_force(UnitVersion, as_of)).order_by(UnitVersion.name_key)
    if level is not None:
        wanted = wanted.join(Unit, Unit.id == UnitVersion.unit_id).where(Unit.level == level)
    ids = list(reads.execute(wanted).scalars())
    found = find_units(reads, ids, as_of)
    return [found[unit_id] for unit_id in ids if unit_id in found]
