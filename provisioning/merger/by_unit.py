"""A plan unit by unit: how many people of each unit move where, stay, leave or are undecided; read from the lines in one pass."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from foundation.plans import Plan
from provisioning.merger.lines import Names, is_open

KINDS = ("move", "stay", "leave", "undecided", "load")


@dataclass
class UnitOfPlan:
    """One unit of the register: what becomes of it, and of the people who are at home in it."""

    unit: str
    ends: bool = False
    begins: bool = False
    changes: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    to: Counter[str] = field(default_factory=Counter)

    @property
    def sign(self) -> str:
        """`-` ends, `+` begins, `~` changes, `=` goes on as it is."""
        return "-" if self.ends else "+" if self.begins else "~" if self.changes else "="

    def describe(self, names: Names) -> dict[str, Any]:
        """As a row: names, counts, and where most people go."""
        goals = [f"{names.show(unit)}: {count}" for unit, count in self.to.most_common()]
        row: dict[str, Any] = {"sign": self.sign, "unit": names.show(self.unit), "people": self.counts["people"]}
        row |= {kind: self.counts[kind] for kind in KINDS}
        return row | {"open": self.counts["open"], "to": "; ".join(goals)}


def gather_units(plan: Plan) -> list[UnitOfPlan]:
    """Every unit the plan speaks of, in the plan's own order: those that end first."""
    found: dict[str, UnitOfPlan] = {}
    for line in plan.each_line():
        unit = line.get("unit")
        if unit is None or line["op"].startswith("undo."):
            continue
        one = found.setdefault(unit, UnitOfPlan(unit))
        count_line(one, line)
    return list(found.values())


def count_line(one: UnitOfPlan, line: dict[str, Any]) -> None:
    """Account for one line."""
    op = line["op"]
    if op.startswith("person."):
        one.counts["people"] += 1
        one.counts[op.removeprefix("person.")] += 1
        one.counts["open"] += is_open(line)
        for post in line.get("posts", ()):
            if post["unit"] != one.unit:
                one.to[post["unit"]] += 1
    elif op == "unit.end":
        one.ends = True
    elif op == "unit.begin":
        one.begins = True
    elif op.startswith(("unit.", "code.")):
        one.changes = True


def each_unit_with_lines(plan: Plan, names: Names) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    """The lines of the plan under the unit they speak of, each unit once with its name; events and the like come first, under none.

    The file is read twice, so that the lines of a whole country need not be held; take the lines of a unit before the next unit.
    """
    places: dict[str, list[int]] = {}
    with plan.path.open("rb") as file:
        file.readline()
        place = file.tell()
        for raw in file:
            places.setdefault(json.loads(raw).get("unit") or "", []).append(place)
            place += len(raw)
        for unit in sorted(places, key=lambda unit: unit != ""):
            yield names.show(unit) if unit else "", read_at(file, places[unit])


def read_at(file: BinaryIO, places: list[int]) -> Iterator[dict[str, Any]]:
    """The lines that begin at these places."""
    for place in places:
        file.seek(place)
        yield json.loads(file.readline())
