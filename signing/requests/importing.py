"""Certificates of other authorities: brought into the register with their holders, and told as revoked by their authority's own list.

Nothing here judges whether an authority is to be trusted; a certificate in the register says whose it is, verification says whether it
counts.
"""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from directory.certificates import (
    KnownCertificate,
    find_by_serial,
    find_certificate,
    publish_certificate,
    tell_revocation,
)
from foundation import audit
from foundation.changes import Change, small_change
from foundation.database import Writes
from foundation.errors import BadInput
from foundation.i18n import Message
from signing.authority.door import CertifiableKey
from signing.authority.embedded import is_certified, remember_key
from signing.authority.signing_requests import fingerprint_of_key
from signing.models import CertificateRequest
from signing.requests.dossiers import close_when_finished, get_dossier
from signing.requests.issued import is_authority, read_certificate, refused
from signing.requests.publication import print_holder
from signing.requests.sending import close_request

KNOWN_EXTENSIONS = {
    x509.AuthorityKeyIdentifier.oid,
    x509.CRLNumber.oid,
    x509.AuthorityInformationAccess.oid,
    x509.IssuerAlternativeName.oid,
    x509.FreshestCRL.oid,
}


class ListRefused(BadInput):
    """A revocation list that cannot be believed or understood whole."""

    code = "list_refused"
    sentence = "This revocation list cannot be accepted: {why}"


@dataclass(frozen=True)
class Incoming:
    """A certificate from outside (DER or PEM) and whose it is: one of person, unit."""

    content: bytes
    person_id: uuid.UUID | None = None
    unit_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Imported:
    """What an import did: certificates that are new, and how many were known before."""

    new: tuple[KnownCertificate, ...]
    known: int


def import_certificates(
    writes: Writes, incoming: Iterable[Incoming], actor: str, now: datetime, decision: str | None = None
) -> Imported:
    """Bring certificates into the register in one change; what is there already is left alone. Raises CertificateRefused.

    Refused are certificates of authorities, and one that is known as somebody else's.
    """
    change: Change | None = None
    new: list[KnownCertificate] = []
    known = 0
    for one in incoming:
        certificate = read_certificate(one.content)
        der = certificate.public_bytes(Encoding.DER)
        before = find_certificate(writes, hashlib.sha256(der).hexdigest())
        if before is not None:
            if (before.person_id, before.unit_id) != (one.person_id, one.unit_id):
                raise refused(Message("the register knows it as the certificate of another holder."))
            known += 1
            continue
        if is_authority(certificate):
            raise refused(Message("it is the certificate of an authority."))
        change = change or small_change(writes, "certificate.import", actor, now, decision=decision)
        added = publish_certificate(writes, change, der, person_id=one.person_id, unit_id=one.unit_id)
        note_key(writes, certificate, added.sha256)
        print_holder(writes, added, now)
        new.append(added)
    detail = {"new": len(new), "known": known, "decision": decision}
    audit.record(writes, now, "signing.certificate.import", actor, None, detail)
    return Imported(tuple(new), known)


def note_key(writes: Writes, certificate: x509.Certificate, sha256: str) -> None:
    """Remember the key, so that no certificate of ours carries it; two of another authority may share one (a renewal)."""
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise refused(Message("its key cannot be read.")) from error
    if isinstance(key, CertifiableKey) and not is_certified(writes, fingerprint := fingerprint_of_key(key)):
        remember_key(writes, fingerprint, sha256)


def import_list(writes: Writes, content: bytes, issuer: bytes, actor: str, now: datetime) -> list[str]:
    """Tell the register what another authority's complete list says, and close the requests that waited for it.

    Gives the SHA-256 of each certificate told as revoked. Raises ListRefused.
    """
    authority = read_certificate(issuer)
    listed = read_list(content, authority, now)
    told: list[str] = []
    change: Change | None = None
    for known in find_listed(writes, listed, authority):
        entry = listed.get_revoked_certificate_by_serial_number(int(known.serial, 16))
        assert entry is not None
        change = change or small_change(writes, "certificate.revoke", actor, now, reason="revocation list")
        if tell_revocation(writes, change, known.sha256, entry.revocation_date_utc, read_reason(entry)):
            print_holder(writes, known, now)
            told.append(known.sha256)
    close_waiting(writes, told, now)
    audit.record(writes, now, "signing.list.import", actor, authority.subject.rfc4514_string(), {"revoked": len(told)})
    return told


def read_list(content: bytes, authority: x509.Certificate, now: datetime) -> x509.CertificateRevocationList:
    """A list, DER or PEM, that its authority signed, complete and in force. Raises ListRefused."""
    try:
        load = x509.load_pem_x509_crl if b"-----BEGIN X509 CRL-----" in content else x509.load_der_x509_crl
        listed = load(content)
        signed = listed.issuer == authority.subject and listed.is_signature_valid(authority.public_key())  # type: ignore[arg-type]  # others raise
        unknown = [entry for entry in listed.extensions if entry.critical or entry.oid not in KNOWN_EXTENSIONS]
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm) as error:
        raise ListRefused(why=Message("it cannot be read.")) from error
    if not signed:
        raise ListRefused(why=Message("the authority did not sign it."))
    if unknown:
        raise ListRefused(why=Message("it is partial or indirect; a complete list is needed."))
    if listed.last_update_utc > now or (listed.next_update_utc is not None and listed.next_update_utc < now):
        raise ListRefused(why=Message("it is out of date."))
    return listed


def find_listed(
    writes: Writes, listed: x509.CertificateRevocationList, authority: x509.Certificate
) -> list[KnownCertificate]:
    """The register's certificates that stand on the list, of this authority only."""
    issuer = authority.subject.rfc4514_string()
    return [
        known
        for entry in listed
        for known in find_by_serial(writes, f"{entry.serial_number:x}")
        if known.issuer == issuer and known.revoked_at is None and was_issued_by(known.der, authority)
    ]


def was_issued_by(der: bytes, authority: x509.Certificate) -> bool:
    """Whether this very authority signed the certificate: a name alone proves nothing."""
    try:
        x509.load_der_x509_certificate(der).verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def read_reason(entry: x509.RevokedCertificate) -> str:
    """Why a certificate stands on a list."""
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except x509.ExtensionNotFound:
        return "unspecified"


def close_waiting(writes: Writes, told: list[str], now: datetime) -> None:
    """Close the revocations that waited for the other authority."""
    waiting = sa.select(CertificateRequest).where(
        CertificateRequest.state == "sent",
        CertificateRequest.kind == "revocation",
        CertificateRequest.replaces.in_(told),
    )
    for request in list(writes.execute(waiting).scalars()):
        close_request(writes, request, now)
        close_when_finished(writes, get_dossier(writes, request.dossier_id), now)
