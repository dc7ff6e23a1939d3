"""Units and people for the tests of the register: factories with words for traits."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from directory.models import (
    Account,
    Login,
    Person,
    PersonDetail,
    Post,
    Unit,
    UnitCode,
    UnitEvent,
    UnitEventLink,
    UnitVersion,
)
from directory.names import fold_name
from foundation.changes import Change, small_change
from foundation.database import Database, Writes

BEFORE = datetime(2004, 7, 8, tzinfo=UTC)
MERGER = datetime(2025, 6, 30, 17, tzinfo=UTC)


@dataclass
class World:
    """A small register; every call is one change."""

    database: Database
    units: dict[str, uuid.UUID] = field(default_factory=dict)
    changes: list[int] = field(default_factory=list)

    def change(self, writes: Writes, now: datetime = BEFORE) -> Change:
        """A published change."""
        change = small_change(writes, "test", "tester", now)
        self.changes.append(change.id)
        return change

    def move(self, unit: str, parent: str, instant: datetime) -> None:
        """A unit lies under another from the instant on."""
        with self.database.write() as writes:
            change = self.change(writes)
            row = writes.execute(sa.select(UnitVersion).where(UnitVersion.unit_id == self.units[unit])).scalar_one()
            kept = {column.name: getattr(row, column.name) for column in UnitVersion.__table__.columns}
            row.valid_to = instant
            writes.flush()
            del kept["row_id"]
            moved = {"valid_from": instant, "parent_id": self.units[parent], "change_id": change.id}
            writes.add(UnitVersion(**kept | moved))

    def unit(self, name: str, *, level: str = "commune", parent: str | None = None, begins: datetime = BEFORE,
             ends: datetime | None = None, continued_from: str | None = None, **codes: str) -> uuid.UUID:  # fmt: skip
        """A unit with its codes (`admin_2004="28756"`), known in the world by its name."""
        unit_id = self.units[name] = uuid.uuid4()
        with self.database.write() as writes:
            change = self.change(writes)
            writes.add(Unit(id=unit_id, level=level, change_id=change.id))
            writes.flush()
            writes.add(
                UnitVersion(unit_id=unit_id, name=name, name_key=fold_name(name), kind="office",
                            parent_id=self.units[parent] if parent else None, valid_from=begins, valid_to=ends,
                            change_id=change.id)
            )  # fmt: skip
            for scheme, code in codes.items():
                writes.add(
                    UnitCode(unit_id=unit_id, scheme=scheme.replace("_", "-"), level=level, code=code, valid_from=begins,
                             valid_to=ends, decision_number="1/QĐ", change_id=change.id,
                             continued_from=self.units[continued_from] if continued_from else None)
                )  # fmt: skip
        return unit_id

    def event(self, kind: str, instant: datetime, *links: tuple[str, str, str, bool]) -> uuid.UUID:
        """An event with links (from, to, share, principal); an empty name is no unit."""
        event_id = uuid.uuid4()
        with self.database.write() as writes:
            change = self.change(writes)
            writes.add(
                UnitEvent(id=event_id, kind=kind, instant=instant, decision_number="202/2025/QH15", change_id=change.id)
            )
            for old, new, share, principal in links:
                writes.add(
                    UnitEventLink(event_id=event_id, predecessor_id=self.units.get(old), successor_id=self.units.get(new),
                                  share=share, principal=principal, change_id=change.id)
                )  # fmt: skip
        return event_id

    def official(self, name: str, unit: str, *, login: str | None = None, duties: str = "", title: str = "Công chức",
                 begins: datetime = BEFORE, ends: datetime | None = None, main: bool = True) -> uuid.UUID:  # fmt: skip
        """A person with a post and, if a log-in is given, an account."""
        person_id = uuid.uuid4()
        with self.database.write() as writes:
            change = self.change(writes)
            writes.add(Person(id=person_id, change_id=change.id))
            writes.flush()
            writes.add(
                PersonDetail(
                    person_id=person_id, name=name, name_key=fold_name(name), valid_from=BEFORE, change_id=change.id
                )
            )
            writes.add(
                Post(post_id=uuid.uuid4(), person_id=person_id, unit_id=self.units[unit], title=title, duties=duties, main=main,
                     valid_from=begins, valid_to=ends, change_id=change.id)
            )  # fmt: skip
            if login is not None:
                self.account(writes, change, person_id, login)
        return person_id

    def account(self, writes: Writes, change: Change, person_id: uuid.UUID, login: str) -> uuid.UUID:
        """A business account with its own log-in."""
        account_id = uuid.uuid4()
        writes.add(Account(id=account_id, person_id=person_id, kind="business", state="issued", change_id=change.id))
        writes.flush()
        writes.add(
            Login(
                account_id=account_id, login=login, login_key=login, kind="own", valid_from=BEFORE, change_id=change.id
            )
        )
        return account_id


@pytest.fixture
def world(database: Database) -> World:
    """An empty register with factories."""
    return World(database)
