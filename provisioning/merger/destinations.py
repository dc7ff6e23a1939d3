"""Where people go in a merger. Pure: one person and what was decided go in, a destination comes out.

The order is the law of DESIGN §4: 1. the placement list (or the roster's own new-unit column); 2. the decree's rule for that unit
and kind of post; 3. the principal successor, only if the unit passed whole; otherwise 4. undecided: account kept, no duties.
Nobody is ever guessed into a leader's post: steps 2 and 3 pass over leaders and deputies, unless a rule names their duty itself.
"""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, NamedTuple

from provisioning.merger.holders import Holder, PostRow

Kind = Literal["move", "stay", "leave", "undecided"]
By = Literal["placement", "rule", "principal", "undecided", "leave", "stay"]
LEADING = frozenset({"leader", "deputy"})


@dataclass(frozen=True, slots=True)
class Placement:
    """One row of a placement list: where a person goes, or that they leave. `source` is file, sheet and row."""

    source: str
    old_unit: uuid.UUID | None
    new_unit: uuid.UUID | None
    title: str | None = None
    duties: tuple[str, ...] | None = None
    body: str | None = None
    main: bool | None = None
    decision: str | None = None


@dataclass(frozen=True, slots=True)
class PlacedBy:
    """A rule of the decree with its units resolved; `to` is a unit, "principal" or "undecided"."""

    number: int
    units: frozenset[uuid.UUID]
    level: str | None
    duties: frozenset[str]
    body: str | None
    to: uuid.UUID | Literal["principal", "undecided"]


def describe_rule(rule: PlacedBy) -> dict[str, Any]:
    """A rule as the plan's header keeps it, for those who come between the plan and its day."""
    return {
        "number": rule.number,
        "units": sorted(str(unit) for unit in rule.units),
        "level": rule.level,
        "duties": sorted(rule.duties),
        "body": rule.body,
        "to": str(rule.to),
    }


