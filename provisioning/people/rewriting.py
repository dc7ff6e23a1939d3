"""Rows of people written again under a small change: ended, moved to another record, or changed in a column.

Nothing is edited: a row is withdrawn by the change and a copy with the differences is added by it.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from directory.models import Account, Certificate, ForeignAccount, Login, MailAddress, Person, PersonDetail, Post
from directory.units import chunked
from foundation.changes import UNPUBLISHED, Change, visible
from foundation.changes import withdraw as withdraw_rows
from foundation.database import Reads, Writes
from foundation.errors import TryAgain
from provisioning.people.errors import PlanRunning

OF_PERSON: tuple[Any, ...] = (PersonDetail, Post, MailAddress, ForeignAccount, Certificate)
"""What is said of a person by their id; log-ins are said of the account."""
PLAIN = ("row_id", "change_id", "withdrawn_by")


def table_of(model: Any) -> sa.Table:
    """A model's table."""
    return cast(sa.Table, model.__table__)


def read_rows(reads: Reads, model: Any, *where: sa.ColumnElement[bool]) -> Sequence[Any]:
    """The known rows of a table, oldest first."""
    return reads.execute(sa.select(table_of(model)).where(visible(model), *where).order_by(model.row_id)).all()


def write_again(writes: Writes, model: Any, row_ids: Iterable[int], change: Change, **changed: Any) -> None:
    """Withdraw these rows and write them again with some columns changed. Raises TryAgain when somebody was faster."""
    ids = list(row_ids)
    withdraw(writes, model, ids, change)
    copy_rows(writes, model, ids, change, **changed)


def withdraw(writes: Writes, model: Any, row_ids: Iterable[int], change: Change) -> None:
    """Withdraw these rows for good. Raises TryAgain when somebody was faster."""
    ids = list(row_ids)
    if withdraw_rows(writes, model, change, ids) != len(ids):
        raise TryAgain


def copy_rows(writes: Writes, model: Any, row_ids: Iterable[int], change: Change, **changed: Any) -> None:
    """Rows like these, written by this change with some columns changed; the rows themselves are not touched."""
    table = model if isinstance(model, sa.Table) else table_of(model)
    for some in chunked(row_ids):
        found = writes.execute(sa.select(table).where(table.c.row_id.in_(some)).order_by(table.c.row_id)).mappings()
        fresh = {**changed, "change_id": change.id}
        rows = [{name: row[name] for name in row if name not in PLAIN} | fresh for row in found]
        if rows:
            writes.execute(sa.insert(table), rows)


def lock_people(writes: Writes, ids: Iterable[uuid.UUID]) -> None:
    """Hold these records for this transaction, so that two acts upon one human come one after the other."""
    writes.execute(sa.select(Person.id).where(Person.id.in_(sorted(ids))).order_by(Person.id).with_for_update())


def check_no_plan_running(reads: Reads, person_id: uuid.UUID, name: str) -> None:
    """Refuse while a plan that nobody sees yet writes or withdraws rows of this person. Raises PlanRunning."""
    for model in (*OF_PERSON, Login):
        wanted = sa.select(model.row_id).where(
            sa.or_(model.change_id.in_(UNPUBLISHED), model.withdrawn_by.in_(UNPUBLISHED))
        )
        if model is Login:
            wanted = wanted.join(Account, Account.id == Login.account_id).where(Account.person_id == person_id)
        else:
            wanted = wanted.where(model.person_id == person_id)
        if reads.execute(wanted.limit(1)).first() is not None:
            raise PlanRunning(person=name)


def goes_on(model: Any, now: datetime) -> sa.ColumnElement[bool]:
    """Rows that are in force or begin later."""
    return sa.or_(model.valid_to.is_(None), model.valid_to > now)
