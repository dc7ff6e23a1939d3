"""The way to the directory of an installation: the operated server of its settings, or its private one.

A private server runs as long as anybody needs it: a verb of the command line for its own time, the worker as long as it lives
(`hold_directory`), and the last to leave stops it.
"""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from directory.printing.errors import DirectoryUnset, ServerNotStarted
from directory.printing.guards import Limits
from directory.printing.server import Access
from directory.printing.slapd import PrivateSlapd, alone
from directory.settings import LdapSettings
from foundation.settings import Settings

log = logging.getLogger("hopnhat.printing")


@contextmanager
def open_access(settings: Settings) -> Iterator[Access]:
    """How to bind for printing. Raises DirectoryUnset, ServerNotStarted."""
    ldap = settings[LdapSettings]
    if not ldap.enabled:
        raise DirectoryUnset
    if not ldap.private:
        yield find_operated(ldap)
        return
    with build_slapd(settings) as slapd:
        yield slapd.writer


@contextmanager
def hold_directory(settings: Settings) -> Iterator[None]:
    """Keep a private server running; nothing for an operated one. A server that does not start is told in the log: its jobs wait."""
    with ExitStack() as stack:
        if settings[LdapSettings].private:
            try:
                stack.enter_context(build_slapd(settings))
            except ServerNotStarted:
                log.exception("the private directory server does not start")
        yield


@contextmanager
def take_turn(settings: Settings) -> Iterator[None]:
    """Print alone on this machine: two that write the same entries at once are right, but do the work twice."""
    settings.data.mkdir(parents=True, exist_ok=True)
    with alone(settings.data / "printing.lock"):
        yield


def build_slapd(settings: Settings) -> PrivateSlapd:
    """The private server of these settings, running or not."""
    ldap = settings[LdapSettings]
    folder = ldap.folder or settings.data / "ldap"
    return PrivateSlapd(folder, ldap.base, ldap.port or None, durable=ldap.durable)


def find_url(settings: Settings) -> str:
    """Where the directory is, for people. Raises ServerNotStarted for a private one that never ran."""
    ldap = settings[LdapSettings]
    return build_slapd(settings).url if ldap.private else ldap.url


def find_operated(ldap: LdapSettings) -> Access:
    """How to bind to the server that somebody operates. Raises DirectoryUnset when its password cannot be read."""
    assert ldap.password_file is not None, "LdapSettings.check_server"
    try:
        password = ldap.password_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise DirectoryUnset("The password file {file} cannot be read.", file=str(ldap.password_file)) from error
    bind_dn = ldap.bind_dn or f"cn=writer,ou=services,{ldap.base}"
    return Access(ldap.url, ldap.base, bind_dn, password, ldap.start_tls, ldap.authority)


def build_limits(
    settings: Settings, expected_deletions: int | None = None, expected_lockouts: int | None = None
) -> Limits:
    """How much one printing may take away on this installation."""
    ldap = settings[LdapSettings]
    return Limits(ldap.loss_percent, ldap.loss_most, expected_deletions, expected_lockouts)
