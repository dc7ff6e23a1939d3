"""Whom somebody may look at: the people of the units under a post with a right, and themselves.

What the register holds of people is theirs; reading is a right like acting is. Nobody logged in sees nobody; breaking the glass sees
everybody and stands in the audit. Somebody without a post is seen by whoever answers for them (`find_answering_units`).
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from directory.joins import find_survivors
from directory.models import Post
from directory.rights import check_right, covered_units, find_needed, find_roots
from directory.units import chunked
from foundation.changes import AsOf, visible
from foundation.database import Reads
from foundation.errors import NotPermitted
from foundation.shell import Actor, is_of_glass
from provisioning.account_states import find_answering_units, find_cover

READING: Final = ("hr", "help_desk", "operator", "approver")
SEEN: Final = "provisioning.person.read"
"""What a refusal to look at somebody is called in the audit."""


@dataclass(frozen=True)
class Sight:
    """Who looks, and the units whose people they see; `everything` where these are all."""

    person_id: uuid.UUID | None
    units: frozenset[uuid.UUID]
    everything: bool


def find_sight(reads: Reads, actor: Actor, as_of: AsOf) -> Sight:
    """What this actor may look at. Raises NotPermitted when nobody is logged in."""
    if is_of_glass(actor.label):
        return Sight(None, frozenset(), True)
    if actor.person_id is None:
        raise NotPermitted
    units = covered_units(reads, actor.person_id, READING, as_of)
    roots = find_roots(reads, as_of)
    return Sight(actor.person_id, frozenset(units), bool(roots) and units.issuperset(roots))


def find_seen(reads: Reads, sight: Sight, people: Iterable[uuid.UUID], as_of: AsOf) -> set[uuid.UUID]:
    """Those of these people who may be looked at: one of their units is enough, or one that ended of which all heirs are covered."""
    ids = set(people)
    if sight.everything:
        return ids
    seen: set[uuid.UUID] = set()
    for some in chunked(ids):
        units = find_units_of(reads, some, as_of)
        covered = find_covered(reads, sight, {unit for held in units.values() for unit in held}, as_of)
        seen.update(person for person in some if person == sight.person_id or covered & set(units[person]))
    return seen


def find_covered(reads: Reads, sight: Sight, units: Collection[uuid.UUID], as_of: AsOf) -> set[uuid.UUID]:
    """Those of these units that are seen: under a post, or ended and theirs now (`directory.rights.check_right`)."""
    covered = set(sight.units.intersection(units))
    if not sight.units:
        return covered
    needed = find_needed(reads, [unit for unit in units if unit not in covered], as_of)
    return covered | {unit for unit, instead in needed.items() if sight.units.issuperset(instead)}


def check_sees(reads: Reads, actor: Actor, person: uuid.UUID, as_of: AsOf) -> None:
    """Refuse to show somebody to an actor none of whose units is theirs. Raises RightMissing, NotPermitted."""
    sight = find_sight(reads, actor, as_of)
    if person in find_seen(reads, sight, [person], as_of):
        return
    assert sight.person_id is not None
    check_right(reads, sight.person_id, READING, find_units_of(reads, [person], as_of)[person], as_of)


def check_sees_all(reads: Reads, actor: Actor, as_of: AsOf) -> None:
    """Refuse whoever has no right over everything. Raises RightMissing, NotPermitted."""
    sight = find_sight(reads, actor, as_of)
    if not sight.everything:
        assert sight.person_id is not None
        check_right(reads, sight.person_id, READING, (), as_of)


def find_units_of(reads: Reads, people: Iterable[uuid.UUID], as_of: AsOf) -> dict[uuid.UUID, list[uuid.UUID]]:
    """The units in which each of these people holds a post or will, or that answer for them; empty where nobody does."""
    ids = list(people)
    survivors = find_survivors(reads, ids, as_of.known_at)
    owners = {person: survivors.get(person, person) for person in ids}
    wanted = sa.select(Post.person_id, Post.unit_id, Post.valid_from).where(
        Post.person_id.in_(set(owners.values())),
        visible(Post, as_of.known_at),
        sa.or_(Post.valid_to.is_(None), Post.valid_to > as_of.at),
    )
    held: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    for owner, unit, begins in reads.execute(wanted):
        held[owner].append(unit if begins <= as_of.at else find_cover(reads, unit, begins, as_of.at))
    answering = find_answering_units(reads, {owner for owner in owners.values() if owner not in held}, as_of)
    return {person: held.get(owner) or answering[owner] for person, owner in owners.items()}
