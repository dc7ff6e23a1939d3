"""Why the plan changes a unit: the place in the decree that says so, for every line.

People's lines carry the row of the list that places them; units', codes' and events' lines carry the line of the decree.
"""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from provisioning.merger.decree_file import DecreeText, Path_, find_line, show_path
from provisioning.merger.events import UnitChanges

Line = tuple[str, dict[str, Any]]


def each_sourced(text: DecreeText, changes: UnitChanges) -> Iterator[Line]:
    """The lines of units in their order, each with its `source`."""
    places = find_places(text, changes)
    event = 0
    for op, content in changes.lines:
        path: Path_ | None = places.get(str(content.get("unit")))
        if op == "event":
            path, event = ("events", event), event + 1
        yield op, content if "source" in content else {**content, "source": tell_place(text, path)}


def find_places(text: DecreeText, changes: UnitChanges) -> Mapping[str, Path_]:
    """The part of the decree that speaks of each unit: the event that ends or changes it, or the unit as it begins."""
    found: dict[str, Path_] = {}
    for passage in changes.passages:
        for unit in (passage.predecessor, passage.successor):
            if unit is not None:
                found.setdefault(str(unit), ("events", passage.event))
    by_ref = {ref: str(unit) for ref, unit in changes.refs.items()}
    for place, new in enumerate(text.decree.units):
        if new.ref in by_ref:
            found[by_ref[new.ref]] = ("units", place)
    return found


def find_event(text: DecreeText, changes: UnitChanges) -> Mapping[uuid.UUID, str]:
    """By unit that passes on: the place of the event, as people's lines tell it who go with their unit."""
    found: dict[uuid.UUID, str] = {}
    for passage in changes.passages:
        if passage.predecessor is not None and passage.predecessor in changes.ended:
            found.setdefault(passage.predecessor, tell_place(text, ("events", passage.event)))
    return found


def tell_place(text: DecreeText, path: Path_ | None) -> str:
    """A place as people find it: `decree.yaml:14 · events[2]`."""
    if path is None:
        return text.file
    return f"{text.file}:{find_line(text.lines, path)} · {show_path(path)}"
