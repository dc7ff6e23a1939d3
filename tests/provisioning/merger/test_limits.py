"""What nobody declared is held to limits in each unit and in all; what the decree declares is held to the declared count."""

import uuid
from collections import Counter
from dataclasses import replace

import pytest

from foundation.errors import BadInput
from foundation.plans import Guard
from provisioning.merger.apply import GuardsBroken, apply_plan
from provisioning.merger.approval import approve_plan
from provisioning.merger.decree import Expectations, Expected
from provisioning.merger.limits import USUAL, Limit, build_limit_guards
from provisioning.merger.reader import Reader
from provisioning.merger.screen import Standing, build_screen
from tests.provisioning.merger.conftest import DECREE, Administration

UNIT, OTHER = uuid.uuid4(), uuid.uuid4()


def guards(expect: Expectations, **counts: int) -> list[Guard]:
    """The guards of one unit with these counts, beside a large one where nothing happens."""
    by_unit = {UNIT: Counter(counts), OTHER: Counter(people=1000)}
    return list(build_limit_guards(USUAL, expect, by_unit, lambda unit: "here" if unit == UNIT else "there"))


@pytest.mark.parametrize(
    ("most", "percent", "people", "bound"),
    [(5, 20, 10, 5), (5, 20, 25, 5), (5, 20, 100, 20), (0, 0, 100, 0)],
    ids=["a-small-unit", "where-both-meet", "a-large-unit", "nothing-allowed"],
)
def test_a_limit_is_the_larger_of_both(most: int, percent: float, people: int, bound: int) -> None:
    assert Limit(most, percent).bound(people) == bound


@pytest.mark.parametrize(
    ("counts", "broken"),
    [
        pytest.param({"people": 20, "leave": 5}, [], id="a-few-leave"),
        pytest.param({"people": 20, "leave": 6}, ["leave"], id="too-many-leave-a-unit"),
        pytest.param({"people": 20, "move_out": 11}, ["move_out"], id="too-many-move-out"),
        pytest.param({"people": 20, "undecided": 21}, ["undecided"], id="too-many-undecided"),
        pytest.param({"people": 600, "leave": 119}, [], id="within-both"),
        pytest.param({"people": 1000, "leave": 200}, [], id="just-within-the-whole"),
        pytest.param({"people": 1000, "leave": 201}, ["leave_in_all", "leave"], id="too-many-in-all"),
    ],
)
def test_what_was_not_declared_is_held_to_limits(counts: dict[str, int], broken: list[str]) -> None:
    assert [guard.name for guard in guards(Expectations(), **counts) if not guard.holds] == broken


def test_what_is_declared_is_not_held_to_the_limits_too() -> None:
    declared = Expectations(leave=Expected(count=15), move=Expected(count=0), undecided=Expected(at_most=30))
    assert guards(declared, people=20, leave=15, move_out=15, undecided=20) == []


def test_a_unit_that_would_lose_half_its_people_stops_the_plan(administration: Administration) -> None:
    words = [f"Người Nghỉ {number}" for number in range(8)]
    for word in words:
        administration.add_person(word, "28756")
    rows = [administration.row(word, "H08.31.22", None) for word in words]
    plan = administration.plan(DECREE, rows)
    (broken,) = [guard for guard in plan.header.guards if not guard.holds]
    assert (broken.name, broken.where, broken.found, broken.at_most) == ("leave", "Phường Phú Khương (H08.31.22)", 8, 5)
    nam = administration.actor("Nam Trần")
    with pytest.raises(GuardsBroken, match="Phú Khương"):
        approve_plan(administration.runtime, plan, nam, plan.header.open)
    administration.approve(plan)
    with pytest.raises(GuardsBroken):
        apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"))
    reader = Reader("en", administration.runtime.settings.zone, administration.runtime.clocks.wall())
    told = "\n".join(build_screen(plan, Standing(), reader))
    assert "undeclared ≤ 5 leave in Phường Phú Khương (H08.31.22): 8 NOT AS DECLARED" in told
    assert "expect: {leave:" in told
    declared = administration.plan(f"{DECREE}\nexpect: {{leave: {{count: 8}}}}\n", rows)
    assert all(guard.holds for guard in declared.header.guards)


def test_a_refused_plan_is_bad_input_and_nothing_else() -> None:
    assert issubclass(GuardsBroken, BadInput)
    assert replace(USUAL, leave=Limit(1, 1)).leave.bound(1000) == 10
