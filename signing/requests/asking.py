"""What is asked for one at a time: a new certificate, or the revocation of one; always a draft for a head, never the deed itself."""

import uuid
from datetime import datetime

import sqlalchemy as sa

from directory.certificates import KnownCertificate
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
from signing.requests.subjects import Standing, build_people, find_agency
from signing.vocabulary import PersonSubject, Subject, as_content


def ask_new(writes: Writes, person_id: uuid.UUID, now: datetime) -> CertificateRequest:
    """A draft for a new certificate of this person. Raises NotOffered without a post, WrongState while another one is open."""
    subject = get_subject(writes, person_id, now)
    for request in find_open(writes, person_id):
        if request.kind != "revocation":
            raise WrongState(state=request.state)
    request = CertificateRequest(kind="new", ground="none_yet", person_id=person_id, content=as_content(subject))
    return open_single(writes, subject, request, str(person_id), now)


def ask_revocation(writes: Writes, person_id: uuid.UUID, sha256: str, now: datetime) -> CertificateRequest:
    """A draft to revoke one's own certificate because its key is lost. Raises NotTheSubject, WrongState, CertificateNotFound."""
    known = get_certificate(writes, sha256)
    if known.person_id != person_id:
        raise NotTheSubject
    return ask_revocation_for(writes, known, str(person_id), None, now, lost=True)


def ask_revocation_for(
    writes: Writes, known: KnownCertificate, actor: str, reason: str | None, now: datetime, *, lost: bool
) -> CertificateRequest:
    """A draft to revoke any certificate. Raises WrongState when it is revoked or asked for, NotOffered for who left every unit."""
    if known.revoked_at is not None:
        raise WrongState(state="done")
    if any(request.replaces == known.sha256 for request in find_open_about(writes, known.sha256)):
        raise WrongState(state="draft")
    subject = get_holder(writes, known, now)
    request = CertificateRequest(
        kind="revocation",
        ground="key_lost" if lost else "asked",
        person_id=known.person_id,
        unit_id=known.unit_id,
        content=as_content(subject),
        replaces=known.sha256,
        choice_reason=reason,
    )
    return open_single(writes, subject, request, actor, now)


def get_holder(reads: Reads, known: KnownCertificate, now: datetime) -> Subject:
    """The holder of a certificate as the register says. Raises NotOffered for who left every unit, or a unit that ended."""
    if known.person_id is not None:
        return get_subject(reads, known.person_id, now)
    assert known.unit_id is not None
    agency = find_agency(reads, known.unit_id, AsOf(now))
    if agency is None:
        raise NotOffered(why=Message("the unit of this certificate has ended; its successor's dossier revokes it."))
    return agency


def get_subject(reads: Reads, person_id: uuid.UUID, now: datetime) -> PersonSubject:
    """The person as the register says. Raises NotOffered for who holds no post."""
    subject = build_people(reads, [person_id], Standing(AsOf(now))).get(person_id)
    if subject is None:
        raise NotOffered(why=Message("only who holds a post can be given a certificate."))
    return subject


def find_open(reads: Reads, person_id: uuid.UUID) -> list[CertificateRequest]:
    """This person's requests that have not ended."""
    return read_open(reads, CertificateRequest.person_id == person_id)


def find_open_about(reads: Reads, sha256: str) -> list[CertificateRequest]:
    """The requests about this certificate that have not ended."""
    return read_open(reads, CertificateRequest.replaces == sha256)


def read_open(reads: Reads, clause: sa.ColumnElement[bool]) -> list[CertificateRequest]:
    """Requests that have not ended, oldest first."""
    wanted = sa.select(CertificateRequest).where(clause, CertificateRequest.state.in_(OPEN_STATES))
    return list(reads.execute(wanted.order_by(CertificateRequest.id)).scalars())


def open_single(
    writes: Writes, subject: Subject, request: CertificateRequest, actor: str, now: datetime
) -> CertificateRequest:
    """A dossier of one request, asked for by the actor."""
    person_id = subject.person_id if isinstance(subject, PersonSubject) else None
    approves = person_id is not None and subject.unit_id in covered_units(writes, person_id, APPROVING, AsOf(now))
    dossier = Dossier(
        unit_id=subject.unit_id,
        trigger=f"asked:{uuid.uuid4()}",
        about=str(person_id) if approves else STAFF,
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
