"""`person show --why`: every change of a person with its decision, actor, approval, file and row, in both languages and as data."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from foundation.changes import recorded_tables
from foundation.runtime import Runtime
from foundation.shell import Actor
from provisioning.merger.apply import apply_plan
from provisioning.people.why import TABLES
from tests.provisioning.loads import GLASS, Installation, found
from tests.provisioning.merger.conftest import DECREE, Administration
from tests.provisioning.people.conftest import Call, Office
from tests.provisioning.rosters.makers import HOA
from tests.services.clock import MovableClock

NUMBER = str(HOA["personal_number"])


@pytest.fixture
def installation(runtime: Runtime, tmp_path: Path) -> Installation:
    """A register whose people came from a roster."""
    made = found(runtime, tmp_path)
    made.load(HOA)
    return made


def why(call: Call, runtime: Runtime, actor: Actor, key: str) -> list[dict[str, Any]]:
    """The answer as data."""
    answer = call(runtime, actor, "person", "show", key, "--why", "--output", "json")
    assert answer.code == 0, answer.talk
    return list(json.loads(answer.out))


def test_a_roster_is_named_with_its_file_and_row(installation: Installation, call: Call) -> None:
    told = why(call, installation.runtime, GLASS, NUMBER)
    assert [(one["kind"], one["approved_by"]) for one in told] == [("roster", "somebody else")]
    assert told[0]["source"].endswith("roster.csv:2")
    assert {touch["table"] for touch in told[0]["touches"]} == {"person_detail", "post", "login"}
    assert all(touch["sign"] == "+" for touch in told[0]["touches"])
    assert NUMBER not in json.dumps(told)


def test_daily_changes_follow_with_their_decisions(installation: Installation, call: Call, clock: MovableClock) -> None:
    runtime = installation.runtime
    clock.advance(days=1)
    move = ("--unit", "H61.12.10", "--title", "Kế toán", "--from", "2025-06-26", "--decision", "77/QĐ-UBND")
    assert call(runtime, GLASS, "person", "move", NUMBER, *move).code == 0
    clock.advance(days=1)
    assert call(runtime, GLASS, "account", "suspend", NUMBER, "--reason", "nghi lộ mật khẩu").code == 0
    told = why(call, runtime, GLASS, NUMBER)
    assert [one["kind"] for one in told] == ["roster", "person.move", "provisioning.account.suspend"]
    moved = told[1]
    assert (moved["decision"], moved["source"]) == ("77/QĐ-UBND", None)
    assert [(one["sign"], one["what"].partition(" —")[0]) for one in moved["touches"]] == [
        ("~", "Văn thư"),
        ("+", "Kế toán"),
    ]
    assert moved["touches"][0]["before"]["to"] is None
    assert moved["touches"][0]["after"]["to"] == "2025-06-25T17:00:00Z"
    assert told[2]["reason"] == "nghi lộ mật khẩu"


def test_people_read_it_in_both_languages(
    installation: Installation, call: Call, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.advance(days=1)
    runtime = installation.runtime
    leave = ("--why", "retired", "--from", "2025-08-01", "--decision", "9/QĐ")
    assert call(runtime, GLASS, "person", "leave", NUMBER, *leave).code == 0
    english = call(runtime, GLASS, "person", "show", NUMBER, "--why").out
    assert "brought by a roster" in english
    assert "approved by somebody else" in english
    assert "roster.csv:2" in english
    assert "~ post: Văn thư — UBND xã An Bình  (2025-06-24 → 2025-08-01)" in english
    assert "decision 9/QĐ" in english
    monkeypatch.setenv("HOPNHAT_LANG", "vi")
    vietnamese = call(runtime, GLASS, "person", "show", NUMBER, "--why").out
    assert "nghỉ hưu" in vietnamese
    assert "quyết định 9/QĐ" in vietnamese


def test_a_merger_says_by_which_row_or_rule_somebody_was_moved(administration: Administration, call: Call) -> None:
    rows = [administration.row("Trần Văn Bình", "H08.31.21", "H61.101", "Trưởng phòng")]
    plan = administration.plan(DECREE, rows)
    administration.approve(plan)
    apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"))
    for name, by, source in (
        ("Trần Văn Bình", "placement", "list.xlsx · Sheet1:8"),
        ("Nguyễn Thị Cúc", "principal", "decree.yaml:14 · events[1]"),
    ):
        person = str(administration.people[name])
        told = why(call, administration.runtime, administration.actor("Lê Thị Hoa"), person)
        merged = told[-1]
        assert (merged["kind"], merged["by"], merged["source"]) == ("merger", by, source)
        assert (merged["actor_name"], merged["approved_by_name"]) == ("Lê Thị Hoa", "Nam Trần")
        assert merged["decision"] == "202/2025/QH15"


def test_joined_records_are_told_together(office: Office, hr: Actor, call: Call) -> None:
    kept = office.record("Trần Thị Đào", "x1", "dao.tt")
    lost = office.record("Trần Thị Đào", "x2", "dao.x2")
    assert call(office.runtime, hr, "person", "join", "dao.tt", "dao.x2", "--reason", "một người").code == 0
    told = why(call, office.runtime, hr, str(lost))
    assert [one["kind"] for one in told] == ["person.hire", "person.hire", "person.join"]
    assert told[2]["reason"] == "một người"
    assert f"{lost} → {kept}" in [touch["what"] for touch in told[2]["touches"]]
    assert told == why(call, office.runtime, hr, "dao.tt")


def test_what_was_refused_stands_there_too(office: Office, commune_hr: Actor, hr: Actor, call: Call) -> None:
    person = office.record("Trần Thị Đào", "x2", "dao.tt")
    assert call(office.runtime, commune_hr, "account", "suspend", "dao.tt", "--reason", "thử").code == 77
    told = why(call, office.runtime, hr, str(person))
    assert [(one["kind"], one["outcome"]) for one in told] == [
        ("person.hire", "done"),
        ("provisioning.account.suspend", "refused"),
    ]


def test_nobody_is_explained_who_is_not_there(office: Office, hr: Actor, call: Call) -> None:
    assert call(office.runtime, hr, "person", "show", str(uuid.uuid4()), "--why").code == 1


def test_the_tables_that_are_told_are_all_that_speak_of_people() -> None:
    """Whoever adds a recorded table about people must have it explained."""
    about = {table.name for table in recorded_tables() if {"person_id", "account_id"} & set(table.c.keys())}
    assert about == {model.__tablename__ for model in TABLES}
