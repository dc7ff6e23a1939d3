"""Following what a unit kept through its events, to the units that may read it at an instant; pure.

A unit that stands keeps its own. One that ended left its documents, in each of its events, to `all` its successors, to the
`principal` one, or to an `archive`; where a decree says nothing, to all of them. What a unit that stands gave away in part opens its
documents to the receiver only if the decree says so. Over several reforms each rule is followed in turn (docs/decisions/0017).
"""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final, NamedTuple

from directory.event_steps import Link, Links

READERS: Final = ("leader", "deputy", "clerk")
"""The duties that read old documents where a decree names no others."""
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
