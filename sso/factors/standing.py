"""What a person has to prove themselves with besides the password, what it reaches, and whether it is owed."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from foundation.database import Reads
from sso.factors.devices import KnownDevice
from sso.factors.models import Authenticator, Passkey
from sso.factors.recovery_codes import count_recovery_codes
from sso.levels import PASSKEY, TWO_FACTORS

ALWAYS_TWO: Final = ("administration",)
"""Kinds of accounts that never come in with a password alone (TCVN 14423:2026 §5: administrators)."""


@dataclass(frozen=True)
class Factors:
    """Which second factors an account has."""

    authenticator: bool
    passkeys: int
    recovery_codes: int

    def __bool__(self) -> bool:
        """Whether there is a second factor; recovery codes alone are none."""
        return self.authenticator or self.passkeys > 0

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels they reach."""
        levels = (TWO_FACTORS,) if self else ()
        return (*levels, PASSKEY) if self.passkeys else levels


FIND: Final = sa.select(
    sa.exists().where(Authenticator.account_id == sa.bindparam("account")).label("app"),
    sa.select(sa.func.count()).where(Passkey.account_id == sa.bindparam("account")).scalar_subquery().label("keys"),
)


def find_factors(reads: Reads, account_id: uuid.UUID) -> Factors:
    """What the account has; one statement where it has nothing."""
    (found,) = reads.ask(name_factors(account_id))
    return read_factors(reads, account_id, found)


def name_factors(account_id: uuid.UUID) -> tuple[Any, dict[str, Any]]:
    """What asks for them, for who asks more at once."""
    return FIND, {"account": account_id}


def read_factors(reads: Reads, account_id: uuid.UUID, found: Any) -> Factors:
    """The factors of that answer; recovery codes are counted where there is anything else."""
    row = found.one()
    if not row.app and not row.keys:
        return Factors(False, 0, 0)
    return Factors(bool(row.app), int(row.keys), count_recovery_codes(reads, account_id))


def owes_factor(factors: Factors, kind: str, device: KnownDevice | None, now: datetime) -> bool:
    """Whether somebody whose password was right has to prove more before anything opens.

    Administration accounts always; others when they have a second factor and this browser is not remembered.
    """
    if kind in ALWAYS_TWO:
        return True
    return bool(factors) and not (device is not None and device.is_remembered(now))
