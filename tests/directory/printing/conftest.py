"""The directory server these tests talk to, a register, and the printing of the one into the other."""

import pytest

from directory.printing.slapd import PrivateSlapd
from foundation.database import Database
from tests.directory.printing.printer import Printer
from tests.directory.printing.small_register import SmallRegister
from tests.services.slapd import slapd, slapd_of_session

__all__ = ["slapd", "slapd_of_session"]


@pytest.fixture
def register(database: Database) -> SmallRegister:
    """An empty register to be printed."""
    return SmallRegister(database)


@pytest.fixture
def printer(register: SmallRegister, slapd: PrivateSlapd) -> Printer:
    """The printing of that register."""
    return Printer(register, slapd)
