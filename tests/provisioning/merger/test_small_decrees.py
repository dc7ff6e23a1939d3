"""Small corrections after the day are the same mechanism: three lines of decree and a list, or one event."""

import pytest

from directory.people import find_posts
from foundation.changes import AsOf
from foundation.clocks import parse_instant
from foundation.plans import Plan
from provisioning.merger.apply import apply_plan
from provisioning.merger.placement import PlacementFaulty
from provisioning.merger.planning import NobodyThere
from tests.provisioning.merger.conftest import Administration

THREE_LINES = """
title: Điều chuyển cán bộ
decision: {number: 12/QĐ-SNV, date: 2025-06-18, issuer: Sở Nội vụ}
effective: 2025-07-15
"""
REHOME = """
title: Chuyển phường
decision: {number: 13/NQ-HĐND, date: 2025-06-18, issuer: HĐND tỉnh}
effective: 2025-07-15
events: [{kind: reparent, unit: {scheme: admin-2004, code: "829"}, parent: {scheme: admin-2004, code: "86"}}]
"""
DAY = parse_instant("2025-07-15")


def do(administration: Administration, plan: Plan) -> None:
    administration.approve(plan)
    apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"))


def units(administration: Administration, word: str) -> list[str]:
    person = administration.people[word]
    names = {unit: name for name, unit in administration.units.items()}
    with administration.runtime.database.read() as reads:
        return [names[post.unit_id] for post in find_posts(reads, [person], AsOf(DAY)).get(person, [])]


def test_ten_people_are_moved_by_three_lines_and_a_list(administration: Administration) -> None:
    words = [f"Người Chuyển {number}" for number in range(10)]
    for word in words:
        administration.add_person(word, "28789")
    rows = [administration.row(word, "H08.31.21", "H08.31.22", "Chuyên viên") for word in words]
    plan = administration.plan(THREE_LINES, rows)
    assert plan.header.counts == {"person.move": 10, "person.stay": 4}
    assert set(plan.header.state) == {str(administration.units[unit]) for unit in ("28789", "28756")}
    assert all(guard.holds for guard in plan.header.guards)
    do(administration, plan)
    assert {unit for word in words for unit in units(administration, word)} == {"28756"}
    assert units(administration, "Trần Văn Bình") == ["28789"]


def test_the_unit_that_is_not_named_is_found_by_the_people(administration: Administration) -> None:
    plan = administration.plan(THREE_LINES, [administration.row("Trần Văn Bình", None, "H61", "Phó phòng")])
    do(administration, plan)
    assert units(administration, "Trần Văn Bình") == ["86"]


def test_a_department_is_rehomed_with_everybody_in_it(administration: Administration) -> None:
    plan = administration.plan(REHOME)
    assert plan.header.counts == {"unit.change": 1, "event": 1, "person.stay": 5}
    do(administration, plan)
    assert units(administration, "Võ Văn Huyện") == ["829"]
    with administration.runtime.database.read() as reads:
        from directory.chains import find_ancestors

        above = find_ancestors(reads, administration.units["829"], AsOf(DAY))
    assert [unit.name for unit in above][1] == "Tỉnh Vĩnh Long"


def test_a_decree_that_says_nothing_is_refused(administration: Administration) -> None:
    with pytest.raises(NobodyThere):
        administration.plan(THREE_LINES)


def test_somebody_whom_the_register_does_not_know_is_told(administration: Administration) -> None:
    administration.numbers["Không Ai"] = "079000000001"
    with pytest.raises(PlacementFaulty) as refused:
        administration.plan(THREE_LINES, [administration.row("Không Ai", None, "H61", "Phó phòng")])
    assert [fault.code for _place, fault in refused.value.faults] == ["person-unknown"]


def test_a_unit_that_only_begins_on_the_day_is_corrected_before_it(administration: Administration) -> None:
    """Between apply and the instant a second, small decree speaks of units that do not stand yet."""
    from tests.provisioning.merger.conftest import DECREE

    do(administration, administration.plan(DECREE))
    rows = [administration.row("Nguyễn Thị Cúc", "H61.101", "H61", "Phó phòng")]
    plan = administration.plan(THREE_LINES, rows)
    assert plan.header.scope == [str(administration.units["86"])]
    do(administration, plan)
    assert units(administration, "Nguyễn Thị Cúc") == ["86"]
