"""Which dossiers a person may see: those of the units they answer for."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from directory.errors import RightMissing
from directory.rights import covered_units
from foundation.changes import AsOf
from foundation.database import Reads
from foundation.shell import is_of_glass
from signing.errors import DossierNotFound, DossierOfGlass, OwnRequest
from signing.models import CertificateRequest, Dossier
from signing.requests.approval import APPROVING, FOR_THE_HEAD, check_may_approve, check_of_somebody
from signing.requests.dossiers import STAFF, find_requests, get_dossier

SEEING = ("leader", "approver", "deputy", "clerk", "focal_point")


def visible_units(reads: Reads, person_id: uuid.UUID, now: datetime) -> set[uuid.UUID]:
    """The units whose dossiers this person may read."""
    return covered_units(reads, person_id, SEEING, AsOf(now))


def get_visible_dossier(reads: Reads, dossier_id: int, person_id: uuid.UUID, now: datetime) -> Dossier:
    """A dossier this person may read. Raises DossierNotFound, whether it is missing or not theirs to see."""
    dossier = get_dossier(reads, dossier_id)
    if dossier.unit_id not in visible_units(reads, person_id, now):
        raise DossierNotFound
    return dossier


def find_approvable(reads: Reads, dossiers: Sequence[Dossier], person_id: uuid.UUID, now: datetime) -> set[int]:
    """The drafts among these that this person could approve, found for all at once; the approval itself asks again."""
    drafts = [dossier for dossier in dossiers if dossier.state == "draft"]
    if not drafts:
        return set()
    staff = covered_units(reads, person_id, APPROVING, AsOf(now))
    heads = covered_units(reads, person_id, FOR_THE_HEAD, AsOf(now))
    own = str(person_id)
    involved = set(
        reads.execute(
            sa.select(CertificateRequest.dossier_id).where(
                CertificateRequest.state == "draft",
                sa.or_(
                    CertificateRequest.person_id == person_id,
                    CertificateRequest.requested_by == own,
                    CertificateRequest.chosen_by == own,
                ),
            )
        ).scalars()
    )
    return {
        dossier.id
        for dossier in drafts
        if dossier.unit_id in (staff if dossier.about == STAFF else heads)
        and dossier.composed_by != own
        and not is_of_glass(dossier.composed_by)
        and dossier.id not in involved
    }


def find_hindrance(
    reads: Reads, dossier: Dossier, person_id: uuid.UUID, now: datetime
) -> RightMissing | OwnRequest | DossierOfGlass | None:
    """Why this person could not approve it, or None; the approval itself asks again."""
    try:
        requests = find_requests(reads, dossier.id)
        check_may_approve(reads, person_id, dossier, requests, now)
        check_of_somebody(dossier, requests)
    except (RightMissing, OwnRequest, DossierOfGlass) as refusal:
        return refusal
    return None
