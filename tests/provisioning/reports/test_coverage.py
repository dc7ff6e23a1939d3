"""Coverage: who lacks what, by name; only for who may read names, and written down."""

import json
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from foundation import audit
from foundation.audit import AuditRow
from foundation.clocks import as_rfc3339
from foundation.shell import Actor
from provisioning.rosters.models import RosterSending, RosterSentUnit
from sso.factors.models import Authenticator
from tests.provisioning.loads import GLASS
from tests.provisioning.reports.conftest import Call, Office
from tests.services.clock import MovableClock


def ask(office: Office, call: Call, name: str, *words: str) -> list[dict[str, Any]]:
    answer = call(office.runtime, GLASS, "report", "coverage", "--list", name, "--output", "json", *words)
    assert answer.code in (0, 1), answer.talk
    told = json.loads(answer.out)
    assert told["lists"][name]["missing"] == len(told["rows"])
    assert (answer.code == 1) == bool(told["rows"])
    rows: list[dict[str, Any]] = told["rows"]
    return rows


def names(rows: Iterable[dict[str, Any]]) -> list[str]:
    return [row["name"] or row["unit"] for row in rows]


def test_agencies_with_fewer_than_two_signers(office: Office, call: Call) -> None:
    assert len(ask(office, call, "few-signers")) == 4
    office.certify("Lê Thị Hoa", "UBND xã An Bình")
    rows = {row["unit"]: row["why"] for row in ask(office, call, "few-signers")}
    assert rows["UBND xã An Bình"] == "1 of 2 leaders and deputies can sign; 2 are needed"
    office.certify("Trần Văn Nam", "UBND xã An Bình")
    assert "UBND xã An Bình" not in names(ask(office, call, "few-signers"))


def test_officials_without_account_code_or_address(office: Office, call: Call) -> None:
    assert names(ask(office, call, "no-account")) == ["Ngô Không"]
    whys = {row["name"]: row["why"] for row in ask(office, call, "not-activated")}
    assert whys["Đỗ Thị Đào"] == "code handed out, not used yet"
    assert whys["Phạm Quốc Ẩn"] == "opens with the old password, not used yet"
    assert whys["Trần Văn Nam"] == "waits for a code"
    assert "Lê Thị Hoa" not in whys
    office.address("Lê Thị Hoa", "hoa@vinhlong.gov.vn")
    assert len(ask(office, call, "no-address")) == len(office.people) - 1


def test_certificates_that_name_something_else_or_end(office: Office, call: Call) -> None:
    for name in ("Lê Thị Hoa", "Trần Văn Nam", "Đỗ Thị Đào"):
        office.address(name, f"{name.split()[-1].lower()}@vinhlong.gov.vn".replace("đào", "dao"))
    office.certify("Lê Thị Hoa", "UBND xã An Bình", "hoa@vinhlong.gov.vn", days=59)
    office.certify("Trần Văn Nam", "UBND xã Cũ", days=61)
    office.certify("Đỗ Thị Đào", "UBND xã An Bình", "dao@anbinh.gov.vn", days=91)
    other = {row["name"]: row["why"] for row in ask(office, call, "certificate-other")}
    assert other == {
        "Trần Văn Nam": "the certificate names UBND xã Cũ",
        "Đỗ Thị Đào": "the certificate names the address dao@anbinh.gov.vn",
    }
    ending = {row["name"]: row["why"].split(", ")[1] for row in ask(office, call, "certificate-ending")}
    assert ending == {"Lê Thị Hoa": "within 60 days", "Trần Văn Nam": "within 90 days"}
    assert "Lê Thị Hoa" not in names(ask(office, call, "no-certificate"))
    assert "Võ Minh Ưng" in names(ask(office, call, "no-certificate"))


def test_accounts_nobody_used_for_45_days(office: Office, call: Call, clock: MovableClock) -> None:
    clock.advance(days=44)
    assert ask(office, call, "idle") == []
    clock.advance(days=2)
    assert names(ask(office, call, "idle")) == ["Lê Thị Hoa"]
    with office.runtime.database.write() as writes:
        hoa, account = str(office.people["Lê Thị Hoa"]), str(office.account("Lê Thị Hoa"))
        audit.record(writes, office.runtime.clocks.wall(), "sso.session.opened", hoa, account)
    assert ask(office, call, "idle") == []


