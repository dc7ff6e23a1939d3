"""Which dossiers a person may see: those of the units they answer for."""

import uuid
from datetime import datetime

from directory.errors import RightMissing
from directory.rights import covered_units
from foundation.changes import AsOf
from foundation.database import Reads
from signing.errors import DossierNotFound, OwnRequest
from signing.models import Dossier
from signing.requests.approval import check_may_approve
from signing.requests.dossiers import find_requests, get_dossier

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


def find_hindrance(
    reads: Reads, dossier: Dossier, person_id: uuid.UUID, now: datetime
) -> RightMissing | OwnRequest | None:
    """Why this person could not approve it, or None; the approval itself asks again."""
    try:
        check_may_approve(reads, person_id, dossier, find_requests(reads, dossier.id), now)
    except (RightMissing, OwnRequest) as refusal:
        return refusal
    return None
