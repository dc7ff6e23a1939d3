"""Making a plan: a decree, lists of places and the register, all seen in one snapshot, become one file.

The order: 1. the files are read whole; 2. the decree unfolds over the units; 3. people are taken unit by unit, in flat memory, and
each gets a destination; leaders wait until all chairs are known; 4. the counts are compared with what the decree declares.
Everything that will exist (identities, codes, posts) is fixed here, so that applying is only writing.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

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
    Ground,
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
from provisioning.merger.person_lines import Sketch, write_person
from provisioning.merger.placement import PlacedRow
from provisioning.merger.sources import each_sourced
from provisioning.rosters.minting import OrderedMinter

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
    check_scope: Callable[[Sequence[uuid.UUID]], None] = lambda units: None,
    limits: Limits = USUAL,
) -> Plan:
    """Write the plan of a decree. Raises DecreeFaulty, PlacementFaulty or NobodyThere, and leaves no file then.

    `check_scope` is asked whether the author may touch these units, before people are read; `limits` hold for what the decree does
    not declare.
    """
    with PlanWriter(out) as writer:
        sketch = begin_sketch(reads, sealer, text, rows, writer, now)
        scope = find_scope(sketch.book, sketch.changes, now)
        check_scope(scope)
        for op, content in each_sourced(text, sketch.changes):
            writer.add(op, **content)
        write_people(sketch, on_progress)
        if not sketch.counts["people"] and not declares_nobody(text.decree.expect):
            raise NobodyThere
        return writer.finish(build_header(sketch, text.decree, author, now, scope, limits))


def begin_sketch(
    reads: Reads, sealer: Sealer, text: DecreeText, rows: Iterable[PlacedRow], writer: PlanWriter, now: datetime
) -> Sketch:
    """What a plan stands on: the units, what the decree does to them, and the rows of the lists.

    A decree without events only moves the people of its lists: then the units they are in are its units.
    """
    decree = text.decree
    book = read_units(reads, decree.effective)
    changes = unfold(text, book)
    ground = Ground(decree.effective, changes.ended, changes.find_heir, book.levels, resolve_rules(text, book, changes))
    assignments = Assignments(rows, book, changes, sealer)
    if not decree.events:
        changes = replace(changes, touched=find_listed_units(reads, book, assignments))
    shared, mint = find_shared_logins(reads, book), OrderedMinter(now).give
    return Sketch(reads, text, book, changes, assignments, ground, writer, shared, mint)


def write_people(sketch: Sketch, on_progress: Callable[[int], None]) -> None:
    """The lines of everybody; leaders wait until all chairs are known. Raises PlacementFaulty."""
    counts, assignments = sketch.counts, sketch.assignments
    for holder in each_person(sketch):
        destination = place(holder, assignments.take(holder), sketch.ground)
        if find_seats(destination):
            sketch.leaders.append(destination)
        else:
            write_person(sketch, destination)
        if counts["people"] % 500 == 0:
            on_progress(counts["people"])
    assignments.check()
    for destination in settle_chairs(sketch.leaders):
        write_person(sketch, destination)
    on_progress(counts["people"])


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


def find_shared_logins(reads: Reads, book: UnitBook) -> frozenset[str]:
    """The keys of log-ins that several accounts accept on the eve: one owns it, the others had it before."""
    login = Login.__table__.c
    twice = sa.select(login.login_key).group_by(login.login_key).having(sa.func.count() > 1)
    shared = (
        sa.select(login.login_key)
        .where(login.login_key.in_(twice), in_force(Login, AsOf(book.eve)))
        .group_by(login.login_key)
        .having(sa.func.count(sa.distinct(login.account_id)) > 1)
    )
    return frozenset(reads.execute(shared).scalars())


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
