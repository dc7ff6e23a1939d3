"""Making a plan: a decree, lists of places and the register, all seen in one snapshot, become one file.

The order: 1. the files are read whole; 2. the decree unfolds over the units; 3. people are taken unit by unit, in flat memory, and
each gets a destination; leaders wait until all chairs are known; 4. the counts are compared with what the decree declares.
Everything that will exist (identities, codes, posts) is fixed here, so that applying is only writing.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from directory.logins import login_key
from directory.models import Login, PersonDetail, Post
from directory.units import chunked
from foundation.changes import AsOf, Change, in_force, visible
from foundation.clocks import as_rfc3339
from foundation.collecting import rarely_collected
from foundation.database import Reads
from foundation.errors import BadInput
from foundation.plans import Guard, Plan, PlanHeader, PlanWriter
from foundation.sealing import Sealer
from provisioning.merger.assignments import Assignments
from provisioning.merger.book import UnitBook, read_units
from provisioning.merger.decree import Decree, Expectations, Rule
from provisioning.merger.decree_file import DecreeFaulty, DecreeText
from provisioning.merger.destinations import (
    Destination,
    Ground,
    NewPost,
    PlacedBy,
    describe_rule,
    find_seats,
    place,
    settle_chairs,
)
from provisioning.merger.drafts import Draft
from provisioning.merger.events import UnitChanges, unfold
from provisioning.merger.holders import Holder, each_group, order_scope
from provisioning.merger.limits import USUAL, Limits, build_limit_guards
from provisioning.merger.placement import PlacedRow
from provisioning.merger.sources import each_sourced, find_event, tell_place

KIND = "merger"


class NobodyThere(BadInput):
    """The units of the decree hold nobody: the rosters were not loaded, or could not be read."""

    code = "nobody_there"
    sentence = "The register holds nobody in the units of this decree. Load the rosters first, or let the decree expect 0 people."


@dataclass(frozen=True)
class Author:
    """Who makes the plan: the identity that approval is compared with, and how people are told."""

    id: str
    shown: str


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


@rarely_collected()
def make_plan(
    reads: Reads,
    sealer: Sealer,
    text: DecreeText,
    rows: Iterable[PlacedRow],
    out: Path,
    author: Author,
    now: datetime,
    on_progress: Callable[[int], None] = lambda done: None,
    mint: Callable[[], uuid.UUID] = uuid.uuid4,
    check_scope: Callable[[Sequence[uuid.UUID]], None] = lambda units: None,
    limits: Limits = USUAL,
) -> Plan:
    """Write the plan of a decree. Raises DecreeFaulty, PlacementFaulty or NobodyThere, and leaves no file then.

    `check_scope` is asked whether the author may touch these units, before people are read; `limits` hold for what the decree does
    not declare. A decree without events only moves the people of its lists: then the units they are in are its units.
    """
    decree = text.decree
    book = read_units(reads, decree.effective)
    changes = unfold(text, book, mint)
    ground = Ground(decree.effective, changes.ended, changes.find_heir, book.levels, resolve_rules(text, book, changes))
    assignments = Assignments(rows, book, changes, sealer)
    if not decree.events:
        changes = replace(changes, touched=find_listed_units(reads, book, assignments))
    scope = find_scope(book, changes, now)
    check_scope(scope)
    with PlanWriter(out) as writer:
        shared = find_shared_logins(reads, book)
        sketch = Sketch(reads, text, book, changes, assignments, ground, writer, shared)
        for op, content in each_sourced(text, changes):
            writer.add(op, **content)
        for holder in each_person(sketch):
            destination = place(holder, assignments.take(holder), ground)
            if find_seats(destination):
                sketch.leaders.append(destination)
            else:
                write_person(sketch, destination, mint)
            if sketch.counts["people"] % 500 == 0:
                on_progress(sketch.counts["people"])
        assignments.check()
        for destination in settle_chairs(sketch.leaders):
            write_person(sketch, destination, mint)
        on_progress(sketch.counts["people"])
        if not sketch.counts["people"] and not declares_nobody(decree.expect):
            raise NobodyThere
        return writer.finish(build_header(sketch, decree, author, now, scope, limits))


def resolve_rules(text: DecreeText, book: UnitBook, changes: UnitChanges) -> list[PlacedBy]:
    """The decree's rules with their units. Raises DecreeFaulty."""
    draft = Draft(text, book, uuid.uuid4, refs=dict(changes.refs))
    rules = [resolve_rule(draft, number, rule) for number, rule in enumerate(text.decree.rules)]
    if draft.faults:
        raise DecreeFaulty(draft.faults)
    return rules


