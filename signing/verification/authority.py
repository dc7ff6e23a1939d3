"""By what right somebody signed: what the register says about the holder of a certificate at the time of signing.

The holder is found by the certificate alone. A name in a certificate, however it reads, identifies nobody.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from foundation.i18n import Message
from signing.verification.findings import Result, Step

STEP = 12
SIGNING_DUTIES = ("leader", "deputy", "approver")
"""Duties whose holders sign for their unit (head, deputy, and those empowered to sign)."""


class Held(StrEnum):
    """Whether the signer held a post that signs."""

    HELD = "held"
    NOT_HELD = "not_held"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class UnitName:
    """A unit as a report names it: its code (None where it bears none) and its name."""

    code: str | None
    name: str

    @property
    def shown(self) -> str:
        """The code, or the name of a unit without one."""
        return self.code or self.name


@dataclass(frozen=True)
class Moments:
    """The times at which a right is asked: proven, or else only claimed; and the moment of judgement."""

    at: datetime
    proven: datetime | None = None
    claimed: datetime | None = None

    @property
    def all(self) -> tuple[datetime, ...]:
        """Where the right must be held: at the proven time alone; without proof at the claimed time and at the moment of judgement."""
        if self.proven is not None:
            return (self.proven,)
        if self.claimed is not None and self.claimed < self.at:
            return (self.claimed, self.at)
        return (self.at,)


@dataclass(frozen=True)
class Standing:
    """What the register says: who the holder is, whether they held a post that signs, where, and what the unit is today."""

    verdict: Held
    detail: Message
    person: str | None = None
    holder_name: str | None = None
    post: str | None = None
    unit_at_signing: UnitName | None = None
    unit_today: tuple[UnitName, ...] = ()
    since: Message | None = None
    """In words, what has become of the unit; None while it stands as it was."""

    @property
    def step(self) -> Step:
        """Step 12 of the report. It informs: a signature holds or not whatever its signer was allowed to sign."""
        results = {Held.HELD: Result.PASSED, Held.NOT_HELD: Result.FAILED, Held.UNKNOWN: Result.UNDETERMINED}
        return Step(STEP, "authority", results[self.verdict], self.detail, None, decisive=False)


class Register(Protocol):
    """Whoever knows the holders of certificates and the history of units."""

    def find_standing(self, certificate_sha256: str, moments: Moments) -> Standing:
        """The standing of a certificate's holder (SHA-256 in hexadecimal) at these moments."""
        ...


class NoRegister:
    """Where no register is at hand: nothing is known of anybody."""

    def find_standing(self, certificate_sha256: str, moments: Moments) -> Standing:
        """Unknown, always."""
        del certificate_sha256, moments
        return Standing(Held.UNKNOWN, Message("No register is at hand that could say who the signer is."))


def unknown_certificate() -> Standing:
    """The standing of a certificate the register has never seen."""
    return Standing(
        Held.UNKNOWN, Message("The register does not know this certificate, so it says nothing about the signer.")
    )
