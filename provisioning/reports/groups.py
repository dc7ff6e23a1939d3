"""Figures of single units gathered under the units a reader knows: provinces, or agencies; what fits under none stands by itself. Pure."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from directory.units import UnitFacts
from provisioning.merger.levels import natural
from provisioning.reports.measures import NOTHING, Count, Counts

LEVELS: Final = ("province", "agency", "unit")
AGENCIES: Final = frozenset({"province", "commune", "department"})


@dataclass(frozen=True)
class Group:
    """One row of a report: the unit whose name it bears, and every unit counted in it."""

    unit: UnitFacts
    members: frozenset[uuid.UUID]
    own: bool = False
    """Whether it is only the unit's own people, beside the groups of the units under it."""

    def sum(self, counts: Counts) -> Count:
        """The figure of the group."""
        return sum((counts[unit] for unit in self.members if unit in counts), NOTHING)


def choose_level(units: Iterable[UnitFacts]) -> str:
    """By province where there are several, else by agency."""
    return "province" if sum(unit.level == "province" for unit in units) > 1 else "agency"


def gather_groups(units: Mapping[uuid.UUID, UnitFacts], level: str) -> Sequence[Group]:
    """Every unit in exactly one group, in the order of codes."""
    members: dict[uuid.UUID, set[uuid.UUID]] = {}
    for unit in units.values():
        members.setdefault(find_head(units, unit, level).id, set()).add(unit.id)
    above = {over for head in members for over in each_above(units, head) if over in members}
    groups = [Group(units[head], frozenset(some), head in above) for head, some in members.items()]
    return sorted(groups, key=lambda group: natural(group.unit.code or group.unit.name))


def find_head(units: Mapping[uuid.UUID, UnitFacts], unit: UnitFacts, level: str) -> UnitFacts:
    """The unit a unit is counted under: itself, the nearest agency, or the province; itself where there is none above."""
    if level == "unit":
        return unit
    wanted = AGENCIES if level == "agency" else frozenset({"province"})
    here: UnitFacts | None = unit
    while here is not None:
        if here.level in wanted:
            return here
        here = units.get(here.parent_id) if here.parent_id else None
    return unit


def each_above(units: Mapping[uuid.UUID, UnitFacts], unit_id: uuid.UUID) -> Iterator[uuid.UUID]:
    """The units above a unit."""
    here = units[unit_id].parent_id
    while here is not None and here in units:
        yield here
        here = units[here].parent_id