def resolve_rule(draft: Draft, number: int, rule: Rule) -> PlacedBy:
    """One rule; faults are noted in the draft."""
    units = [draft.find(name, ("rules", number, "units", place)) for place, name in enumerate(rule.units)]
    aim = rule.to if isinstance(rule.to, str) else draft.find(rule.to, ("rules", number, "to"))
    known = frozenset(unit for unit in units if unit is not None)
    return PlacedBy(number, known, rule.level, frozenset(rule.duties), rule.body, aim or "undecided")


def each_person(sketch: Sketch) -> Iterator[Holder]:
    """Everybody in the units that the decree names and in those under them, unit by unit; digests are kept on the way."""
    book, touched = sketch.book, sketch.changes.touched
    scope = order_scope(book, book.subtree(touched) if sketch.text.decree.events else sorted(touched))
    for unit, people, digest in each_group(sketch.reads, sketch.book, scope):
        sketch.state[str(unit)] = digest
        sketch.counts["empty_units"] += not people
        for holder in people:
            sketch.counts["people"] += 1
            yield holder


# --- one person ----------------------------------------------------------------------------------------------------


def write_person(sketch: Sketch, destination: Destination, mint: Callable[[], uuid.UUID]) -> None:
    """The lines of one person, with the reason and the source row."""
    holder, effective = destination.holder, sketch.ground.effective
    person, unit = str(holder.person_id), sketch.written(holder.home)
    sketch.counts[destination.kind] += 1
    count_in_unit(sketch, destination)
    sketch.chairs.update(destination.chairs)
    if destination.kind != "leave":
        sketch.counts["passwords" if holder.has_password else "letters"] += 1
    content: dict[str, Any] = {"person": person, "name": holder.name, "login": holder.login, "unit": unit}
    content |= {"by": destination.by, "source": find_source(sketch, destination)}
    if destination.ends:
        content["rows"] = [post.row_id for post in destination.ends]
        content["cut"] = [post.row_id for post in destination.ends if post.valid_from < effective]
        content["from"] = [post.title for post in destination.ends]
    if destination.begins:
        content["posts"] = [build_post(post, sketch.written(post.unit_id), mint) for post in destination.begins]
    if destination.undecided:
        content["undecided"] = [
            {"title": post.title, "unit": sketch.written(post.unit_id)} for post in destination.undecided
        ]
    if destination.chairs:
        content["chairs"] = list(destination.chairs)
    sketch.writer.add(f"person.{destination.kind}", **content)
    close_aliases(sketch, holder, person)


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


def find_shared_logins(reads: Reads, book: UnitBook) -> frozenset[str]:
    """The keys of log-ins that several accounts accept on the eve: one owns it, the others had it before."""
    login = Login.__table__.c
    shared = (
        sa.select(login.login_key)
        .where(in_force(Login, AsOf(book.eve)))
        .group_by(login.login_key)
        .having(sa.func.count(sa.distinct(login.account_id)) > 1)
    )
    return frozenset(reads.execute(shared).scalars())


