"""A document to be judged, and all that may be known for it."""

from dataclasses import dataclass
from datetime import datetime

from signing.verification.certificates import Knowledge, load_answers, load_certificates, load_lists


@dataclass(frozen=True)
class Case:
    """What a judgement takes. Certificates, lists and answers are DER; instants are aware UTC."""

    content: bytes
    at: datetime
    """The moment of judgement."""
    received: datetime | None = None
    """When the document is known to have come in: proof that its signatures existed then."""
    trust: tuple[bytes, ...] = ()
    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    detached: tuple[bytes, ...] = ()

    def knowledge(self) -> Knowledge:
        """What is known about certificates before the document is opened."""
        return Knowledge(
            anchors=tuple(load_certificates(self.trust)),
            certificates=load_certificates(self.certificates),
            crls=load_lists(self.crls),
            ocsps=load_answers(self.ocsps),
        )
