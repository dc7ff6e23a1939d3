"""Somebody leaves: retired, resigned, dismissed, dead, gone elsewhere, or at the end of an engagement from outside.

Every post ends on the day, what mergers wrote for later never comes, and the account is suspended that day by a job; it is closed later,
by a step of its own that somebody else approves (`closing.py`).
"""

import uuid
from datetime import datetime

import sqlalchemy as sa

from directory.departures import PersonDeparture, find_departures
from directory.models import Post
from foundation.changes import AsOf, Change, in_force
from foundation.database import Reads, Writes
from foundation.i18n import Message, _
from foundation.outbox import enqueue
from foundation.sealing import Sealer
from provisioning.people.careers import end_all
from provisioning.people.daily import Act, Done, Newcomer, hire, hold_person, open_act, tell, write_edits
from provisioning.people.errors import ChangeRefused
from provisioning.people.rewriting import read_rows, withdraw

LEFT = "provisioning.person.leave"
SPONSORED = "provisioning.person.external"
SUSPEND_DEPARTED = "suspend_departed"


def leave(writes: Writes, act: Act, person: uuid.UUID, why: str, at: datetime) -> Done:
    """All posts end at the instant and the account is shut then. A departure written before is replaced. Raises ChangeRefused."""
    periods = hold_person(writes, person)
    change = open_act(writes, act, "person.leave")
    write_edits(writes, end_all(periods, at), change)
    write_departure(writes, person, why, at, act.decision, change)
    ask_to_suspend(writes, person, at, act.now, change)
    tell(writes, act, LEFT, person, change, {"why": why})
    return Done(person, change.id)


def invite(writes: Writes, sealer: Sealer, act: Act, newcomer: Newcomer, begins: datetime, until: datetime) -> Done:
    """Somebody from outside whom a unit answers for until a day: an account without a post, shut on that day. Raises ChangeRefused."""
    if newcomer.sponsor is None or until <= begins:
        raise ChangeRefused(why=Message(_("people from outside need a unit that answers for them and a last day")))
    done = hire(writes, sealer, act, newcomer, None, begins)
    change = writes.get_one(Change, done.change)
    write_departure(writes, done.person, "ended", until, act.decision, change)
    ask_to_suspend(writes, done.person, until, act.now, change)
    return done


def extend(writes: Writes, act: Act, person: uuid.UUID, until: datetime) -> Done:
    """The engagement of somebody from outside lasts until another day. Raises ChangeRefused for officials and for a day gone by."""
    hold_person(writes, person)
    departure = find_departures(writes, [person]).get(person)
    if departure is None or departure.why != "ended" or until <= act.now:
        raise ChangeRefused(why=Message(_("only an engagement from outside is extended, and to a day to come")))
    change = open_act(writes, act, "person.extend")
    write_departure(writes, person, "ended", until, act.decision, change)
    ask_to_suspend(writes, person, until, act.now, change)
    tell(writes, act, SPONSORED, person, change, {"until": until.isoformat()})
    return Done(person, change.id)


def write_departure(
    writes: Writes, person: uuid.UUID, why: str, at: datetime, decision: str | None, change: Change
) -> None:
    """Why and when; one that was written for the same time or later no longer counts."""
    later = read_rows(
        writes, PersonDeparture, PersonDeparture.person_id == person, PersonDeparture.at > change.opened_at
    )
    withdraw(writes, PersonDeparture, [row.row_id for row in later], change)
    writes.add(PersonDeparture(person_id=person, why=why, at=at, decision=decision, change_id=change.id))
    writes.flush()


def ask_to_suspend(writes: Writes, person: uuid.UUID, at: datetime, now: datetime, change: Change) -> None:
    """Have the account shut on the day, or now for a day gone by; taken back with the change."""
    key, payload = f"{person}:{change.id}", {"person": str(person)}
    enqueue(writes, SUSPEND_DEPARTED, key, now, payload, due=max(at, now), change_id=change.id)


def has_left(reads: Reads, person: uuid.UUID, at: datetime) -> bool:
    """Whether somebody has left by the instant and holds no post then: the question the job asks when it is due."""
    departure = find_departures(reads, [person]).get(person)
    if departure is None or departure.at > at:
        return False
    held = sa.select(Post.row_id).where(Post.person_id == person, in_force(Post, AsOf(at))).limit(1)
    return reads.execute(held).first() is None
