"""A document to be judged, and all that may be known for it."""

from dataclasses import dataclass
from datetime import datetime


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
