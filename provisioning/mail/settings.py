"""The mail server that one-time codes go through, and how long they wait for it."""

from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from foundation.complaints import complain
from foundation.i18n import _
from foundation.settings import Field, Section

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class MailSection(Section):
    """Where mail is handed over. Without `host` nothing is sent and every code goes by letter."""

    name: ClassVar[str] = "mail"
    host: str = ""
    """Name of the mail server."""
    port: int = Field(default=587, ge=1, le=65535)
    """Its port: 587 with STARTTLS, 465 with TLS from the first byte."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the wire is closed; none only on loopback."""
    authority: Path | None = None
    """PEM file of the authority that signed the server's certificate; the system's authorities by default."""
    user: str = ""
    """Log-in at the mail server; none by default."""
    password_file: Path | None = None
    """File with the password of `user`, mode 0600."""
    sender: str = ""
    """Address mail comes from: no-reply@vinhlong.gov.vn."""
    own_domains: tuple[str, ...] = ()
    """Domains whose mailboxes open with the accounts of this service: no code is ever sent there, nor to a domain under one."""
    timeout_seconds: float = Field(default=15, ge=0.1, le=60)
    """How long one answer of the mail server is waited for."""
    code_hours: int = Field(default=72, ge=1, le=720)
    """How long a mailed code is good."""
    rest_hours: int = Field(default=72, ge=0, le=720)
    """How long an address must have been on record before a code may go there."""
    retry_hours: int = Field(default=48, ge=1, le=240)
    """How long a mail server that is away or refuses for now is tried again; then the mail is given up and shown."""

    @property
    def enabled(self) -> bool:
        """Whether mail can be sent."""
        return bool(self.host)

    @model_validator(mode="after")
    def check_server(self) -> Self:
        """Refuse an open wire off loopback, a server without a sender, a log-in without a password."""
        if self.security == "none" and self.host and self.host not in LOOPBACK:
            raise complain(_("security none is allowed on loopback only"))
        if self.host and not self.sender:
            raise complain(_("sender is missing"))
        if bool(self.user) != (self.password_file is not None):
            raise complain(_("user and password_file belong together"))
        if self.user and self.security == "none":
            raise complain(_("a password is never sent over an open wire"))
        return self
