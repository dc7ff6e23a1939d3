"""Parting two records that were joined by mistake: what the join wrote is withdrawn, what it had withdrawn stands again.

What happened to the survivor since stays with the survivor and is told; parting a chain begins at its newest join.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from directory.departures import PersonDeparture
from directory.joins import PersonJoin
from directory.models import Account, Certificate, Credential, ForeignAccount, Login, MailAddress, PersonDetail, Post
from directory.printing.jobs import ask_for_people
from foundation import audit
from foundation.changes import Change, recorded_tables, small_change
from foundation.database import Reads, Writes
from foundation.i18n import _, translate
from foundation.shell import Actor
from provisioning.account_states import WEIGHTY, end_browser_sessions, find_cover
from provisioning.people.errors import ChangedSince, NotJoined
from provisioning.people.joining import Pair, check_may_join
from provisioning.people.rewriting import check_no_plan_running, copy_rows, lock_people, read_rows, withdraw
from provisioning.plan_rights import check_units

PARTED = "provisioning.person.part"
KIND = "person.part"
SAME_THING: dict[str, tuple[str, ...]] = {
    Post.__tablename__: ("post_id",),
    Login.__tablename__: ("login_key",),
    MailAddress.__tablename__: ("address_key",),
    ForeignAccount.__tablename__: ("application", "foreign_id"),
    Certificate.__tablename__: ("sha256",),
    PersonDetail.__tablename__: ("person_id",),
    PersonJoin.__tablename__: ("person_id",),
}
"""By what columns a row that was written again is known to speak of the same thing."""
TABLES = {
    Post.__tablename__: _("post"),
    Login.__tablename__: _("log-in"),
    MailAddress.__tablename__: _("mail address"),
    ForeignAccount.__tablename__: _("account elsewhere"),
    Certificate.__tablename__: _("certificate"),
    PersonDetail.__tablename__: _("name and number"),
    PersonJoin.__tablename__: _("joined record"),
    PersonDeparture.__tablename__: _("departure"),
}
"""What people call a table's rows."""


@dataclass(frozen=True)
class Kept:
    """Something that was changed after the join and therefore stays with the survivor: which table, what, by which change."""

    table: str
    what: str
    change: int


@dataclass(frozen=True)
class Parted:
    """The change that parted them, and what could not be put back."""

    change: Change
    kept: tuple[Kept, ...]

    def describe(self, reads: Reads, name_actor: Callable[[str], str], language: str) -> list[dict[str, object]]:
        """What stayed, as rows: what it is, and who changed it when."""
        numbers = {kept.change for kept in self.kept}
        changes = {one.id: one for one in reads.execute(sa.select(Change).where(Change.id.in_(numbers))).scalars()}
        return [
            {
                "what": f"{translate(language, TABLES.get(kept.table, kept.table))}: {kept.what}",
                "table": kept.table,
                "change": kept.change,
                "actor": name_actor(changes[kept.change].actor),
                "at": changes[kept.change].published_at,
            }
            for kept in self.kept
        ]


def check_may_part(reads: Reads, actor: Actor, pair: Pair, now: datetime) -> None:
    """Refuse an actor without the right over both, and without an operator's where a duty that acts upon others would come back:
    a post that both held was written once, and may have been taken from the one human since. Raises RightMissing, NotJoined.
    """
    check_may_join(reads, actor, pair, now)
    joining = get_joining_change(reads, get_join(reads, pair))
    back = sa.select(Post).where(Post.withdrawn_by == joining.id, sa.or_(Post.valid_to.is_(None), Post.valid_to > now))
    for post in reads.execute(back).scalars():
        if WEIGHTY.intersection(post.duties.split()):
            check_units(reads, actor, ("operator",), [find_cover(reads, post.unit_id, post.valid_from, now)], now)


def part_people(writes: Writes, actor: Actor, pair: Pair, reason: str, now: datetime) -> Parted:
    """Take a join back. The caller checked the right. Raises NotJoined, ChangedSince, PlanRunning."""
    lock_people(writes, (pair.survivor, pair.loser))
    join = get_join(writes, pair)
    check_no_plan_running(writes, pair.survivor, str(pair.survivor))
    joining = get_joining_change(writes, join)
    change = small_change(writes, KIND, actor.label, now, reason=reason)
    kept = take_back(writes, joining.id, change)
    joining.undone_by = change.id
    part_accounts(writes, pair, join, now)
    detail = {"survivor": str(pair.survivor), "parted": str(pair.loser), "change": change.id, "reason": reason}
    detail["kept"] = str(len(kept))
    for person in (pair.survivor, pair.loser):
        audit.record(writes, now, PARTED, actor.label, str(person), detail)
    ask_for_people(writes, [pair.survivor, pair.loser], now)
    return Parted(change, tuple(kept))


def get_join(reads: Reads, pair: Pair) -> Any:
    """The row that says they are one. Raises NotJoined."""
    rows = read_rows(reads, PersonJoin, PersonJoin.person_id == pair.loser, PersonJoin.survivor_id == pair.survivor)
    if not rows:
        raise NotJoined(person=str(pair.loser), survivor=str(pair.survivor))
    return rows[0]


