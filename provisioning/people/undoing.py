"""Taking one change of daily life back: a wrong retirement, a move into the wrong unit. As if it had not been, but on record.

Only while nothing was built upon it: else the later change is taken back first. Its jobs that wait are cancelled; an account that was
shut meanwhile is opened by `account resume`, by whoever has looked.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from directory.departures import PersonDeparture
from directory.models import Post
from directory.printing.jobs import ask_for_people
from foundation import audit
from foundation.changes import Change, recorded_tables, small_change
from foundation.database import Reads, Writes
from foundation.i18n import Message, _
from foundation.outbox import cancel_of_change
from provisioning.account_states import check_may_act
from provisioning.people.daily import Act, check_may_place
from provisioning.people.errors import ChangedSince, ChangeRefused
from provisioning.people.parting import find_rewritten, take_back
from provisioning.people.rewriting import lock_people

UNDONE = "provisioning.person.undo"
KIND = "person.undo"
TAKEN_BACK = ("person.move", "person.post", "person.end", "person.leave", "person.extend")


def get_undoable(reads: Reads, number: int) -> Change:
    """A change of daily life that stands. Raises ChangeRefused."""
    change = reads.get(Change, number)
    if change is None or change.kind not in TAKEN_BACK or change.published_at is None:
        raise ChangeRefused(why=Message(_("this is no change of somebody's posts; see: hopnhat person show --why")))
    if change.undone_by is not None:
        raise ChangeRefused(why=Message(_("it was taken back already")))
    return change


def find_touched(reads: Reads, number: int) -> list[uuid.UUID]:
    """The people a change wrote or withdrew rows of."""
    found: set[uuid.UUID] = set()
    for model in (Post, PersonDeparture):
        wanted = sa.select(model.person_id).where(sa.or_(model.change_id == number, model.withdrawn_by == number))
        found.update(reads.execute(wanted).scalars())
    return sorted(found)


def find_posts_of_change(reads: Reads, number: int) -> list[Post]:
    """The posts a change wrote or withdrew: taking it back gives and takes exactly these."""
    wanted = sa.select(Post).where(sa.or_(Post.change_id == number, Post.withdrawn_by == number))
    return list(reads.execute(wanted.order_by(Post.row_id)).scalars())


def find_first_day(reads: Reads, number: int, now: datetime) -> datetime:
    """From when on somebody's posts are others once the change is taken back; now where it wrote of none."""
    rows = find_posts_of_change(reads, number)
    written = list_instants(row for row in rows if row.change_id == number)
    withdrawn = list_instants(row for row in rows if row.withdrawn_by == number)
    return min(written ^ withdrawn, default=now)


def list_instants(posts: Iterable[Post]) -> set[datetime]:
    """When these posts begin and end."""
    return {instant for post in posts for instant in (post.valid_from, post.valid_to) if instant is not None}


def check_may_undo(reads: Reads, act: Act, number: int) -> None:
    """Refuse an actor who could not have given these posts: a post that was taken away is given again. Raises NotPermitted."""
    for person in find_touched(reads, get_undoable(reads, number).id):
        check_may_act(reads, act.actor, person, ("hr",), act.now)
    for post in find_posts_of_change(reads, number):
        check_may_place(reads, act, post.unit_id, post.duties.split(), post.valid_from)


def check_nothing_built(reads: Reads, number: int) -> None:
    """Refuse where a later change withdrew what this one wrote. Raises ChangedSince."""
    later: set[int] = set()
    for table in recorded_tables():
        rows = reads.execute(
            sa.select(table).where(table.c.change_id == number, table.c.withdrawn_by.is_not(None))
        ).all()
        later.update(row.withdrawn_by for row in rows if find_rewritten(reads, table, row) is None)
    if later:
        changes = reads.execute(sa.select(Change).where(Change.id.in_(later)).order_by(Change.id)).scalars()
        raise ChangedSince(changes=", ".join(f"#{one.id} {one.kind}" for one in changes))


def undo_change(writes: Writes, act: Act, number: int) -> Change:
    """Withdraw what the change wrote and write again what it had withdrawn. The caller checked the right. Raises ChangedSince."""
    people = find_touched(writes, number)
    lock_people(writes, people)
    original = get_undoable(writes, number)
    check_nothing_built(writes, number)
    change = small_change(writes, KIND, act.actor.label, act.now, reason=act.reason, decision=act.decision)
    try:
        take_back(writes, number, change)
        writes.flush()
    except sa.exc.IntegrityError as error:
        raise ChangedSince(changes="—") from error
    original.undone_by = change.id
    cancel_of_change(writes, number)
    for person in people:
        detail = {"change": change.id, "undoes": number, "reason": act.reason}
        audit.record(writes, act.now, UNDONE, act.actor.label, str(person), detail)
    ask_for_people(writes, people, act.now)
    return change
