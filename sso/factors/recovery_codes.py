"""Recovery codes: ten for the day the phone is lost, shown once, each good once. New ones end the old ones."""

import secrets
import uuid
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from directory.credentials import CODE_ALPHABET
from foundation.database import Reads, Writes
from foundation.sealing import Sealer
from sso.factors.models import RecoveryCode

HOW_MANY: Final = 10
LETTERS: Final = 12


def make_recovery_codes(writes: Writes, sealer: Sealer, account_id: uuid.UUID, now: datetime) -> tuple[str, ...]:
    """Ten new codes of 60 bits, to be shown once; the former ones are dead."""
    drop_recovery_codes(writes, account_id)
    codes = tuple("".join(secrets.choice(CODE_ALPHABET) for _ in range(LETTERS)) for _ in range(HOW_MANY))
    for code in codes:
        writes.add(RecoveryCode(account_id=account_id, code_hash=hash_recovery(sealer, account_id, code), made_at=now))
    writes.flush()
    return tuple("-".join(code[start : start + 4] for start in range(0, LETTERS, 4)) for code in codes)


def hash_recovery(sealer: Sealer, account_id: uuid.UUID, typed: str) -> bytes:
    """What is kept of a code: keyed, because a short code in a stolen database could be searched for; in any case, with any dashes."""
    meant = "".join(letter for letter in typed.upper() if letter.isalnum())[:40]
    return sealer.blind_index(f"{account_id}\x00{meant}", "sso.recovery_code")


def spend_recovery_code(writes: Writes, sealer: Sealer, account_id: uuid.UUID, typed: str, now: datetime) -> bool:
    """Whether this is one of the account's unused codes, and spend it: one statement, so that it is used once."""
    spent = (
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.code_hash == hash_recovery(sealer, account_id, typed),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
    )
    return bool(writes.connection().execute(spent).rowcount == 1)


def count_recovery_codes(reads: Reads, account_id: uuid.UUID) -> int:
    """How many are left."""
    left = sa.select(sa.func.count()).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    return int(reads.execute(left).scalar_one())


def drop_recovery_codes(writes: Writes, account_id: uuid.UUID) -> None:
    """End all of them."""
    writes.connection().execute(sa.delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
