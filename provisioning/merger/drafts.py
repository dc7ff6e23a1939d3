"""What the events of a decree say, while they are read: links, ends, edits and codes gathered, every fault noted with its place."""

import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from foundation.clocks import as_rfc3339
from foundation.i18n import Message, _
from provisioning.merger.book import CodeRow, UnitBook, VersionRow
from provisioning.merger.decree import Decree
from provisioning.merger.decree_file import DecreeFault, DecreeText, Path_
from provisioning.merger.decree_parts import CodeGrant, NewUnit, UnitName


@dataclass(frozen=True)
class Passage:
    """One link of an event: what passes from whom to whom."""

    event: int
    predecessor: uuid.UUID | None
    successor: uuid.UUID | None
    share: str
    principal: bool


@dataclass(frozen=True)
class Correction:
    """One period of a unit that was recorded wrong, and what is right of it."""

    event: int
    unit: uuid.UUID
    row: VersionRow
    edits: dict[str, Any]


@dataclass
class Draft:
    """What the events say, while they are read."""

    text: DecreeText
    book: UnitBook
    mint: Callable[[], uuid.UUID]
    begun: dict[uuid.UUID, tuple[int, NewUnit]] = field(default_factory=dict)
    refs: dict[str, uuid.UUID] = field(default_factory=dict)
    passages: list[Passage] = field(default_factory=list)
    ended: dict[uuid.UUID, int] = field(default_factory=dict)
    edits: dict[uuid.UUID, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    grants: list[tuple[uuid.UUID, CodeGrant, Path_]] = field(default_factory=list)
    parents: dict[uuid.UUID, uuid.UUID | None] = field(default_factory=dict)
    entered: set[uuid.UUID] = field(default_factory=set)
    corrected: dict[int, Correction] = field(default_factory=dict)
    codes_corrected: list[tuple[CodeRow, str]] = field(default_factory=list)
    edited: dict[tuple[uuid.UUID, str], int] = field(default_factory=dict)
    seats: list[tuple[uuid.UUID, uuid.UUID, int]] = field(default_factory=list)
    archives: dict[int | None, uuid.UUID] = field(default_factory=dict)
    faults: list[DecreeFault] = field(default_factory=list)

    @property
    def decree(self) -> Decree:
        """The decree being read."""
        return self.text.decree

    def blame(self, path: Path_, code: str, why: str, **values: object) -> None:
        """Note a fault at its place."""
        self.faults.append(self.text.fault(path, code, Message(why, values)))

    def name(self, unit_id: uuid.UUID) -> str:
        """What the unit is called, new or old, with a code where it has one."""
        if unit_id in self.begun:
            return self.begun[unit_id][1].name
        code = self.book.code(unit_id)
        return f"{self.book.name(unit_id)} ({code})" if code else self.book.name(unit_id)

    def find(self, name: UnitName, path: Path_, at: datetime | None = None) -> uuid.UUID | None:
        """The unit of this name on the eve, or at another instant; a fault if there is none."""
        if name.ref is not None:
            if name.ref not in self.refs:
                self.blame(path, "ref_unknown", _("No unit of this decree has the ref “{ref}”."), ref=name.ref)
            return self.refs.get(name.ref)
        assert name.scheme is not None
        assert name.code is not None
        found = self.book.find_bearer(name.scheme, name.code, at)
        if found is None and at is not None:
            why = _("No unit bore {written} at {instant}.")
            self.blame(path, "unit_unknown", why, written=str(name), instant=as_rfc3339(at))
        elif found is None:
            values = {"code": str(name), "bearers": self._past_bearers(name)}
            self.faults.append(self.text.fault(path, "unit_unknown", Message(self._why_unknown(name), values)))
        return found

    def _why_unknown(self, name: UnitName) -> str:
        if self._past_bearers(name):
            return _("No unit bears {code} on the eve of the day; it was borne by {bearers}.")
        return _("No unit bears {code} on the eve of the day.")

    def _past_bearers(self, name: UnitName) -> str:
        rows = self.book.bearers.get((name.scheme or "", name.code or ""), ())
        return ", ".join(dict.fromkeys(self.book.name(row.unit_id) for row in rows))

    def find_standing(self, name: UnitName, path: Path_, at: datetime | None = None) -> uuid.UUID | None:
        """A unit of the register; a fault if it only begins in this decree."""
        found = self.find(name, path, at)
        if found in self.begun:
            self.blame(path, "not_standing", _("“{ref}” only begins on the day."), ref=str(name))
            return None
        return found
