"""Officials for the tests of the provider: a unit, a person in it, an account with a log-in and what opens it."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from directory.credentials import hash_password, issue_activation_code, keep_hash
from directory.models import Account, Login, MailAddress, Person, PersonDetail, Post, Unit, UnitCode, UnitVersion
from directory.names import fold_name
from foundation.changes import Change, small_change
from foundation.database import Writes
from foundation.runtime import Runtime

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
PASSWORD = "bốn con bò vàng"
PASSWORD_HASH = hash_password(PASSWORD)


@dataclass(frozen=True)
class Official:
    """Somebody of the tests."""

    person_id: uuid.UUID
    account_id: uuid.UUID
    unit_id: uuid.UUID
    login: str
    code: str | None


def add_unit(
    writes: Writes,
    change: Change,
    name: str,
    code: str,
    since: datetime = BEGINNING,
    level: str = "commune",
    seat: str | None = None,
) -> uuid.UUID:
    """A unit with an agency code."""
    unit_id = uuid.uuid4()
    writes.add(Unit(id=unit_id, level=level, change_id=change.id))
    writes.flush()
    writes.add(
        UnitVersion(
            unit_id=unit_id,
            name=name,
            name_key=fold_name(name),
            kind="office",
            valid_from=since,
            change_id=change.id,
            address=seat,
        )
    )
    writes.add(
        UnitCode(unit_id=unit_id, scheme="agency", level=level, code=code, valid_from=since, change_id=change.id)
    )
    return unit_id


def official(
    runtime: Runtime,
    name: str = "Lê Thị Hoa",
    login: str = "hoa.lt",
    *,
    unit: str = "Xã An Bình",
    code: str = "H61.12",
    state: str = "active",
    with_password: bool = True,
    with_code: bool = False,
    alias: str | None = None,
    address: str | None = None,
    duties: str = "",
    phone: str | None = None,
    birth_date: date | None = None,
    seat: str | None = None,
    kind: str = "business",
) -> Official:
    """An official of a commune; by default with PASSWORD and active."""
    now = runtime.clocks.wall()
    person_id, account_id = uuid.uuid4(), uuid.uuid4()
    with runtime.database.write() as writes:
        change = small_change(writes, "test", "test", now)
        unit_id = add_unit(writes, change, unit, code, seat=seat)
        writes.add(Person(id=person_id, change_id=change.id))
        writes.flush()
        writes.add(Account(id=account_id, person_id=person_id, kind=kind, state=state, change_id=change.id))
        writes.add(
            PersonDetail(
                person_id=person_id,
                name=name,
                name_key=fold_name(name),
                phone=phone,
                birth_date=birth_date,
                valid_from=BEGINNING,
                change_id=change.id,
            )
        )
        writes.add(
            Post(
                post_id=uuid.uuid4(),
                person_id=person_id,
                unit_id=unit_id,
                title="Công chức tư pháp",
                duties=duties,
                valid_from=BEGINNING,
                change_id=change.id,
            )
        )
        writes.flush()
        writes.add(
            Login(account_id=account_id, login=login, login_key=login, valid_from=BEGINNING, change_id=change.id)
        )
        if alias:
            writes.add(
                Login(
                    account_id=account_id,
                    login=alias,
                    login_key=alias,
                    kind="alias",
                    valid_from=BEGINNING,
                    change_id=change.id,
                )
            )
        if address:
            writes.add(
                MailAddress(
                    person_id=person_id, address=address, address_key=address, valid_from=BEGINNING, change_id=change.id
                )
            )
        if with_password:
            keep_hash(writes, account_id, PASSWORD_HASH, now)
        issued = issue_activation_code(writes, account_id, now, timedelta(days=30)) if with_code else None
    return Official(person_id, account_id, unit_id, login, issued)


def move_at(
    runtime: Runtime, who: Official, at: datetime, unit: str = "Phường Trà Vinh", code: str = "H61.149"
) -> uuid.UUID:
    """What a merger writes ahead: from the instant on, a new unit, and this official's post in it; their old unit ends. Gives its id."""
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        change = small_change(writes, "test", "test", now)
        unit_id = add_unit(writes, change, unit, code, since=at)
        for table in (Post, UnitVersion, UnitCode):
            writes.execute(sa.update(table).where(table.unit_id == who.unit_id).values(valid_to=at))
        writes.add(
            Post(
                post_id=uuid.uuid4(),
                person_id=who.person_id,
                unit_id=unit_id,
                title="Công chức tư pháp",
                valid_from=at,
                change_id=change.id,
            )
        )
    return unit_id
