"""From the authority back to the register: what was issued or revoked is a small change, and its holder is printed again."""

import uuid
from datetime import datetime

from directory.certificates import KnownCertificate, find_certificate, publish_certificate, tell_revocation
from directory.printing.asking import ask_for_people, ask_for_units
from foundation.changes import small_change
from foundation.database import Writes
from foundation.outbox import enqueue
from signing.errors import CertificateNotFound
from signing.vocabulary import Reason


def publish_issued(
    writes: Writes,
    der: bytes,
    actor: str,
    decision: str | None,
    now: datetime,
    *,
    person_id: uuid.UUID | None,
    unit_id: uuid.UUID | None,
) -> KnownCertificate:
    """Write a certificate into the register and have its holder printed."""
    change = small_change(writes, "certificate.issue", actor, now, decision=decision)
    known = publish_certificate(writes, change, der, person_id=person_id, unit_id=unit_id)
    print_holder(writes, known, now)
    return known


def publish_revoked(
    writes: Writes, sha256: str, reason: Reason, actor: str, decision: str | None, now: datetime
) -> None:
    """Say in the register that a certificate is revoked since now, and have its holder and the next list printed."""
    known = get_certificate(writes, sha256)
    change = small_change(writes, "certificate.revoke", actor, now, decision=decision)
    if tell_revocation(writes, change, sha256, now.replace(microsecond=0), reason):
        print_holder(writes, known, now)
    enqueue(writes, "publish_revocations", "issuing", now)


def print_holder(writes: Writes, known: KnownCertificate, now: datetime) -> None:
    """Have the directory say what the register says of this certificate's holder."""
    if known.person_id is not None:
        ask_for_people(writes, [known.person_id], now)
    elif known.unit_id is not None:
        ask_for_units(writes, [known.unit_id], now)


def get_certificate(writes: Writes, sha256: str) -> KnownCertificate:
    """The certificate. Raises CertificateNotFound."""
    known = find_certificate(writes, sha256)
    if known is None:
        raise CertificateNotFound(which=sha256[:16])
    return known