def build_post(post: NewPost, unit: str, mint: Callable[[], uuid.UUID]) -> dict[str, Any]:
    """A new post in the unit as it stands in the plan, its identity fixed."""
    content: dict[str, Any] = {"id": str(mint()), "unit": unit, "title": post.title, "body": post.body}
    content |= {"duties": " ".join(post.duties), "main": post.main, "decision": post.decision}
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
    sketch.counts["collisions"] += any(login_key(row.login) in sketch.shared for row in aliases)
    if sketch.aliases_until is None:
        return
    until, source = sketch.aliases_until
    for row in aliases:
        if row.valid_to is None:
            content = {"person": person, "login": row.login, "row": row.row_id, "until": until, "source": source}
            sketch.writer.add("login.until", **content)


# --- the header ----------------------------------------------------------------------------------------------------


def build_header(
    sketch: Sketch, decree: Decree, author: Author, now: datetime, scope: Sequence[uuid.UUID], limits: Limits
) -> PlanHeader:
    """The first line: who, what for, what was read, what was counted."""
    counts = sketch.counts
    known = sketch.reads.execute(sa.select(sa.func.max(Change.id))).scalar_one() or 0
    return PlanHeader(
        kind=KIND,
        title=decree.title,
        made_at=as_rfc3339(now),
        made_by=author.shown,
        author=author.id,
        effective=as_rfc3339(decree.effective),
        decision=decree.decision.number,
        scope=[str(unit) for unit in scope],
        known_change=known,
        state=sketch.state,
        summary={
            "units": dict(sketch.changes.counts),
            "people": {key: counts[key] for key in ("people", "move", "stay", "leave", "undecided", "empty_units")},
            "collisions": counts["collisions"],
            "passwords": counts["passwords"],
            "letters": counts["letters"],
            "old_logins_until": as_rfc3339(decree.old_logins_until) if decree.old_logins_until else None,
            "example": decree.example,
            "decision": decree.decision.model_dump(mode="json"),
            "rules": [describe_rule(rule) for rule in sketch.ground.rules],
        },
        open={
            "undecided": counts["undecided"],
            "conflicts": len(sketch.chairs),
            "codes_to_confirm": len(sketch.changes.to_confirm),
        },
        guards=build_guards(decree.expect, sketch, limits),
    )


def find_listed_units(reads: Reads, book: UnitBook, assignments: Assignments) -> frozenset[uuid.UUID]:
    """The units that the rows of the lists name, and those in which the people of the rows hold a post on the eve."""
    found = set(assignments.units)
    for numbers in chunked(assignments.numbers):
        people = sa.select(PersonDetail.person_id).where(PersonDetail.number_index.in_(numbers), visible(PersonDetail))
        held = sa.select(Post.unit_id).where(Post.person_id.in_(people), in_force(Post, AsOf(book.eve)))
        found.update(reads.execute(held.distinct()).scalars())
    return frozenset(found & book.standing.keys())


def find_scope(book: UnitBook, changes: UnitChanges, now: datetime) -> list[uuid.UUID]:
    """The topmost units of the register that are touched: a right that covers them covers everything.

    A unit that does not stand yet is covered by the nearest one above it that does.
    """
    parents = {parent for parent in changes.parents.values() if parent and parent not in changes.begun}
    touched = {book.find_standing_above(unit, now) for unit in (*changes.touched, *parents)}
    return order_scope(book, [unit for unit in touched if not book.has_ancestor_in(unit, touched)])


def build_guards(expect: Expectations, sketch: Sketch, limits: Limits) -> list[Guard]:
    """What the decree declares against what was found; and the limits for what it does not declare."""
    found = {**sketch.changes.counts, **sketch.counts, "conflicts": len(sketch.chairs)}
    guards = []
    for name in type(expect).model_fields:
        declared = getattr(expect, name)
        if declared is not None:
            least, most = declared.bounds
            guards.append(Guard(name, found.get(name, 0), least, most))
    return [*guards, *build_limit_guards(limits, expect, sketch.by_unit, sketch.name)]


def declares_nobody(expect: Expectations) -> bool:
    """Whether the decree itself says that these units are empty."""
    return expect.people is not None and Guard("people", 0, *expect.people.bounds).holds
