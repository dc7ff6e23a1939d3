"""Settings of the directory room: accounts, and where the register is printed to."""

from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, model_validator

from foundation.complaints import complain
from foundation.i18n import _
from foundation.settings import Section

LOOPBACK = ("ldap://127.0.0.1", "ldap://[::1]", "ldap://localhost")


class AccountsSection(Section):
    """Accounts of people."""

    name: ClassVar[str] = "accounts"
    quiet_hours: int = Field(default=24, ge=0, le=168)
    """Hours in which an account approves nothing (plans, dossiers) after it took a new password by somebody else's reset."""


class LdapSettings(Section):
    """The directory server that mail and older systems ask. Without `private` and without `url` nothing is printed."""

    name: ClassVar[str] = "ldap"
    private: bool = False
    """Start our own slapd on loopback, for trial and rehearsal; false for a server that somebody operates."""
    folder: Path | None = None
    """Folder of the private server; <data>/ldap by default."""
    port: int = Field(default=0, ge=0, le=65535)
    """Port of the private server on 127.0.0.1; 0 takes a free one once and keeps it."""
    durable: bool = False
    """Whether the private server waits for the disk at every write; it can be printed again, so it need not."""
    url: str = ""
    """Address of an operated server: ldaps://ldap.tinh.gov.vn, or ldap:// with start_tls."""
    base: str = Field(default="dc=hopnhat,dc=example", pattern=r"^dc=[a-z0-9-]+(,dc=[a-z0-9-]+)*$")
    """Suffix under which people, units and services stand, as dc= parts in lower case without spaces."""
    bind_dn: str = ""
    """Who prints; cn=writer,ou=services,<base> by default."""
    password_file: Path | None = None
    """File with the password of bind_dn, mode 0600."""
    start_tls: bool = False
    """Turn an ldap:// connection into TLS before the password is sent."""
    authority: Path | None = None
    """PEM file of the authority that signed the server's certificate; the system's authorities by default."""
    loss_percent: float = Field(default=2.0, ge=0, le=100)
    """How many entries (or passwords) of a hundred one printing may take away without a word."""
    loss_most: int = Field(default=200, ge=0)
    """How many entries (or passwords) one printing may take away without a word, however large the directory."""
    carry_locks: bool = True
    """Whether an account that guesses have shut at the log-in page is locked in the directory too, and the other way round."""
    policy: str = ""
    """Entry of the server's password policy, which says how long its locks last; cn=policy,ou=services,<base> by default."""

    @property
    def enabled(self) -> bool:
        """Whether there is a directory to print to."""
        return self.private or bool(self.url)

    @model_validator(mode="after")
    def check_server(self) -> Self:
        """Refuse a server without a password file, two servers at once, and passwords over an open wire."""
        if self.private and self.url:
            raise complain(_("private and url exclude each other"))
        if self.url and self.password_file is None:
            raise complain(_("password_file is missing"))
        if self.url and not self.url.startswith(("ldap://", "ldaps://", "ldapi://")):
            raise complain(_("url must begin with ldap://, ldaps:// or ldapi://"))
        if self.url.startswith("ldap://") and not self.start_tls and not self.url.startswith(LOOPBACK):
            raise complain(_("plain ldap:// is allowed on loopback only; use ldaps:// or start_tls"))
        return self
