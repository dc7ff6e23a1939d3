"""Agreeing to a plan: a second person with the right says aloud how much is open, and is written down with the digest."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from directory.helped import check_not_helped, check_not_just_activated
from directory.models import Post
from directory.settings import AccountsSection
from directory.units import chunked
from foundation.audit import AuditRow, record
from foundation.changes import visible
from foundation.clocks import as_rfc3339
from foundation.database import Reads
from foundation.errors import BadInput, NotPermitted
from foundation.plans import Plan, PlanApproval, find_approval, find_run, record_approval
from foundation.runtime import Runtime
from foundation.shell import Actor
from provisioning.account_states import WEIGHTY
from provisioning.merger.apply import check_guards
from provisioning.merger.retiming import KIND as RETIME
from provisioning.merger.run_states import AlreadyRun
from provisioning.merger.settings import MergerSection
from provisioning.merger.undo_plan import KIND as UNDO
from provisioning.plan_rights import APPROVING, OwnPlan, check_may_approve, check_units, name_actor, read_scope

APPROVED = "provisioning.plan.approve"
MADE = ("provisioning.plan.make", "provisioning.roster.planned")
"""What the verbs that make plans write to the audit, with the plan's digest as subject."""
AHEAD = timedelta(minutes=1)
"""How far two clocks of one installation may lie apart."""
SILENT = ("person.stay", "event", "undo.left")
SPOKEN = {
    "undecided": "--undecided",
    "conflicts": "--conflicts",
    "codes_to_confirm": "--confirm-codes",
    "trusted_passwords": "--trusted-passwords",
    "outside": "--outside",
    "known_elsewhere": "--known-elsewhere",
    "left": "--left",
}
"""What is open in a plan and has to be said aloud by whoever approves, and the flag that says it."""


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


class LoginStale(NotPermitted):
    """The log-in of whoever approves is too old."""

    code = "login_stale"
    sentence = "Whoever approves a plan has just logged in: within {minutes} minutes. Log in again with “hopnhat login”, then approve."


class ClocksApart(NotPermitted):
    """The log-in is dated after this machine's own time: how old it is cannot be told."""

    code = "clocks_apart"
    sentence = (
        "Your log-in is dated {minutes} minutes later than this machine's clock: one of the two clocks is wrong. Nothing was "
        "approved. Have the clock set (to the network's time), then approve."
    )


class OwnPlanTooLarge(NotPermitted):
    """The author may approve small plans only."""

    code = "own_plan_too_large"
    sentence = (
        "The author alone may approve a plan of at most {most} changes; this one has {count}. Somebody else must."
    )


def approve_plan(
    runtime: Runtime, plan: Plan, actor: Actor, said: Mapping[str, int], reason: str | None = None
) -> PlanApproval:
    """Write down that this person agreed to exactly this file; once, however often they do. Raises NotPermitted, GuardsBroken,
    SaidOtherwise, AlreadyRun.

    `said` holds the numbers of SPOKEN that are open in the plan; those that are zero need not be said. With a `reason` the author
    of a small plan may be that person, where the installation allows it.
    """
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        check_agreement(writes, runtime, plan, actor, said, reason)
        detail = describe_agreement(plan, actor, reason)
        if record_approval(writes, plan, actor.label, now, detail, reason):
            record(writes, now, APPROVED, actor.label, plan.digest, detail)
        approval = find_approval(writes, plan.digest)
    assert approval is not None
    return approval


def check_agreement(
    reads: Reads, runtime: Runtime, plan: Plan, actor: Actor, said: Mapping[str, int], reason: str | None
) -> None:
    """Refuse what `approve_plan` refuses: first for who asks, then for the plan, what was said of it, and one that runs or ran."""
    check_approver(reads, runtime, plan, actor, reason)
    check_fresh(runtime, actor)
    check_awake(reads, runtime, actor)
    check_made(reads, plan)
    check_guards(plan)
    check_said(plan, said)
    run = find_run(reads, plan.digest)
    if run is not None:
        raise AlreadyRun(run.state)


