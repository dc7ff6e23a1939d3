"""What has to be covered for a unit: the unit itself while it stands, all that have its affairs once it ended (docs/decisions/0024)."""

import uuid
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from directory.chains import find_ancestors
from directory.event_steps import Links, load_links
from directory.units import last_facts
from foundation.changes import AsOf
from foundation.database import Reads

MOMENT: Final = timedelta(microseconds=1)


class Endings:
    """When units ended and to whom they passed on with that; read for many at a time, and for what lay above them when it is asked for."""

    def __init__(self, reads: Reads, as_of: AsOf, units: Iterable[uuid.UUID]) -> None:
        self._reads = reads
        self._as_of = as_of
        self._links: Links[uuid.UUID] = {}
        self._ends: dict[uuid.UUID, datetime | None] = {}
        self._read(units)

    def find_needed(self, unit_id: uuid.UUID, asked: frozenset[uuid.UUID] = frozenset()) -> list[uuid.UUID]:
        """What has to be covered for this unit; never nothing.

        Of the unit and what it lay under at its end the first that says anything decides: one that stands, or never was, by itself,
        wherever it lies now; one that ended by its heirs, all of them, each by the same rule. `asked`: whose heirs are being asked for,
        so that units that name each other come to an end.
        """
        end = self._find_end(unit_id)
        if end is None:
            return [unit_id]
        for one in self._each_to_ask(unit_id, end):
            ended = self._find_end(one)
            if ended is None:
                return [one]
            heirs = [heir for heir in self._find_heirs(one, ended) if heir not in asked]
            if heirs:
                further = asked | {unit_id, one}
                return list(dict.fromkeys(each for heir in heirs for each in self.find_needed(heir, further)))
        return [unit_id]

    def _each_to_ask(self, unit_id: uuid.UUID, end: datetime) -> Iterator[uuid.UUID]:
        """The unit, then what it lay under; looked up only where the unit itself says nothing."""
        yield unit_id
        yield from self._find_above(unit_id, end)

    def find_above(self, unit_id: uuid.UUID) -> list[uuid.UUID]:
        """The units above one that ended, as they stood in its last moment, from below; empty for one in force, or never known."""
        end = self._find_end(unit_id)
        return [] if end is None else self._find_above(unit_id, end)

    def _find_above(self, unit_id: uuid.UUID, end: datetime) -> list[uuid.UUID]:
        eve = AsOf(end - MOMENT, self._as_of.known_at)
        return [above.id for above in find_ancestors(self._reads, unit_id, eve) if above.id != unit_id]

    def _find_heirs(self, unit_id: uuid.UUID, end: datetime) -> list[uuid.UUID]:
        """The units it passed on to when it ended, whole or in part."""
        steps = self._links.get(unit_id, ())
        return [step.successor_id for step in steps if step.instant == end and step.successor_id != unit_id]

    def _find_end(self, unit_id: uuid.UUID) -> datetime | None:
        if unit_id not in self._ends:
            self._read([unit_id])
        return self._ends[unit_id]

    def _read(self, units: Iterable[uuid.UUID]) -> None:
        """The ends of these and of all that came after them."""
        wanted: Collection[uuid.UUID] = list(units)
        links = load_links(self._reads, wanted, self._as_of)
        self._links = {**self._links, **links}
        for one in dict.fromkeys([*wanted, *links]):
            self._ends.setdefault(one, None)
        for one, facts in last_facts(self._reads, [*wanted, *links], self._as_of).items():
            self._ends[one] = facts.ends if facts.ends is not None and facts.ends <= self._as_of.at else None
