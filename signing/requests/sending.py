"""Sending: an approved dossier goes to the authority; revocations are carried out, the others wait for the subject's key.

A certificate of another authority cannot be revoked here: its request stays with the state "with the authority" until that
authority's list says so (`certificate import`).
"""

from datetime import datetime

from foundation import audit
from foundation.database import Writes
from foundation.i18n import _
from foundation.outbox import Job
from foundation.runtime import Runtime
from signing.authority.door import Authority
from signing.authority.embedded import open_authority
from signing.models import CertificateRequest, Dossier
from signing.requests.approval import check_unchanged
from signing.requests.dossiers import close_when_finished, find_requests, get_dossier, move_dossier, move_request
from signing.requests.publication import get_certificate, publish_revoked
from signing.vocabulary import REVOCATION_REASONS, Reason


def send_dossier(writes: Writes, authority: Authority, dossier_id: int, actor: str, now: datetime) -> Dossier:
    """Hand an approved dossier to the authority. Raises WrongState, RecordChanged; nothing is done when one of them is raised."""
    dossier = get_dossier(writes, dossier_id)
    check_unchanged(writes, dossier)
    move_dossier(writes, dossier, "sent", since="approved")
    dossier.sent_at = now
    for request in find_requests(writes, dossier_id):
        move_request(writes, request, "sent", since="approved")
        if request.kind == "revocation":
            revoke_for(writes, authority, request, actor, now)
        elif request.kind == "recovery":
            close_request(
                writes, request, now, refusal=_("This authority hands out no key devices; ask for a new certificate.")
            )
    audit.record(writes, now, "signing.dossier.send", actor, f"dossier:{dossier_id}")
    close_when_finished(writes, dossier, now)
    return dossier


def revoke_for(writes: Writes, authority: Authority, request: CertificateRequest, actor: str, now: datetime) -> None:
    """Carry out one revocation, if the certificate is this authority's."""
    assert request.replaces is not None
    known = get_certificate(writes, request.replaces)
    if known.revoked_at is None:
        if not authority.knows(known):
            return
        reason = reason_of(request)
        authority.revoke(writes, known, reason, now)
        publish_revoked(writes, known.sha256, reason, actor, request.legal_basis, now)
        detail = {"request": request.id, "reason": reason, "serial": known.serial}
        audit.record(writes, now, "signing.certificate.revoke", actor, f"certificate:{known.sha256}", detail)
    close_request(writes, request, now)


def reason_of(request: CertificateRequest) -> Reason:
    """What the list says about a revocation that comes from this request."""
    return REVOCATION_REASONS.get(request.ground, "unspecified")


def close_request(
    writes: Writes, request: CertificateRequest, now: datetime, *, issued: str | None = None, refusal: str | None = None
) -> None:
    """End a request that was sent. Raises WrongState."""
    move_request(writes, request, "refused" if refusal else "done", since="sent")
    request.finished_at, request.issued_sha256, request.refusal = now, issued, refusal
    writes.flush()


def send_by_job(runtime: Runtime, job: Job) -> None:
    """Outbox `send_dossier` {dossier}: what `dossier send` does, right after the approval; a dossier sent before is left alone."""
    authority = open_authority(runtime)
    with runtime.database.write() as writes:
        dossier = get_dossier(writes, int(job.payload["dossier"]))
        if dossier.state == "approved":
            send_dossier(writes, authority, dossier.id, str(dossier.approved_by), runtime.clocks.wall())
