"""How the service is served, what the worker keeps, what the help desk may do."""

from pathlib import Path

from foundation.settings import Field, Section


class ServeSection(Section):
    """The web processes."""

    name = "serve"
    host: str = "127.0.0.1"
    """Address to listen on; other addresses than loopback only behind a proxy that ends TLS."""
    port: int = Field(default=8000, ge=1, le=65535)
    """Port to listen on."""
    socket: Path | None = None
    """Unix socket to listen on in the place of host and port, such as /run/hopnhat/web.sock. Who may open it is the proxy, and nobody else
    is: its mode is 0660."""
    socket_group: str = ""
    """Group that may open the socket, which is the proxy's (www-data on Debian) and one the service belongs to; its own by default."""
    workers: int = Field(default=2, ge=1, le=64)
    """Web processes; each takes a processor at most."""


class WorkerSection(Section):
    """The worker."""

    name = "worker"
    kept_seconds: int = Field(default=7 * 24 * 3600, ge=60)
    """How long a job of the outbox stays that is done or cancelled, for who wants to know what became of it."""


class HelpDeskSection(Section):
    """How much one person at the help desk may open."""

    name = "help_desk"
    per_hour: int = Field(default=30, ge=1)
    """Resets and unlocks by one person within an hour; many people at once get letters instead."""
    per_day: int = Field(default=150, ge=1)
    """Resets and unlocks by one person within 24 hours."""
    for_one_per_day: int = Field(default=3, ge=1)
    """Resets and unlocks of one account within 24 hours; more only by an operator."""
    proof_letters: int = Field(default=8, ge=1)
    """How many letters a proof of identity has at least."""
