"""A small administration on the eve of a merger, for the tests of this room."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from directory.logins import build_login, login_key
from directory.models import (
    SEAL_NUMBER,
    Account,
    Credential,
    Login,
    Person,
    PersonDetail,
    Post,
    Unit,
    UnitCode,
    UnitVersion,
)
from directory.names import fold_name
from foundation import audit
from foundation.changes import Change, small_change
from foundation.clocks import parse_instant
from foundation.database import Writes
from foundation.plans import Plan, find_run, record_approval
from foundation.runtime import Runtime
from foundation.shell import Actor
from provisioning.merger.apply import Applied, apply_plan
from provisioning.merger.approval import MADE
from provisioning.merger.decree_file import parse_decree
from provisioning.merger.left_behind import Left
from provisioning.merger.placement import PlacedRow
from provisioning.merger.planning import Author, make_plan
from provisioning.merger.undo import plan_taking_back
from provisioning.rosters.vocabulary import Place
from tests.services.clock import MovableClock

FOUNDED = parse_instant("2004-07-08")
EFFECTIVE = parse_instant("2025-07-01")


@dataclass(frozen=True)
class TakenBack:
    """What the inverse plan did, and who could not be put back."""

    applied: Applied
    left: tuple[Left, ...]


@dataclass
class Administration:
    """A register being filled; ids by the words a test uses."""

    runtime: Runtime
    units: dict[str, uuid.UUID] = field(default_factory=dict)
    people: dict[str, uuid.UUID] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    files: Path = Path()

    def write(self, kind: str, act: Callable[[Writes, Change], Any], reason: str | None = None) -> Any:
        """One published change."""
        with self.runtime.database.write() as writes:
            now = self.runtime.clocks.wall()
            return act(writes, small_change(writes, kind, "setup", now, reason=reason))

    def add_units(self, *rows: tuple[str, str, str, str | None, dict[str, str]]) -> None:
        """Units as (word, level, name, parent's word, codes by scheme)."""

        def act(writes: Writes, change: Change) -> None:
            for word, level, name, parent, codes in rows:
                unit = self.units[word] = uuid.uuid4()
                writes.add(Unit(id=unit, level=level, change_id=change.id))
                writes.flush()
                writes.add(
                    UnitVersion(
                        unit_id=unit,
                        name=name,
                        name_key=fold_name(name),
                        parent_id=self.units[parent] if parent else None,
                        valid_from=FOUNDED,
                        change_id=change.id,
                    )
                )
                for scheme, code in codes.items():
                    writes.add(
                        UnitCode(
                            unit_id=unit,
                            scheme=scheme,
                            level=level,
                            code=code,
                            valid_from=FOUNDED,
                            change_id=change.id,
                            decision_number="124/2004/QĐ-TTg",
                            decision_date=date(2004, 7, 8),
                            decision_issuer="Thủ tướng Chính phủ",
                        )
                    )

        self.write("unit.import", act)

    def add_person(
        self,
        word: str,
        unit: str,
        duties: str = "",
        title: str = "Chuyên viên",
        body: str = "committee",
        *,
        alias: str | None = None,
        password: bool = True,
        beside: tuple[tuple[str, str, str, str], ...] = (),
    ) -> uuid.UUID:
        """A person with an account; `beside` are concurrent posts as (unit, title, body, duties)."""
        person = self.people[word] = uuid.uuid4()
        number = self.numbers[word] = f"0860{len(self.people):08d}"

        def act(writes: Writes, change: Change) -> None:
            sealer = self.runtime.sealer
            account = uuid.uuid4()
            writes.add(Person(id=person, change_id=change.id))
            writes.flush()
            writes.add(
                PersonDetail(
                    person_id=person,
                    name=word,
                    name_key=fold_name(word),
                    valid_from=FOUNDED,
                    change_id=change.id,
                    number_index=sealer.blind_index(number, SEAL_NUMBER),
                    number_sealed=sealer.seal(number.encode(), SEAL_NUMBER),
                )
            )
            writes.add(Account(id=account, person_id=person, change_id=change.id, state="active"))
            writes.flush()
            login = f"{build_login(word)}{len(self.people)}"
            rows = [(login, "own")] + ([(alias, "alias")] if alias else [])
            for text, kind in rows:
                writes.add(
                    Login(
                        account_id=account,
                        login=text,
                        login_key=login_key(text),
                        kind=kind,
                        valid_from=FOUNDED,
                        change_id=change.id,
                    )
                )
            if password:
                writes.add(Credential(account_id=account, password_hash="x"))
            for number_, (where, what, of, duty) in enumerate([(unit, title, body, duties), *beside]):
                writes.add(
                    Post(
                        post_id=uuid.uuid4(),
                        person_id=person,
                        unit_id=self.units[where],
                        title=what,
                        body=of,
                        duties=duty,
                        main=number_ == 0,
                        valid_from=FOUNDED,
                        change_id=change.id,
                    )
                )

        self.write("person.hire", act)
        return person

    def add_crowd(self, unit: str, count: int) -> None:
        """Many people without a name anybody remembers, in one change."""

        def act(writes: Writes, change: Change) -> None:
            ids = [(uuid.uuid4(), uuid.uuid4()) for _ in range(count)]
            dated = {"valid_from": FOUNDED, "change_id": change.id}
            people = [{"id": person, "change_id": change.id} for person, _account in ids]
            details: list[dict[str, Any]] = []
            accounts: list[dict[str, Any]] = []
            logins: list[dict[str, Any]] = []
            posts: list[dict[str, Any]] = []
            for number, (person, account) in enumerate(ids):
                login = f"n{number}.{unit}"
                details.append({"person_id": person, "name": f"Người {number}", "name_key": f"nguoi {number}", **dated})
                accounts.append({"id": account, "person_id": person, "change_id": change.id, "state": "active"})
                logins.append({"account_id": account, "login": login, "login_key": login, **dated})
                post = {"post_id": uuid.uuid4(), "person_id": person, "unit_id": self.units[unit]}
                posts.append({**post, "title": "Chuyên viên", **dated})
            rows: list[tuple[Any, list[dict[str, Any]]]] = [
                (Person, people),
                (PersonDetail, details),
                (Account, accounts),
                (Login, logins),
                (Post, posts),
            ]
            for model, values in rows:
                writes.execute(sa.insert(model), values)

        self.write("roster", act)

    def actor(self, word: str) -> Actor:
        """This person, logged in."""
        person = self.people[word]
        return Actor(str(person), person, word, logged_in_at=self.runtime.clocks.wall())

    def plan(self, decree: str, rows: list[PlacedRow] | None = None, author: str = "Lê Thị Hoa") -> Plan:
        """A plan of a decree given as YAML."""
        with self.runtime.database.read() as reads:
            out = self.files / f"{uuid.uuid4().hex}.plan"
            who = Author(str(self.people[author]), author)
            now = self.runtime.clocks.wall()
            made = make_plan(reads, self.runtime.sealer, parse_decree(decree.encode()), rows or [], out, who, now)
        with self.runtime.database.write() as writes:
            audit.record(writes, now, MADE[0], str(self.people[author]), made.digest)
        return made

    def approve(self, plan: Plan, by: str = "Nam Trần") -> None:
        """Approved by another person, without asking for rights."""
        with self.runtime.database.write() as writes:
            record_approval(writes, plan, str(self.people[by]), self.runtime.clocks.wall(), plan.header.open)

    def take_back(self, plan: Plan, reason: str = "Hoãn nghị quyết", author: str = "Lê Thị Hoa") -> TakenBack:
        """A plan that was done, taken back by a plan that somebody else approved."""
        hoa = self.actor(author)
        with self.runtime.database.read() as reads:
            run = find_run(reads, plan.digest)
        assert run is not None
        out = self.files / f"{uuid.uuid4().hex}.plan"
        undoing = plan_taking_back(self.runtime, run, out, hoa, Author(hoa.label, hoa.name), reason)
        self.approve(undoing.plan)
        return TakenBack(apply_plan(self.runtime, undoing.plan.path, hoa), undoing.left)

    def row(self, word: str, old: str | None, new: str | None, title: str | None = None, **more: Any) -> PlacedRow:
        """One row of a placement list; the name is the word."""
        values: dict[str, Any] = {"duties": None, "body": None, "main": None, "decision": "1/QĐ"} | more
        return PlacedRow(
            Place("list.xlsx", "Sheet1", len(self.people)),
            self.numbers[word],
            word,
            old,
            new,
            new is None,
            title,
            **values,
        )


DECREE = """
format: hopnhat-decree/1
title: Sáp nhập thử
decision: {number: 202/2025/QH15, date: 2025-06-12, issuer: Quốc hội}
effective: 2025-07-01
example: true
units:
  - {ref: an-hoi, level: commune, name: Phường An Hội, parent: {scheme: admin-2004, code: "86"},
     codes: [{scheme: admin, code: "28789", continues: {scheme: admin-2004, code: "28789"}},
             {scheme: agency, code: H61.101, status: proposed}]}
events:
  - {kind: merge_into_existing, into: {scheme: admin-2004, code: "86"},
     from: [{unit: {scheme: admin-2004, code: "83"}}], codes: [{scheme: admin, code: "86"}]}
  - {kind: merge_into_new, into: {ref: an-hoi},
     from: [{unit: {scheme: admin-2004, code: "28789"}}, {unit: {scheme: admin-2004, code: "28756"}}]}
  - {kind: dissolve, unit: {scheme: admin-2004, code: "829"}, heirs: [{unit: {ref: an-hoi}, share: part}]}
old_logins_until: 2025-12-31
"""


@pytest.fixture
def administration(runtime: Runtime, clock: MovableClock, tmp_path: Path) -> Administration:
    """Two provinces, one with a district and two wards; an HR officer of the root and another, a few people below."""
    clock.set("2025-06-20T09:00:00+07:00")
    made = Administration(runtime, files=tmp_path)
    made.add_units(
        ("root", "central", "Chính quyền thử", None, {"agency": "A00"}),
        ("86", "province", "Tỉnh Vĩnh Long", "root", {"admin-2004": "86", "agency": "H61"}),
        ("83", "province", "Tỉnh Bến Tre", "root", {"admin-2004": "83", "agency": "H08"}),
        ("829", "district", "Thành phố Bến Tre", "83", {"admin-2004": "829", "agency": "H08.31"}),
        ("28789", "commune", "Phường An Hội", "829", {"admin-2004": "28789", "agency": "H08.31.21"}),
        ("28756", "commune", "Phường Phú Khương", "829", {"admin-2004": "28756", "agency": "H08.31.22"}),
    )
    made.add_person("Lê Thị Hoa", "root", "hr", "Trưởng phòng Nhân sự")
    made.add_person("Nam Trần", "root", "hr approver", "Phó phòng")
    made.add_person("Trần Văn Bình", "28789")
    made.add_person("Nguyễn Thị Cúc", "28756", alias="cuc.nt")
    made.add_person("Phạm Chủ Tịch", "28789", "leader approver", "Chủ tịch UBND phường")
    made.add_person("Đỗ Chủ Tịch", "28756", "leader", "Chủ tịch UBND phường", password=False)
    made.add_person("Võ Văn Huyện", "829", "", "Chuyên viên Văn phòng")
    made.add_person("Lý Ở Lại", "86", "leader", "Chủ tịch UBND tỉnh")
    return made


@pytest.fixture
def now(clock: MovableClock) -> datetime:
    """The wall."""
    return clock.now
