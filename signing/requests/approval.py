"""Approval: the head of the managing unit says yes to exactly what stands there, freshly logged in, and to nothing of their own.

`ApprovedRequest` is made here and nowhere else.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from directory.helped import check_not_helped
from directory.people import find_posts
from directory.rights import check_right
from foundation import audit
from foundation.changes import AsOf, Change
from foundation.database import Reads, Writes
from foundation.outbox import enqueue
from foundation.sealing import same_secret
from foundation.shell import is_of_glass
from signing.authority.door import ApprovedRequest, CheckedCSR
from signing.errors import (
    CauseUndone,
    DossierChanged,
    DossierOfGlass,
    OwnRequest,
    RecordChanged,
    SubjectChanged,
    WrongState,
)
from signing.models import CertificateRequest, Dossier
from signing.requests.dossiers import (
    STAFF,
    digest_dossier,
    find_requests,
    get_dossier,
    get_request,
    move_dossier,
    move_request,
)
from signing.requests.freshness import check_fresh
from signing.requests.subjects import Standing, build_people, find_agency
from signing.vocabulary import ISSUING_KINDS, Kind, Subject, as_content

APPROVING = ("leader", "approver")
"""Duties whose holders approve what their unit asks for."""
FOR_THE_HEAD = ("leader", "approver", "deputy")
"""Who approves a dossier about somebody who approves otherwise: another head, a deputy, or the superior body's."""


@dataclass(frozen=True)
class Approver:
    """Who approves: the person, when they logged in, how old a log-in may be; `quiet`: how long nobody approves after a reset."""

    person_id: uuid.UUID
    logged_in_at: datetime
    freshness: timedelta
    quiet: timedelta = timedelta(hours=24)


def approve(writes: Writes, dossier_id: int, seen_digest: str, approver: Approver, now: datetime) -> Dossier:
    """Freeze a draft as approved, and have it sent.

    1. it is a draft; 2. it is what the approver read; 3. what it came from still stands; 4. it says what the register says now;
    5. their log-in is fresh, and nobody helped them to it lately; 6. they hold the right over the managing unit now; 7. nothing in it
    is about them or of their making, or of nobody's.
    Raises WrongState, DossierChanged, CauseUndone, SubjectChanged, LoginTooOld, HelpedLately, RightMissing, OwnRequest,
    DossierOfGlass.
    """
    dossier = get_dossier(writes, dossier_id)
    requests = find_requests(writes, dossier_id)
    if dossier.state != "draft":
        raise WrongState(state=dossier.state)
    digest = digest_dossier(dossier, requests)
    if not same_secret(seen_digest, digest):
        raise DossierChanged
    check_cause_stands(writes, dossier)
    check_subjects_stand(writes, requests, now)
    check_fresh(approver.logged_in_at, approver.freshness, now)
    check_not_helped(writes, approver.person_id, approver.quiet, now)
    check_may_approve(writes, approver.person_id, dossier, requests, now)
    check_of_somebody(dossier, requests)
    move_dossier(writes, dossier, "approved", since="draft")
    dossier.digest, dossier.approved_by, dossier.approved_at = digest, approver.person_id, now
    dossier.logged_in_at = approver.logged_in_at
    dossier.approver_post = name_post(writes, approver.person_id, duties_for(dossier), AsOf(now))
    for request in requests:
        move_request(writes, request, "approved", since="draft")
    detail = {"digest": digest, "requests": len(requests), "post": dossier.approver_post}
    audit.record(writes, now, "signing.dossier.approve", str(approver.person_id), f"dossier:{dossier_id}", detail)
    enqueue(writes, "send_dossier", str(dossier_id), now, {"dossier": dossier_id})
    writes.flush()
    return dossier


def check_cause_stands(reads: Reads, dossier: Dossier) -> None:
    """Refuse a dossier whose merger was undone. Raises CauseUndone."""
    source, _, number = dossier.trigger.partition(":")
    if source == "change" and number.isdigit():
        change = reads.get(Change, int(number))
        if change is None or change.undone_by is not None or change.published_at is None:
            raise CauseUndone


