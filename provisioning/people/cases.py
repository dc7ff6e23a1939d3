"""The queue of possible doubles: opened by a search, answered by a person, kept so that nobody is asked twice about one pair.

`open_cases(writes, found, source, now)` adds what is new; `answer_same` joins the two, `answer_different` keeps them apart for good.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from directory.models import Account, PersonDetail
from foundation import audit
from foundation.changes import Change, visible
from foundation.database import Reads, Writes
from foundation.shell import Actor
from foundation.skipping import insert_or_skip
from provisioning.people.errors import CaseUnknown
from provisioning.people.joining import Pair, join_people
from provisioning.people.models import MatchCase
from provisioning.people.searching import Found

KEPT_APART = "provisioning.person.keep_apart"


def open_cases(writes: Writes, found: Iterable[Found], source: str | None, now: datetime) -> int:
    """Add pairs nobody was asked about before. Gives how many; a pair that was answered stays answered."""
    rows: list[dict[str, object]] = [
        {
            "left_id": min(one.left, one.right),
            "right_id": max(one.left, one.right),
            "score": one.score.points,
            "reasons": list(one.score.reasons),
            "source": source,
            "state": "open",
            "found_at": now,
        }
        for one in found
    ]
    return sum(add_case(writes, row) for row in rows)


def add_case(writes: Writes, row: dict[str, object]) -> int:
    """One pair, unless it is there; 1 or 0."""
    added = writes.execute(insert_or_skip(writes, MatchCase).values(row).returning(MatchCase.id))
    return len(added.all())


def list_cases(reads: Reads) -> list[MatchCase]:
    """The open cases, the surest first; those whose records were joined meanwhile are left out."""
    standing = sa.select(PersonDetail.person_id).where(visible(PersonDetail)).scalar_subquery()
    wanted = (
        sa.select(MatchCase)
        .where(MatchCase.state == "open", MatchCase.left_id.in_(standing), MatchCase.right_id.in_(standing))
        .order_by(MatchCase.score.desc(), MatchCase.id)
    )
    return list(reads.execute(wanted).scalars())


def get_case(reads: Reads, number: int) -> MatchCase:
    """An open case by its number. Raises CaseUnknown."""
    case = reads.execute(
        sa.select(MatchCase).where(MatchCase.id == number, MatchCase.state == "open")
    ).scalar_one_or_none()
    if case is None:
        raise CaseUnknown(case=number)
    return case


# --- answers -------------------------------------------------------------------------------------------------------


def choose_pair(reads: Reads, case: MatchCase) -> Pair:
    """Which record lives on: the one whose account is in use, else the one with a personal number, else the older one."""
    ids = (case.left_id, case.right_id)
    states = {
        account.person_id: account.state
        for account in reads.execute(
            sa.select(Account).where(Account.person_id.in_(ids), Account.kind == "business")
        ).scalars()
    }
    details = {
        detail.person_id: detail
        for detail in reads.execute(
            sa.select(PersonDetail).where(PersonDetail.person_id.in_(ids), visible(PersonDetail))
        ).scalars()
    }
    ranked = sorted(ids, key=lambda person: rank(states.get(person), details.get(person)))
    return Pair(ranked[0], ranked[1])


def rank(state: str | None, detail: PersonDetail | None) -> tuple[bool, bool, int]:
    """The place of a record, the first lives on."""
    numbered = detail is not None and detail.number_index is not None
    return state != "active", not numbered, detail.change_id if detail is not None else 0


def answer_same(
    writes: Writes,
    actor: Actor,
    case: MatchCase,
    pair: Pair,
    reason: str,
    now: datetime,
    right_number: uuid.UUID | None,
) -> Change:
    """They are one human: joined, and the case is closed. The caller checked the right. Raises as `join_people`."""
    change = join_people(writes, actor, pair, reason, now, right_number)
    close_case(writes, case, "same", actor, now)
    return change


def answer_different(writes: Writes, actor: Actor, case: MatchCase, reason: str | None, now: datetime) -> None:
    """They are two people: nobody is asked about them again."""
    close_case(writes, case, "different", actor, now)
    detail = {"other": str(case.right_id), "case": case.id, "reason": reason}
    audit.record(writes, now, KEPT_APART, actor.label, str(case.left_id), detail)


def close_case(writes: Writes, case: MatchCase, state: str, actor: Actor, now: datetime) -> None:
    """Write the answer down, once. Raises CaseUnknown when somebody else answered first."""
    done = writes.execute(
        sa.update(MatchCase)
        .where(MatchCase.id == case.id, MatchCase.state == "open")
        .values(state=state, answered_at=now, answered_by=actor.label)
        .returning(MatchCase.id)
    ).all()
    if not done:
        raise CaseUnknown(case=case.id)
