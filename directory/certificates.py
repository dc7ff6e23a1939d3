"""Certificates in the register: told by publishing a row, told to be revoked by withdrawing it and adding one that says so.

The register keeps what is public of a certificate and whose it is; it makes no certificate and judges no chain.
"""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from cryptography import x509

from directory.models import Certificate
from foundation.changes import AsOf, Change, in_force, visible, withdraw
from foundation.database import Reads, Writes
from foundation.errors import BadInput
from foundation.outbox import enqueue

CHUNK = 500
REVOKED: Final = "certificate_revoked"
"""Outbox job, its key the SHA-256: whoever let somebody in for a certificate hears that it counts no more."""


class CertificateUnreadable(BadInput):
    """The bytes are no X.509 certificate."""

    code = "certificate_unreadable"
    sentence = "This is not a certificate."


@dataclass(frozen=True)
class KnownCertificate:
    """A certificate the register knows: its holder (one of person, unit), its bytes and what is known of it."""

    person_id: uuid.UUID | None
    unit_id: uuid.UUID | None
    der: bytes
    sha256: str
    serial: str
    issuer: str
    subject: str
    valid_from: datetime
    valid_to: datetime | None
    revoked_at: datetime | None
    reason: str | None

    def usable_at(self, instant: datetime) -> bool:
        """Whether it is inside its validity and not revoked at this instant."""
        begun = self.valid_from <= instant and (self.valid_to is None or instant < self.valid_to)
        return begun and (self.revoked_at is None or instant < self.revoked_at)


def publish_certificate(
    writes: Writes,
    change: Change,
    der: bytes,
    *,
    person_id: uuid.UUID | None = None,
    unit_id: uuid.UUID | None = None,
    revoked_at: datetime | None = None,
    reason: str | None = None,
) -> KnownCertificate:
    """Write a certificate of a person or of a unit under a change. Raises CertificateUnreadable."""
    row = build_row(der)
    row.person_id, row.unit_id, row.change_id = person_id, unit_id, change.id
    row.revoked_at, row.reason = revoked_at, reason
    writes.add(row)
    writes.flush()
    return as_known(row)


def build_row(der: bytes) -> Certificate:
    """The row's columns that come from the certificate itself. Raises CertificateUnreadable."""
    try:
        parsed = x509.load_der_x509_certificate(der)
        subject, issuer = parsed.subject.rfc4514_string(), parsed.issuer.rfc4514_string()
    except (ValueError, x509.InvalidVersion) as error:
        raise CertificateUnreadable from error
    return Certificate(
        der=der,
        sha256=hashlib.sha256(der).hexdigest(),
        serial=f"{parsed.serial_number:x}",
        issuer=issuer,
        subject=subject,
        valid_from=parsed.not_valid_before_utc,
        valid_to=parsed.not_valid_after_utc,
    )


def tell_revocation(writes: Writes, change: Change, sha256: str, revoked_at: datetime, reason: str) -> bool:
    """Say that a certificate is revoked since an instant; `reason` in the words of RFC 5280 §5.3.1.

    Gives False, and writes nothing, when the register does not know it or has it as revoked already. Who relies on it is told through
    the outbox (`REVOKED`), as soon as it is so.
    """
    row = (
        writes.execute(sa.select(Certificate).where(Certificate.sha256 == sha256, visible(Certificate)))
        .scalars()
        .first()
    )
    if row is None or row.revoked_at is not None:
        return False
    withdraw(writes, Certificate, change, [row.row_id])
    publish_certificate(
        writes, change, row.der, person_id=row.person_id, unit_id=row.unit_id, revoked_at=revoked_at, reason=reason
    )
    enqueue(writes, REVOKED, sha256, change.opened_at, due=max(revoked_at, change.opened_at), change_id=change.id)
    return True


def find_certificate(reads: Reads, sha256: str, known_at: datetime | None = None) -> KnownCertificate | None:
    """The certificate with this SHA-256 (hexadecimal), whatever its validity, or None if the register does not know it."""
    clause = visible(Certificate, known_at)
    row = reads.execute(sa.select(Certificate).where(Certificate.sha256 == sha256.lower(), clause)).scalars().first()
    return as_known(row) if row else None


def find_certificates(reads: Reads, sha256s: Iterable[str]) -> dict[str, KnownCertificate]:
    """The certificates with these SHA-256 that the register knows."""
    found: dict[str, KnownCertificate] = {}
    wanted = list(dict.fromkeys(sha256s))
    for start in range(0, len(wanted), CHUNK):
        clause = Certificate.sha256.in_(wanted[start : start + CHUNK])
        for row in reads.execute(sa.select(Certificate).where(clause, visible(Certificate))).scalars():
            found[row.sha256] = as_known(row)
    return found


def find_by_serial(reads: Reads, serial: str) -> Sequence[KnownCertificate]:
    """Every known certificate with this serial number (hexadecimal, without leading zeros), of whatever issuer."""
    rows = reads.execute(
        sa.select(Certificate).where(Certificate.serial == serial.lower().lstrip("0"), visible(Certificate))
    )
    return [as_known(row) for row in rows.scalars()]


def certificates_of_people(
    reads: Reads, person_ids: Iterable[uuid.UUID], as_of: AsOf | None = None
) -> dict[uuid.UUID, list[KnownCertificate]]:
    """The certificates of these people, newest first; with `as_of` only those inside their validity and not revoked there."""
    found: dict[uuid.UUID, list[KnownCertificate]] = {}
    for known in read_holders(reads, Certificate.person_id, list(person_ids), as_of):
        assert known.person_id is not None
        found.setdefault(known.person_id, []).append(known)
    return found


def certificates_of_units(
    reads: Reads, unit_ids: Iterable[uuid.UUID], as_of: AsOf | None = None
) -> dict[uuid.UUID, list[KnownCertificate]]:
    """The certificates of these agencies, newest first; with `as_of` only those inside their validity and not revoked there."""
    found: dict[uuid.UUID, list[KnownCertificate]] = {}
    for known in read_holders(reads, Certificate.unit_id, list(unit_ids), as_of):
        assert known.unit_id is not None
        found.setdefault(known.unit_id, []).append(known)
    return found


def read_holders(
    reads: Reads, holder: sa.orm.InstrumentedAttribute[uuid.UUID | None], ids: Sequence[uuid.UUID], as_of: AsOf | None
) -> list[KnownCertificate]:
    """The certificates of these holders, newest first."""
    clause = visible(Certificate) if as_of is None else in_force(Certificate, as_of)
    found: list[KnownCertificate] = []
    for start in range(0, len(ids), CHUNK):
        statement = sa.select(Certificate).where(holder.in_(ids[start : start + CHUNK]), clause)
        found += [as_known(row) for row in reads.execute(statement).scalars()]
    if as_of is not None:
        found = [known for known in found if known.usable_at(as_of.at)]
    return sorted(found, key=lambda known: (known.valid_from, known.sha256), reverse=True)


def as_known(row: Certificate) -> KnownCertificate:
    """The value of a row."""
    return KnownCertificate(
        row.person_id, row.unit_id, row.der, row.sha256, row.serial, row.issuer, row.subject,
        row.valid_from, row.valid_to, row.revoked_at, row.reason,
    )  # fmt: skip
