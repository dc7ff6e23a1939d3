"""Plans: counted, in order, guarded; from lists, from rosters, and refused when they stand on nothing."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.people import find_posts
from foundation.changes import AsOf
from foundation.clocks import parse_instant
from provisioning.merger.apply import apply_plan
from provisioning.merger.codes import next_code
from provisioning.merger.lines import is_open, read_names, select_lines
from provisioning.merger.placement import PlacedRow, PlacementFaulty, read_placements
from provisioning.merger.planning import NobodyThere
from provisioning.merger.reader import Reader
from provisioning.merger.screen import Standing, build_screen
from tests.provisioning.merger.conftest import DECREE, Administration
from tests.services.clock import MovableClock

AFTER = AsOf(parse_instant("2025-07-02"))
ALONE = """
format: hopnhat-decree/1
title: Đổi tên
decision: {number: 1/NQ, date: 2025-06-12, issuer: HĐND}
effective: 2025-07-01
events:
  - {kind: rename, unit: {scheme: agency, code: H61.50}, name: Tên mới}
"""


def test_every_line_is_counted_and_numbered(administration: Administration) -> None:
    plan = administration.plan(DECREE)
    lines = list(plan.each_line())
    assert [line["n"] for line in lines] == list(range(1, plan.header.lines + 1))
    assert sum(plan.header.counts.values()) == plan.header.lines
    people = [line for line in lines if line["op"].startswith("person.")]
    assert len({line["person"] for line in people}) == len(people) == plan.header.summary["people"]["people"]
    assert all(line["by"] for line in people)


def test_two_named_for_one_chair_are_counted_once_and_listed_twice(administration: Administration) -> None:
    title = "Chủ tịch UBND phường"
    rows = [
        administration.row(word, old, "H61.101", title, duties=("leader",), body="committee")
        for word, old in (("Phạm Chủ Tịch", "H08.31.21"), ("Đỗ Chủ Tịch", "H08.31.22"))
    ]
    plan = administration.plan(DECREE, rows)
    assert plan.header.open["conflicts"] == 1
    conflicts = [line["name"] for line in plan.each_line() if line.get("chairs")]
    assert sorted(conflicts) == ["Phạm Chủ Tịch", "Đỗ Chủ Tịch"]
    assert sum(is_open(line) for line in plan.each_line()) == 2 + plan.header.open["undecided"]


def test_units_without_anybody_stop_the_plan(administration: Administration) -> None:
    administration.add_units(("empty", "department", "Sở trống", "86", {"agency": "H61.50"}))
    with pytest.raises(NobodyThere):
        administration.plan(ALONE)
    assert not list(administration.files.glob("*.plan"))
    plan = administration.plan(ALONE + "expect: {people: {count: 0}}\n")
    assert plan.header.counts == {"event": 1, "unit.change": 1}


def test_concurrent_posts_go_each_its_way_and_one_stays_main(administration: Administration) -> None:
    word = "Bùi Kiêm Nhiệm"
    administration.add_person(
        word, "28789", beside=(("86", "Ủy viên", "party", ""), ("28756", "Tổ trưởng", "front", "clerk"))
    )
    plan = administration.plan(DECREE)
    administration.approve(plan)
    apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"))
    person = administration.people[word]
    with administration.runtime.database.read() as reads:
        posts = find_posts(reads, [person], AFTER)[person]
    assert len(posts) == 3
    assert sum(post.main for post in posts) == 1
    assert {post.title for post in posts} == {"Chuyên viên", "Ủy viên", "Tổ trưởng"}


def test_a_roster_with_a_new_unit_column_places_its_people(administration: Administration, tmp_path: Path) -> None:
    binh = administration.numbers["Trần Văn Bình"]
    roster = tmp_path / "roster.csv"
    roster.write_text(
        "Họ và tên,Số CCCD,Mã đơn vị,Chức vụ,Nhiệm vụ,Mã đơn vị mới,Chức vụ mới\n"
        f"Trần Văn Bình,{binh},H08.31.21,Chuyên viên,Văn thư,H61,Chuyên viên Văn phòng\n"
        f"Nguyễn Thị Cúc,{administration.numbers['Nguyễn Thị Cúc']},H08.31.22,Chuyên viên,,,\n",
        encoding="utf-8",
    )
    rows = read_placements([roster])
    assert [(row.name, row.new_unit_code, row.title, row.duties) for row in rows] == [
        ("Trần Văn Bình", "H61", "Chuyên viên Văn phòng", None)
    ]
    plan = administration.plan(DECREE, rows)
    by = {line["name"]: line["by"] for line in plan.each_line() if line["op"] == "person.move"}
    assert by["Trần Văn Bình"] == "placement"
    assert by["Nguyễn Thị Cúc"] == "principal"


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        pytest.param([("Trần Văn Bình", "H08.31.21", "H99")], "unit-unknown", id="a-code-nobody-will-bear"),
        pytest.param([("Trần Văn Bình", "H08.31.21", "H08.31")], "unit-unknown", id="a-unit-that-ends"),
        pytest.param([("Trần Văn Bình", "H61.101", "H61.101")], "unit-unknown", id="an-old-unit-that-is-new"),
        pytest.param([("Lê Thị Hoa", None, "H61.101")], "person-unknown", id="somebody-outside"),
        pytest.param(
            [("Trần Văn Bình", None, "H61.101"), ("Trần Văn Bình", None, None)],
            "leaves-and-stays",
            id="leaves-and-stays",
        ),
    ],
)
def test_rows_that_fit_nobody_or_nothing_are_refused(
    administration: Administration, rows: Sequence[tuple[str, str | None, str | None]], code: str
) -> None:
    placed: list[PlacedRow] = [administration.row(word, old, new) for word, old, new in rows]
    with pytest.raises(PlacementFaulty) as refused:
        administration.plan(DECREE, placed)
    assert code in {fault.code for _place, fault in refused.value.faults}
    assert not list(administration.files.glob("*.plan"))


def test_the_screen_says_what_comes_next(administration: Administration, clock: MovableClock) -> None:
    plan = administration.plan(DECREE)
    reader = Reader("en", administration.runtime.settings.zone, clock.now)
    screen = "\n".join(build_screen(plan, Standing(), reader))
    assert "takes effect 2025-07-01 00:00 (+07:00), in 11 days" in screen
    assert "3 undecided (no placement)" in screen
    assert "someone other than Lê Thị Hoa" in screen
    vietnamese = "\n".join(build_screen(plan, Standing("Nam"), Reader("vi", reader.zone, clock.now)))
    assert "01/07/2025 00:00 (+07:00)" in vietnamese
    assert f"hopnhat merger apply {plan.path.name}" in vietnamese


def test_lines_of_one_unit_are_found_by_old_code_new_code_and_name(administration: Administration) -> None:
    plan = administration.plan(DECREE)
    with administration.runtime.database.read() as reads:
        names = read_names(reads, plan)
    for word in ("H61.101", "phường an hội"):
        ops = {line["op"] for line in select_lines(plan, names, False, word)}
        assert {"unit.begin", "person.move"} <= ops
    assert {line["op"] for line in select_lines(plan, names, False, "H08.31.22")} >= {"unit.end", "person.move"}
    assert list(select_lines(plan, names, False, "H77")) == []


@given(st.sets(st.integers(1, 400).map(lambda number: f"H61.{number}")))
def test_a_proposed_code_was_never_given(taken: set[str]) -> None:
    assert next_code("H61", taken) not in taken


def test_planning_twice_gives_the_same_lines_with_other_identities(administration: Administration) -> None:
    first, second = administration.plan(DECREE), administration.plan(DECREE)
    assert first.header.counts == second.header.counts
    assert first.header.state == second.header.state
    assert first.digest != second.digest
