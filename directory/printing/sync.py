"""The printing as a whole: read both sides, compare, look whether it is safe, write.

The order matters. The directory is read first and the register after it: whatever a job prints meanwhile changes the entryCSN
that our write asserts, so an older picture never replaces a newer one. What was overtaken is looked at again, alone.

The guards want to know who would leave or lose a password: two short queries tell, before the first write. What each person's entry
should say is put together while the server is busy with the entries before it, all within one look at the register.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import sqlalchemy as sa

from directory.printing.asking import PRINT_PERSON, PRINT_UNIT
from directory.printing.branches import Branch
from directory.printing.difference import (
    Change,
    Delete,
    Difference,
    Found,
    Modify,
    Sign,
    each_difference,
    find_difference,
    outline,
)
from directory.printing.entries import build_person_entry, build_unit_entry, people_branch, units_branch
from directory.printing.guards import Limits, check_losses, check_sides
from directory.printing.people import find_standing, read_people
from directory.printing.server import Server, Written
from directory.printing.singles import Clock, settle
from directory.printing.units import load_whole_units
from foundation.changes import UNPUBLISHED, AsOf
from foundation.collecting import rarely_collected
from foundation.database import Database, Reads
from foundation.outbox import OutboxJob

PAGE_BESIDE = 200
"""People are read in small pages: while one is put together, the server is busy with the entries that are under way."""

UNDER_WAY = 512
"""Writes the server has in hand at once, more than two pages: it goes on while the next page is put together. slapd takes a thousand
of one connection (`olcConnMaxPendingAuth`) before it cuts it.
"""

Progress = Callable[[int, int], None]
"""Told how many changes are written, and of how many."""


def tell(progress: Progress, before: int, total: int, done: int) -> None:
    """Progress of one branch told as progress of all."""
    progress(before + done, total)


def stay_silent(_done: int, _total: int) -> None:
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


@rarely_collected()
def compare(database: Database, server: Server, clock: Clock) -> Comparison:
    """Both sides read whole; the clock is asked when the register is. Raises DirectoryUnreachable, PrintingUnreadable."""
    base = server.access.base
    found_units, found_people = read_found(server)
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


@rarely_collected()
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
    start, base = time.monotonic(), server.access.base
    found_units, found_people = read_found(server)
    at = clock()
    with database.read() as reads:
        book = load_whole_units(reads, AsOf(at))
        units = find_difference((build_unit_entry(unit, base) for unit in book.build_printings()), found_units)
        losses = find_losses(reads, book.as_of, base, found_people)
        covered = find_single_jobs(reads, at)
        check_comparison(Comparison(at, units, losses), base, limits, from_nothing=from_nothing)
        outcome, total = Outcome(Comparison(at, units, losses, covered)), len(units.changes) + losses.wanted
        overtaken = write_branch(server, units.changes, outcome, partial(tell, progress, 0, total))
        changes: list[Change] = []
        people = (build_person_entry(person, base) for person in read_people(reads, book, PAGE_BESIDE))
        kept = remember(each_difference(people, found_people), changes)
        overtaken += write_branch(server, kept, outcome, partial(tell, progress, outcome.done, total))
    outcome.comparison = Comparison(at, units, Difference(tuple(changes), losses.wanted, losses.found), covered)
    outcome.settled = len(overtaken)
    outcome.refused |= settle(database, server, overtaken, clock).refused
    outcome.seconds = time.monotonic() - start
    return outcome


def write_branch(
    server: Server,
    changes: Iterable[Change],
    outcome: Outcome,
    progress: Callable[[int], None],
) -> list[Change]:
    """Write one branch and account for it. Gives what somebody overtook."""
    written = server.write(changes, window=UNDER_WAY, progress=progress)
    outcome.add(written)
    return written.overtaken


def remember(changes: Iterable[Change], kept: list[Change]) -> Iterator[Change]:
    """The changes as they come; of each the outline is kept for the report."""
    for change in changes:
        kept.append(outline(change))
        yield change


def read_found(server: Server) -> tuple[Branch, Branch]:
    """Units and people of the directory by name, whole. Raises DirectoryUnreachable, PrintingUnreadable."""
    base = server.access.base
    return Branch(server.read_branch(units_branch(base))), Branch(server.read_branch(people_branch(base)))


def find_losses(reads: Reads, as_of: AsOf, base: str, found: Mapping[str, Found]) -> Difference:
    """Who would leave the directory, and who would lose the password they have there: as much as the guards ask."""
    wanted, opened = find_standing(reads, as_of)
    names = {f"hopnhatPersonId={person_id},{people_branch(base)}" for person_id in wanted}
    kept = {f"hopnhatPersonId={person_id},{people_branch(base)}" for person_id in opened}
    losses: list[Change] = [Delete(dn, found[dn].csn, found[dn].entry.attributes) for dn in found.keys() - names]
    for dn in found.keys() & (names - kept):
        had = found[dn].entry.attributes.get("userPassword")
        if had is not None:
            losses.append(Modify(dn, found[dn].csn, {"userPassword": ()}, {"userPassword": had}))
    return Difference(tuple(losses), len(names), len(found))


def check_comparison(comparison: Comparison, base: str, limits: Limits, *, from_nothing: bool) -> None:
    """Every guard, before the first write. Raises PrintingUnsafe."""
    branches = (units_branch(base), people_branch(base))
    for branch, difference in zip(branches, comparison.differences, strict=True):
        check_sides(difference.wanted, difference.found, branch, from_nothing=from_nothing)
    check_losses(comparison.differences, limits)


def clear(server: Server) -> int:
    """Take everything away that was printed, before it is printed from nothing. Gives how many entries went."""
    gone = 0
    for branch in (people_branch(server.access.base), units_branch(server.access.base)):
        written = server.write(Delete(found.entry.dn, found.csn, {}) for found in list(server.read_branch(branch)))
        gone += written.done
    return gone
