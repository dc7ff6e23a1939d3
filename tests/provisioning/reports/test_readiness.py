"""Readiness: parts add up, the rate and its day, first and corrected figures of a deadline, the same report again later."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from foundation.clocks import as_rfc3339
from foundation.shell import Actor
from tests.directory.conftest import MERGER
from tests.provisioning.reports.conftest import Call, Office
from tests.services.clock import MovableClock

SOMEBODY = Actor("somebody")
MEASURES = (
    "agency_codes", "old_codes", "accounts", "activated", "addresses", "certificates", "agency_certificates", "signers",
)  # fmt: skip


@pytest.fixture
def deadlines(tmp_path: Path) -> Path:
    """Every measure, due on 27 June 2025; one told by its owner; one counted in another application."""
    tasks: list[dict[str, Any]] = [
        {
            "id": name.replace("_", "-"),
            "title": {"vi": name, "en": name},
            "due": "2025-06-27",
            "owner": "Sở",
            "measure": name,
        }
        for name in MEASURES
    ]
    tasks[2]["owners"] = {"H61.7": "Chị Lan"}
    told = [
        {"at": "2025-06-26T08:00:00+07:00", "done": 2, "of": 10},
        {"at": "2025-06-27T08:00:00+07:00", "done": 5, "of": 10},
        {"at": "2025-06-27T20:00:00+07:00", "told_at": "2025-06-29T08:00:00+07:00", "done": 4, "of": 10},
    ]
    tasks.append({**tasks[0], "id": "told", "measure": "told", "told": told, "needs": ["accounts"]})
    tasks.append({**tasks[0], "id": "elsewhere", "measure": "application", "application": "tthc"})
    file = tmp_path / "deadlines.yaml"
    content = {"format": "hopnhat-deadlines/1", "title": {"vi": "Mốc", "en": "Dates"}, "tasks": tasks}
    file.write_text(yaml.safe_dump(content), "utf-8")
    return file


def ask(office: Office, call: Call, deadlines: Path, *words: str) -> dict[str, Any]:
    answer = call(office.runtime, SOMEBODY, "report", "readiness", "--deadlines", deadlines, "--output", "json", *words)
    assert answer.code in (0, 1), answer.talk
    told: dict[str, Any] = json.loads(answer.out)
    return {**told, "by_id": {task["id"]: task for task in told["tasks"]}}


@pytest.mark.parametrize("by", ["province", "agency", "unit"])
def test_the_parts_of_every_task_add_up_to_its_whole(office: Office, call: Call, deadlines: Path, by: str) -> None:
    office.code("Xã An Bình", "H61.7")
    office.certify("Lê Thị Hoa", "UBND xã An Bình")
    office.address("Lê Thị Hoa", "hoa@vinhlong.gov.vn")
    told = ask(office, call, deadlines, "--by", by)
    for task in told["tasks"]:
        assert task["left"] == task["of"] - task["done"]
        if task["measure"] != "told":
            assert sum(unit["done"] for unit in task["units"]) == task["done"]
            assert sum(unit["of"] for unit in task["units"]) == task["of"]
    figures = {name: (task["done"], task["of"]) for name, task in told["by_id"].items()}
    assert figures == {
        "agency-codes": (1, 4), "old-codes": (0, 0), "accounts": (7, 8), "activated": (1, 8), "addresses": (1, 8),
        "certificates": (1, 8), "agency-certificates": (0, 4), "signers": (0, 4), "told": (0, 0), "elsewhere": (0, 8),
    }  # fmt: skip


def test_an_owner_of_a_unit_is_named_there(office: Office, call: Call, deadlines: Path) -> None:
    office.code("Xã An Bình", "H61.7")
    units = ask(office, call, deadlines)["by_id"]["accounts"]["units"]
    assert {unit["name"]: unit["owner"] for unit in units}["UBND xã An Bình"] == "Chị Lan"
    assert {unit["owner"] for unit in units} == {"Chị Lan", "Sở"}


def test_the_rate_tells_the_day_and_nothing_moving_tells_none(
    office: Office, call: Call, deadlines: Path, clock: MovableClock
) -> None:
    clock.advance(days=2)
    for name in ("Lê Thị Hoa", "Trần Văn Nam"):
        office.certify(name, "UBND xã An Bình")
    clock.advance(days=1)
    told = ask(office, call, deadlines, "--days", "2")["by_id"]
    assert (told["certificates"]["done"], told["certificates"]["rate_per_day"]) == (2, 1.0)
    assert told["certificates"]["ready_on"] == "2025-07-03T02:00:00Z"  # six are left at one a day
    assert told["certificates"]["late"] is True
    assert told["signers"]["ready_on"] == "2025-07-03T02:00:00Z"
    assert (told["addresses"]["rate_per_day"], told["addresses"]["ready_on"]) == (0.0, None)


def test_first_and_corrected_figures_of_a_deadline(
    office: Office, call: Call, deadlines: Path, clock: MovableClock
) -> None:
    clock.set("2025-06-27")
    office.certify("Lê Thị Hoa", "UBND xã An Bình")
    assert ask(office, call, deadlines)["by_id"]["certificates"]["first"] is None
    clock.set("2025-06-30")
    office.certify("Trần Văn Nam", "UBND xã An Bình", since=4)  # began before the deadline, was recorded after it
    office.certify("Đỗ Thị Đào", "UBND xã An Bình")  # began after it
    told = ask(office, call, deadlines)["by_id"]
    assert told["certificates"]["first"] == {"done": 1, "of": 8}
    assert told["certificates"]["corrected"] == {"done": 2, "of": 8}
    assert told["certificates"]["done"] == 3
    assert told["told"]["first"] == {"done": 5, "of": 10}
    assert told["told"]["corrected"] == {"done": 4, "of": 10}
    assert told["activated"]["first"] == told["activated"]["corrected"] == {"done": 1, "of": 8}


def test_a_deadline_before_the_merger_is_told_of_the_units_that_begin_with_it(
    office: Office, call: Call, deadlines: Path, clock: MovableClock
) -> None:
    office.world.unit("Xã Mới", parent="Tỉnh Vĩnh Long", begins=MERGER, agency="H61.9")
    office.code("Xã An Bình", "H61.7")
    clock.set("2025-06-28T09:00:00+07:00")
    today = ask(office, call, deadlines)["by_id"]["agency-codes"]
    ahead = ask(office, call, deadlines, "--at", "2025-07-01")["by_id"]["agency-codes"]
    assert (today["of"], today["first"]) == (4, {"done": 1, "of": 4})
    assert (ahead["of"], ahead["first"], ahead["corrected"]) == (5, {"done": 2, "of": 5}, {"done": 2, "of": 5})


def test_an_earlier_report_is_repeated_figure_by_figure(
    office: Office, call: Call, deadlines: Path, clock: MovableClock
) -> None:
    clock.advance(days=4)
    office.certify("Lê Thị Hoa", "UBND xã An Bình")
    then = ask(office, call, deadlines)
    moment = as_rfc3339(office.runtime.clocks.wall())
    clock.advance(days=3)
    office.certify("Trần Văn Nam", "UBND xã An Bình", since=6)
    office.activate("Phạm Quốc Ẩn")
    office.address("Lê Thị Hoa", "hoa@vinhlong.gov.vn")
    assert ask(office, call, deadlines)["by_id"]["certificates"]["done"] == 2
    assert ask(office, call, deadlines, "--at", moment, "--known-at", moment) == then


def test_codes_of_units_that_ended_count_where_their_heirs_are(
    office: Office, call: Call, deadlines: Path, clock: MovableClock
) -> None:
    world = office.world
    world.unit("Xã Cũ", parent="Tỉnh Vĩnh Long", ends=MERGER)
    world.unit("Xã Không Ai Nhận", parent="Tỉnh Vĩnh Long", ends=MERGER)
    world.event("merge_into_existing", MERGER, ("Xã Cũ", "Xã Long Hồ", "whole", True))
    clock.set("2025-07-02")
    found = ask(office, call, deadlines)["by_id"]["old-codes"]
    assert (found["done"], found["of"]) == (1, 2)
    assert {unit["name"]: (unit["done"], unit["of"]) for unit in found["units"]} == {
        "UBND xã Long Hồ": (1, 1),
        "UBND tỉnh Vĩnh Long": (0, 1),
    }


def test_csv_has_a_row_for_each_figure_and_names_both_instants(office: Office, call: Call, deadlines: Path) -> None:
    answer = call(office.runtime, SOMEBODY, "report", "readiness", "--deadlines", deadlines, "--output", "csv")
    rows = list(csv.DictReader(io.StringIO(answer.out)))
    accounts = [row for row in rows if row["task"] == "accounts"]
    assert sum(int(row["done"]) for row in accounts if row["unit"]) == int(accounts[0]["done"]) == 7
    assert (
        {row["at"] for row in rows} == {row["known_at"] for row in rows} == {as_rfc3339(office.runtime.clocks.wall())}
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--by", "village"), 64),
        (("--task", "nothing"), 64),
        (("--unit", "999"), 1),
        (("--at", "yesterday"), 65),
        (("--language", "fr"), 65),
        (("--deadlines", "none.yaml"), 65),
    ],
    ids=["level", "task", "unit", "instant", "language", "file"],
)
def test_what_cannot_be_asked_is_refused(office: Office, call: Call, words: tuple[str, ...], code: int) -> None:
    answer = call(office.runtime, SOMEBODY, "report", "readiness", *words)
    assert answer.code == code, answer.talk
    assert not answer.out


def test_the_exit_code_says_whether_something_is_behind(office: Office, call: Call, tmp_path: Path) -> None:
    file = tmp_path / "easy.yaml"
    task = {"id": "a", "title": {"vi": "Một", "en": "One"}, "due": "2025-06-27", "owner": "Sở", "measure": "old_codes"}
    file.write_text(yaml.safe_dump({"format": "hopnhat-deadlines/1", "title": task["title"], "tasks": [task]}))
    assert call(office.runtime, SOMEBODY, "report", "readiness", "--deadlines", file).code == 0
    file.write_text(file.read_text().replace("old_codes", "accounts"))
    assert call(office.runtime, SOMEBODY, "report", "readiness", "--deadlines", file).code == 1
