"""Placement rows with their codes turned into units and their numbers into blind indexes, waiting for their people.

What cannot be turned, and who never comes, is a fault at the row's place; nothing is passed over in silence.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping

from directory.codes import clean_code
from directory.models import SEAL_NUMBER
from directory.names import fold_name
from foundation.i18n import Message, _
from foundation.sealing import Sealer
from provisioning.merger.book import UnitBook
from provisioning.merger.destinations import Placement
from provisioning.merger.events import UnitChanges
from provisioning.merger.holders import Holder
from provisioning.merger.placement import PlacedRow, PlacementFaulty
from provisioning.rosters.vocabulary import Fault, Place

NOBODY = uuid.UUID(int=0)
Found = tuple[Place, Fault]


class Assignments:
    """The rows of each person by the blind index of the personal number; each is taken once."""

    def __init__(self, rows: Iterable[PlacedRow], book: UnitBook, changes: UnitChanges, sealer: Sealer) -> None:
        self.faults: list[Found] = []
        self._waiting: dict[bytes, list[tuple[PlacedRow, Placement]]] = defaultdict(list)
        old, new = old_units(book), new_units(book, changes)
        for row in rows:
            placement = self._turn(row, old, new, book, changes)
            if placement is not None:
                self._waiting[sealer.blind_index(row.number, SEAL_NUMBER)].append((row, placement))

    def take(self, holder: Holder) -> list[Placement]:
        """The rows that name this person; a fault where number and name disagree, or somebody both leaves and stays."""
        found = self._waiting.pop(holder.number_index, []) if holder.number_index else []
        if not found:
            return []
        for row, _placement in found:
            if row.name and row.name != holder.name and fold_name(row.name) != fold_name(holder.name):
                why = Message(_("This number belongs to {name} in the register."), {"name": holder.name})
                self._blame(row, "name", row.name, "name-differs", why)
        if len(found) > 1 and len({row.leaves for row, _placement in found}) > 1:
            row = found[-1][0]
            self._blame(
                row,
                "new_unit_code",
                None,
                "leaves-and-stays",
                Message(_("Another row of this person says the opposite.")),
            )
        return [placement for _row, placement in found]

    @property
    def numbers(self) -> list[bytes]:
        """The blind indexes of the people who are still waited for."""
        return list(self._waiting)

    @property
    def units(self) -> set[uuid.UUID]:
        """Every unit that a row names, old or new."""
        named = (unit for rows in self._waiting.values() for _row, to in rows for unit in (to.old_unit, to.new_unit))
        return {unit for unit in named if unit is not None}

    def check(self) -> None:
        """Refuse the lists if any row could not be used. Raises PlacementFaulty with all of them."""
        for waiting in self._waiting.values():
            for row, _placement in waiting:
                why = Message(_("Nobody with this number holds a post in the units of this decree."))
                self._blame(row, "personal_number", row.name, "person-unknown", why)
        if self.faults:
            raise PlacementFaulty(sorted(self.faults, key=lambda found: (found[0].file, found[0].row or 0)))

    def _turn(
        self,
        row: PlacedRow,
        old: Mapping[str, uuid.UUID | None],
        new: Mapping[str, uuid.UUID | None],
        book: UnitBook,
        changes: UnitChanges,
    ) -> Placement | None:
        before = self._find(
            row, "unit_code", row.old_unit_code, old, _("No unit bears this code on the eve of the day.")
        )
        after = self._find(row, "new_unit_code", row.new_unit_code, new, _("No unit bears this code from the day on."))
        if (row.old_unit_code and before is None) or (row.new_unit_code and after is None):
            return None
        return Placement(str(row.place), before, after, row.title, row.duties, row.body, row.main, row.decision)

    def _find(
        self, row: PlacedRow, column: str, code: str | None, units: Mapping[str, uuid.UUID | None], unknown: str
    ) -> uuid.UUID | None:
        if code is None:
            return None
        found = units.get(clean_code(code), NOBODY)
        if found == NOBODY:
            self._blame(row, column, code, "unit-unknown", Message(unknown))
            return None
        if found is None:
            why = Message(_("Several units bear this code; write the agency code."))
            self._blame(row, column, code, "unit-ambiguous", why)
        return found

    def _blame(self, row: PlacedRow, column: str, value: str | None, code: str, why: Message) -> None:
        self.faults.append((row.place, Fault(column, value, code, why)))


def old_units(book: UnitBook) -> dict[str, uuid.UUID | None]:
    """Codes borne on the eve; None where several units bear the text."""
    found: dict[str, uuid.UUID | None] = {}
    for unit_id in book.standing:
        for row in book.standing_codes(unit_id):
            found[row.code] = unit_id if found.get(row.code, unit_id) == unit_id else None
    return found


def new_units(book: UnitBook, changes: UnitChanges) -> dict[str, uuid.UUID | None]:
    """Codes borne from the day on: those given by the decree, and those of units that stand and keep them."""
    found: dict[str, uuid.UUID | None] = {}
    closed = {content["row"] for op, content in changes.lines if op == "code.end"}
    for op, content in changes.lines:
        if op == "code.begin":
            unit_id = uuid.UUID(content["unit"])
            found[content["code"]] = unit_id if found.get(content["code"], unit_id) == unit_id else None
    for unit_id in book.standing.keys() - changes.ended:
        for row in book.standing_codes(unit_id):
            if row.row_id not in closed:
                found[row.code] = unit_id if found.get(row.code, unit_id) == unit_id else None
    return found
