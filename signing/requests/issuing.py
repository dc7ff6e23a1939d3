"""Issuing: the subject brings a signing request for an approved request, and gets the certificate back in the same breath.

The key is made on the subject's side; who sends it is the subject: the person, or for an agency somebody who keeps its seal.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from directory.people import find_posts
from foundation import audit
from foundation.changes import AsOf
from foundation.database import Reads, Writes
from signing.authority.door import ApprovedRequest, Authority
from signing.authority.embedded import is_certified
from signing.authority.signing_requests import check_csr
from signing.errors import NotTheSubject
from signing.models import CertificateRequest
from signing.requests.approval import get_approved
from signing.requests.dossiers import close_when_finished, get_dossier, get_request
from signing.requests.issued import check_issued
from signing.requests.publication import get_certificate, publish_issued, publish_revoked
from signing.requests.sending import close_request, reason_of
from signing.vocabulary import Reason

SEAL_KEEPERS = ("clerk", "leader", "focal_point")


@dataclass(frozen=True)
class Issued:
    """What the subject gets: the certificate and the authority's own ones up to the root, DER; the SHA-256 of the first."""

    certificate: bytes
    chain: tuple[bytes, ...]
    sha256: str


def issue_for(
    writes: Writes, authority: Authority, request_id: int, sender: uuid.UUID, content: bytes, now: datetime
) -> Issued:
    """From a signing request to a certificate in the register.

    1. the sender is the subject; 2. the request may be issued; 3. the signing request is checked; 4. the authority issues; 5. its
    certificate is what was asked for; 6. the register and the directory are told; 7. the certificate it replaces is revoked.
    Raises RequestNotFound, NotTheSubject, WrongState, RecordChanged, SubjectChanged, CSRRefused, KeyKnown, LintFailed.
    """
    request = get_request(writes, request_id)
    check_sender(writes, request, sender, now)
    csr = check_csr(content, lambda key: authority.is_own_key(key) or is_certified(writes, key))
    approved = get_approved(writes, request_id, csr, now)
    der = authority.issue(writes, approved, now)
    check_issued(der, approved, authority.chain(), now)
    actor = str(sender)
    known = publish_issued(
        writes, der, actor, request.legal_basis, now, person_id=request.person_id, unit_id=request.unit_id
    )
    request.csr = csr.der
    close_request(writes, request, now, issued=known.sha256)
    detail = {
        "request": request_id,
        "serial": known.serial,
        "subject": known.subject,
        "dossier": approved.dossier_digest,
    }
    audit.record(writes, now, "signing.certificate.issue", actor, f"certificate:{known.sha256}", detail)
    revoke_replaced(writes, authority, request, approved, actor, now)
    close_when_finished(writes, get_dossier(writes, request.dossier_id), now)
    return Issued(der, authority.chain(), known.sha256)


def check_sender(reads: Reads, request: CertificateRequest, sender: uuid.UUID, now: datetime) -> None:
    """Refuse a key from anybody but the subject. Raises NotTheSubject."""
    if request.person_id is not None:
        allowed = request.person_id == sender
    else:
        posts = find_posts(reads, [sender], AsOf(now)).get(sender, [])
        allowed = any(post.unit_id == request.unit_id and set(SEAL_KEEPERS).intersection(post.duties) for post in posts)
    if not allowed:
        raise NotTheSubject


def revoke_replaced(
    writes: Writes,
    authority: Authority,
    request: CertificateRequest,
    approved: ApprovedRequest,
    actor: str,
    now: datetime,
) -> None:
    """Revoke the certificate that was changed or renewed, where it is ours; another authority's own list tells of theirs."""
    if approved.replaces is None:
        return
    known = get_certificate(writes, approved.replaces)
    if known.revoked_at is None and authority.knows(known):
        reason: Reason = reason_of(request) if approved.kind == "change" else "superseded"
        authority.revoke(writes, known, reason, now)
        publish_revoked(writes, known.sha256, reason, actor, request.legal_basis, now)
        detail = {"request": request.id, "reason": reason, "serial": known.serial}
        audit.record(writes, now, "signing.certificate.revoke", actor, f"certificate:{known.sha256}", detail)
