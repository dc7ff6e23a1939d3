"""Register to LDAP: the whole printing beside a bare pipelined client that only writes, on a slapd that waits for the disk."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import ldap
import sqlalchemy as sa

from directory.models import PersonDetail
from directory.printing.difference import Add, Change, Modify
from directory.printing.guards import Limits
from directory.printing.server import Access, Server
from directory.printing.slapd import PrivateSlapd
from directory.printing.sync import compare, sync
from foundation.clocks import parse_instant
from foundation.database import Database
from tests.bench.figures import Figure, measure
from tests.directory.printing.small_register import SmallRegister
from tests.services.schema import create_schema

PEOPLE = 4000
WINDOW = 64
NOW = parse_instant("2025-06-24")
GOAL = 0.8


@dataclass(frozen=True)
class Pair:
    """People a second: a bare client, and the printing from the register."""

    bare: float
    printing: float

    @property
    def share(self) -> float:
        """The printing as a share of the bare client."""
        return self.printing / self.bare


@measure("printing")
def measure_printing() -> list[Figure]:
    """New people and changed people; reading both sides, comparing and the guards are part of the printing."""
    with tempfile.TemporaryDirectory(prefix="hn-bench-") as folder:
        database = fill_register(Path(folder))
        added, changed = measure_pairs(Path(folder), database)
        database.close()
    figures = []
    for what, pair in (("new people", added), ("changed people", changed)):
        figures += [
            Figure(f"register → LDAP, {what}: bare pipelined client", pair.bare, "a second"),
            Figure(f"register → LDAP, {what}: the printing", pair.printing, "a second"),
            Figure("the same, as a share of the bare client", pair.share, "", GOAL, "more"),
        ]
    return figures


def measure_pairs(folder: Path, database: Database) -> tuple[Pair, Pair]:
    """Both ways on two servers of the same kind."""
    with PrivateSlapd(folder / "bare", durable=True) as one, PrivateSlapd(folder / "printing", durable=True) as two:
        wanted = find_changes(database, one.writer)
        added = Pair(time_bare(one.writer, wanted), time_printing(database, two.writer, from_nothing=True))
        change_phones(database)
        wanted = find_changes(database, one.writer)
        changed = Pair(time_bare(one.writer, wanted), time_printing(database, two.writer))
    return added, changed


def find_changes(database: Database, access: Access) -> list[Change]:
    """What would be written, known beforehand."""
    with Server(access) as server:
        return [change for side in compare(database, server, lambda: NOW).differences for change in side.changes]


def time_bare(access: Access, changes: list[Change]) -> float:
    """Entries a second of a client that has everything in hand and asserts nothing."""
    connection = ldap.initialize(access.url)
    connection.simple_bind_s(access.bind_dn, access.password)
    ready = [prepare(connection, change) for change in changes]
    start, under_way = time.perf_counter(), 0
    for send in ready:
        send()
        under_way += 1
        if under_way >= WINDOW:
            connection.result(ldap.RES_ANY)
            under_way -= 1
    for _ in range(under_way):
        connection.result(ldap.RES_ANY)
    return len(changes) / (time.perf_counter() - start)


def prepare(connection: ldap.ldapobject.LDAPObject, change: Change) -> Callable[[], int]:
    """The request of one change, ready to be sent."""
    match change:
        case Add(entry=entry):
            return partial(connection.add, entry.dn, [(name, list(found)) for name, found in entry.attributes.items()])
        case Modify(dn=dn, replaced=replaced):
            replacing = [(ldap.MOD_REPLACE, name, list(found)) for name, found in replaced.items()]
            return partial(connection.modify, dn, replacing)
    raise AssertionError("nothing is deleted here")


def time_printing(database: Database, access: Access, *, from_nothing: bool = False) -> float:
    """Entries a second of the printing, from the first read to the last answer."""
    start = time.perf_counter()
    with Server(access) as server:
        outcome = sync(database, server, lambda: NOW, Limits(), from_nothing=from_nothing)
    assert not outcome.refused
    return outcome.done / (time.perf_counter() - start)


def change_phones(database: Database) -> None:
    """Give everybody another telephone number."""
    with database.write() as writes:
        writes.execute(sa.update(PersonDetail).values(phone="0270 3822 123"))


def fill_register(folder: Path) -> Database:
    """A register of one unit and PEOPLE officials."""
    database = Database(f"sqlite:///{folder / 'register.sqlite'}")
    create_schema(database)
    register = SmallRegister(database)
    register.people(PEOPLE, register.unit("Phường An Hội", "28789"))
    return database
