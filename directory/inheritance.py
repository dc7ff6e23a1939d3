"""Following units through the steps of their events, to heirs and back; pure.

A share is whole only if every step was, a successor principal only if it was at every step (DESIGN §8, `unit successors`). What a unit
that was dissolved left to others is `rehomed`: they keep it without being its successors in law. Predecessors are the same from the other
end: a unit is among the predecessors of another exactly if that other is among its successors.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final, Generic, NamedTuple, TypeVar

from directory.event_steps import Link, Links

Id = TypeVar("Id")

REHOMING: Final = "dissolve"
CHANGING: Final = ("rename", "recode", "reparent", "correct")
"""Events in which a unit goes on alone."""


class Heir(NamedTuple, Generic[Id]):
    """Where a unit's affairs lie at the end of a path, or came from at its beginning."""

    unit_id: Id
    share: str
    principal: bool
    path: tuple[Id, ...]
    rehomed: bool = False


Standing = Collection[Id]


def follow(unit_id: Id, links: Links[Id], standing: Standing[Id], since: datetime | None = None) -> list[Heir[Id]]:
    """The heirs of a unit among those that stand, principal first; empty when it ended without any.

    With `since` only what happened later counts: what was written on a day is no part of what was given away before it.
    """
    first = [step for step in links.get(unit_id, ()) if since is None or step.instant > since]
    if not first:
        return [Heir(unit_id, "whole", True, ())] if unit_id in standing else []
    if len(first) == 1 and unit_id not in standing and not links.get(first[0].successor_id):
        # So it was with nine units of ten: there is one way, and it ends after one step.
        heir = take_step(Heir(unit_id, "whole", True, ()), first[0])
        return [heir] if heir.unit_id in standing else []
    found: dict[Id, Heir[Id]] = {}

    def walk(heir: Heir[Id], steps: Sequence[Link[Id]]) -> None:
        left = heir  # what is still with the unit after each of its events
        for _event, happened in groupby(steps, key=lambda step: step.event_id):
            passing = list(happened)
            for step in passing:
                if step.successor_id != heir.unit_id:
                    following = take_step(left, step)
                    walk(following, [s for s in links.get(step.successor_id, ())
                                     if s.instant >= step.instant and s.event_id not in following.path])  # fmt: skip
            left = narrow(left, passing)
        if heir.unit_id in standing:
            add_heir(found, left)

    walk(Heir(unit_id, "whole", True, ()), first)
    return sort_heirs(found)


def take_step(heir: Heir[Id], step: Link[Id]) -> Heir[Id]:
    """Where the affairs lie one step further."""
    whole = heir.share == "whole" and step.share == "whole"
    return Heir(
        step.successor_id,
        "whole" if whole else "part",
        heir.principal and step.principal,
        (*heir.path, step.event_id),
        heir.rehomed or step.kind == REHOMING,
    )


def narrow(heir: Heir[Id], steps: Sequence[Link[Id]]) -> Heir[Id]:
    """A unit that goes on with only a part of itself holds only a part of what had come to it."""
    parts = [step for step in steps if step.successor_id == heir.unit_id and step.share == "part"]
    if not parts:
        return heir
    return Heir(heir.unit_id, "part", heir.principal and parts[-1].principal, heir.path, heir.rehomed)


def follow_back(unit_id: Id, back: Links[Id], forth: Links[Id]) -> list[Heir[Id]]:
    """Every unit whose affairs came to this one; itself where it took others in or gave a part away, or nothing came before.

    `back` are the steps that lead here, `forth` those that lead away from everything on the way.
    """
    way: dict[Id, None] = {}
    waiting = [unit_id]
    while waiting:
        for step in back.get(waiting.pop(), ()):
            if step.predecessor_id not in way:
                way[step.predecessor_id] = None
                waiting.append(step.predecessor_id)
    if not came_through(unit_id, back):
        way.pop(unit_id, None)
    found = {}
    for candidate in way or {unit_id: None}:
        for heir in follow(candidate, forth, (unit_id,)):
            found[candidate] = Heir(candidate, heir.share, heir.principal, heir.path, heir.rehomed)
    return sort_heirs(found)


def came_through(unit_id: Id, back: Links[Id]) -> bool:
    """Whether a unit is one of those it came from: it took others in, gave a part away, or only changed and nothing came to it."""
    steps = back.get(unit_id, ())
    own = [step for step in steps if step.predecessor_id == unit_id]
    joined = any(step.predecessor_id != unit_id and step.kind != REHOMING for step in steps)
    return bool(own) and (not joined or any(step.kind not in CHANGING for step in own))


def sort_heirs(found: Mapping[Id, Heir[Id]]) -> list[Heir[Id]]:
    """The principal one first, what came whole before parts."""
    if len(found) == 1:
        return list(found.values())
    return sorted(found.values(), key=lambda heir: (not heir.principal, heir.share != "whole", str(heir.unit_id)))


def add_heir(found: dict[Id, Heir[Id]], heir: Heir[Id]) -> None:
    """Keep the better of two paths to one unit: whole before part, principal before not, short before long."""
    before = found.get(heir.unit_id)

    def rank(candidate: Heir[Id]) -> tuple[bool, bool, int]:
        return (candidate.share != "whole", not candidate.principal, len(candidate.path))

    if before is None or rank(heir) < rank(before):
        found[heir.unit_id] = heir
