"""Whatever is tried again must end as if it had been done once: a write that was applied and whose answer was lost comes a second time.

python-ldap's reconnecting connection retries such writes; schedulers and people do, too.
"""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from directory.models import Account
from foundation.audit import AuditRow
from foundation.errors import TryAgain
from foundation.handling import drain, work_once
from foundation.outbox import OutboxJob, claim_jobs
from foundation.plans import advance_run
from provisioning.merger.jobs import HANDLERS, SUSPENDED
from tests.provisioning.incidents.conftest import DAY, Printer, approve_and_apply
from tests.provisioning.incidents.hiring import hire
from tests.provisioning.merger.conftest import DECREE, Administration
from tests.services.clock import MovableClock


def applied_with_a_leaver(administration: Administration) -> str:
    plan = administration.plan(DECREE, [administration.row("Võ Văn Huyện", "H08.31", None)])
    approve_and_apply(administration, plan)
    return plan.digest


def count_suspensions(administration: Administration) -> int:
    with administration.runtime.database.read() as reads:
        return reads.execute(sa.select(sa.func.count()).where(AuditRow.event == SUSPENDED)).scalar_one()


def test_a_job_whose_worker_died_after_the_deed_is_done_again_without_effect(
    administration: Administration, clock: MovableClock
) -> None:
    applied_with_a_leaver(administration)
    clock.set(DAY)
    runtime = administration.runtime
    (job,) = claim_jobs(runtime.database, clock.now, ["suspend_leavers"], 10)
    HANDLERS["suspend_leavers"](runtime, job)  # and the worker dies before it says so
    clock.advance(hours=1)
    assert work_once(runtime, HANDLERS) >= 1
    assert count_suspensions(administration) == 1
    with runtime.database.read() as reads:
        assert (
            reads.execute(sa.select(OutboxJob.state).where(OutboxJob.kind == "suspend_leavers")).scalar_one() == "done"
        )
        leaver = administration.people["Võ Văn Huyện"]
        assert reads.execute(sa.select(Account.state).where(Account.person_id == leaver)).scalar_one() == "suspended"


def test_a_retry_after_the_person_was_hired_again_suspends_nobody(
    administration: Administration, clock: MovableClock
) -> None:
    """The job asks the register anew when it runs, and does not repeat what was true when it was made."""
    applied_with_a_leaver(administration)
    clock.set(DAY)
    (job,) = claim_jobs(administration.runtime.database, clock.now, ["suspend_leavers"], 10)
    leaver = administration.people["Võ Văn Huyện"]
    hire(administration, leaver, "86")
    HANDLERS["suspend_leavers"](administration.runtime, job)
    drain(administration.runtime, HANDLERS)
    assert count_suspensions(administration) == 0


def test_lines_that_were_written_are_not_written_again(administration: Administration) -> None:
    digest = applied_with_a_leaver(administration)
    with pytest.raises(TryAgain), administration.runtime.database.write() as writes:
        advance_run(writes, digest, 0, 10)


@pytest.mark.slapd
def test_a_printing_done_twice_writes_nothing_the_second_time(administration: Administration, printer: Printer) -> None:
    applied_with_a_leaver(administration)
    assert printer.sync(DAY).done > 0
    assert printer.sync(DAY).done == 0
    assert printer.sync(DAY + timedelta(days=1)).done == 0
