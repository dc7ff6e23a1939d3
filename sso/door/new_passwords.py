"""A new password against the ones before it: none of the last ones comes back (TCVN 14423:2026 §5: ten, for administrators)."""

import uuid
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from directory.credentials import find_credential, fits_argon2
from foundation.database import Reads, Writes
from foundation.i18n import _
from sso.door.hashing import hashing_place
from sso.factors.models import FormerPassword
from sso.provider import Provider

KEPT: Final = 24
REUSED: Final = _("You had this password before. Please choose one that is new.")


class PasswordReused(Exception):
    """A password that was there before; raised within the transaction, so that nothing else of it stands."""


def check_history(provider: Provider, reads: Reads, account_id: uuid.UUID, kind: str, password: str) -> None:
    """Refuse a password that was there before. Costs a hash for each one looked at. Raises PasswordReused."""
    policy = provider.policy
    most = policy.password_history if kind == "business" else policy.administration_password_history
    if not most:
        return
    credential = find_credential(reads, account_id)
    former = sa.select(FormerPassword.password_hash).where(FormerPassword.account_id == account_id)
    kept = list(reads.execute(former.order_by(FormerPassword.id.desc()).limit(most - 1)).scalars())
    if credential is not None and credential.password_hash is not None:
        kept.insert(0, credential.password_hash)
    for one in kept:
        with hashing_place():
            if fits_argon2(one, password):
                raise PasswordReused


def remember_former(writes: Writes, account_id: uuid.UUID, now: datetime) -> None:
    """Keep the hash that ends now among the former ones, and forget the oldest."""
    credential = find_credential(writes, account_id)
    if credential is None or credential.password_hash is None:
        return
    writes.add(FormerPassword(account_id=account_id, password_hash=credential.password_hash, ended_at=now))
    writes.flush()
    mine = sa.select(FormerPassword.id).where(FormerPassword.account_id == account_id)
    newest = list(writes.execute(mine.order_by(FormerPassword.id.desc()).limit(KEPT)).scalars())
    gone = sa.delete(FormerPassword).where(FormerPassword.account_id == account_id, FormerPassword.id.not_in(newest))
    writes.execute(gone)
