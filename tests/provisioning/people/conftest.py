"""A province with two communes, an HR officer above them, and records that may be one human."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.joins import find_survivor
from directory.logins import login_key
from directory.models import (
    SEAL_NUMBER,
    Account,
    Credential,
    Login,
    MailAddress,
    Person,
    PersonDetail,
    Post,
)
from directory.names import fold_name
from foundation.changes import Change, register_digest, visible
from foundation.database import Writes
from foundation.runtime import Runtime
from foundation.shell import Actor
from provisioning.account_command import account_group
from provisioning.people.command import person_group
from tests.provisioning.commands import Answer, build_caller
from tests.provisioning.merger.conftest import FOUNDED, Administration, administration
from tests.services.clock import MovableClock
from tests.services.slapd import slapd, slapd_of_session

Call = Callable[..., Answer]


@dataclass
class Office(Administration):
    """An administration with records written trait by trait."""

    def record(
        self,
        name: str,
        unit: str,
        login: str,
        *,
        title: str = "Chuyên viên",
        number: str | None = None,
        born: date | None = None,
        phone: str | None = None,
        staff_code: str | None = None,
        address: str | None = None,
        state: str = "active",
        password: str | None = "x",
        begins: datetime = FOUNDED,
        main: bool = True,
        duties: str = "",
    ) -> uuid.UUID:
        """One record with one post, an account and one log-in."""
        person, account = uuid.uuid4(), uuid.uuid4()
        sealer = self.runtime.sealer

        def act(writes: Writes, change: Change) -> None:
            dated = {"change_id": change.id, "valid_from": begins}
            writes.add(Person(id=person, change_id=change.id))
            writes.flush()
            writes.add(
                PersonDetail(
                    person_id=person, name=name, name_key=fold_name(name), birth_date=born, phone=phone,
                    staff_code=staff_code, number_index=sealer.blind_index(number, SEAL_NUMBER) if number else None,
                    number_sealed=sealer.seal(number.encode(), SEAL_NUMBER) if number else None, **dated,
                )
            )  # fmt: skip
            writes.add(Account(id=account, person_id=person, change_id=change.id, state=state))
            writes.flush()
            writes.add(Login(account_id=account, login=login, login_key=login_key(login), **dated))
            if address:
                writes.add(MailAddress(person_id=person, address=address, address_key=address, **dated))
            if password:
                writes.add(Credential(account_id=account, password_hash=password))
            writes.add(
                Post(
                    post_id=uuid.uuid4(), person_id=person, unit_id=self.units[unit], title=title, duties=duties,
                    main=main, **dated,
                )
            )  # fmt: skip

        self.write("person.hire", act)
        self.people[login] = person
        return person

    def posts(self, person: uuid.UUID) -> list[tuple[str, bool]]:
        """Title and whether it is the main one, of every known period of a person."""
        with self.runtime.database.read() as reads:
            rows = reads.execute(
                sa.select(Post.title, Post.main)
                .where(Post.person_id == person, visible(Post))
                .order_by(Post.main.desc(), Post.title)
            )
            return [(title, main) for title, main in rows]

    def state(self, person: uuid.UUID) -> str:
        """The state of a record's own account."""
        with self.runtime.database.read() as reads:
            return reads.execute(sa.select(Account.state).where(Account.person_id == person)).scalar_one()

    def survivor(self, person: uuid.UUID) -> uuid.UUID:
        """Whom an id means now."""
        with self.runtime.database.read() as reads:
            return find_survivor(reads, person)

    def digest(self) -> str:
        """The register's content as one number."""
        with self.runtime.database.read() as reads:
            return register_digest(reads)


@pytest.fixture
def office(runtime: Runtime, clock: MovableClock, tmp_path: Path) -> Office:
    """Two communes under one province; an HR officer of the province and one of the first commune alone."""
    clock.set("2025-06-20T09:00:00+07:00")
    made = Office(runtime, files=tmp_path)
    made.add_units(
        ("root", "central", "Chính quyền thử", None, {"agency": "A00"}),
        ("86", "province", "Tỉnh Vĩnh Long", "root", {"admin-2004": "86", "agency": "H61"}),
        ("x1", "commune", "Xã An Bình", "86", {"admin-2004": "28756", "agency": "H61.1"}),
        ("x2", "commune", "Xã Bình Hòa", "86", {"admin-2004": "28789", "agency": "H61.2"}),
    )
    made.add_person("Lê Thị Hoa", "86", "hr", "Trưởng phòng Nhân sự")
    made.add_person("Nam Trần", "x1", "hr", "Cán bộ nhân sự xã")
    return made


@pytest.fixture
def hr(office: Office) -> Actor:
    """HR of the whole province."""
    return office.actor("Lê Thị Hoa")


@pytest.fixture
def commune_hr(office: Office) -> Actor:
    """HR of one commune."""
    return office.actor("Nam Trần")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """A verb, run as people run it, answering in English."""
    monkeypatch.setenv("HOPNHAT_LANG", "en")
    return build_caller({"person": person_group, "account": account_group}, {}, capsys)


def count_changes(runtime: Runtime) -> int:
    """How many changes there are."""
    with runtime.database.read() as reads:
        return int(reads.execute(sa.select(sa.func.count(Change.id))).scalar_one())


__all__ = ["Call", "Office", "administration", "count_changes", "slapd", "slapd_of_session"]
