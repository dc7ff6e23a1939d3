"""Who may today read what a unit kept: its documents follow its events, by the rule each event states.

A unit that stands keeps its own. One that ended left its documents, in each of its events, to `all` its successors, to the
`principal` one, or to an `archive`; where a decree says nothing, to all of them. What a unit that stands gave away in part opens its
documents to the receiver only if the decree says so. Over several reforms each rule is followed in turn. In every unit they are
read by the duties the event names, else by READERS (docs/decisions/0017).
"""

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from directory.codes import clean_code
from directory.errors import UnitNotFound
from directory.event_steps import Link, Links, load_links
from directory.models import UnitEvent, UnitEventLink
from directory.people import PostFacts, find_members
from directory.succession import Shown, describe_origin, group_bearings, tell
from directory.unit_faces import NO_CODES, load_codes, load_faces, stands
from directory.units import chunked, find_bearers
from foundation.changes import AsOf, visible
from foundation.database import Reads

READERS: Final = ("leader", "deputy", "clerk")
DEEPEST: Final = 20
"""How many reforms are followed; a hundred years have not had more."""


class Rule(NamedTuple):
    """What an event says of documents; None where it says nothing."""

    documents: str | None
    archive_id: uuid.UUID | None
    readers: tuple[str, ...]
    decision: str | None


class Keeper(NamedTuple):
    """A unit that may read, by which rule and whose decision; `rule` is own, principal, all or archive."""

    unit_id: uuid.UUID
    rule: str
    readers: tuple[str, ...]
    decision: str | None
    share: str
    principal: bool
    path: tuple[uuid.UUID, ...]


@dataclass(frozen=True)
class Estate:
    """What has to be known to follow documents: steps, rules, archives without successors, and what stands."""

    links: Links[uuid.UUID]
    rules: Mapping[uuid.UUID, Rule]
    closed: Mapping[uuid.UUID, Sequence[tuple[datetime, uuid.UUID]]]
    standing: Collection[uuid.UUID]
    ends: Mapping[uuid.UUID, datetime | None]

    def goes_on(self, unit_id: uuid.UUID, instant: datetime) -> bool:
        """Whether the unit stood on after what happened then, whatever became of it later."""
        ends = self.ends.get(unit_id)
        return ends is None or ends > instant


def answer_heirs(
    reads: Reads, code: str, as_of: AsOf, scheme: str | None = None, code_at: datetime | None = None
) -> dict[str, Any]:
    """For each unit that bore the code, the units and posts that may read what it kept. Raises UnitNotFound."""
    bearings = find_bearers(reads, [code], as_of, scheme, code_at).get(clean_code(code), [])
    if not bearings:
        raise UnitNotFound(code=clean_code(code))
    origins = group_bearings(bearings)
    estate, shown = load_estate(reads, origins, as_of)
    keepers = {unit: find_keepers(unit, estate, code_at or borne[0].borne_from) for unit, borne in origins.items()}
    posts = find_posts_of(reads, {keeper.unit_id for found in keepers.values() for keeper in found}, as_of)
    return {
        "code": clean_code(code),
        "scheme": scheme,
        "at": tell(as_of.at),
        "origins": [
            describe_origin(shown.units[unit], borne, as_of)
            | {"heirs": [describe_keeper(keeper, shown, posts) for keeper in keepers[unit]]}
            for unit, borne in origins.items()
            if unit in shown.units
        ],
    }


def load_estate(reads: Reads, units: Iterable[uuid.UUID], as_of: AsOf) -> tuple[Estate, Shown[uuid.UUID]]:
    """Everything reachable from these units, also by way of archives that ended themselves."""
    wanted = set(units)
    while True:
        links = load_links(reads, wanted, as_of)
        closed = load_closed(reads, links, as_of)
        events = {step.event_id for steps in links.values() for step in steps} | {
            event for ends in closed.values() for _, event in ends
        }
        rules = load_rules(reads, events, as_of)
        archives = {rule.archive_id for rule in rules.values() if rule.archive_id} - links.keys()
        if not archives:
            break
        wanted |= archives
    faces = load_faces(reads, links, as_of)
    standing = {unit for unit, face in faces.items() if stands(face, as_of)}
    ends = {unit: face.ends for unit, face in faces.items()}
    return Estate(links, rules, closed, standing, ends), Shown(faces, load_codes(reads, standing, as_of), as_of)


def load_closed(
    reads: Reads, units: Iterable[uuid.UUID], as_of: AsOf
) -> dict[uuid.UUID, list[tuple[datetime, uuid.UUID]]]:
    """The events in which units ended without a successor, by unit."""
    found: dict[uuid.UUID, list[tuple[datetime, uuid.UUID]]] = {}
    for ids in chunked(units):
        for unit, instant, event in reads.execute(
            sa.select(UnitEventLink.predecessor_id, UnitEvent.instant, UnitEvent.id)
            .join(UnitEvent, UnitEvent.id == UnitEventLink.event_id)
            .where(
                UnitEventLink.predecessor_id.in_(ids),
                UnitEventLink.successor_id.is_(None),
                visible(UnitEventLink, as_of.known_at),
                visible(UnitEvent, as_of.known_at),
                UnitEvent.instant <= as_of.at,
            )
        ):
            if unit is not None:
                found.setdefault(unit, []).append((instant, event))
    return found


