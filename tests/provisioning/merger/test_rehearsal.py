"""A rehearsal is the real apply on a copy: same digest afterwards, and the register does not know of it."""

import pytest

from foundation.changes import register_digest
from foundation.database import Database
from foundation.plans import find_run
from provisioning.merger.apply import apply_plan
from provisioning.merger.rehearsal import CopyImpossible, rehearse_plan
from tests.provisioning.merger.conftest import DECREE, Administration


def digest(database: Database) -> str:
    with database.read() as reads:
        return register_digest(reads)


def test_the_copy_ends_as_the_register_will(administration: Administration) -> None:
    runtime, hoa = administration.runtime, administration.actor("Lê Thị Hoa")
    plan = administration.plan(DECREE)
    if not runtime.database.sqlite:
        with pytest.raises(CopyImpossible):
            rehearse_plan(runtime, plan, hoa)
        return
    before = digest(runtime.database)
    found = rehearse_plan(runtime, plan, hoa)
    assert digest(runtime.database) == before == found.digest_before
    assert [reason.text for reason in found.against] == [
        "nobody has approved the plan yet",
        "{count} people are undecided",
    ]
    with runtime.database.read() as reads:
        assert find_run(reads, plan.digest) is None
    assert [path.suffix for path in (runtime.settings.data / "rehearsals").iterdir()] == [".json"]
    administration.approve(plan)
    apply_plan(runtime, plan.path, hoa)
    assert digest(runtime.database) == found.digest_after