def read_rule(content: Mapping[str, Any]) -> PlacedBy:
    """A rule as it was kept."""
    aim: str = content["to"]
    return PlacedBy(
        content["number"],
        frozenset(uuid.UUID(unit) for unit in content["units"]),
        content["level"],
        frozenset(content["duties"]),
        content["body"],
        aim if aim in ("principal", "undecided") else uuid.UUID(aim),  # type: ignore[arg-type]  # narrowed by the test
    )


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post that begins on the day, or when the old one would have begun."""

    unit_id: uuid.UUID
    title: str
    body: str
    duties: tuple[str, ...]
    main: bool
    acting: bool = False
    decision: str | None = None
    begins: datetime | None = None
    until: datetime | None = None


class Destination(NamedTuple):
    """What happens to one person. `open` says why a person must still be asked about: undecided, two chairs."""

    holder: Holder
    kind: Kind
    by: By
    source: str | None = None
    ends: tuple[PostRow, ...] = ()
    kept: tuple[PostRow, ...] = ()
    begins: tuple[NewPost, ...] = ()
    undecided: tuple[PostRow, ...] = ()
    chairs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ground:
    """What the destinations stand on: units that end, whole heirs, rules, placements by person."""

    effective: datetime
    ended: Collection[uuid.UUID]
    find_heir: Callable[[uuid.UUID], uuid.UUID | None]
    levels: Mapping[uuid.UUID, str]
    rules: Sequence[PlacedBy]


def place(holder: Holder, rows: Sequence[Placement], ground: Ground) -> Destination:
    """The destination of one person."""
    if rows:
        return place_by_list(holder, rows, ground)
    ending = [post for post in holder.posts if post.unit_id in ground.ended]
    kept = tuple(post for post in holder.posts if post.unit_id not in ground.ended)
    if not ending:
        return Destination(holder, "stay", "stay", kept=kept)
    begins: list[NewPost] = []
    undecided: list[PostRow] = []
    ways: list[tuple[By, str | None]] = []
    for post in ending:
        unit, by, source = find_way(post, ground)
        if unit is None:
            undecided.append(post)
        else:
            begins.append(carry_post(post, unit, ground))
            ways.append((by, source))
    chosen = with_one_main(begins, kept)
    if undecided:
        return Destination(
            holder, "undecided", "undecided", None, tuple(ending), kept, chosen, undecided=tuple(undecided)
        )
    return Destination(holder, "move", ways[0][0], ways[0][1], tuple(ending), kept, chosen)


def place_by_list(holder: Holder, rows: Sequence[Placement], ground: Ground) -> Destination:
    """Step 1: what the list says, whole. A post in a standing unit ends only if a row speaks of it."""
    source = rows[0].source
    spoken = {row.old_unit for row in rows}
    covered = [
        post for post in holder.posts if post.unit_id in ground.ended or None in spoken or post.unit_id in spoken
    ]
    arriving = [row for row in rows if row.new_unit is not None]
    if not arriving:
        kept = tuple(post for post in holder.posts if post not in covered)
        return Destination(holder, "leave", "leave", source, tuple(covered), kept)
    begins: list[NewPost] = []
    same: list[PostRow] = []
    for row in arriving:
        new = build_placed_post(row, covered, ground)
        twin = next((post for post in covered if post not in same and is_same(post, new, ground)), None)
        if twin is not None:
            same.append(twin)
        else:
            begins.append(new)
    ends = tuple(post for post in covered if post not in same)
    kept = tuple(post for post in holder.posts if post not in ends)
    if not begins and not ends:
        return Destination(holder, "stay", "placement", source, kept=kept)
    return Destination(holder, "move", "placement", source, ends, kept, with_one_main(begins, kept))


def build_placed_post(row: Placement, covered: Sequence[PostRow], ground: Ground) -> NewPost:
    """The post a row gives. What it leaves out comes from the post it replaces; leading is never carried over in silence."""
    assert row.new_unit is not None
    old = next((post for post in covered if post.unit_id == row.old_unit), None)
    old = old or next((post for post in covered if post.main), covered[0] if covered else None)
    title = row.title or (old.title if old else "")
    if row.duties is not None:
        duties = row.duties
    elif old is not None and title == old.title:
        duties = tuple(duty for duty in old.duties if duty not in LEADING)
    else:
        duties = ()
    body = row.body or (old.body if old else "committee")
    later = old.valid_from if old is not None and old.valid_from > ground.effective else None
    return NewPost(row.new_unit, title, body, duties, row.main is not False, False, row.decision, later)


def is_same(post: PostRow, new: NewPost, ground: Ground) -> bool:
    """Whether the row only says that a post in a standing unit goes on as it is."""
    if post.unit_id in ground.ended or post.acting:
        return False
    return (post.unit_id, post.title, post.body, post.duties) == (new.unit_id, new.title, new.body, new.duties)


def find_way(post: PostRow, ground: Ground) -> tuple[uuid.UUID | None, By, str | None]:
    """Steps 2 to 4 for one post of a unit that ends: the unit it goes to, or None, and by what."""
    leads = LEADING.intersection(post.duties)
    for rule in ground.rules:
        if not fits(rule, post, ground):
            continue
        if rule.to == "undecided":
            return None, "undecided", f"rules[{rule.number}]"
        if leads and not leads <= rule.duties:
            continue
        unit = ground.find_heir(post.unit_id) if rule.to == "principal" else rule.to
        if isinstance(unit, uuid.UUID):
            return unit, "rule", f"rules[{rule.number}]"
    heir = ground.find_heir(post.unit_id)
    if heir is None or leads:
        return None, "undecided", None
    return heir, "principal", None


def fits(rule: PlacedBy, post: PostRow, ground: Ground) -> bool:
    """Whether the rule speaks of this unit and kind of post."""
    if rule.units and post.unit_id not in rule.units:
        return False
    if rule.level is not None and ground.levels.get(post.unit_id) != rule.level:
        return False
    if rule.body is not None and post.body != rule.body:
        return False
    return not rule.duties or bool(rule.duties.intersection(post.duties))


def carry_post(post: PostRow, unit: uuid.UUID, ground: Ground) -> NewPost:
    """The same post in another unit."""
    begins = post.valid_from if post.valid_from > ground.effective else None
    return NewPost(unit, post.title, post.body, post.duties, post.main, post.acting, None, begins, post.valid_to)


def with_one_main(begins: Sequence[NewPost], kept: Sequence[PostRow]) -> tuple[NewPost, ...]:
    """At most one main post: a kept one first, then the first new one that says so, else the first."""
    if len(begins) == 1 and begins[0].main and not kept:
        return (begins[0],)
    first = None if any(post.main for post in kept) else next((n for n, post in enumerate(begins) if post.main), 0)
    return tuple(post if post.main is (n == first) else replace(post, main=n == first) for n, post in enumerate(begins))


# --- two chairs ----------------------------------------------------------------------------------------------------

Seat = tuple[uuid.UUID, str]


def find_seats(destination: Destination) -> list[Seat]:
    """The chairs of leaders this person sits on from the day on: unit and body."""
    begun = [(post.unit_id, post.body) for post in destination.begins if "leader" in post.duties]
    return begun + [(post.unit_id, post.body) for post in destination.kept if "leader" in post.duties]


def settle_chairs(leaders: Sequence[Destination]) -> list[Destination]:
    """Where two hold a post for one, nobody who comes leads until a person decides; who already sat there keeps the chair."""
    holders: dict[Seat, set[uuid.UUID]] = {}
    for destination in leaders:
        for seat in find_seats(destination):
            holders.setdefault(seat, set()).add(destination.holder.person_id)
    disputed = {seat for seat, people in holders.items() if len(people) > 1}
    return [give_up_chairs(destination, disputed) for destination in leaders]


def give_up_chairs(destination: Destination, disputed: Collection[Seat]) -> Destination:
    """The destination without the lead over a disputed chair, and the conflict noted."""
    mine = [seat for seat in find_seats(destination) if seat in disputed]
    if not mine:
        return destination
    begins = tuple(
        replace(post, duties=tuple(duty for duty in post.duties if duty != "leader"))
        if (post.unit_id, post.body) in disputed
        else post
        for post in destination.begins
    )
    return destination._replace(begins=begins, chairs=tuple(f"{unit} {body}" for unit, body in mine))
