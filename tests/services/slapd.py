"""A real directory server for one test session, emptied between tests. A missing slapd is a failure, not a skip."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from directory.printing.difference import Delete
from directory.printing.entries import people_branch, units_branch
from directory.printing.server import Server
from directory.printing.slapd import PrivateSlapd


def empty_printing(slapd: PrivateSlapd) -> None:
    """Take every person and unit away; the frame and the services stay."""
    with Server(slapd.writer) as server:
        for branch in (people_branch(slapd.base), units_branch(slapd.base)):
            server.write([Delete(found.entry.dn, found.csn, {}) for found in server.read_branch(branch)])


@pytest.fixture(scope="session")
def slapd_of_session() -> Iterator[PrivateSlapd]:
    """The one server of the session; it ends with it, even if that is killed."""
    with (
        tempfile.TemporaryDirectory(prefix="hn-ldap-") as folder,
        PrivateSlapd(Path(folder), outlives_parent=False) as slapd,
    ):
        yield slapd


@pytest.fixture
def slapd(slapd_of_session: PrivateSlapd) -> PrivateSlapd:
    """A running, empty directory; started again if the test before stopped it."""
    slapd_of_session.start()
    empty_printing(slapd_of_session)
    return slapd_of_session
