"""What any authority does for us: the embedded one today, the state's by offline dossier or EST through the same door.

`ApprovedRequest` is built only by `requests.approval.get_approved`, `CheckedCSR` only by `signing_requests.check_csr`;
a house test holds both to it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from directory.certificates import KnownCertificate
from foundation.database import Writes
from signing.vocabulary import Kind, Reason, Subject

CertifiableKey = EllipticCurvePublicKey | RSAPublicKey


@dataclass(frozen=True)
class CheckedCSR:
    """A signing request whose possession is proved and whose key may be certified; nothing else of it is carried on."""

    der: bytes
    key: CertifiableKey
    key_sha256: str


@dataclass(frozen=True)
class ApprovedRequest:
    """A request whose dossier was approved and is still what was approved, about what the register says today."""

    request_id: int
    kind: Kind
    subject: Subject
    csr: CheckedCSR
    replaces: str | None
    dossier_digest: str


class Authority(Protocol):
    """Issues certificates for approved requests and revokes what it issued."""

    def issue(self, writes: Writes, request: ApprovedRequest, now: datetime) -> bytes:
        """The certificate, DER. Raises LintFailed, KeyKnown, WrongState when the request has its certificate already."""
        ...

    def knows(self, certificate: KnownCertificate) -> bool:
        """Whether this authority issued it and can therefore revoke it."""
        ...

    def revoke(self, writes: Writes, certificate: KnownCertificate, reason: Reason, now: datetime) -> None:
        """Revoke what was issued here. Raises NotOffered for another authority's certificate."""
        ...

    def is_own_key(self, key_sha256: str) -> bool:
        """Whether a key is one of the authority's own, which no subject can have."""
        ...

    def chain(self) -> tuple[bytes, ...]:
        """The authority's own certificates, DER, from the one that issues to the root."""
        ...