def check_subjects_stand(reads: Reads, requests: Sequence[CertificateRequest], now: datetime) -> None:
    """Refuse requests for certificates about whom the register says something else by now. Raises SubjectChanged."""
    issuing = [request for request in requests if request.kind in ISSUING_KINDS]
    people = build_people(reads, (request.person_id for request in issuing if request.person_id), Standing(AsOf(now)))
    for request in issuing:
        subject = people.get(request.person_id) if request.person_id else find_subject(reads, request, AsOf(now))
        if subject is None or as_content(subject) != request.content:
            raise SubjectChanged(name=request.content["name"])


def check_may_approve(
    reads: Reads, person_id: uuid.UUID, dossier: Dossier, requests: Sequence[CertificateRequest], now: datetime
) -> None:
    """Refuse who lacks the right over the managing unit, or meets their own request. Raises RightMissing, OwnRequest."""
    check_right(reads, person_id, duties_for(dossier), [dossier.unit_id], AsOf(now))
    own = str(person_id)
    if dossier.composed_by == own or any(
        request.person_id == person_id or own in (request.requested_by, request.chosen_by) for request in requests
    ):
        raise OwnRequest


def check_of_somebody(dossier: Dossier, requests: Sequence[CertificateRequest]) -> None:
    """Refuse what was composed or asked for under --break-glass: its approver could be its maker. Raises DossierOfGlass."""
    makers = [dossier.composed_by, *(request.requested_by for request in requests)]
    if any(is_of_glass(maker) for maker in (*makers, *(request.chosen_by for request in requests))):
        raise DossierOfGlass


def duties_for(dossier: Dossier) -> tuple[str, ...]:
    """The duties that approve this dossier."""
    return APPROVING if dossier.about == STAFF else FOR_THE_HEAD


def name_post(reads: Reads, person_id: uuid.UUID, duties: Sequence[str], as_of: AsOf) -> str | None:
    """The title of the post by which somebody approves."""
    posts = find_posts(reads, [person_id], as_of).get(person_id, [])
    return next((post.title for post in posts if set(duties).intersection(post.duties)), None)


def refuse(writes: Writes, dossier_id: int, person_id: uuid.UUID, reason: str, now: datetime) -> Dossier:
    """Close a draft without approving it. Raises WrongState, RightMissing, OwnRequest."""
    dossier = get_dossier(writes, dossier_id)
    requests = find_requests(writes, dossier_id)
    check_may_approve(writes, person_id, dossier, requests, now)
    move_dossier(writes, dossier, "refused", since="draft")
    dossier.closed_at, dossier.refusal = now, reason
    for request in requests:
        move_request(writes, request, "refused", since="draft")
        request.finished_at, request.refusal = now, reason
    audit.record(writes, now, "signing.dossier.refuse", str(person_id), f"dossier:{dossier_id}", {"reason": reason})
    writes.flush()
    return dossier


def get_approved(reads: Reads, request_id: int, csr: CheckedCSR, now: datetime) -> ApprovedRequest:
    """A request that may be issued: approved, sent, unchanged since, and about what the register still says.

    Raises WrongState, RecordChanged, SubjectChanged.
    """
    request = get_request(reads, request_id)
    dossier = get_dossier(reads, request.dossier_id)
    if request.state != "sent" or request.kind not in ISSUING_KINDS:
        raise WrongState(state=request.state)
    digest = check_unchanged(reads, dossier)
    subject = find_subject(reads, request, AsOf(now))
    if subject is None or as_content(subject) != request.content:
        raise SubjectChanged(name=request.content["name"])
    return ApprovedRequest(request.id, as_kind(request.kind), subject, csr, request.replaces, digest)


def check_unchanged(reads: Reads, dossier: Dossier) -> str:
    """The digest of an approved dossier that is still what was approved. Raises WrongState, RecordChanged."""
    if dossier.digest is None or dossier.approved_by is None:
        raise WrongState(state=dossier.state)
    if not same_secret(digest_dossier(dossier, find_requests(reads, dossier.id)), dossier.digest):
        raise RecordChanged
    return dossier.digest


def find_subject(reads: Reads, request: CertificateRequest, as_of: AsOf) -> Subject | None:
    """The request's subject as the register says now, or None where it left or ended."""
    if request.person_id is not None:
        return build_people(reads, [request.person_id], Standing(as_of)).get(request.person_id)
    assert request.unit_id is not None
    return find_agency(reads, request.unit_id, as_of)


def as_kind(kind: str) -> Kind:
    """The kind of a row as the type that lists them."""
    kinds: dict[str, Kind] = {"new": "new", "renewal": "renewal", "change": "change"}
    return kinds[kind]
