"""What a plan may do to a unit that nobody declared: absolute and percentage limits, in each unit and in all.

A merger should move everybody, so a limit on everything would only be switched off. What the decree declares is held to the declared
count; what it does not speak of is held to these limits, so that a list that was cut off or read wrongly stops the plan.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from foundation.plans import Guard
from provisioning.merger.decree import Expectations
from provisioning.merger.settings import MergerSection


@dataclass(frozen=True)
class Limit:
    """So many, or so many of a hundred, whichever is more."""

    most: int
    percent: float

    def bound(self, people: int) -> int:
        """The most that is allowed among so many people."""
        return max(self.most, int(people * self.percent / 100))


@dataclass(frozen=True)
class Limits:
    """A limit for each thing that can befall a unit undeclared."""

    leave: Limit
    move_out: Limit
    undecided: Limit
    leave_in_all: Limit


def read_limits(section: MergerSection) -> Limits:
    """The limits of this installation."""
    return Limits(
        Limit(section.leave_most, section.leave_percent),
        Limit(section.move_out_most, section.move_out_percent),
        Limit(section.undecided_most, section.undecided_percent),
        Limit(section.leave_in_all_most, section.leave_in_all_percent),
    )


USUAL = read_limits(MergerSection())

DECLARED = {"leave": "leave", "move_out": "move", "undecided": "undecided"}
"""What befalls a unit, and the word by which a decree declares it."""
UnitCounts = Mapping[uuid.UUID, Counter[str]]
"""By unit: `people` and how many of them leave, move out, are undecided."""


def build_limit_guards(
    limits: Limits, expect: Expectations, counts: UnitCounts, name: Callable[[uuid.UUID], str]
) -> Iterator[Guard]:
    """A guard for all that leave, and one for each unit in which a limit is broken."""
    people = sum(counter["people"] for counter in counts.values())
    if expect.leave is None:
        leaving = sum(counter["leave"] for counter in counts.values())
        yield Guard("leave_in_all", leaving, at_most=limits.leave_in_all.bound(people))
    for kind, word in DECLARED.items():
        if getattr(expect, word) is not None:
            continue
        limit: Limit = getattr(limits, kind)
        for unit, counter in counts.items():
            guard = Guard(kind, counter[kind], at_most=limit.bound(counter["people"]), where=name(unit))
            if not guard.holds:
                yield guard