def describe_agreement(plan: Plan, actor: Actor, reason: str | None) -> dict[str, object]:
    """What is kept beside an agreement, and written to the audit."""
    header = plan.header
    detail: dict[str, object] = {
        "title": header.title,
        "open": dict(header.open),
        "logged_in_at": tell_login(actor),
    }
    return detail | {"own": True, "reason": reason} if actor.label == header.author else detail


def check_approver(reads: Reads, runtime: Runtime, plan: Plan, actor: Actor, reason: str | None) -> None:
    """Refuse whoever may not agree to this plan: its author too, unless it is small and they say why. Raises NotPermitted."""
    most, at = runtime.settings[MergerSection].author_may_approve, runtime.clocks.register()
    own = actor.person_id is not None and actor.label == plan.header.author
    if not (own and most and reason):
        check_may_approve(reads, actor, plan, at)
        return
    count = count_changes(plan)
    if count > most:
        raise OwnPlanTooLarge(most=most, count=count)
    check_weightless(reads, plan)
    check_units(reads, actor, APPROVING, read_scope(plan), at)


def check_weightless(reads: Reads, plan: Plan) -> None:
    """Refuse to its author what they could not do alone by hand: duties that act upon others, given or taken, passwords brought along;
    and plans whose lines hold hundreds of rows each, so that their number says nothing. Raises OwnPlan.
    """
    if plan.header.kind in (UNDO, RETIME):
        raise OwnPlan
    touched: set[uuid.UUID] = set()
    for line in plan.each_line():
        given = {duty for post in line.get("posts", ()) for duty in post["duties"].split()}
        if given & WEIGHTY or "hash_sealed" in line:
            raise OwnPlan
        if line["op"] not in SILENT and "person" in line:
            touched.add(uuid.UUID(line["person"]))
    for people in chunked(touched):
        held = sa.select(Post.duties).where(Post.person_id.in_(people), visible(Post))
        if any(WEIGHTY.intersection(duties.split()) for duties in reads.execute(held).scalars()):
            raise OwnPlan


def count_changes(plan: Plan) -> int:
    """How many people, units, codes and log-ins a plan changes; who stays and what only tells the story is none."""
    return sum(number for op, number in plan.header.counts.items() if op not in SILENT)


def check_fresh(runtime: Runtime, actor: Actor) -> None:
    """Refuse a log-in that is older than the installation allows for an approval, or not of this machine's time.

    Raises LoginStale, ClocksApart.
    """
    minutes = runtime.settings[MergerSection].fresh_minutes
    since, now = actor.logged_in_at, runtime.clocks.wall()
    if since is not None and since - now > AHEAD:
        raise ClocksApart(minutes=round((since - now) / timedelta(minutes=1)))
    if since is None or now - since > timedelta(minutes=minutes):
        raise LoginStale(minutes=minutes)


def tell_login(actor: Actor) -> str | None:
    """When whoever agreed had last proved who they are, as the audit keeps it."""
    return as_rfc3339(actor.logged_in_at) if actor.logged_in_at else None


@dataclass(frozen=True)
class OwnApproval:
    """A plan that nobody but its own author agreed to, and why."""

    digest: str
    name: str
    reason: str
    at: datetime


def find_own_approvals(reads: Reads) -> list[OwnApproval]:
    """Plans that their own author approved, the newest first: each report names them."""
    own = sa.select(PlanApproval).where(PlanApproval.author == PlanApproval.approver)
    namer = name_actor(reads)
    return [
        OwnApproval(one.digest, namer(one.approver), one.reason or "", one.approved_at)
        for one in reads.execute(own.order_by(PlanApproval.row_id.desc())).scalars()
    ]


def check_awake(reads: Reads, runtime: Runtime, actor: Actor) -> None:
    """Refuse who was helped to a new password, or to a first one, a moment ago. Raises HelpedLately, ActivatedLately."""
    quiet = timedelta(hours=runtime.settings[AccountsSection].quiet_hours)
    if actor.person_id is not None:
        check_not_helped(reads, actor.person_id, quiet, runtime.clocks.wall(), runtime.settings.zone)
        check_not_just_activated(reads, actor.person_id, quiet, runtime.clocks.wall(), runtime.settings.zone)


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
