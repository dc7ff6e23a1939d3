"""The way to the directory of an installation: the operated server of its settings, or its private one.

A private server is started when it is needed and not running, and then stopped by whoever started it; one that runs already is
used and left running. `serve`, `worker` and `demo` hold `open_access` as long as they live.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from directory.printing.errors import DirectoryUnset
from directory.printing.guards import Limits
from directory.printing.server import Access
from directory.printing.slapd import PrivateSlapd
from directory.settings import LdapSettings
from foundation.settings import Settings


@contextmanager
def open_access(settings: Settings) -> Iterator[Access]:
    """How to bind for printing. Raises DirectoryUnset, ServerNotStarted."""
    ldap = settings[LdapSettings]
    if not ldap.enabled:
        raise DirectoryUnset
    if not ldap.private:
        yield find_operated(ldap)
        return
    slapd = build_slapd(settings)
    ours = slapd.find_pid() is None
    slapd.start()
    try:
        yield slapd.writer
    finally:
        if ours:
            slapd.stop()


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
