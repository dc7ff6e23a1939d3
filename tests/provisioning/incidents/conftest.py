"""Each class of incident that others had with mass changes of accounts, as a test named after it."""

from pathlib import Path
from typing import Any

import pytest

from directory.printing.guards import Limits
from directory.printing.server import Server
from directory.printing.slapd import PrivateSlapd
from directory.printing.sync import Comparison, Outcome, compare, sync
from foundation.changes import register_digest
from foundation.clocks import parse_instant
from foundation.plans import Plan
from provisioning.merger.apply import Applied, apply_plan
from tests.provisioning.merger.conftest import Administration, administration
from tests.provisioning.merger.test_command import decree, terminal
from tests.provisioning.people.conftest import call, commune_hr, hr, office
from tests.services.slapd import slapd, slapd_of_session

__all__ = ["administration", "call", "commune_hr", "decree", "hr", "office", "slapd", "slapd_of_session", "terminal"]

EVE, DAY = parse_instant("2025-06-30T23:59:59+07:00"), parse_instant("2025-07-01")


def digest(administration: Administration) -> str:
    """The register's content."""
    with administration.runtime.database.read() as reads:
        return register_digest(reads)


def approve_and_apply(administration: Administration, plan: Plan) -> Applied:
    """Agreed to by the second person, applied by its author."""
    administration.approve(plan)
    return apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"))


class Printer:
    """The directory of an administration, printed as of an instant."""

    def __init__(self, administration: Administration, slapd: PrivateSlapd) -> None:
        self.administration = administration
        self.slapd = slapd

    def sync(self, at: Any, **more: Any) -> Outcome:
        """Make it say what the register says at the instant."""
        database = self.administration.runtime.database
        with Server(self.slapd.writer) as server:
            return sync(database, server, lambda: at, more.pop("limits", Limits()), **more)

    def compare(self, at: Any) -> Comparison:
        """What it says otherwise."""
        with Server(self.slapd.writer) as server:
            return compare(self.administration.runtime.database, server, lambda: at)


@pytest.fixture
def printer(administration: Administration, slapd: PrivateSlapd) -> Printer:
    """The directory, printed once as of the eve."""
    made = Printer(administration, slapd)
    made.sync(EVE, from_nothing=True)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where lists are written."""
    return tmp_path
