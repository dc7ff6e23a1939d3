"""Who gets a letter: the people of a unit and of all under it whose account nobody can open yet, unit by unit."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from directory.chains import find_ancestors
from directory.models import Account, Credential, Login, PersonDetail, Post, UnitCode
from directory.names import sort_key
from directory.units import UnitFacts, chunked, find_subtree, find_units
from foundation.changes import AsOf, in_force
from foundation.database import Reads
from provisioning.merger.levels import natural

UNITS_AT_ONCE: Final = 100


@dataclass(frozen=True)
class Addressee:
    """One person to write to: the account, and what stands on the letter."""

    account_id: uuid.UUID
    name: str
    title: str
    login: str


@dataclass(frozen=True)
class Bundle:
    """The letters of one unit, by given name; `above` is the province (or the root) the unit belongs to."""

    unit: UnitFacts
    above: UnitFacts
    hotline: str | None
    people: Sequence[Addressee]
    example: bool = False
    """Whether the unit's code is only an example, which is said wherever it is shown."""


def each_bundle(
    reads: Reads,
    unit_id: uuid.UUID,
    as_of: AsOf,
    person_id: uuid.UUID | None = None,
    without: frozenset[uuid.UUID] = frozenset(),
) -> Iterator[Bundle]:
    """The bundles of a unit and of all under it, in the order of their codes; units without letters are left out.

    A letter is for whoever never activated and has no old password that still works, in the unit of the main post. With
    `person_id` only that person, unless the account is suspended or closed. The accounts of `without` get none.
    """
    units = find_units(reads, find_subtree(reads, [unit_id], as_of), as_of)
    known = units | {unit.id: unit for unit in find_ancestors(reads, unit_id, as_of)}
    ordered = sorted(units.values(), key=lambda unit: natural(unit.code or unit.name))
    for part in chunked(ordered, UNITS_AT_ONCE):
        people = read_people(reads, [unit.id for unit in part], as_of, person_id, without)
        examples = find_examples(reads, list(people), as_of)
        for unit in part:
            if unit.id in people:
                chain = list(climb(known, unit))
                above = next((each for each in chain if each.level == "province"), chain[-1])
                hotline = next((each.hotline for each in chain if each.hotline), None)
                yield Bundle(unit, above, hotline, people[unit.id], unit.example or unit.id in examples)


def climb(units: Mapping[uuid.UUID, UnitFacts], unit: UnitFacts) -> Iterator[UnitFacts]:
    """The unit and everything above it."""
    here: UnitFacts | None = unit
    while here is not None:
        yield here
        here = units.get(here.parent_id) if here.parent_id else None


def find_examples(reads: Reads, unit_ids: Sequence[uuid.UUID], as_of: AsOf) -> set[uuid.UUID]:
    """The units of these whose agency code, the one that is shown, is only an example."""
    query = sa.select(UnitCode.unit_id).where(
        UnitCode.unit_id.in_(unit_ids), UnitCode.scheme == "agency", UnitCode.example
    )
    return set(reads.execute(query.where(in_force(UnitCode, as_of))).scalars())


def read_people(
    reads: Reads,
    unit_ids: Sequence[uuid.UUID],
    as_of: AsOf,
    person_id: uuid.UUID | None,
    without: frozenset[uuid.UUID] = frozenset(),
) -> dict[uuid.UUID, list[Addressee]]:
    """The people of some units who get a letter, by unit, each list in the order of given names."""
    people: dict[uuid.UUID, list[Addressee]] = {}
    for unit_id, account_id, name, title, login in reads.execute(select_people(unit_ids, as_of, person_id)):
        if account_id not in without:
            people.setdefault(unit_id, []).append(Addressee(account_id, name, title, login))
    for listed in people.values():
        listed.sort(key=lambda person: (sort_key(person.name), person.login))
    return people


def select_people(
    unit_ids: Sequence[uuid.UUID], as_of: AsOf, person_id: uuid.UUID | None
) -> sa.Select[uuid.UUID, uuid.UUID, str, str, str]:
    """The query: main post in the units, business account, current log-in, nothing that opens the account."""
    query = (
        sa.select(Post.unit_id, Account.id, PersonDetail.name, Post.title, Login.login)
        .select_from(Account)
        .join(PersonDetail, sa.and_(PersonDetail.person_id == Account.person_id, in_force(PersonDetail, as_of)))
        .join(Post, sa.and_(Post.person_id == Account.person_id, Post.main, in_force(Post, as_of)))
        .join(Login, sa.and_(Login.account_id == Account.id, Login.kind == "own", in_force(Login, as_of)))
        .outerjoin(Credential, Credential.account_id == Account.id)
        .where(Post.unit_id.in_(unit_ids), Account.kind == "business")
    )
    if person_id is not None:
        return query.where(Account.person_id == person_id, Account.state.in_(("issued", "active")))
    return query.where(
        Account.state == "issued", Credential.password_hash.is_(None), Credential.imported_hash.is_(None)
    )
