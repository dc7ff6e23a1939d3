"""Thresholds that know the intent: a merger should move everybody, and a guard that forbids that is switched off before the next mistake.

midPoint's thresholds count while the task runs and overshoot; Grouper's failsafe is off by default; GCDS ignores its limits with `-d`.
Here the declared count is the guard, an undeclared loss is held to limits, and both are looked at before the first row is written.
"""

import pytest
import sqlalchemy as sa

from foundation.plans import PlanRun
from provisioning.merger.apply import GuardsBroken
from tests.provisioning.incidents.conftest import approve_and_apply, digest
from tests.provisioning.merger.conftest import DECREE, Administration


def test_everybody_of_a_unit_moves_without_a_word(administration: Administration) -> None:
    administration.add_crowd("28756", 300)
    plan = administration.plan(DECREE)
    assert plan.header.summary["people"]["move"] > 300
    approve_and_apply(administration, plan)


@pytest.mark.parametrize(
    ("declared", "stops"),
    [
        ("people: {count: 306}", False),
        ("people: {count: 306, tolerance: 3}", False),
        ("people: {count: 307}", True),
        ("move: {at_least: 304}", True),
        ("undecided: {at_most: 2}", True),
        ("units_end: {count: 4}", False),
        ("units_end: {count: 5}", True),
    ],
)
def test_the_declared_count_is_the_guard(administration: Administration, declared: str, stops: bool) -> None:
    administration.add_crowd("28756", 300)
    before = digest(administration)
    plan = administration.plan(f"{DECREE}\nexpect: {{{declared}}}\n")
    if not stops:
        approve_and_apply(administration, plan)
        return
    with pytest.raises(GuardsBroken):
        approve_and_apply(administration, plan)
    assert digest(administration) == before
    with administration.runtime.database.read() as reads:
        assert reads.execute(sa.select(PlanRun)).first() is None
