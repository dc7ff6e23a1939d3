"""What people ask for themselves: a new certificate, or the revocation of one whose key is lost; always a draft for their head."""

import uuid
from datetime import datetime

import sqlalchemy as sa

from directory.rights import covered_units
from foundation import audit
from foundation.changes import AsOf
from foundation.database import Reads, Writes
from foundation.i18n import Message
from signing.errors import NotOffered, NotTheSubject, WrongState
from signing.models import CertificateRequest, Dossier
from signing.requests.approval import APPROVING
from signing.requests.dossiers import OPEN_STATES, STAFF
from signing.requests.publication import get_certificate
from signing.requests.subjects import build_people
from signing.vocabulary import PersonSubject, as_content


def ask_new(writes: Writes, person_id: uuid.UUID, now: datetime) -> CertificateRequest:
    """A draft for a new certificate of this person. Raises NotOffered without a post, WrongState while another one is open."""
    subject = get_subject(writes, person_id, now)
    if any(request.kind != "revocation" for request in find_open(writes, person_id)):
        raise WrongState(state="draft")
    request = CertificateRequest(kind="new", ground="none_yet", person_id=person_id, content=as_content(subject))
    return open_own_dossier(writes, subject, request, now)


def ask_revocation(writes: Writes, person_id: uuid.UUID, sha256: str, now: datetime) -> CertificateRequest:
    """A draft to revoke one's own certificate because its key is lost. Raises NotTheSubject, WrongState, CertificateNotFound."""
    subject = get_subject(writes, person_id, now)
    known = get_certificate(writes, sha256)
    if known.person_id != person_id:
        raise NotTheSubject
    if known.revoked_at is not None or any(request.replaces == sha256 for request in find_open(writes, person_id)):
        raise WrongState(state="draft")
    request = CertificateRequest(
        kind="revocation", ground="key_lost", person_id=person_id, content=as_content(subject), replaces=sha256
    )
    return open_own_dossier(writes, subject, request, now)


def get_subject(reads: Reads, person_id: uuid.UUID, now: datetime) -> PersonSubject:
    """The person as the register says. Raises NotOffered for who holds no post."""
    subject = build_people(reads, [person_id], AsOf(now)).get(person_id)
    if subject is None:
        raise NotOffered(why=Message("only who holds a post can be given a certificate."))
    return subject


def find_open(reads: Reads, person_id: uuid.UUID) -> list[CertificateRequest]:
    """This person's requests that have not ended."""
    wanted = sa.select(CertificateRequest).where(
        CertificateRequest.person_id == person_id, CertificateRequest.state.in_(OPEN_STATES)
    )
    return list(reads.execute(wanted).scalars())


def open_own_dossier(
    writes: Writes, subject: PersonSubject, request: CertificateRequest, now: datetime
) -> CertificateRequest:
    """A dossier of one request, by its own subject."""
    actor = str(subject.person_id)
    approves = subject.unit_id in covered_units(writes, subject.person_id, APPROVING, AsOf(now))
    dossier = Dossier(
        unit_id=subject.unit_id,
        trigger=f"asked:{uuid.uuid4()}",
        about=actor if approves else STAFF,
        composed_by=actor,
        composed_at=now,
        instant=now,
    )
    writes.add(dossier)
    writes.flush()
    request.dossier_id, request.requested_by = dossier.id, actor
    writes.add(request)
    writes.flush()
    audit.record(writes, now, "signing.request.ask", actor, f"request:{request.id}", {"kind": request.kind})
    return request
