"""Revocation lists (RFC 5280 §5): complete, numbered, signed by the key that issued; the root's is empty and made on demand.

A list is made anew when something was revoked since the last one or when half its life is over, so that a reader never meets one
that is late. Certificates that expired before the last list leave it.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from foundation.database import Reads, Writes
from foundation.outbox import Job
from foundation.runtime import Runtime
from signing.authority.embedded import EmbeddedAuthority, open_authority
from signing.authority.keys import AuthorityKeys
from signing.models import AuthorityCertificate, RevocationList
from signing.settings import SigningSection

ROOT_LIST_LIFE = timedelta(days=180)


def current_list(runtime: Runtime, authority: EmbeddedAuthority) -> bytes:
    """The list in force, DER; a new one is made where the last is late or lacks a revocation."""
    now = runtime.clocks.wall()
    with runtime.database.read() as reads:
        newest = find_newest(reads)
        if newest is not None and is_current(reads, newest, now):
            return newest.der
    with runtime.database.write() as writes:
        return make_list(writes, authority.keys, now, timedelta(hours=runtime.settings[SigningSection].list_hours)).der


def find_newest(reads: Reads) -> RevocationList | None:
    """The list with the highest number."""
    return reads.execute(sa.select(RevocationList).order_by(RevocationList.number.desc()).limit(1)).scalars().first()


def is_current(reads: Reads, newest: RevocationList, now: datetime) -> bool:
    """Whether less than half its life is over and nothing was revoked after it was made."""
    if now >= newest.made_at + (newest.next_at - newest.made_at) / 2:
        return False
    later = sa.select(sa.func.count()).where(AuthorityCertificate.revoked_at >= newest.made_at)
    listed = (
        {entry.serial_number for entry in x509.load_der_x509_crl(newest.der)}
        if reads.execute(later).scalar_one()
        else set()
    )
    serials = reads.execute(
        sa.select(AuthorityCertificate.serial).where(AuthorityCertificate.revoked_at >= newest.made_at)
    )
    return all(int(serial, 16) in listed for (serial,) in serials)


def make_list(writes: Writes, keys: AuthorityKeys, now: datetime, life: timedelta) -> RevocationList:
    """A new list of everything revoked that has not expired."""
    made = now.replace(microsecond=0)
    row = RevocationList(der=b"", made_at=made, next_at=made + life)
    writes.add(row)
    writes.flush()
    builder = begin_list(keys.issuing, row.number, made, row.next_at)
    revoked = sa.select(AuthorityCertificate).where(
        AuthorityCertificate.revoked_at.is_not(None), AuthorityCertificate.not_after > made
    )
    for entry in writes.execute(revoked.order_by(AuthorityCertificate.serial)).scalars():
        builder = builder.add_revoked_certificate(build_entry(entry))
    row.der = builder.sign(keys.issuing_key, SHA256()).public_bytes(serialization.Encoding.DER)
    writes.flush()
    return row


def begin_list(
    issuer: x509.Certificate, number: int, made: datetime, next_at: datetime
) -> x509.CertificateRevocationListBuilder:
    """A list without entries, with its number and its issuer's key (RFC 5280 §5.2.1, §5.2.3)."""
    issuer_id = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(made)
        .next_update(next_at)
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_id), critical=False)
    )


def build_entry(row: AuthorityCertificate) -> x509.RevokedCertificate:
    """One entry; the reason stands there unless it is `unspecified` (RFC 5280 §5.3.1)."""
    assert row.revoked_at is not None
    builder = x509.RevokedCertificateBuilder().serial_number(int(row.serial, 16)).revocation_date(row.revoked_at)
    if row.reason and row.reason != "unspecified":
        builder = builder.add_extension(x509.CRLReason(x509.ReasonFlags(row.reason)), critical=False)
    return builder.build()


def root_list(keys: AuthorityKeys, now: datetime) -> bytes:
    """The root's list, DER: it has revoked nothing. Numbered by the day, which never falls."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    builder = begin_list(keys.root, int(day.timestamp()) // 86400, day, day + ROOT_LIST_LIFE)
    return builder.sign(keys.root_key, SHA384()).public_bytes(serialization.Encoding.DER)


def publish_list(runtime: Runtime, _job: Job) -> None:
    """Outbox `publish_revocations`: have the next list ready before somebody asks for it."""
    current_list(runtime, open_authority(runtime))
