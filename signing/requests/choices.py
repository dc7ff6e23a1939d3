"""Choices: where the law allows two ways, somebody of the unit decides, with a reason; and then cannot approve."""

import uuid
from datetime import datetime

from directory.rights import check_right
from foundation import audit
from foundation.changes import AsOf
from foundation.database import Writes
from foundation.errors import BadInput
from signing.errors import WrongState
from signing.models import CertificateRequest
from signing.requests.dossiers import get_dossier, get_request

CHOOSING = ("leader", "approver", "deputy", "clerk", "focal_point")
LONGEST_REASON = 500


class ReasonMissing(BadInput):
    """A choice needs its reason."""

    code = "reason_missing"
    sentence = "Please write down why, in at most 500 characters."


def choose(
    writes: Writes, request_id: int, kind: str, person_id: uuid.UUID, reason: str, now: datetime
) -> CertificateRequest:
    """Take the other way the law allows for a request in a draft. Raises WrongState, RightMissing, ReasonMissing."""
    request = get_request(writes, request_id)
    dossier = get_dossier(writes, request.dossier_id)
    check_right(writes, person_id, CHOOSING, [dossier.unit_id], AsOf(now))
    if dossier.state != "draft" or kind != request.alternative:
        raise WrongState(state=dossier.state)
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise ReasonMissing
    request.kind, request.alternative = kind, request.kind
    request.chosen_by, request.choice_reason = str(person_id), reason.strip()
    detail = {"kind": kind, "instead_of": request.alternative, "reason": request.choice_reason}
    audit.record(writes, now, "signing.request.choose", str(person_id), f"request:{request_id}", detail)
    writes.flush()
    return request
