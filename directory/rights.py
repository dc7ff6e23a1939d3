"""Rights: a post with the duty whose unit covers everything touched, looked up in the register at every act.

No role is stored anywhere else: who leaves a post has lost its rights with it.
"""

import uuid
from collections.abc import Iterable, Set

import sqlalchemy as sa

from directory.chains import find_ancestors, full_name
from directory.endings import Endings
from directory.errors import RightMissing
from directory.models import PersonDetail, Post, UnitVersion
from directory.people import find_posts
from directory.units import find_subtree
from foundation.changes import AsOf, in_force
from foundation.database import Reads
from foundation.i18n import Message, _

DUTY_NAMES = {
    "leader": _("head of unit"),
    "deputy": _("deputy"),
    "clerk": _("clerk"),
    "approver": _("approver"),
    "hr": _("human resources"),
    "help_desk": _("help desk"),
    "focal_point": _("focal point"),
    "operator": _("operator"),
}

WHOLE_REGISTER = _("the whole register")


def covered_units(reads: Reads, person_id: uuid.UUID, duties: Iterable[str], as_of: AsOf) -> set[uuid.UUID]:
    """Every unit in which this person may act by one of these duties: the units of those posts and all under them."""
    wanted = set(duties)
    posts = find_posts(reads, [person_id], as_of).get(person_id, ())
    roots = {post.unit_id for post in posts if wanted.intersection(post.duties)}
    return find_subtree(reads, roots, as_of) if roots else set()


def check_right(
    reads: Reads, person_id: uuid.UUID, duties: tuple[str, ...], units: Iterable[uuid.UUID], as_of: AsOf
) -> None:
    """Refuse a person without a post whose duty is one of these and whose unit covers all of `units`.

    A unit that ended is covered by who covers all that it passed on to, and where it passed on nothing by who covers what it lay under:
    after a merger the old province is above nobody any more. Raises RightMissing, naming the first unit not covered and who holds the
    right there. Where no unit is named the right over everything is needed, and nobody has it at an instant at which no unit stands: a
    clock that is wrong opens nothing.
    """
    covered = covered_units(reads, person_id, duties, as_of)
    wanted = list(dict.fromkeys(units)) or find_roots(reads, as_of)
    if not wanted:
        raise RightMissing(duty=Message(DUTY_NAMES[duties[0]]), unit=Message(WHOLE_REGISTER), holders="—")
    if uncovered := find_uncovered(reads, wanted, covered, as_of):
        raise_missing(reads, duties, uncovered[0], as_of)


def find_roots(reads: Reads, as_of: AsOf) -> list[uuid.UUID]:
    """The units above all others."""
    wanted = sa.select(UnitVersion.unit_id).where(UnitVersion.parent_id.is_(None), in_force(UnitVersion, as_of))
    return list(reads.execute(wanted).scalars())


def is_covered(reads: Reads, unit_id: uuid.UUID, covered: Set[uuid.UUID], as_of: AsOf) -> bool:
    """Whether a unit is among these, or ended and is theirs now: see `check_right`."""
    return not find_uncovered(reads, [unit_id], covered, as_of)


def find_uncovered(reads: Reads, units: Iterable[uuid.UUID], covered: Set[uuid.UUID], as_of: AsOf) -> list[uuid.UUID]:
    """What has to be covered for these units and is not; see `check_right`."""
    needed = find_needed(reads, [unit_id for unit_id in units if unit_id not in covered], as_of)
    return [one for instead in needed.values() for one in instead if one not in covered]


def find_needed(reads: Reads, units: Iterable[uuid.UUID], as_of: AsOf) -> dict[uuid.UUID, list[uuid.UUID]]:
    """What has to be covered for each of these units; see `check_right`. Never nothing."""
    wanted = list(dict.fromkeys(units))
    endings = Endings(reads, as_of, wanted)
    return {unit_id: endings.find_needed(unit_id) for unit_id in wanted}


def raise_missing(reads: Reads, duties: tuple[str, ...], unit_id: uuid.UUID, as_of: AsOf) -> None:
    """The refusal, with the unit's name and up to three holders."""
    chain = find_ancestors(reads, unit_id, as_of)
    holders = find_holders(reads, duties, [unit.id for unit in chain] or [unit_id], as_of)
    raise RightMissing(
        duty=Message(DUTY_NAMES[duties[0]]),
        unit=full_name(chain) or str(unit_id),
        holders=", ".join(holders[:3]) or "—",
    )


def find_holders(reads: Reads, duties: Iterable[str], unit_ids: Iterable[uuid.UUID], as_of: AsOf) -> list[str]:
    """The names of those who hold one of these duties in one of these units."""
    wanted = set(duties)
    rows = reads.execute(
        sa.select(PersonDetail.name, Post.duties)
        .join(Post, Post.person_id == PersonDetail.person_id)
        .where(
            Post.unit_id.in_(list(unit_ids)), Post.duties != "", in_force(Post, as_of), in_force(PersonDetail, as_of)
        )
        .order_by(PersonDetail.name_key)
    )
    return list(dict.fromkeys(name for name, held in rows if wanted.intersection(held.split())))