def test_agencies_without_a_roster(office: Office, call: Call) -> None:
    office.world.unit("Xã Trống", parent="Tỉnh Vĩnh Long")
    assert sorted(names(ask(office, call, "no-roster"))) == ["UBND tỉnh Vĩnh Long", "UBND xã Trống"]


def test_units_whose_last_roster_has_faults(office: Office, call: Call, clock: MovableClock) -> None:
    first, second = office.world.units["Xã An Bình"], office.world.units["Xã Long Hồ"]
    send(office, {first: (40, 3), second: (20, 1)})
    clock.advance(hours=1)
    assert [row["why"] for row in ask(office, call, "open-faults")] == [
        "3 of 40 rows have faults; sent on 24 June 2025",
        "1 of 20 rows have faults; sent on 24 June 2025",
    ]
    send(office, {second: (20, 0)})
    assert names(ask(office, call, "open-faults")) == ["UBND xã An Bình"]
    earlier = as_rfc3339(clock.now - timedelta(minutes=1))
    assert len(ask(office, call, "open-faults", "--at", earlier, "--known-at", earlier)) == 2


def send(office: Office, units: dict[uuid.UUID, tuple[int, int]]) -> None:
    """A delivery that named these units: rows and faults of each."""
    with office.runtime.database.write() as writes:
        rows, faults = (sum(pair[place] for pair in units.values()) for place in (0, 1))
        now = office.runtime.clocks.wall()
        sending = RosterSending(
            sender_id=None,
            sent_at=now,
            speaks_of=now,
            actor="test",
            files=["a.csv"],
            rows=rows,
            people=rows,
            faults=faults,
        )
        writes.add(sending)
        writes.flush()
        for unit, (some, faulty) in units.items():
            writes.add(RosterSentUnit(sending_id=sending.id, unit_id=unit, rows=some, faults=faulty, people="sealed"))


def test_officials_in_use_without_a_second_factor(office: Office, call: Call) -> None:
    office.activate("Trần Văn Nam")
    assert names(ask(office, call, "no-second-factor")) == ["Lê Thị Hoa", "Trần Văn Nam"]
    with office.runtime.database.write() as writes:
        now = office.runtime.clocks.wall()
        writes.add(Authenticator(account_id=office.account("Lê Thị Hoa"), secret_sealed="x", made_at=now, last_step=0))
    assert names(ask(office, call, "no-second-factor")) == ["Trần Văn Nam"]


def test_a_list_of_one_unit_holds_nobody_else(office: Office, call: Call) -> None:
    office.code("Xã An Bình", "H61.7")
    rows = ask(office, call, "no-certificate", "--unit", "H61.7")
    assert {row["unit"] for row in rows} == {"UBND xã An Bình"}
    assert len(rows) == 3


def test_the_summary_is_for_all_and_names_nobody(office: Office, call: Call) -> None:
    answer = call(office.runtime, Actor("nobody"), "report", "coverage")
    assert answer.code == 1
    assert "Lê Thị Hoa" not in answer.out
    assert "Officials without an account" in answer.out


@pytest.mark.parametrize("words", [("--list", "no-certificate"), ("--html", "a.html"), ("--output", "json")], ids=str)
def test_names_need_a_right_over_the_unit_and_reading_them_is_written_down(
    office: Office, call: Call, words: tuple[str, ...]
) -> None:
    office.code("Xã An Bình", "H61.7")
    office.code("Xã Long Hồ", "H61.8")
    hoa = Actor(str(office.people["Lê Thị Hoa"]), office.people["Lê Thị Hoa"], "Lê Thị Hoa")
    nobody = Actor(str(office.people["Võ Minh Ưng"]), office.people["Võ Minh Ưng"], "Võ Minh Ưng")
    for actor, unit, code in ((nobody, "H61.8", 77), (hoa, "H61.8", 77), (hoa, "H61.7", 1)):
        assert call(office.runtime, actor, "report", "coverage", "--unit", unit, *words).code == code
    assert call(office.runtime, hoa, "report", "coverage", *words).code == 77
    with office.runtime.database.read() as reads:
        rows = reads.execute(sa.select(AuditRow.outcome).where(AuditRow.event == "provisioning.report.list")).scalars()
        assert sorted(rows) == ["done", "refused", "refused", "refused"]


def test_a_list_that_does_not_exist_is_refused(office: Office, call: Call) -> None:
    assert call(office.runtime, GLASS, "report", "coverage", "--list", "everybody").code == 64
