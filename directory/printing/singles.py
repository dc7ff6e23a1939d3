"""Single entries printed: as the register has them now, looked at again where somebody was faster.

A job prints those it was asked for; a sync prints here what was overtaken while it wrote.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import chain

from directory.printing.difference import Change, Delete, Found, Modify, compare_entry
from directory.printing.entries import (
    Entry,
    build_person_entry,
    build_unit_entry,
    find_identity,
    person_dn,
    unit_dn,
)
from directory.printing.people import find_people
from directory.printing.server import Server
from directory.printing.units import load_whole_units
from directory.units import chunked
from foundation.changes import AsOf
from foundation.database import Database

ROUNDS = 5
STATES = ("hopnhatAccountState", "hopnhatUnitState")
Clock = Callable[[], datetime]
"""Asked each time the register is read: never earlier than what was read of the directory."""


@dataclass
class Printed:
    """What became of single entries: how many differed and were written, and which could not be, with the reason."""

    differed: int = 0
    refused: dict[str, str] = field(default_factory=dict)

    def __add__(self, other: "Printed") -> "Printed":
        return Printed(self.differed + other.differed, self.refused | other.refused)


def settle(database: Database, server: Server, changes: Iterable[Change], clock: Clock) -> Printed:
    """Entries whose writes were overtaken, compared again with today's register.

    Only what was to be deleted may still be deleted now.
    """
    printed = Printed()
    for (kind, may_delete), group in group_changes(changes).items():
        ids = [identity for _, identity in map(find_identity, group) if identity is not None]
        if kind == "person":
            printed += print_people(database, server, ids, clock, may_delete=may_delete)
        elif kind == "unit":
            printed += print_units(database, server, ids, clock, may_delete=may_delete)
        else:
            printed += print_entries(server, group, lambda _: {})
    return printed


def group_changes(changes: Iterable[Change]) -> dict[tuple[str | None, bool], list[str]]:
    """Names of entries by whose they are and whether they were to be deleted."""
    groups: dict[tuple[str | None, bool], list[str]] = {}
    for change in changes:
        groups.setdefault((find_identity(change.dn)[0], isinstance(change, Delete)), []).append(change.dn)
    return groups


def print_people(
    database: Database, server: Server, ids: Iterable[uuid.UUID], clock: Clock, *, may_delete: bool = False
) -> Printed:
    """The entries of these people as the register has them now, in portions that one query can name.

    A single printing deletes nobody unless told: who has left the register loses the password at once, and the entry by the
    next sync under its guards. Raises DirectoryUnreachable.
    """
    printed = Printed()
    for portion in chunked(ids):
        find_wanted = partial(find_wanted_people, database, server.access.base, portion, clock, may_delete)
        printed += print_entries(
            server, [person_dn(person_id, server.access.base) for person_id in portion], find_wanted
        )
    return printed


def find_wanted_people(
    database: Database,
    base: str,
    ids: Collection[uuid.UUID],
    clock: Clock,
    may_delete: bool,
    found: Mapping[str, Found],
) -> dict[str, Entry]:
    """What should stand for these people, whose entries were found before."""
    with database.read() as reads:
        people = find_people(reads, ids, AsOf(clock()))
        wanted = {entry.dn: entry for entry in (build_person_entry(person, base) for person in people)}
    gone = {} if may_delete else {dn: close_entry(kept.entry) for dn, kept in found.items() if dn not in wanted}
    return wanted | gone


def print_units(
    database: Database, server: Server, ids: Collection[uuid.UUID], clock: Clock, *, may_delete: bool = False
) -> Printed:
    """The entries of these units as the register has them now; nothing is deleted unless told. Raises DirectoryUnreachable."""
    base = server.access.base

    def find_wanted(found: Mapping[str, Found]) -> dict[str, Entry]:
        with database.read() as reads:
            book = load_whole_units(reads, AsOf(clock()))
        units = (book.build_printing(unit_id) for unit_id in ids if unit_id in book.units)
        wanted = {entry.dn: entry for entry in (build_unit_entry(unit, base) for unit in units)}
        return wanted if may_delete else {dn: kept.entry for dn, kept in found.items()} | wanted

    return print_entries(server, [unit_dn(unit_id, base) for unit_id in ids], find_wanted)


def close_entry(entry: Entry) -> Entry:
    """The entry without its password, marked closed."""
    kept = {name: values for name, values in entry.attributes.items() if name != "userPassword"}
    return replace(entry, attributes=kept | {"hopnhatAccountState": (b"closed",)})


def print_entries(
    server: Server, names: Sequence[str], find_wanted: Callable[[Mapping[str, Found]], Mapping[str, Entry]]
) -> Printed:
    """Write the entries of these names that differ; looked at again where somebody was faster.

    An entry that is right already is touched all the same: a sync that read the register before us may hold an older picture,
    and only a new entryCSN tells it so.
    """
    waiting, printed = list(dict.fromkeys(names)), Printed()
    for _ in range(ROUNDS):
        found = server.find_entries(waiting)
        wanted = find_wanted(found)
        changes = {dn: list(compare_entry(wanted.get(dn), found.get(dn))) for dn in waiting}
        written = server.write(chain.from_iterable(changes[dn] or touch(found.get(dn)) for dn in waiting))
        printed.refused |= {change.dn: answer for change, answer in written.refused}
        waiting = [change.dn for change in written.overtaken]
        printed.differed += (
            sum(1 for needed in changes.values() if needed)
            - len(written.refused)
            - sum(1 for dn in waiting if changes[dn])
        )
        if not waiting:
            break
    printed.refused |= dict.fromkeys(waiting, "It is changed by somebody else again and again.")
    return printed


def touch(found: Found | None) -> list[Change]:
    """A change that says what stands there already; nothing for an entry that is not there."""
    if found is None:
        return []
    same = {name: values for name, values in found.entry.attributes.items() if name in STATES}
    return [Modify(found.entry.dn, found.csn, same, same)] if same else []
