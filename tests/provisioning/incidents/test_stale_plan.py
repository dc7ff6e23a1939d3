"""A stale plan is refused, and it is said what changed: Terraform says only "stale", and its users ask why."""

import pytest

from directory.models import Credential
from foundation.plans import PlanStale
from tests.provisioning.incidents.conftest import approve_and_apply, digest
from tests.provisioning.merger.conftest import DECREE, Administration
from tests.provisioning.merger.test_small_decrees import THREE_LINES


def test_of_two_plans_on_one_state_the_second_is_refused_by_name(administration: Administration) -> None:
    first = administration.plan(THREE_LINES, [administration.row("Trần Văn Bình", "H08.31.21", "H61", "Phó phòng")])
    second = administration.plan(DECREE)
    approve_and_apply(administration, first)
    before = digest(administration)
    with pytest.raises(PlanStale) as refused:
        approve_and_apply(administration, second)
    assert "Trần Văn Bình" in refused.value.shown
    assert "Lê Thị Hoa" in refused.value.shown
    assert digest(administration) == before


def test_a_change_that_does_not_touch_the_plan_makes_nothing_stale(administration: Administration) -> None:
    plan = administration.plan(
        THREE_LINES, [administration.row("Trần Văn Bình", "H08.31.21", "H08.31.22", "Phó phòng")]
    )
    administration.add_person("Ở Nơi Khác", "829")
    approve_and_apply(administration, plan)


def test_a_password_set_meanwhile_makes_nothing_stale(administration: Administration) -> None:
    """Credentials are no part of what a plan read: log-ins go on while plans wait."""
    plan = administration.plan(DECREE)
    with administration.runtime.database.write() as writes:
        for credential in writes.query(Credential):
            credential.password_hash = "another"
    approve_and_apply(administration, plan)
