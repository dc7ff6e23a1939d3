"""A plan is read summary first, then by unit, then line by line; every change has its reason and its source row."""

import json

from foundation.plans import Plan
from provisioning.merger.by_unit import gather_units
from provisioning.merger.lines import read_names
from tests.provisioning.merger.conftest import DECREE, Administration
from tests.provisioning.merger.test_command import Terminal, terminal

__all__ = ["terminal"]


def make(administration: Administration) -> Plan:
    administration.add_crowd("28756", 3)
    return administration.plan(
        DECREE.replace("events:", "rules: [{level: district, to: {ref: an-hoi}}]\nevents:"),
        [administration.row("Phạm Chủ Tịch", "H08.31.21", "H61.101", "Chủ tịch UBND phường", duties=("leader",))],
    )


def test_every_change_has_a_reason_and_its_source(administration: Administration) -> None:
    plan = make(administration)
    sources = {}
    for line in plan.each_line():
        if line["op"] != "person.stay":
            assert line["source"], line
        sources[line["name"] if line["op"].startswith("person.") else line["op"]] = line["source"]
    assert sources["Phạm Chủ Tịch"].startswith("list.xlsx · Sheet1:")
    assert sources["Võ Văn Huyện"] == "decree.yaml:11 · rules[0]"
    assert sources["Trần Văn Bình"].endswith("· events[1]")
    assert sources["unit.begin"].endswith("· units[0]")
    assert sources["event"].endswith("· events[2]")


def test_units_add_up_to_the_summary(administration: Administration) -> None:
    plan = make(administration)
    units = gather_units(plan)
    people = plan.header.summary["people"]
    for kind in ("people", "move", "stay", "leave", "undecided"):
        assert sum(one.counts[kind] for one in units) == people[kind]
    with administration.runtime.database.read() as reads:
        rows = [one.describe(read_names(reads, plan)) for one in units]
    row = next(row for row in rows if row["unit"].startswith("Phường Phú Khương"))
    assert (row["sign"], row["people"], row["move"]) == ("-", 5, 4)
    assert row["to"] == "Phường An Hội (H61.101): 4"


def test_the_verbs_show_it_unit_by_unit_and_line_by_line(
    administration: Administration,
    terminal: Terminal,
) -> None:
    plan = make(administration)
    assert terminal("Nam Trần", "show", str(plan.path), "--units") == 0
    assert "Phường Phú Khương (H08.31.22)" in terminal.out
    assert terminal("Nam Trần", "show", str(plan.path), "--units", "--output", "json") == 0
    assert sum(row["people"] for row in json.loads(terminal.out)) == plan.header.summary["people"]["people"]
    assert terminal("Nam Trần", "show", str(plan.path), "--lines") == 0
    assert terminal.out.index("Events and codes") < terminal.out.index("Phường Phú Khương")
    assert "principal heir of the unit · decree.yaml:" in terminal.out
    assert terminal("Nam Trần", "show", str(plan.path), "--lines", "--output", "json") == 0
    assert [json.loads(line)["n"] for line in terminal.out.splitlines()] == list(range(1, plan.header.lines + 1))
    assert terminal("Nam Trần", "show", str(plan.path), "--lines", "--output", "csv") == 0
    assert len(terminal.out.splitlines()) == plan.header.lines + 1