def load_rules(reads: Reads, events: Iterable[uuid.UUID], as_of: AsOf) -> dict[uuid.UUID, Rule]:
    """What each event says of documents."""
    found: dict[uuid.UUID, Rule] = {}
    for ids in chunked(events):
        for event, documents, archive, readers, decision in reads.execute(
            sa.select(
                UnitEvent.id, UnitEvent.documents, UnitEvent.archive_id, UnitEvent.readers, UnitEvent.decision_number
            ).where(UnitEvent.id.in_(ids), visible(UnitEvent, as_of.known_at))
        ):
            found[event] = Rule(documents, archive, tuple((readers or "").split()), decision)
    return found


def find_keepers(unit_id: uuid.UUID, estate: Estate, since: datetime | None = None) -> list[Keeper]:
    """The units that may read what this one kept, each once, by its shortest way; itself first if it stands."""
    found: dict[uuid.UUID, Keeper] = {}
    for keeper in walk(Keeper(unit_id, "own", READERS, None, "whole", True, ()), estate, since, first=True):
        before = found.get(keeper.unit_id)
        if before is None or rank(keeper) < rank(before):
            found[keeper.unit_id] = keeper
    return sorted(found.values(), key=lambda keeper: (*rank(keeper), str(keeper.unit_id)))


def rank(keeper: Keeper) -> tuple[bool, bool, int]:
    """The principal one first, what came whole before parts, short ways before long ones."""
    return (not keeper.principal, keeper.share != "whole", len(keeper.path))


def walk(keeper: Keeper, estate: Estate, since: datetime | None, first: bool = False) -> Iterator[Keeper]:
    """This unit if it stands, with what it has still, and whoever it left its documents to."""
    stands_on = keeper.unit_id in estate.standing

    def counts(instant: datetime, event: uuid.UUID) -> bool:
        later = since is None or instant > since or (instant == since and not first)
        return later and event not in keeper.path

    left, following = keeper, []
    links = (step for step in estate.links.get(keeper.unit_id, ()) if counts(step.instant, step.event_id))
    for event, happened in groupby(links, key=lambda step: step.event_id):
        steps, rule = list(happened), estate.rules[event]
        stays = estate.goes_on(keeper.unit_id, steps[0].instant)
        following += [(step.instant, taken) for step in steps if (taken := take_step(left, step, rule, stays))]
        left = narrow(left, steps, rule)
    for instant, event in estate.closed.get(keeper.unit_id, ()):
        rule = estate.rules[event]
        if rule.archive_id and counts(instant, event):
            following.append((instant, pass_on(left, rule.archive_id, "archive", rule, event, left.share, True)))
    if stands_on:
        yield left
    if len(keeper.path) < DEEPEST:
        for instant, taken in following:
            yield from walk(taken, estate, instant)


def take_step(left: Keeper, step: Link[uuid.UUID], rule: Rule, stays: bool) -> Keeper | None:
    """Who has the documents one step on, by the rule of the event: of what is left with the unit then. None where they stay."""
    said = rule.documents or ("" if stays else "all")
    if said == "archive" and rule.archive_id:
        return pass_on(left, rule.archive_id, said, rule, step.event_id, left.share, True)
    if step.successor_id == left.unit_id or not (said == "all" or (said == "principal" and leads(step, stays))):
        return None
    share = "whole" if left.share == "whole" and step.share == "whole" else "part"
    return pass_on(left, step.successor_id, said, rule, step.event_id, share, left.principal and step.principal)


def narrow(left: Keeper, steps: Sequence[Link[uuid.UUID]], rule: Rule) -> Keeper:
    """A unit that gave documents away with a part of itself holds a part of them from then on; where the decree says nothing, all."""
    parts = [step for step in steps if step.successor_id == left.unit_id and step.share == "part"]
    return left._replace(share="part") if parts and rule.documents == "all" else left


def leads(step: Link[uuid.UUID], stays: bool) -> bool:
    """Whether the step goes to the principal successor; a unit that stands is its own."""
    return step.principal and not stays


def pass_on(
    keeper: Keeper, unit_id: uuid.UUID, said: str, rule: Rule, event: uuid.UUID, share: str, principal: bool
) -> Keeper:
    """The documents lie with this unit now."""
    return Keeper(unit_id, said, rule.readers or keeper.readers, rule.decision, share, principal, (*keeper.path, event))


def find_posts_of(reads: Reads, units: Iterable[uuid.UUID], as_of: AsOf) -> dict[uuid.UUID, list[PostFacts]]:
    """The posts in force in these units."""
    found: dict[uuid.UUID, list[PostFacts]] = {}
    for post in find_members(reads, units, as_of):
        found.setdefault(post.unit_id, []).append(post)
    return found


def describe_keeper(
    keeper: Keeper, shown: Shown[uuid.UUID], posts: Mapping[uuid.UUID, Sequence[PostFacts]]
) -> dict[str, Any]:
    """One unit that may read, with the posts that may."""
    unit = shown.units[keeper.unit_id]
    return {
        "unit": str(unit.id),
        "name": unit.name,
        "level": unit.level,
        "codes": shown.codes.get(keeper.unit_id, NO_CODES),
        "rule": keeper.rule,
        "decision": keeper.decision,
        "share": keeper.share,
        "principal": keeper.principal,
        "path": [str(event) for event in keeper.path],
        "duties": list(keeper.readers),
        "posts": [
            {"post": str(post.post_id), "person": str(post.person_id), "title": post.title, "body": post.body,
             "duties": list(post.duties)}
            for post in posts.get(keeper.unit_id, ())
            if set(post.duties).intersection(keeper.readers)
        ],
        "example": unit.example,
    }  # fmt: skip
