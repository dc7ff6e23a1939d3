"""What a judgement is made of: steps, indications, findings, and how several signatures make one verdict.

The words are those of ETSI EN 319 102-1 §5.1.3: an indication, and a sub-indication that gives the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from foundation.i18n import Message


class Result(StrEnum):
    """How one step ended."""

    PASSED = "passed"
    FAILED = "failed"
    UNDETERMINED = "undetermined"


class Indication(StrEnum):
    """What became of one signature."""

    TOTAL_PASSED = "TOTAL_PASSED"
    TOTAL_FAILED = "TOTAL_FAILED"
    INDETERMINATE = "INDETERMINATE"


class Verdict(StrEnum):
    """What became of the document."""

    VALID = "valid"
    INVALID = "invalid"
    UNDETERMINED = "undetermined"


class Reason(StrEnum):
    """Sub-indications of ETSI EN 319 102-1 (tables 5 and 6) that our steps give; GENERIC is "another reason, told in words"."""

    FORMAT_FAILURE = "FORMAT_FAILURE"
    HASH_FAILURE = "HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    CERTIFICATE_CHAIN_GENERAL_FAILURE = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
    TIMESTAMP_ORDER_FAILURE = "TIMESTAMP_ORDER_FAILURE"
    NO_SIGNING_CERTIFICATE_FOUND = "NO_SIGNING_CERTIFICATE_FOUND"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    REVOKED_NO_POE = "REVOKED_NO_POE"
    REVOKED_CA_NO_POE = "REVOKED_CA_NO_POE"
    OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
    NO_POE = "NO_POE"
    TRY_LATER = "TRY_LATER"
    SIGNED_DATA_NOT_FOUND = "SIGNED_DATA_NOT_FOUND"
    GENERIC = "GENERIC"


class Objection(Exception):
    """A step did not pass: why, in a word of the standard and in a sentence. One of its two kinds is raised, never itself."""

    result: Result

    def __init__(self, reason: Reason, detail: Message) -> None:
        super().__init__(f"{reason}: {detail.text}")
        self.reason = reason
        self.detail = detail


class Refuted(Objection):
    """The step proves that the signature does not hold."""

    result = Result.FAILED


class Unproven(Objection):
    """The step could not find out; that is never "invalid"."""

    result = Result.UNDETERMINED


@dataclass(frozen=True)
class Step:
    """One numbered step. A step that is not decisive informs and leaves the indication alone."""

    n: int
    name: str
    result: Result
    detail: Message
    reason: Reason | None = None
    decisive: bool = True


@dataclass(frozen=True)
class SignatureFindings:
    """All that the file itself, the trust anchors and the revocation data say about one signature; nothing from the register."""

    id: str
    steps: tuple[Step, ...]
    level: str | None = None
    signer_name: str | None = None
    certificate_sha256: str | None = None
    claimed_time: datetime | None = None
    best_time: datetime | None = None
    best_time_from: str = "none"
    covers_whole_document: bool = False
    changes_after: tuple[Message, ...] = ()

    @property
    def decisive_step(self) -> Step | None:
        """The step that decides: the first that failed, else the first left open, else None."""
        decisive = [step for step in self.steps if step.decisive]
        failed = next((step for step in decisive if step.result is Result.FAILED), None)
        return failed or next((step for step in decisive if step.result is Result.UNDETERMINED), None)

    @property
    def indication(self) -> Indication:
        """TOTAL_FAILED when a step failed, INDETERMINATE when one is open, else TOTAL_PASSED."""
        step = self.decisive_step
        if step is None:
            return Indication.TOTAL_PASSED
        return Indication.TOTAL_FAILED if step.result is Result.FAILED else Indication.INDETERMINATE

    @property
    def sub_indication(self) -> Reason | None:
        """The reason of the deciding step; None when all passed."""
        return self.decisive_step.reason if self.decisive_step else None


@dataclass(frozen=True)
class Wanted:
    """A revocation list or an issuer's certificate, and where a certificate says it can be fetched."""

    kind: str
    """`crl` or `issuer`."""
    address: str


@dataclass(frozen=True)
class Findings:
    """What the isolated process found out about a file. `objection` stands when the file as a whole could not be judged."""

    format: str
    signatures: tuple[SignatureFindings, ...] = ()
    objection: tuple[Result, Reason, Message] | None = None
    wanted: tuple[Wanted, ...] = field(default=())

    @property
    def verdict(self) -> Verdict:
        """The document's verdict (DESIGN §8)."""
        if self.objection:
            return Verdict.INVALID if self.objection[0] is Result.FAILED else Verdict.UNDETERMINED
        return combine([signature.indication for signature in self.signatures])

    @property
    def reason(self) -> Reason | None:
        """The reason of the verdict: the file's own, or that of the first signature which decides it."""
        if self.objection:
            return self.objection[1]
        deciding = DECIDING[self.verdict]
        return next((s.sub_indication for s in self.signatures if s.indication is deciding), None)


DECIDING = {
    Verdict.VALID: Indication.TOTAL_PASSED,
    Verdict.INVALID: Indication.TOTAL_FAILED,
    Verdict.UNDETERMINED: Indication.INDETERMINATE,
}


def combine(indications: Sequence[Indication]) -> Verdict:
    """The document's verdict: any signature invalid → invalid, else any undetermined or none at all → undetermined, else valid."""
    if Indication.TOTAL_FAILED in indications:
        return Verdict.INVALID
    if not indications or Indication.INDETERMINATE in indications:
        return Verdict.UNDETERMINED
    return Verdict.VALID
