"""The census of accounts: every official of every unit in exactly one place, so that parts add up to their whole."""

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from directory.models import Account, Credential
from foundation.changes import AsOf, Change
from foundation.database import Reads
from foundation.i18n import _
from provisioning.reports.homes import select_homes, select_outside
from provisioning.reports.states import find_earlier_states

PLACES: Final[dict[str, str]] = {
    "active": _("in use"),
    "old_password": _("opens with the old password, not used yet"),
    "code_out": _("code handed out, not used yet"),
    "waiting": _("waits for a code"),
    "not_activated": _("not activated"),
    "suspended": _("suspended"),
    "closed": _("closed"),
    "none": _("no account"),
}
"""Every place an official may be in. `not_activated` stands for the three before it where an instant of the past is asked for."""
ISSUED: Final = frozenset({"old_password", "code_out", "waiting", "not_activated"})
HAS_ACCOUNT: Final = frozenset({"active"}) | ISSUED


@dataclass(frozen=True)
class Census:
    """Officials by unit and place; `states_at` is the instant the states of the accounts are of, `outside` who holds no post."""

    as_of: AsOf
    states_at: datetime
    units: Mapping[uuid.UUID, Mapping[str, int]]
    outside: int

    def count(self, *places: str) -> dict[uuid.UUID, int]:
        """How many officials of each unit are in one of these places."""
        return {unit: sum(found.get(place, 0) for place in places) for unit, found in self.units.items()}

    def total(self) -> dict[uuid.UUID, int]:
        """How many officials each unit has."""
        return {unit: sum(found.values()) for unit, found in self.units.items()}


def find_states_instant(as_of: AsOf, now: datetime) -> datetime:
    """The instant the states of accounts are read at: the reader's, but no later than what was known, and than now."""
    return min(as_of.at, as_of.known_at or now, now)


def take_census(reads: Reads, as_of: AsOf, now: datetime, by: datetime | None = None) -> Census:
    """The census at the reader's instant; with `by` the accounts and their states are those of that earlier instant."""
    states_at = find_states_instant(AsOf(by, as_of.known_at) if by else as_of, now)
    past = states_at < now
    homes = select_homes(as_of)
    place = name_place(past, states_at)
    later = sa.and_(Account.state_since.is_not(None), Account.state_since > states_at)
    joined = homes.outerjoin(Account, is_business_of(homes, by or as_of.known_at)).outerjoin(
        Credential, Credential.account_id == Account.id
    )
    units: dict[uuid.UUID, Counter[str]] = {}
    changed = sa.case((sa.or_(Account.id.is_(None), sa.not_(later)), 0), else_=1)
    counted = sa.select(homes.c.unit_id, place, changed, sa.func.count()).select_from(joined)
    some_changed = False
    for unit, where, is_later, count in reads.execute(counted.group_by(homes.c.unit_id, place, changed)):
        some_changed = some_changed or bool(is_later)
        if not is_later:
            units.setdefault(unit, Counter())[where] += count
    if some_changed:
        add_changed(
            reads,
            units,
            sa.select(homes.c.unit_id, Account.person_id, Account.id).select_from(joined).where(later),
            states_at,
        )
    return Census(as_of, states_at, units, int(reads.execute(select_outside(as_of)).scalar_one()))


def add_changed(
    reads: Reads, units: dict[uuid.UUID, Counter[str]], changed: sa.Select[Any], states_at: datetime
) -> None:
    """Count those whose account changed after the instant in the state it had then."""
    rows = reads.execute(changed).all()
    before = find_earlier_states(reads, {row.person_id: row.id for row in rows}, states_at)
    for row in rows:
        state = before[row.person_id]
        units.setdefault(row.unit_id, Counter())["not_activated" if state == "issued" else state] += 1


def is_business_of(homes: sa.Subquery, known_at: datetime | None) -> sa.ColumnElement[bool]:
    """The business account of an official, if it was known to exist."""
    published = Change.published_at.is_not(None) if known_at is None else Change.published_at <= known_at
    known = sa.select(Change.id).where(published)
    return sa.and_(Account.person_id == homes.c.person_id, Account.kind == "business", Account.change_id.in_(known))


def name_place(past: bool, at: datetime) -> sa.ColumnElement[Any]:
    """The place of an official by the rows as they are: the account's state, and behind an issued one what opens it."""
    old = sa.and_(
        Credential.imported_hash.is_not(None),
        sa.or_(Credential.imported_until.is_(None), Credential.imported_until > at),
    )
    code = sa.and_(Credential.code_hash.is_not(None), Credential.code_until > at)
    issued = (
        sa.literal("not_activated") if past else sa.case((old, "old_password"), (code, "code_out"), else_="waiting")
    )
    return sa.case((Account.id.is_(None), "none"), (Account.state == "issued", issued), else_=Account.state)
