"""A run that is resumed twice, by two people or two schedulers at once, is done once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from foundation.errors import TryAgain
from foundation.plans import Plan, PlanRun
from provisioning.merger import apply as applying
from provisioning.merger.apply import resume_plan
from provisioning.merger.run_states import AlreadyRun
from tests.provisioning.incidents.conftest import approve_and_apply, digest
from tests.provisioning.merger.conftest import DECREE, Administration
from tests.provisioning.merger.test_kill import count_jobs


class Interrupted(Exception):
    """The machine stopped."""


def stop_in_the_middle(done: int) -> None:
    if done > 20:
        raise Interrupted


def interrupt(administration: Administration, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """A plan of many short transactions that stopped after a few."""
    monkeypatch.setattr(applying, "PEOPLE_AT_ONCE", 8)
    administration.add_crowd("28756", 200)
    plan = administration.plan(DECREE)
    administration.approve(plan)
    with pytest.raises(Interrupted):
        applying.apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"), stop_in_the_middle)
    return plan


def test_by_two_at_once(administration: Administration, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = interrupt(administration, monkeypatch)
    runtime, hoa, barrier = administration.runtime, administration.actor("Lê Thị Hoa"), threading.Barrier(2)

    def resume() -> str:
        barrier.wait()
        try:
            resume_plan(runtime, plan.digest, hoa)
        except TryAgain:
            return "was told that another is at it"
        return "did it"

    with ThreadPoolExecutor(2) as both:
        said = [one.result() for one in [both.submit(resume), both.submit(resume)]]
    if "did it" not in said:
        # Both may stop each other; nothing is lost, and whoever comes next does the rest.
        resume_plan(runtime, plan.digest, hoa)
    assert said.count("did it") <= 1
    with runtime.database.read() as reads:
        assert reads.get_one(PlanRun, plan.digest).state == "done"
        rows = {line["person"] for line in plan.each_line() if line["op"] == "person.move"}
    assert count_jobs(runtime)["propose_certificates"] == 2
    assert len(rows) == plan.header.counts["person.move"]


def test_after_it_was_done(administration: Administration, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = interrupt(administration, monkeypatch)
    runtime, hoa = administration.runtime, administration.actor("Lê Thị Hoa")
    resume_plan(runtime, plan.digest, hoa)
    after = digest(administration)
    with pytest.raises(AlreadyRun):
        resume_plan(runtime, plan.digest, hoa)
    with pytest.raises(AlreadyRun):
        applying.apply_plan(runtime, plan.path, hoa)
    assert digest(administration) == after


def test_a_run_that_was_never_begun(administration: Administration) -> None:
    plan = administration.plan(DECREE)
    with pytest.raises(AlreadyRun, match="never started"):
        resume_plan(administration.runtime, plan.digest, administration.actor("Lê Thị Hoa"))
    approve_and_apply(administration, plan)
