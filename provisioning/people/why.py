"""Why somebody's record is as it is: every change that touched it, who made and approved it, by which decision, from which file and row.

Read from the register itself (each row names its changes), from the kept plans (each line names its source) and, for the account, from
the audit. Records that were joined are told together.
"""

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from directory.departures import PersonDeparture
from directory.joins import PersonJoin, find_joined
from directory.models import Account, Certificate, ForeignAccount, Login, MailAddress, PersonDetail, Post
from foundation.audit import AuditRow
from foundation.changes import Change
from foundation.database import Reads
from foundation.plans import PlanRun
from provisioning.people.parting import SAME_THING

TABLES: tuple[Any, ...] = (
    PersonDetail, Post, Login, MailAddress, ForeignAccount, Certificate, PersonDeparture, PersonJoin,
)  # fmt: skip
ACCOUNT_EVENTS = ("provisioning.account.", "sso.account.", "provisioning.letter")
MOST_ACTS = 500


@dataclass(frozen=True)
class Touch:
    """What a change did to one thing: `before` is the row it withdrew, `after` the one it wrote; one of them may be missing."""

    table: str
    before: Any
    after: Any

    @property
    def sign(self) -> str:
        """+ something new, ~ something changed, - something gone."""
        return "+" if self.before is None else "-" if self.after is None else "~"


@dataclass
class Why:
    """One change or one act upon the account, with everything that explains it."""

    at: datetime | None
    kind: str
    actor: str
    change: int | None = None
    reason: str | None = None
    decision: str | None = None
    approved_by: str | None = None
    plan: str | None = None
    source: str | None = None
    by: str | None = None
    undone_by: int | None = None
    outcome: str = "done"
    touches: list[Touch] = field(default_factory=list)


def explain(reads: Reads, person_id: uuid.UUID) -> list[Why]:
    """Everything that happened to a person's record and account, the oldest first."""
    ids = [person_id, *find_joined(reads, [person_id]).get(person_id, ())]
    touches = gather_touches(reads, ids)
    changes = reads.execute(sa.select(Change).where(Change.id.in_(touches), Change.published_at.is_not(None))).scalars()
    told = [build_why(reads, change, touches[change.id], ids) for change in changes]
    told += list(each_act(reads, ids))
    return sorted(told, key=lambda one: (one.at is None, one.at, one.change is None, one.change or 0))


# --- changes -------------------------------------------------------------------------------------------------------


def gather_touches(reads: Reads, ids: Iterable[uuid.UUID]) -> dict[int, list[Touch]]:
    """What each change wrote and withdrew of these people, thing by thing."""
    touches: dict[int, list[Touch]] = defaultdict(list)
    for model in TABLES:
        written: dict[int, dict[tuple[object, ...], Any]] = defaultdict(dict)
        withdrawn: dict[int, dict[tuple[object, ...], Any]] = defaultdict(dict)
        for row in read_all_rows(reads, model, ids):
            written[row.change_id][name_thing(model, row, written[row.change_id])] = row
            if row.withdrawn_by is not None:
                withdrawn[row.withdrawn_by][name_thing(model, row, withdrawn[row.withdrawn_by])] = row
        for change in sorted({*written, *withdrawn}):
            for thing in {**withdrawn[change], **written[change]}:
                before, after = withdrawn[change].get(thing), written[change].get(thing)
                touches[change].append(Touch(model.__tablename__, before, after))
    return touches


def name_thing(model: Any, row: Any, taken: Mapping[tuple[object, ...], Any]) -> tuple[object, ...]:
    """What a row speaks of; a second row of one thing under one change (a period cut in two) stands beside the first."""
    thing = tuple(getattr(row, name) for name in SAME_THING.get(model.__tablename__, ("row_id",)))
    return thing if thing not in taken else (*thing, row.row_id)


def read_all_rows(reads: Reads, model: Any, ids: Iterable[uuid.UUID]) -> list[Any]:
    """Every row ever written of these people, withdrawn ones too."""
    table = model.__table__
    wanted = sa.select(table).order_by(table.c.row_id)
    if model is Login:
        wanted = wanted.join(Account, Account.id == Login.account_id).where(Account.person_id.in_(list(ids)))
    else:
        wanted = wanted.where(table.c.person_id.in_(list(ids)))
    return list(reads.execute(wanted).all())


def build_why(reads: Reads, change: Change, touches: list[Touch], ids: list[uuid.UUID]) -> Why:
    """One change with its plan's line about this person, where a plan stood behind it."""
    line = find_line(reads, change.plan_digest, ids) if change.plan_digest else {}
    return Why(
        at=change.published_at,
        kind=change.kind,
        actor=change.actor,
        change=change.id,
        reason=change.reason,
        decision=change.decision,
        approved_by=change.approved_by,
        plan=change.plan_digest,
        source=line.get("source"),
        by=line.get("by"),
        undone_by=change.undone_by,
        touches=touches,
    )


def find_line(reads: Reads, digest: str, ids: Iterable[uuid.UUID]) -> Mapping[str, Any]:
    """The line of a kept plan about one of these people; empty where the plan lies no more."""
    file = reads.execute(sa.select(PlanRun.file).where(PlanRun.digest == digest)).scalar()
    needles = [f'"person":"{person}"'.encode() for person in ids]
    try:
        with Path(file or "").open("rb") as plan:
            plan.readline()
            for raw in plan:
                if any(needle in raw for needle in needles):
                    return dict(json.loads(raw))
    except OSError:
        return {}
    return {}


# --- the account ---------------------------------------------------------------------------------------------------


def each_act(reads: Reads, ids: Iterable[uuid.UUID]) -> Iterator[Why]:
    """What was done to the account, and what was refused, from the audit; the newest MOST_ACTS."""
    subjects = [str(person) for person in ids]
    accounts = reads.execute(sa.select(Account.id).where(Account.person_id.in_(list(ids)))).scalars()
    subjects += [str(account) for account in accounts]
    events = sa.or_(*(AuditRow.event.startswith(prefix) for prefix in ACCOUNT_EVENTS), AuditRow.outcome == "refused")
    wanted = (
        sa.select(AuditRow).where(AuditRow.subject.in_(subjects), events).order_by(AuditRow.id.desc()).limit(MOST_ACTS)
    )
    for row in reads.execute(wanted).scalars():
        reason = row.detail.get("reason") or row.detail.get("proof") or row.detail.get("why")
        yield Why(row.at, row.event, row.actor, reason=str(reason) if reason else None, outcome=row.outcome)
