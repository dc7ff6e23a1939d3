"""The printing as a whole: read both sides, compare, look whether it is safe, write; and the printing of single entries.

The order matters. The directory is read first and the register after it: whatever a job prints meanwhile changes the entryCSN
that our write asserts, so an older picture never replaces a newer one. What was overtaken is looked at again, alone.
"""

import time
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import chain

import sqlalchemy as sa

from directory.printing.asking import PRINT_PERSON, PRINT_UNIT
from directory.printing.difference import (
    Change,
    Delete,
    Difference,
    Found,
    Modify,
    Sign,
    compare_entry,
    find_difference,
)
from directory.printing.entries import (
    Entry,
    build_person_entry,
    build_unit_entry,
    find_identity,
    people_branch,
    person_dn,
    unit_dn,
    units_branch,
)
from directory.printing.guards import Limits, check_losses, check_sides
from directory.printing.people import find_people, read_people
from directory.printing.server import Server, Written
from directory.printing.units import load_whole_units
from directory.units import chunked
from foundation.changes import UNPUBLISHED, AsOf
from foundation.database import Database, Reads
from foundation.outbox import OutboxJob

ROUNDS = 5
STATES = ("hopnhatAccountState", "hopnhatUnitState")
Progress = Callable[[int], None]
Clock = Callable[[], datetime]
"""Asked each time the register is read: never earlier than what was read of the directory."""


def add_to(before: int, progress: Progress, done: int) -> None:
    """Progress of one branch told as progress of all."""
    progress(before + done)


def stay_silent(_: int) -> None:
    """Progress nobody watches."""


@dataclass(frozen=True)
class Comparison:
    """What has to be written, at one instant of the register, branch by branch."""

    at: datetime
    units: Difference
    people: Difference
    covered: tuple[int, ...] = ()
    """Jobs for single entries that were waiting when the register was read: a whole printing leaves them nothing to do."""

    @property
    def differences(self) -> tuple[Difference, Difference]:
        """Both branches in the order they are written: units first, so that nobody names a unit that is not there yet."""
        return self.units, self.people

    @property
    def counts(self) -> dict[Sign, int]:
        """How many additions, modifications and deletions."""
        return {sign: sum(difference.counts[sign] for difference in self.differences) for sign in ("+", "~", "-")}

    def __bool__(self) -> bool:
        return any(self.differences)


@dataclass
class Printed:
    """What became of single entries: how many differed and were written, and which could not be, with the reason."""

    differed: int = 0
    refused: dict[str, str] = field(default_factory=dict)

    def __add__(self, other: "Printed") -> "Printed":
        return Printed(self.differed + other.differed, self.refused | other.refused)


@dataclass
class Outcome:
    """What a printing did; `refused` names entries the server would not take, with its reason."""

    comparison: Comparison
    done: int = 0
    settled: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def add(self, written: Written) -> None:
        """Account for one branch."""
        self.done += written.done
        self.refused |= {change.dn: why for change, why in written.refused}


def compare(database: Database, server: Server, clock: Clock) -> Comparison:
    """Both sides read whole; the clock is asked when the register is. Raises DirectoryUnreachable, PrintingUnreadable."""
    base = server.access.base
    found_units = {found.entry.dn: found for found in server.read_branch(units_branch(base))}
    found_people = {found.entry.dn: found for found in server.read_branch(people_branch(base))}
    at = clock()
    with database.read() as reads:
        book = load_whole_units(reads, AsOf(at))
        units = find_difference((build_unit_entry(unit, base) for unit in book.build_printings()), found_units)
        people = find_difference(
            (build_person_entry(person, base) for person in read_people(reads, book)), found_people
        )
        covered = find_single_jobs(reads, at)
    return Comparison(at, units, people, covered)


def find_single_jobs(reads: Reads, at: datetime) -> tuple[int, ...]:
    """The jobs for single people and units that are due, their changes published, as this look at the register sees them."""
    waiting = sa.select(OutboxJob.id).where(
        OutboxJob.kind.in_((PRINT_PERSON, PRINT_UNIT)),
        OutboxJob.state == "waiting",
        OutboxJob.due <= at,
        sa.or_(OutboxJob.change_id.is_(None), OutboxJob.change_id.not_in(UNPUBLISHED)),
    )
    return tuple(reads.execute(waiting).scalars())


def sync(
    database: Database,
    server: Server,
    clock: Clock,
    limits: Limits,
    *,
    from_nothing: bool = False,
    progress: Progress = stay_silent,
) -> Outcome:
    """Make the directory say what the register says. Raises PrintingUnsafe before the first write, DirectoryUnreachable.

    Killed or cut off anywhere, it is simply done again: what is written already is no difference any more.
    """
    start = time.monotonic()
    comparison = compare(database, server, clock)
    check_comparison(comparison, server.access.base, limits, from_nothing=from_nothing)
    outcome = Outcome(comparison)
    for difference in comparison.differences:
        written = server.write(difference.changes, progress=partial(add_to, outcome.done, progress))
        outcome.add(written)
        outcome.settled += len(written.overtaken)
        outcome.refused |= settle(database, server, written.overtaken, clock).refused
    outcome.seconds = time.monotonic() - start
    return outcome


def check_comparison(comparison: Comparison, base: str, limits: Limits, *, from_nothing: bool) -> None:
    """Every guard, before the first write. Raises PrintingUnsafe."""
    branches = (units_branch(base), people_branch(base))
    for branch, difference in zip(branches, comparison.differences, strict=True):
        check_sides(difference.wanted, difference.found, branch, from_nothing=from_nothing)
    check_losses(comparison.differences, limits)


def clear(server: Server, progress: Progress = stay_silent) -> int:
    """Take everything away that was printed, before it is printed from nothing. Gives how many entries went."""
    gone = 0
    for branch in (people_branch(server.access.base), units_branch(server.access.base)):
        written = server.write(Delete(found.entry.dn, found.csn, {}) for found in list(server.read_branch(branch)))
        gone += written.done
        progress(gone)
    return gone


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
