"""A plan being made, and the lines of its people: each with the reason, the source row and everything that will exist."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from directory.logins import login_key
from foundation.clocks import as_rfc3339
from foundation.database import Reads
from foundation.plans import PlanWriter
from provisioning.merger.assignments import Assignments
from provisioning.merger.book import UnitBook
from provisioning.merger.decree_file import DecreeText
from provisioning.merger.destinations import Destination, Ground, NewPost
from provisioning.merger.events import UnitChanges
from provisioning.merger.holders import Holder
from provisioning.merger.sources import find_event, tell_place


@dataclass
class Sketch:
    """A plan being made: what it stands on, and what was counted so far."""

    reads: Reads
    text: DecreeText
    book: UnitBook
    changes: UnitChanges
    assignments: Assignments
    ground: Ground
    writer: PlanWriter
    shared: frozenset[str]
    mint_post: Callable[[], str]
    state: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    by_unit: dict[uuid.UUID, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    leaders: list[Destination] = field(default_factory=list)
    chairs: set[str] = field(default_factory=set)
    _written: dict[uuid.UUID, str] = field(default_factory=dict)

    @cached_property
    def events(self) -> Mapping[uuid.UUID, str]:
        """The place in the decree that ends each unit."""
        return find_event(self.text, self.changes)

    @cached_property
    def aliases_until(self) -> tuple[str, str] | None:
        """Until when old log-ins are accepted, and the place in the decree that says so."""
        until = self.text.decree.old_logins_until
        return (as_rfc3339(until), tell_place(self.text, ("old_logins_until",))) if until is not None else None

    def written(self, unit: uuid.UUID) -> str:
        """A unit's identity as text; each is made once, and thousands of people are in it."""
        found = self._written.get(unit)
        if found is None:
            found = self._written[unit] = str(unit)
        return found

    def name(self, unit: uuid.UUID) -> str:
        """A unit of the register as people know it."""
        code = self.book.code(unit)
        return f"{self.book.name(unit)} ({code})" if code else self.book.name(unit)


def write_person(sketch: Sketch, destination: Destination) -> None:
    """The lines of one person, with the reason and the source row, counted."""
    holder = destination.holder
    sketch.counts[destination.kind] += 1
    count_in_unit(sketch, destination)
    sketch.chairs.update(destination.chairs)
    if destination.kind != "leave":
        sketch.counts["passwords" if holder.has_password else "letters"] += 1
    person = str(holder.person_id)
    sketch.writer.add(f"person.{destination.kind}", **tell_person(sketch, destination, person))
    close_aliases(sketch, holder, person)


def tell_person(sketch: Sketch, destination: Destination, person: str) -> dict[str, Any]:
    """What a person's line says: who, by what, which posts end and which begin."""
    holder, effective, ends = destination.holder, sketch.ground.effective, destination.ends
    content: dict[str, Any] = {
        "person": person,
        "name": holder.name,
        "login": holder.login,
        "unit": sketch.written(holder.home),
        "by": destination.by,
        "source": find_source(sketch, destination),
    }
    if ends:
        content["rows"] = [post.row_id for post in ends]
        content["cut"] = [post.row_id for post in ends if post.valid_from < effective]
        content["from"] = [post.title for post in ends]
    if destination.begins:
        content["posts"] = [build_post(sketch, post) for post in destination.begins]
    if destination.undecided:
        content["undecided"] = [
            {"title": post.title, "unit": sketch.written(post.unit_id)} for post in destination.undecided
        ]
    if destination.chairs:
        content["chairs"] = list(destination.chairs)
    return content


def count_in_unit(sketch: Sketch, destination: Destination) -> None:
    """What befalls the unit the person is at home in, for the limits."""
    unit = destination.holder.home
    counter = sketch.by_unit[unit]
    counter["people"] += 1
    counter[destination.kind] += 1
    if destination.kind == "move" and unit not in sketch.ground.ended:
        remains = {post.unit_id for post in destination.begins} | {post.unit_id for post in destination.kept}
        counter["move_out"] += unit not in remains


def find_source(sketch: Sketch, destination: Destination) -> str | None:
    """The row of a list, the rule or the event by which this happens; None for somebody whom nothing touches."""
    if destination.source is not None and destination.source.startswith("rules["):
        number = int(destination.source[len("rules[") : -1])
        return tell_place(sketch.text, ("rules", number))
    if destination.source is None and destination.ends:
        return sketch.events.get(destination.ends[0].unit_id)
    return destination.source


def build_post(sketch: Sketch, post: NewPost) -> dict[str, Any]:
    """A new post as it stands in the plan, its identity fixed."""
    content: dict[str, Any] = {"id": sketch.mint_post(), "unit": sketch.written(post.unit_id), "title": post.title}
    content |= {"body": post.body, "duties": " ".join(post.duties), "main": post.main, "decision": post.decision}
    if post.acting:
        content["acting"] = True
    if post.begins:
        content["begins"] = as_rfc3339(post.begins)
    if post.until:
        content["until"] = as_rfc3339(post.until)
    return content


def close_aliases(sketch: Sketch, holder: Holder, person: str) -> None:
    """Old log-ins that several share go on being accepted until the decree's date."""
    aliases = [row for row in holder.logins if row.kind == "alias"]
    if not aliases:
        return
    if sketch.shared:
        sketch.counts["collisions"] += any(login_key(row.login) in sketch.shared for row in aliases)
    if sketch.aliases_until is None:
        return
    until, source = sketch.aliases_until
    for row in aliases:
        if row.valid_to is None:
            content = {"person": person, "login": row.login, "row": row.row_id, "until": until, "source": source}
            sketch.writer.add("login.until", **content)
