"""Who may make, approve and apply a plan: a post with the duty whose unit covers everything the plan touches.

Rights are asked of the register at the moment of the act. A refusal names the right that is missing and who holds it, and is
written to the audit by the verb that was refused.
"""

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache

import sqlalchemy as sa

from directory.joins import find_survivor
from directory.models import PersonDetail
from directory.rights import check_right
from foundation.changes import AsOf, visible
from foundation.database import Reads
from foundation.errors import NotPermitted
from foundation.plans import Plan
from foundation.shell import Actor, is_of_glass

CHANGING = ("hr",)
APPROVING = ("approver", "hr")


class GlassCannotApprove(NotPermitted):
    """Breaking the glass stands for one person alone; approval needs a second one."""

    code = "glass_cannot_approve"
    sentence = "A plan is approved by a second person who is logged in; breaking the glass is not one."


class PlanOfGlass(NotPermitted):
    """A plan made by breaking the glass: nobody knows which human made it, so nobody can be the second one."""

    code = "plan_of_glass"
    sentence = (
        "This plan was made under --break-glass, where the register does not know who acts: the person who approves could be "
        "the person who made it. Log in, make the plan anew in your own name, and let somebody else approve it."
    )


class OwnPlan(NotPermitted):
    """The author of a plan cannot approve it."""

    code = "own_plan"
    sentence = "The author of a plan cannot approve it; somebody else with the right must."


def check_units(reads: Reads, actor: Actor, duties: tuple[str, ...], units: Iterable[uuid.UUID], at: datetime) -> None:
    """Refuse an actor without the duty over all these units; breaking the glass passes and is audited. Raises RightMissing."""
    if actor.break_glass is not None:
        return
    if actor.person_id is None:
        raise NotPermitted
    check_right(reads, actor.person_id, duties, units, AsOf(at))


def check_may_change(reads: Reads, actor: Actor, plan: Plan, at: datetime) -> None:
    """Refuse to make, apply, resume or undo this plan. Raises RightMissing."""
    check_units(reads, actor, CHANGING, read_scope(plan), at)


def check_may_approve(reads: Reads, actor: Actor, plan: Plan, at: datetime) -> None:
    """Refuse to approve this plan. Raises GlassCannotApprove, PlanOfGlass, OwnPlan or RightMissing."""
    if actor.break_glass is not None or actor.person_id is None:
        raise GlassCannotApprove
    if is_of_glass(plan.header.author):
        raise PlanOfGlass
    if is_author(reads, actor, plan):
        raise OwnPlan
    check_units(reads, actor, APPROVING, read_scope(plan), at)


def is_author(reads: Reads, actor: Actor, plan: Plan) -> bool:
    """Whether the actor made the plan, perhaps under an id that was joined to theirs since."""
    if actor.label == plan.header.author:
        return True
    try:
        author = uuid.UUID(plan.header.author)
    except ValueError:
        return False
    return find_survivor(reads, author) == actor.person_id


def read_scope(plan: Plan) -> list[uuid.UUID]:
    """The units a plan touches."""
    return [uuid.UUID(unit) for unit in plan.header.scope]


def name_actor(reads: Reads) -> Callable[[str], str]:
    """A function from the text of an actor to a name people know."""

    @cache
    def name(label: str) -> str:
        try:
            person_id = uuid.UUID(label)
        except ValueError:
            return label
        found = reads.execute(
            sa.select(PersonDetail.name).where(PersonDetail.person_id == person_id, visible(PersonDetail)).limit(1)
        ).scalar_one_or_none()
        return found or label

    return name
