"""How the service is served and how letters are made out."""

from foundation.settings import Field, Section


class ServeSection(Section):
    """The web processes."""

    name = "serve"
    host: str = "127.0.0.1"
    """Address to listen on; other addresses than loopback only behind a proxy that ends TLS."""
    port: int = Field(default=8000, ge=1, le=65535)
    """Port to listen on."""
    workers: int = Field(default=2, ge=1, le=64)
    """Web processes; each takes a processor at most."""
