"""A provider whose register is printed to a real directory server, on the server's own time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import ldap
import pytest

from directory.printing.entries import person_dn
from directory.printing.jobs import HANDLERS
from directory.printing.locks import LOCKED
from directory.printing.server import Server
from directory.printing.slapd import PrivateSlapd
from directory.settings import LdapSettings
from foundation.clocks import read_wall
from foundation.handling import drain
from foundation.runtime import open_runtime
from foundation.settings import build_settings
from sso.door.guesses import account_subject
from sso.locks.courier import Courier
from sso.models import Guess
from sso.settings import SsoSection
from tests.services.clock import MovableClock
from tests.services.slapd import slapd, slapd_of_session
from tests.sso.conftest import Door, build_door
from tests.sso.people import PASSWORD, Official, official

__all__ = ["slapd", "slapd_of_session"]


@dataclass
class TwoDoors:
    """The log-in page and the directory, one official who has a key to both, and the courier between them."""

    door: Door
    slapd: PrivateSlapd
    server: Server
    clock: MovableClock
    hoa: Official

    def binds(self, password: str = PASSWORD) -> bool:
        """Whether the directory lets the official in."""
        try:
            ldap.initialize(self.slapd.url).simple_bind_s(self.dn, password)
        except ldap.INVALID_CREDENTIALS:
            return False
        return True

    @property
    def dn(self) -> str:
        """The official's entry."""
        return person_dn(self.hoa.person_id, self.slapd.base)

    def guess_there(self, times: int = 10) -> None:
        """A stranger guesses at the directory."""
        assert not any(self.binds(f"wrong {number}") for number in range(times))

    def lock_there(self) -> str | None:
        """The lock as the server keeps it."""
        found = self.server.read_operational(self.dn, (LOCKED,))
        return found.get(LOCKED, [None])[0] if found else None

    def shut_here(self) -> bool:
        """Whether the log-in page is shut to strangers for this account."""
        with self.door.runtime.database.read() as reads:
            row = reads.get(Guess, account_subject(self.door.runtime.sealer, self.hoa.account_id))
            return row is not None and row.shut_until is not None and row.shut_until > self.clock.now

    def print(self) -> None:
        """What waits to be printed, printed."""
        drain(self.door.runtime, HANDLERS)

    def courier(self) -> Courier:
        """A courier that has just come."""
        return Courier(self.door.runtime, self.server)


@pytest.fixture
def two(database_url: str, tmp_path: Path, slapd: PrivateSlapd) -> Iterator[TwoDoors]:
    """Both doors, the official printed."""
    clock = MovableClock(read_wall())
    ldap_settings = {"private": True, "folder": slapd.folder, "base": slapd.base}
    written = {"database": database_url, "data": tmp_path / "data", "ldap": ldap_settings}
    runtime = open_runtime(build_settings(written, [LdapSettings, SsoSection]), clock.clocks)
    with Server(slapd.writer) as server:
        two = TwoDoors(build_door(runtime), slapd, server, clock, official(runtime))
        two.print()
        yield two
    runtime.close()
