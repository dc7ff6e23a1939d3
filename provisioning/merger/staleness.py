"""Whether the register is still what a plan read, and if not, what changed: which unit or person, by which change, when, by whom."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from directory.models import Account, Login, Post, UnitCode, UnitVersion
from directory.units import chunked
from foundation.changes import Change, visible
from foundation.clocks import parse_instant
from foundation.database import Reads
from foundation.i18n import Message, _
from foundation.plans import Plan, PlanStale, compare_state
from foundation.terminal import as_shown
from provisioning.merger.book import read_units
from provisioning.merger.last_names import last_name
from provisioning.merger.row_digests import digest_each
from provisioning.merger.run_states import PLAN_KINDS

MOST_SHOWN = 5
TABLES = {"unit_version": _("unit"), "unit_code": _("code"), "post": _("post"), "login": _("log-in")}
"""What a row is to people, by its table."""


@dataclass(frozen=True)
class Difference:
    """One thing that is no longer as the plan read it."""

    unit: uuid.UUID
    what: str
    subject: str
    change_id: int
    kind: str
    actor: str
    at: datetime

    def tell(self) -> Message:
        """For people: + unit Sở Xây dựng (merger, change 6, 23/11/2026 00:41, Lê Thị Thu Hoa)."""
        from provisioning.people.between_screen import KINDS  # late: people look at plans

        sign, table = self.what.split(" ", 1)
        kind = {**KINDS, **PLAN_KINDS}.get(self.kind, self.kind)
        return Message(
            "{sign} {table} {subject} ({kind} #{change}, {at}, {actor})",
            {"sign": sign, "table": Message(TABLES.get(table, table)), "subject": self.subject,
             "kind": Message(kind), "change": self.change_id, "at": as_shown(self.at),
             "actor": self.actor},
        )  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What was published when somebody looked: everything up to `newest` except `pending`."""

    newest: int
    pending: frozenset[int]


class PlanOverlapped(PlanStale):
    """The plan's units or people were changed; `differences` holds what, at most a few are in the sentence."""

    def __init__(self, differences: Sequence[Difference], groups: int) -> None:
        self.differences = list(differences)
        shown = [difference.tell() for difference in self.differences[:MOST_SHOWN]]
        more = len(self.differences) - MOST_SHOWN
        end = f"; +{more}" if more > 0 else ""
        text = "; ".join(f"{{d{number}}}" for number in range(len(shown))) or f"{groups} × ?"
        super().__init__(changes=Message(text + end, {f"d{number}": one for number, one in enumerate(shown)}))


def check_state(reads: Reads, plan: Plan, name_actor: Callable[[str], str] = str) -> None:
    """Read the rows of the plan again and refuse if they are others. Raises PlanOverlapped with what changed."""
    header = plan.header
    # An undoing takes effect at once, but read what it read where the change it takes back begins.
    read_at = header.effective or header.summary.get("read_at")
    if not header.state or read_at is None:
        return
    found = digest_units(reads, [uuid.UUID(unit) for unit in header.state], parse_instant(read_at))
    stale = compare_state(header.state, found)
    if stale:
        made_at = parse_instant(header.made_at)
        since = sa.or_(Change.id > header.known_change, Change.published_at > made_at)
        units = [uuid.UUID(unit) for unit in stale]
        raise PlanOverlapped(list(find_differences(reads, units, since, name_actor)), len(stale))


def digest_units(reads: Reads, units: Iterable[uuid.UUID], at: datetime) -> dict[str, str]:
    """What a plan over these units reads of each, as one digest each."""
    scope, book = list(units), read_units(reads, at)
    return {str(unit): digest for unit, digest in digest_each(reads, book, scope)}


def note_published(reads: Reads) -> Known:
    """Where the line of published changes stands now."""
    newest = reads.execute(sa.select(sa.func.max(Change.id))).scalar_one() or 0
    pending = reads.execute(sa.select(Change.id).where(Change.published_at.is_(None))).scalars()
    return Known(newest, frozenset(pending))


def check_nothing_since(
    reads: Reads, plan: Plan, known: Known, own: int, name_actor: Callable[[str], str] = str
) -> None:
    """Refuse if a change published since `known` touches the plan's units or people; cheap when there was none."""
    late = sa.or_(Change.id > known.newest, Change.id.in_(known.pending))
    fresh = (
        reads.execute(sa.select(Change.id).where(late, Change.id != own, Change.published_at.is_not(None)))
        .scalars()
        .all()
    )
    if not fresh:
        return
    units = [uuid.UUID(unit) for unit in plan.header.state]
    differences = list(find_differences(reads, units, Change.id.in_(fresh), name_actor))
    if differences:
        raise PlanOverlapped(differences, len(differences))


@dataclass(frozen=True)
class Look:
    """Where differences are looked for: a table, the unit they belong to, what people call the row, and what to join for that."""

    model: Any
    unit: Any
    subject: Any
    joins: tuple[tuple[Any, Any], ...] = ()


LOOKS = (
    Look(UnitVersion, UnitVersion.unit_id, UnitVersion.name),
    Look(UnitCode, UnitCode.unit_id, UnitCode.code),
    Look(
        Post,
        Post.unit_id,
        last_name(Post.person_id) + sa.literal(" · ") + Post.title,
    ),
    Look(
        Login,
        Post.unit_id,
        Login.login,
        (
            (Account, Account.id == Login.account_id),
            (Post, sa.and_(Post.person_id == Account.person_id, visible(Post))),
        ),
    ),
)


def find_differences(
    reads: Reads, units: Iterable[uuid.UUID], since: sa.ColumnElement[bool], name_actor: Callable[[str], str]
) -> Iterator[Difference]:
    """What these changes did to the units and to the people who held a post in them."""
    for ids in chunked(units):
        for look in LOOKS:
            yield from select_differences(reads, look, ids, since, name_actor)


def select_differences(
    reads: Reads,
    look: Look,
    units: Sequence[uuid.UUID],
    since: sa.ColumnElement[bool],
    name_actor: Callable[[str], str],
) -> Iterator[Difference]:
    """Rows written or withdrawn by these changes, each with its change."""
    for way, column in (("+", look.model.change_id), ("-", look.model.withdrawn_by)):
        found = (
            sa.select(look.unit, look.subject, Change.id, Change.kind, Change.actor, Change.published_at)
            .select_from(look.model)
            .join(Change, Change.id == column)
        )
        for target, condition in look.joins:
            found = found.join(target, condition)
        found = found.where(look.unit.in_(units), since, Change.published_at.is_not(None))
        for unit, subject, change_id, kind, actor, at in reads.execute(found.distinct().order_by(Change.id).limit(200)):
            yield Difference(unit, f"{way} {look.model.__tablename__}", subject, change_id, kind, name_actor(actor), at)
