"""Every example of docs/decree.md, planned, approved and applied one after the other on a register; then undone."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from directory.codes import check_code
from directory.history import build_history
from directory.succession import answer_predecessors, answer_successors
from directory.unit_heirs import answer_heirs
from directory.units import find_unit, get_unit_by_code
from foundation.changes import AsOf, register_digest
from foundation.clocks import parse_instant
from foundation.plans import Plan
from foundation.shell import Actor
from provisioning.merger.apply import apply_plan
from tests.provisioning.merger.conftest import Administration

PAGE = Path(__file__).parents[3] / "docs" / "decree.md"
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
GLASS = Actor("break-glass:test", None, "test", "test")
LAST = AsOf(parse_instant("2025-12-01"))


def carry_out(administration: Administration, decree: str) -> Plan:
    plan = administration.plan(decree)
    administration.approve(plan)
    apply_plan(administration.runtime, plan.path, GLASS)
    return plan


def test_the_page_shows_every_kind_of_event() -> None:
    kinds = set(re.findall(r"kind: (\w+)", "".join(EXAMPLES)))
    assert kinds == {
        "create",
        "reparent",
        "rename",
        "recode",
        "merge_into_existing",
        "merge_into_new",
        "dissolve",
        "split",
        "correct",
    }


@pytest.fixture
def done(administration: Administration) -> list[Plan]:
    """All examples applied, in the order of the page."""
    return [carry_out(administration, example) for example in EXAMPLES]


def test_the_register_after_all_of_them(administration: Administration, done: list[Plan]) -> None:
    with administration.runtime.database.read() as reads:
        province = get_unit_by_code(reads, "H61", LAST)
        assert (province.codes["admin"], province.name) == ("83", "Tỉnh Vĩnh Long")
        chain = answer_successors(reads, ["28756"], LAST, "admin-2004")[0]["origins"][0]["successors"]
        assert [heir["name"] for heir in chain] == ["Phường An Hội"]
        parts = answer_successors(reads, ["29700"], LAST)[0]["origins"][0]["successors"]
        assert [(part["name"], part["share"], part["principal"]) for part in parts] == [
            ("Xã An Bình", "part", True), ("Xã Bình Phước Đông", "part", False),
        ]  # fmt: skip
        assert answer_successors(reads, ["H61.152"], LAST)[0]["origins"] == []
        assert get_unit_by_code(reads, "H61.153", LAST).name == "Xã Bình Phước Đông"
        district = answer_successors(reads, ["829"], LAST)[0]["origins"][0]
        assert (district["ended"], [h["rehomed"] for h in district["successors"]]) == (True, [True])
        came = answer_predecessors(reads, ["28789"], LAST, "admin")[0]["origins"][0]["predecessors"]
        assert {heir["name"] for heir in came} == {"Phường An Hội", "Phường Phú Khương Mới", "Thành phố Bến Tre"}


def test_the_archive_keeps_what_the_district_kept(administration: Administration, done: list[Plan]) -> None:
    with administration.runtime.database.read() as reads:
        (heir,) = answer_heirs(reads, "829", LAST)["origins"][0]["heirs"]
    assert (heir["name"], heir["rule"], heir["duties"]) == ("Sở Nội vụ", "archive", ["clerk"])


def test_an_event_keeps_the_act_that_decided_it(administration: Administration, done: list[Plan]) -> None:
    with administration.runtime.database.read() as reads:
        (unit,) = build_history(reads, "29700", LAST)["units"]
    assert unit["events"][0]["decision"] == "1676/NQ-UBTVQH15"


def test_a_correction_holds_since_the_beginning_and_what_was_known_stays_known(
    administration: Administration, done: list[Plan]
) -> None:
    runtime = administration.runtime
    with runtime.database.read() as reads:
        unit = get_unit_by_code(reads, "29701", LAST)
        born = find_unit(reads, unit.id, AsOf(parse_instant("2025-11-01")))
        assert born is not None
        assert born.name == "Xã Bình Phước Đông"


def test_every_example_can_be_undone_from_the_last_to_the_first(administration: Administration) -> None:
    runtime = administration.runtime
    digests = []
    plans = []
    for example in EXAMPLES:
        with runtime.database.read() as reads:
            digests.append(register_digest(reads))
        plans.append(carry_out(administration, example))
    for plan, before in zip(reversed(plans), reversed(digests), strict=True):
        assert administration.take_back(plan).left == ()
        with runtime.database.read() as reads:
            assert register_digest(reads) == before


def test_closed_codes_are_resolvable_and_their_form_was_right(administration: Administration, done: list[Plan]) -> None:
    with administration.runtime.database.read() as reads:
        for scheme, code in (("admin-2004", "83"), ("admin-2004", "28756"), ("agency", "H08"), ("agency", "H08.31.22")):
            assert check_code(code, scheme) == code
            (answer,) = answer_successors(reads, [code], AsOf(LAST.at + timedelta(days=9999)), scheme)
            assert answer["origins"][0]["successors"]
