"""A small plan that its author may approve alone becomes the way to do alone what needs two: to give oneself or a friend duties that
approve, or to take them from who stands in the way.
"""

from dataclasses import replace

import pytest

from foundation.plans import Plan, find_approval
from provisioning.merger.approval import approve_plan
from provisioning.plan_rights import OwnPlan
from tests.provisioning.merger.conftest import Administration
from tests.provisioning.merger.test_approval import allowing
from tests.provisioning.merger.test_small_decrees import THREE_LINES


def agree_alone(administration: Administration, plan: Plan) -> None:
    """The author says yes to their own plan, with a reason, where small ones are allowed."""
    hoa = administration.actor("Lê Thị Hoa")
    approve_plan(allowing(administration.runtime, 10), plan, hoa, plan.header.open, "Người thứ hai nghỉ phép")


def check_refused(administration: Administration, plan: Plan) -> None:
    with pytest.raises(OwnPlan):
        agree_alone(administration, plan)
    with administration.runtime.database.read() as reads:
        assert find_approval(reads, plan.digest) is None


@pytest.mark.parametrize("duty", ["approver", "hr", "help_desk", "operator"])
def test_gives_a_friend_a_duty_that_acts_upon_others(administration: Administration, duty: str) -> None:
    row = administration.row("Trần Văn Bình", None, "H61", "Phó phòng", duties=(duty,))
    check_refused(administration, administration.plan(THREE_LINES, [row]))


def test_removes_who_would_have_to_approve(administration: Administration) -> None:
    administration.add_person("Phạm Phê Duyệt", "28789", "approver")
    row = administration.row("Phạm Phê Duyệt", None, "H61", "Phó phòng", duties=())
    check_refused(administration, administration.plan(THREE_LINES, [row]))


@pytest.mark.parametrize("kind", ["undo", "retime"])
def test_takes_back_or_moves_a_whole_decree_in_a_few_lines(administration: Administration, kind: str) -> None:
    """Their lines hold hundreds of rows each, and what comes back stands in none of them."""
    plan = administration.plan(THREE_LINES, [administration.row("Trần Văn Bình", None, "H61", "Phó phòng")])
    check_refused(administration, replace(plan, header=replace(plan.header, kind=kind)))


def test_moves_somebody_as_by_hand(administration: Administration) -> None:
    plan = administration.plan(THREE_LINES, [administration.row("Trần Văn Bình", None, "H61", "Phó phòng")])
    agree_alone(administration, plan)
    with administration.runtime.database.read() as reads:
        assert find_approval(reads, plan.digest) is not None
