"""Agreeing to a plan: a second person with the right says aloud how much is open, and is written down with the digest."""

from collections.abc import Mapping
from datetime import timedelta

import sqlalchemy as sa

from directory.helped import check_not_helped
from directory.settings import AccountsSection
from foundation.audit import AuditRow, record
from foundation.database import Reads
from foundation.errors import BadInput, NotPermitted
from foundation.plans import Plan, PlanApproval, find_approval, find_run, record_approval
from foundation.runtime import Runtime
from foundation.shell import Actor
from provisioning.merger.apply import check_guards
from provisioning.merger.run_states import AlreadyRun
from provisioning.plan_rights import check_may_approve

APPROVED = "provisioning.plan.approve"
MADE = ("provisioning.plan.make", "provisioning.roster.planned")
"""What the verbs that make plans write to the audit, with the plan's digest as subject."""
SPOKEN = {"undecided": "--undecided", "conflicts": "--conflicts", "codes_to_confirm": "--confirm-codes"}


class PlanForeign(NotPermitted):
    """The file was not made here by its author: what it says of itself is not believed."""

    code = "plan_foreign"
    sentence = (
        "This plan was not made by this installation; make it again with “hopnhat merger plan” or “roster import”."
    )


class SaidOtherwise(BadInput):
    """The number that was said is not the plan's."""

    code = "said_otherwise"
    sentence = "The plan has {found} and not {said}: {what}. Look again with --open."


def approve_plan(runtime: Runtime, plan: Plan, actor: Actor, said: Mapping[str, int]) -> PlanApproval:
    """Write down that this person agreed to exactly this file. Raises NotPermitted, GuardsBroken, SaidOtherwise, AlreadyRun.

    `said` holds the numbers of SPOKEN that are open in the plan; those that are zero need not be said.
    """
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        check_may_approve(writes, actor, plan, runtime.clocks.register())
        check_awake(writes, runtime, actor)
        check_made(writes, plan)
        check_guards(plan)
        check_said(plan, said)
        run = find_run(writes, plan.digest)
        if run is not None:
            raise AlreadyRun(run.state)
        record_approval(writes, plan, actor.label, now, {"open": dict(plan.header.open)})
        record(
            writes,
            now,
            APPROVED,
            actor.label,
            plan.digest,
            {"title": plan.header.title, "open": dict(plan.header.open)},
        )
        approval = find_approval(writes, plan.digest)
    assert approval is not None
    return approval


def check_awake(reads: Reads, runtime: Runtime, actor: Actor) -> None:
    """Refuse who was helped to a new password a moment ago. Raises HelpedLately."""
    quiet = timedelta(hours=runtime.settings[AccountsSection].quiet_hours)
    if actor.person_id is not None:
        check_not_helped(reads, actor.person_id, quiet, runtime.clocks.wall(), runtime.settings.zone)


def check_made(reads: Reads, plan: Plan) -> None:
    """Refuse a file whose making, by the author it names, is not on record: its scope and guards would be anybody's word.

    Raises PlanForeign.
    """
    made = sa.select(AuditRow.id).where(
        AuditRow.subject == plan.digest,
        AuditRow.event.in_(MADE),
        AuditRow.actor == plan.header.author,
        AuditRow.outcome == "done",
    )
    if reads.execute(made.limit(1)).first() is None:
        raise PlanForeign


def check_said(plan: Plan, said: Mapping[str, int]) -> None:
    """Refuse numbers that are not the plan's. Raises SaidOtherwise."""
    for what in SPOKEN:
        found = plan.header.open.get(what, 0)
        if found and said.get(what) != found:
            raise SaidOtherwise(found=found, said=said.get(what, 0), what=what)
