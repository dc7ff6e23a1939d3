"""Log-ins and addresses that are never given to anybody again: whatever was ever somebody's, their own or an old one.

An old log-in is accepted until its date; after it the name stays with its last holder, so that mail and documents that still
name it never reach a stranger. Several people may bring the same old log-in; a new one must be nobody's.
"""

import sqlalchemy as sa

from directory.models import Login, MailAddress
from foundation.database import Reads


def read_taken_logins(reads: Reads) -> set[str]:
    """The keys of all log-ins anybody ever held, in force, ended or withdrawn."""
    return set(reads.execute(sa.select(Login.login_key).distinct()).scalars())


def read_taken_addresses(reads: Reads) -> set[str]:
    """The keys of all addresses anybody ever held, in force, ended or withdrawn."""
    return set(reads.execute(sa.select(MailAddress.address_key).distinct()).scalars())


def is_login_taken(reads: Reads, key: str) -> bool:
    """Whether anybody ever held this log-in."""
    return reads.execute(sa.select(Login.row_id).where(Login.login_key == key).limit(1)).first() is not None


def is_address_taken(reads: Reads, key: str) -> bool:
    """Whether anybody ever held this address."""
    return (
        reads.execute(sa.select(MailAddress.row_id).where(MailAddress.address_key == key).limit(1)).first() is not None
    )