def get_joining_change(reads: Reads, join: Any) -> Change:
    """The change that joined the two, also where a later one was taken back in between and wrote the row again.

    Raises ChangedSince where a later join only carried this one on: that one is taken back first.
    """
    first = sa.select(sa.func.min(PersonJoin.row_id)).where(
        PersonJoin.person_id == join.person_id,
        PersonJoin.survivor_id == join.survivor_id,
        PersonJoin.joined_at == join.joined_at,
    )
    change = reads.execute(
        sa.select(Change)
        .join(PersonJoin, PersonJoin.change_id == Change.id)
        .where(PersonJoin.row_id == first.scalar_subquery())
    ).scalar_one()
    carried = sa.select(PersonJoin.row_id).where(
        PersonJoin.person_id == join.person_id, PersonJoin.withdrawn_by == change.id
    )
    if reads.execute(carried).first() is not None:
        raise ChangedSince(changes=f"#{change.id} {change.kind}")
    return change


def take_back(writes: Writes, join: int, change: Change) -> list[Kept]:
    """Withdraw what the join wrote and write again what it withdrew, but for what was changed since. Gives that.

    A row that a later change withdrew and its undoing wrote again, word for word, was not changed.
    """
    kept: list[Kept] = []
    again: list[tuple[sa.Table, list[int]]] = []
    for table in recorded_tables():
        standing: list[int] = []
        keys: set[tuple[object, ...]] = set()
        for row in writes.execute(sa.select(table).where(table.c.change_id == join)).all():
            now_stands = row.row_id if row.withdrawn_by is None else find_rewritten(writes, table, row)
            if now_stands is None:
                keys.add(thing(table, row))
                kept.append(Kept(table.name, tell(table, row), row.withdrawn_by))
            else:
                standing.append(now_stands)
        withdrawn = writes.execute(sa.select(table).where(table.c.withdrawn_by == join)).all()
        withdraw(writes, table, standing, change)
        again.append((table, [row.row_id for row in withdrawn if thing(table, row) not in keys]))
    for table, row_ids in again:
        copy_rows(writes, table, row_ids, change)
    return kept


def find_rewritten(reads: Reads, table: sa.Table, row: Any) -> int | None:
    """The row that stands for a withdrawn one because the change that withdrew it was taken back, else None."""
    undoing = reads.execute(sa.select(Change.undone_by).where(Change.id == row.withdrawn_by)).scalar()
    if undoing is None:
        return None
    content = [column for column in table.c if column.name not in ("row_id", "change_id", "withdrawn_by")]
    same = [column.is_not_distinct_from(sa.literal(getattr(row, column.name), column.type)) for column in content]
    wanted = sa.select(table).where(table.c.change_id == undoing, *same).order_by(table.c.row_id).limit(1)
    found = reads.execute(wanted).first()
    if found is None:
        return None
    return int(found.row_id) if found.withdrawn_by is None else find_rewritten(reads, table, found)


def thing(table: sa.Table, row: Any) -> tuple[object, ...]:
    """What a row speaks of."""
    return tuple(getattr(row, name) for name in SAME_THING.get(table.name, ("row_id",)))


def tell(table: sa.Table, row: Any) -> str:
    """A row in a few words."""
    for name in ("title", "login", "address", "foreign_id", "name", "sha256"):
        if name in table.c:
            return str(getattr(row, name))
    return str(row.row_id)


def part_accounts(writes: Writes, pair: Pair, join: Any, now: datetime) -> None:
    """Accounts as they were before the join, unless the human was shut out since: then both stay shut. Sessions of both end.

    A password that was only taken over goes back; one that was set since stays with the survivor.
    """
    found = find_accounts(writes, (pair.survivor, pair.loser))
    kept, joined = found.get(pair.survivor), found.get(pair.loser)
    for account in (kept, joined):
        if account is not None:
            end_browser_sessions(writes, account, now)
    if kept is None or joined is None or kept.state not in ("issued", "active"):
        return
    joined.state, joined.state_since = join.account_was or joined.state, now
    mine, other = writes.get(Credential, kept.id), writes.get(Credential, joined.id)
    if join.survivor_was == "issued" and mine is not None and other is not None and is_taken_over(mine, other):
        mine.password_hash = mine.password_set_at = mine.imported_hash = mine.imported_until = None
        kept.state, kept.state_since = "issued", now
    writes.flush()


def is_taken_over(mine: Credential, other: Credential) -> bool:
    """Whether the survivor's password is only the other's."""
    return (mine.password_hash, mine.imported_hash) == (other.password_hash, other.imported_hash)


def find_accounts(reads: Reads, people: Sequence[uuid.UUID]) -> dict[uuid.UUID, Account]:
    """The business accounts of these people."""
    wanted = sa.select(Account).where(Account.person_id.in_(people), Account.kind == "business")
    return {account.person_id: account for account in reads.execute(wanted).scalars()}
