"""What was recorded wrong of another period than today's: named by a day in it, written right for the same time, undone like any."""

from datetime import timedelta

import pytest

from directory.succession import answer_successors
from directory.units import find_unit, get_unit_by_code
from foundation.changes import AsOf, register_digest
from foundation.clocks import parse_instant
from foundation.plans import Plan
from provisioning.merger.apply import apply_plan
from provisioning.merger.decree_file import DecreeFaulty
from tests.provisioning.merger.conftest import DECREE, Administration
from tests.services.clock import MovableClock

BEFORE, AFTER = parse_instant("2025-06-01"), parse_instant("2025-07-10")
HEAD = "title: Đính chính\ndecision: {number: 3/QĐ, date: 2025-07-05, issuer: SNV}\neffective: 2025-07-06\nexpect: {people: {count: 0}}\n"


def do(administration: Administration, plan: Plan) -> Plan:
    administration.approve(plan)
    apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"))
    return plan


def digest(administration: Administration) -> str:
    with administration.runtime.database.read() as reads:
        return register_digest(reads)


def name(administration: Administration, word: str, as_of: AsOf) -> str | None:
    with administration.runtime.database.read() as reads:
        unit = find_unit(reads, administration.units[word], as_of)
    return unit.name if unit else None


@pytest.fixture
def merged(administration: Administration, clock: MovableClock) -> Administration:
    """Five days after the merger, in which the ward of Phú Khương ended."""
    do(administration, administration.plan(DECREE, [administration.row("Võ Văn Huyện", "H08.31", None)]))
    clock.set("2025-07-05T09:00:00+07:00")
    return administration


def test_a_unit_that_has_ended_is_corrected_for_the_time_it_stood(merged: Administration, clock: MovableClock) -> None:
    before = digest(merged)
    told = answer(merged)
    plan = merged.plan(
        HEAD + "events:\n  - {kind: correct, unit: {scheme: admin-2004, code: '28756'}, at: 2025-06-01, "
        "name: Phường Phú Khương Đông, codes: [{scheme: agency, wrong: H08.31.22, right: H08.31.23}]}\n"
    )
    assert plan.header.counts == {"code.correct": 1, "event": 1, "unit.correct": 1}
    known = clock.now
    clock.advance(minutes=1)
    do(merged, plan)
    assert name(merged, "28756", AsOf(BEFORE)) == "Phường Phú Khương Đông"
    assert name(merged, "28756", AsOf(BEFORE, known)) == "Phường Phú Khương"
    assert name(merged, "28756", AsOf(AFTER)) is None
    assert answer(merged) == told
    with merged.runtime.database.read() as reads:
        assert get_unit_by_code(reads, "H08.31.23", AsOf(BEFORE)).id == merged.units["28756"]
    clock.advance(minutes=1)
    assert merged.take_back(plan).left == ()
    assert digest(merged) == before


def answer(administration: Administration) -> object:
    """Who inherited from the ward."""
    with administration.runtime.database.read() as reads:
        (found,) = answer_successors(reads, ["28756"], AsOf(AFTER + timedelta(days=30)), "admin-2004", BEFORE)
    return [heir["name"] for heir in found["origins"][0]["successors"]]


RENAME = """
title: Đổi tên
decision: {number: 4/QĐ, date: 2025-07-05, issuer: HĐND}
effective: 2025-08-01
events: [{kind: rename, unit: {scheme: admin-2004, code: '28789'}, name: Phường Mới}]
"""


def test_an_earlier_and_a_later_version_are_each_corrected_by_a_day_in_them(administration: Administration) -> None:
    do(administration, administration.plan(RENAME))
    unit = "unit: {scheme: admin-2004, code: '28789'}"
    both = (
        f"events:\n  - {{kind: correct, {unit}, at: 2025-06-01, name: Phường Xưa}}\n"
        f"  - {{kind: correct, {unit}, at: 2025-08-02, name: Phường Sau}}\n"
    )
    do(administration, administration.plan(HEAD.replace("people: {count: 0}", "people: {at_least: 0}") + both))
    names = [
        name(administration, "28789", AsOf(parse_instant(day))) for day in ("2025-06-01", "2025-07-31", "2025-08-01")
    ]
    assert names == ["Phường Xưa", "Phường Xưa", "Phường Sau"]


@pytest.mark.parametrize(
    ("event", "word"),
    [
        ("at: 1999-01-01, name: Đúng", "unit_unknown"),
        ("name: Đúng", "unit_unknown"),
        ("at: 2025-06-01, codes: [{scheme: agency, wrong: H08.31.99, right: H08.31.98}]", "code_not_borne"),
        ("at: 2025-06-01, codes: [{scheme: agency, wrong: H08.31.22, right: H08.31.21}]", "code_taken"),
        ("at: 2025-06-01, parent: {scheme: admin-2004, code: '28756'}", "cycle"),
    ],
    ids=["before-it-was", "without-a-day", "a-code-it-never-bore", "a-code-of-another", "under-itself"],
)
def test_what_was_not_so_is_not_corrected(merged: Administration, event: str, word: str) -> None:
    with pytest.raises(DecreeFaulty) as refused:
        merged.plan(HEAD + f"events:\n  - {{kind: correct, unit: {{scheme: admin-2004, code: '28756'}}, {event}}}\n")
    assert word in {fault.code for fault in refused.value.faults}
