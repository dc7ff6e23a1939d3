"""Check, then insert: two that look at the same moment both find the name free (gravitee #8290, zenml #2479, wso2 scim #581).

Two plans give one code; both were approved, both are being applied. The constraint decides, and the second is told by name.
"""

import pytest
import sqlalchemy as sa

from directory.models import UnitCode
from foundation.changes import visible
from foundation.plans import PlanStale
from provisioning.merger.apply import apply_plan
from tests.provisioning.merger.conftest import Administration

NEW = """
title: Lập trung tâm {word}
decision: {{number: "{word}", date: 2025-06-12, issuer: HĐND}}
effective: 2025-07-01
units: [{{ref: new, level: division, name: Trung tâm {word}, parent: {{scheme: admin-2004, code: "{parent}"}},
         codes: [{{scheme: agency, code: H61.500}}]}}]
events: [{{kind: create, unit: {{ref: new}}}}]
expect: {{people: {{count: 0}}}}
"""


def test_for_a_code(administration: Administration) -> None:
    first = administration.plan(NEW.format(word="A", parent="86"))
    second = administration.plan(NEW.format(word="B", parent="829"))
    hoa, runtime = administration.actor("Lê Thị Hoa"), administration.runtime
    for plan in (first, second):
        administration.approve(plan)
    told: list[str] = []

    def interfere(_done: int) -> None:
        if not told:
            with pytest.raises(PlanStale) as refused:
                apply_plan(runtime, second.path, hoa)
            told.append(refused.value.shown)

    apply_plan(runtime, first.path, hoa, interfere)
    assert len(told) == 1
    with runtime.database.read() as reads:
        bearers = reads.execute(sa.select(UnitCode.unit_id).where(UnitCode.code == "H61.500", visible(UnitCode)))
        assert len(bearers.all()) == 1
