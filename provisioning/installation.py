"""The first day of an installation: the root unit and the first two administrators, by whom everything else is done.

Two, because a plan is approved by another person than its author. Their activation codes are shown once, here.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from directory.credentials import group_code, issue_activation_code
from directory.helped import FOUNDING
from directory.logins import LoginBook
from directory.models import Account, Login, Person, PersonDetail, Post, Unit, UnitEvent, UnitEventLink, UnitVersion
from directory.names import fold_name, normalize_text
from foundation import audit
from foundation.changes import small_change
from foundation.database import Reads, Writes
from foundation.errors import BadInput, TryAgain

BEGINNING = datetime(1945, 9, 2, tzinfo=UTC)
CODE_DAYS = 30
ACTOR = "init"
RIGHTS = "hr help_desk operator"


class AlreadyFounded(TryAgain):
    """The register has its root unit."""

    code = "already_founded"
    sentence = "This register was founded before; nothing was changed."


@dataclass(frozen=True)
class FirstAdministrator:
    """One of the first two: their log-in and the activation code to hand over."""

    name: str
    login: str
    code: str
    person_id: uuid.UUID


def is_founded(reads: Reads) -> bool:
    """Whether the register has any unit."""
    return reads.execute(sa.select(Unit.id).limit(1)).first() is not None


def found_installation(writes: Writes, root_name: str, names: Sequence[str], now: datetime) -> list[FirstAdministrator]:
    """Write the root unit and the administrators in one published change.

    Raises AlreadyFounded, BadInput when fewer than two people are named.
    """
    people = [normalize_text(name) for name in names if normalize_text(name)]
    if len(people) < 2:
        raise BadInput("Two administrators are needed: whoever makes a plan cannot approve it.")
    if is_founded(writes):
        raise AlreadyFounded
    change = small_change(writes, FOUNDING, ACTOR, now)
    root = add_root(writes, normalize_text(root_name), change.id)
    book = LoginBook(lambda _: False)
    made = [add_administrator(writes, name, book.give(name), root, change.id, now) for name in people]
    audit.record(writes, now, "provisioning.installation.founded", ACTOR, str(root), {"administrators": len(made)})
    return made


def add_root(writes: Writes, name: str, change_id: int) -> uuid.UUID:
    """The unit above all others."""
    root, event = uuid.uuid4(), uuid.uuid4()
    writes.add(Unit(id=root, level="central", change_id=change_id))
    writes.flush()
    writes.add_all(
        [
            UnitVersion(
                unit_id=root,
                name=name,
                name_key=fold_name(name),
                kind="office",
                valid_from=BEGINNING,
                change_id=change_id,
            ),
            UnitEvent(id=event, kind="create", instant=BEGINNING, change_id=change_id),
            UnitEventLink(event_id=event, successor_id=root, share="whole", principal=True, change_id=change_id),
        ]
    )
    return root


def add_administrator(
    writes: Writes, name: str, login: str, root: uuid.UUID, change_id: int, now: datetime
) -> FirstAdministrator:
    """A person with HR, help-desk and operator duties over everything, and a code to activate with."""
    person_id, account_id = uuid.uuid4(), uuid.uuid4()
    writes.add(Person(id=person_id, change_id=change_id))
    writes.flush()
    writes.add(Account(id=account_id, person_id=person_id, kind="business", state="issued", change_id=change_id))
    writes.flush()
    writes.add_all(
        [
            PersonDetail(person_id=person_id, name=name, name_key=fold_name(name), valid_from=now, change_id=change_id),
            Post(
                post_id=uuid.uuid4(),
                person_id=person_id,
                unit_id=root,
                title="Quản trị viên hợp nhất",
                body="committee",
                duties=RIGHTS,
                main=True,
                valid_from=now,
                change_id=change_id,
            ),
            Login(account_id=account_id, login=login, login_key=login, kind="own", valid_from=now, change_id=change_id),
        ]
    )
    code = issue_activation_code(writes, account_id, now, timedelta(days=CODE_DAYS))
    return FirstAdministrator(name, login, group_code(code), person_id)
