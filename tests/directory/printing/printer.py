"""One register printed into one real server, and what others find there."""

from datetime import datetime
from typing import Any

import ldap

from directory.printing.entries import people_branch, person_dn
from directory.printing.guards import Limits
from directory.printing.server import Server
from directory.printing.slapd import PrivateSlapd
from directory.printing.sync import Comparison, Outcome, compare, sync
from foundation.clocks import parse_instant
from tests.directory.printing.small_register import SmallRegister

BEFORE = parse_instant("2025-06-24T09:00:00+07:00")
MERGER = parse_instant("2025-07-01")
AFTER = parse_instant("2025-07-01T09:00:00+07:00")
NO_LIMITS = Limits(percent=100, absolute=1_000_000)


class Printer:
    """The printing of one register into one server."""

    def __init__(self, register: SmallRegister, slapd: PrivateSlapd) -> None:
        self.database = register.database
        self.slapd = slapd
        self.now: datetime = BEFORE

    def clock(self) -> datetime:
        return self.now

    def sync(self, **options: Any) -> Outcome:
        with Server(self.slapd.writer) as server:
            return sync(self.database, server, self.clock, options.pop("limits", Limits()), **options)

    def compare(self) -> Comparison:
        with Server(self.slapd.writer) as server:
            return compare(self.database, server, self.clock)

    def attributes(self, dn: str) -> dict[str, list[str]] | None:
        """What the reader is shown of an entry, as text."""
        with Server(self.slapd.reader) as server:
            found = server.find_entry(dn)
        return (
            None
            if found is None
            else {name: [v.decode() for v in values] for name, values in found.entry.attributes.items()}
        )

    def person(self, person_id: Any) -> dict[str, list[str]] | None:
        return self.attributes(person_dn(person_id, self.slapd.base))

    def count(self) -> int:
        with Server(self.slapd.reader) as server:
            return len(list(server.read_branch(people_branch(self.slapd.base))))


def search(slapd: PrivateSlapd, wanted: str) -> list[str]:
    """The names a mail system finds with this filter."""
    connection = ldap.initialize(slapd.url)
    connection.simple_bind_s(slapd.reader.bind_dn, slapd.reader.password)
    return [dn for dn, _ in connection.search_s(slapd.base, ldap.SCOPE_SUBTREE, wanted, ["1.1"])]
