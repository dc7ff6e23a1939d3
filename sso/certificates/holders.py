"""Whose a certificate is: by its very bytes in the register, never by a name in it."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from directory.certificates import certificates_of_people, find_certificate
from directory.joins import is_key_laid_by
from directory.models import Account
from directory.people import AccountFacts
from foundation.changes import AsOf
from foundation.database import Reads
from sso.certificates.errors import CertificateRevoked, HolderRefused


@dataclass(frozen=True)
class Holder:
    """The account a certificate opens."""

    account: AccountFacts
    sha256: str
    der: bytes
    between: bytes | None = None
    """What the session keeps of the certificate's path (`keeping`)."""


def find_holder(reads: Reads, der: bytes, now: datetime) -> Holder:
    """The active business account of the person whose certificate this is. Raises CertificateRevoked, HolderRefused.

    A certificate that came with a record joined to this person's opens the account as that record's password does: not any more once
    they were trusted with more than then.
    """
    sha256 = hashlib.sha256(der).hexdigest()
    known = find_certificate(reads, sha256)
    if known is None or known.person_id is None:
        raise HolderRefused(why="the register does not know it as a person's")
    if known.revoked_at is not None:
        raise CertificateRevoked(why="in the register")
    if not known.usable_at(now):
        raise HolderRefused(why="not within its time")
    if is_key_laid_by(reads, known.person_id, sha256):
        raise HolderRefused(why="it came with a joined record, and its holder was trusted with more since")
    row = reads.execute(
        sa.select(Account.id, Account.kind, Account.state).where(
            Account.person_id == known.person_id, Account.kind == "business", Account.state == "active"
        )
    ).first()
    if row is None:
        raise HolderRefused(why="the account is not active")
    return Holder(AccountFacts(row.id, known.person_id, row.kind, row.state, False, None), sha256, der)


def has_certificate(reads: Reads, person_id: uuid.UUID, now: datetime) -> bool:
    """Whether the register knows a certificate of this person that is in force."""
    return bool(certificates_of_people(reads, [person_id], AsOf(now)))
