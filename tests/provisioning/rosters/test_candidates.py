"""Rows that may be one human: both are kept, and once they are people of the register somebody is asked about them."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from directory.models import PersonDetail
from foundation.outbox import Job, OutboxJob
from foundation.runtime import Runtime
from provisioning.merger.apply import LOOK_AT_NEWCOMERS
from provisioning.people.cases import list_cases
from provisioning.people.jobs import look_at_newcomers
from tests.provisioning.loads import Installation, found
from tests.provisioning.rosters.makers import lan, row


@pytest.fixture
def installation(runtime: Runtime, tmp_path: Path) -> Installation:
    return found(runtime, tmp_path)


def ask(installation: Installation) -> list[tuple[set[str], tuple[str, ...]]]:
    """What the worker does after a load: the open cases by the numbers' ends or the titles of the two, and why."""
    runtime = installation.runtime
    with runtime.database.read() as reads:
        waiting = reads.execute(sa.select(OutboxJob).where(OutboxJob.kind == LOOK_AT_NEWCOMERS)).scalars()
        jobs = [Job(job.id, job.kind, job.key, job.payload, job.attempts, job.due) for job in waiting]
    assert jobs
    for job in jobs:
        look_at_newcomers(runtime, job)
    with runtime.database.read() as reads:
        names = {detail.person_id: detail.name for detail in reads.execute(sa.select(PersonDetail)).scalars()}
        return [({names[case.left_id], names[case.right_id]}, tuple(case.reasons)) for case in list_cases(reads)]


@pytest.mark.parametrize(
    "changes",
    [
        {"personal_number": None},
        {"personal_number": "086180001243", "phone": None},
        {"personal_number": "086180009876"},
    ],
    ids=["no number, same phone", "neighbours exchanged", "two good numbers, same phone"],
)
def test_a_candidate_of_a_roster_becomes_a_case(installation: Installation, changes: dict[str, Any]) -> None:
    plan = installation.load(row(), row(title="Kế toán", unit_code="286", **changes), lan())
    assert plan.header.open["candidates"] == 1
    assert plan.header.counts == {"person.load": 3}
    ((names, reasons),) = ask(installation)
    assert names == {"Lê Thị Hoa"}
    assert len(reasons) >= 2


def test_namesakes_are_nobodys_case(installation: Installation) -> None:
    plan = installation.load(row(), row(title="Kế toán", personal_number="086180009876", phone="0987654321"))
    assert plan.header.open["candidates"] == 0
    assert ask(installation) == []


def test_a_row_that_may_be_somebody_the_register_knows_becomes_a_case(installation: Installation) -> None:
    installation.load(row())
    installation.load(row(title="Kế toán", personal_number="086180001243"), lan(), name="b.csv")
    assert [names for names, _reasons in ask(installation)] == [{"Lê Thị Hoa"}]
