"""The settings of this room."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from foundation.settings import Section


class SigningSection(Section):
    """Certificates: who issues them, for how long, and how people log in to the pages."""

    name: ClassVar[str] = "signing"
    authority: str = "Hợp Nhất"
    """Name of the embedded authority in its certificates: "<name> Root" and "<name> Issuing"."""
    validity_days: int = Field(default=1825, ge=1, le=1825)
    """Days a new certificate is valid; Decree 68/2024 Art. 9 allows five years at most."""
    list_hours: int = Field(default=24, ge=1, le=240)
    """Hours a revocation list may be relied upon before the next one is there."""
    fresh_minutes: int = Field(default=5, ge=1, le=15)
    """Minutes an approver's log-in may be old when they approve."""
    session_hours: int = Field(default=8, ge=1, le=24)
    """Hours a session on the signing pages lasts at most."""
    client: str = "signing"
    """Identifier of these pages as an application of the sign-on service."""
    provider: str = ""
    """Address at which this service reaches the sign-on service itself, where that is not the issuer's (behind a proxy)."""


class VerificationSection(Section):
    """Documents put to the proof: whom to trust, what may be fetched, and the bounds of the isolated process."""

    name: ClassVar[str] = "verification"
    trust: tuple[Path, ...] = ()
    """Files or folders (PEM, DER) with root certificates to trust and known revocation lists; the embedded authority is trusted too."""
    fetch_hosts: tuple[str, ...] = ()
    """Hosts from which missing lists and issuers may be fetched: "ca.gov.vn", "host:port" beside 80 and 443; none: no network."""
    seconds: float = Field(default=10.0, gt=0, le=120)
    """Seconds one document may take before its process is ended."""
    memory_mb: int = Field(default=1024, ge=256)
    """Megabytes of address space one isolated process may use."""
    document_mb: int = Field(default=64, ge=1)
    """Megabytes of the largest document."""
    workers: int = Field(default=2, ge=1, le=64)
    """Isolated processes at work at once, for each web worker."""
