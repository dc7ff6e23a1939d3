"""What a decree does to units: which begin and end, how codes pass, who is whose heir. Pure: a decree and a book of units go in,
changes come out.

The order is written once in `unfold`: 1. names become units, 2. each event says its links, 3. what ends and what stands is
checked, 4. codes pass, 5. the changes are listed in the order in which they are applied. Every fault is collected with its line
in the decree; nothing is decided silently.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from foundation.clocks import as_rfc3339
from foundation.i18n import Message, _
from provisioning.merger import codes as passing
from provisioning.merger.book import CodeRow, UnitBook
from provisioning.merger.decree import (
    CodeGrant,
    Correct,
    Create,
    Decree,
    Dissolve,
    Documents,
    Event,
    Giver,
    Heir,
    MergeIntoExisting,
    MergeIntoNew,
    NewUnit,
    Recode,
    Rename,
    Reparent,
    Split,
    UnitName,
)
from provisioning.merger.decree_file import DecreeFault, DecreeFaulty, DecreeText, Path_

Line = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Passage:
    """One link of an event: what passes from whom to whom."""

    event: int
    predecessor: uuid.UUID | None
    successor: uuid.UUID | None
    share: str
    principal: bool


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
    corrected: dict[uuid.UUID, tuple[int, dict[str, Any]]] = field(default_factory=dict)
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

    def find(self, name: UnitName, path: Path_) -> uuid.UUID | None:
        """The unit of this name; a fault if there is none."""
        if name.ref is not None:
            if name.ref not in self.refs:
                self.blame(path, "ref_unknown", _("No unit of this decree has the ref “{ref}”."), ref=name.ref)
            return self.refs.get(name.ref)
        assert name.scheme is not None
        assert name.code is not None
        found = self.book.find_bearer(name.scheme, name.code)
        if found is None:
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

    def find_standing(self, name: UnitName, path: Path_) -> uuid.UUID | None:
        """A unit of the register; a fault if it only begins in this decree."""
        found = self.find(name, path)
        if found in self.begun:
            self.blame(path, "not_standing", _("“{ref}” only begins on the day."), ref=str(name))
            return None
        return found


@dataclass(frozen=True)
class UnitChanges:
    """The decree's work on units. `heirs` are the links by the unit they leave; `touched` the units of the register it names."""

    lines: tuple[Line, ...]
    passages: tuple[Passage, ...]
    begun: Mapping[uuid.UUID, NewUnit]
    ended: frozenset[uuid.UUID]
    touched: frozenset[uuid.UUID]
    refs: Mapping[str, uuid.UUID]
    code_of: Mapping[uuid.UUID, str]
    parents: Mapping[uuid.UUID, uuid.UUID | None]
    to_confirm: tuple[str, ...]
    counts: Mapping[str, int]

    def find_heir(self, unit_id: uuid.UUID) -> uuid.UUID | None:
        """The principal successor, only where the unit passed whole."""
        return self._whole_heirs.get(unit_id)

    @cached_property
    def _whole_heirs(self) -> dict[uuid.UUID, uuid.UUID]:
        return {
            passage.predecessor: passage.successor
            for passage in self.passages
            if passage.predecessor and passage.successor and passage.share == "whole" and passage.principal
        }


def unfold(text: DecreeText, book: UnitBook, mint: Callable[[], uuid.UUID] = uuid.uuid4) -> UnitChanges:
    """What the decree does to the units of this book. Raises DecreeFaulty with every fault."""
    draft = Draft(text, book, mint)
    begin_units(draft)
    for place, event in enumerate(text.decree.events):
        read_event(draft, place, event)
        read_documents(draft, place, event.documents)
    read_documents(draft, None, text.decree.documents)
    check_passages(draft)
    check_edits(draft)
    check_parents(draft)
    passed = passing.pass_codes(draft.decree, book, as_inheritance(draft))
    draft.faults += [text.fault(*fault) for fault in passed.faults]
    if draft.faults:
        raise DecreeFaulty(draft.faults)
    return UnitChanges(
        lines=tuple(list_lines(draft, passed)),
        passages=tuple(draft.passages),
        begun={unit: new for unit, (_place, new) in draft.begun.items()},
        ended=frozenset(draft.ended),
        touched=frozenset(
            unit for p in draft.passages for unit in (p.predecessor, p.successor) if unit and unit not in draft.begun
        ),
        refs=draft.refs,
        code_of=passed.code_of,
        parents=draft.parents,
        to_confirm=passed.to_confirm,
        counts=count_units(draft, passed),
    )


# --- 1. names become units -----------------------------------------------------------------------------------------


def begin_units(draft: Draft) -> None:
    """Give each unit that begins its identity."""
    for place, new in enumerate(draft.decree.units):
        if new.ref in draft.refs:
            draft.blame(("units", place, "ref"), "ref_twice", _("Two units have the ref “{ref}”."), ref=new.ref)
            continue
        unit_id = draft.refs[new.ref] = draft.mint()
        draft.begun[unit_id] = (place, new)
        draft.grants += [(unit_id, code, ("units", place, "codes", number)) for number, code in enumerate(new.codes)]
    for unit_id, (place, new) in draft.begun.items():
        draft.parents[unit_id] = draft.find(new.parent, ("units", place, "parent")) if new.parent else None


# --- 2. each event says its links ----------------------------------------------------------------------------------


def read_event(draft: Draft, place: int, event: Event) -> None:
    """Note the links, ends and edits of one event."""
    path: Path_ = ("events", place)
    match event:
        case Create():
            begin_by_event(draft, place, event.unit, (*path, "unit"))
        case MergeIntoNew():
            into = begin_by_event(draft, place, event.into, (*path, "into"), alone=False)
            gather_givers(draft, place, event.givers, into)
            read_seat(draft, place, event.seat, into)
        case MergeIntoExisting():
            into = draft.find_standing(event.into, (*path, "into"))
            gather_givers(draft, place, event.givers, into)
            if into is not None:
                draft.passages.append(Passage(place, into, into, "whole", True))
                gain(draft, into, event.codes, path)
                if event.name:
                    note_edit(draft, into, "name", event.name, place)
                read_seat(draft, place, event.seat, into)
        case Split() | Dissolve():
            end_by_event(draft, place, event, path)
        case Rename() | Recode() | Reparent():
            edit_by_event(draft, place, event, path)
        case Correct():
            correct_by_event(draft, place, event, path)


def read_seat(draft: Draft, place: int, seat: UnitName | None, into: uuid.UUID | None) -> None:
    """Note in whose seat the receiving unit sits; a fault if that one is no part of the event."""
    if seat is None or into is None:
        return
    path: Path_ = ("events", place, "seat")
    unit_id = draft.find_standing(seat, path)
    if unit_id is None:
        return
    if not any(p.event == place and p.predecessor == unit_id and p.successor == into for p in draft.passages):
        draft.blame(path, "seat_elsewhere", _("{unit} passes nothing into this unit, so it is not its seat."),
                    unit=draft.name(unit_id))  # fmt: skip
        return
    draft.seats.append((into, unit_id, place))


def read_documents(draft: Draft, place: int | None, documents: Documents | None) -> None:
    """Find the archive that a rule for documents names; it stands from the day on."""
    if documents is None or documents.archive is None:
        return
    path: Path_ = ("documents", "archive") if place is None else ("events", place, "documents", "archive")
    archive = draft.find(documents.archive, path)
    if archive is not None:
        draft.archives[place] = archive


def begin_by_event(draft: Draft, place: int, name: UnitName, path: Path_, alone: bool = True) -> uuid.UUID | None:
    """The unit that begins in this event; a fault if it stands already or began in another."""
    unit_id = draft.find(name, path)
    if unit_id is None:
        return None
    if unit_id not in draft.begun:
        draft.blame(
            path,
            "stands_already",
            _("{unit} stands already; only a unit of this decree can begin."),
            unit=draft.name(unit_id),
        )
        return None
    if unit_id in draft.entered:
        draft.blame(path, "begins_twice", _("{unit} begins in two events."), unit=draft.name(unit_id))
    draft.entered.add(unit_id)
    if alone:
        draft.passages.append(Passage(place, None, unit_id, "whole", True))
    return unit_id


def gather_givers(draft: Draft, place: int, givers: tuple[Giver, ...], into: uuid.UUID | None) -> None:
    """Note what each giver passes into the receiving unit."""
    for number, giver in enumerate(givers):
        path = ("events", place, "from", number)
        unit_id = draft.find_standing(giver.unit, (*path, "unit"))
        if unit_id is None or into is None:
            continue
        if unit_id == into:
            draft.blame(path, "into_itself", _("{unit} cannot pass into itself."), unit=draft.name(unit_id))
            continue
        if giver.stands and giver.share == "whole":
            draft.blame(path, "whole_and_stands", _("{unit} cannot pass whole and go on."), unit=draft.name(unit_id))
        draft.passages.append(Passage(place, unit_id, into, giver.share, giver.principal and not giver.stands))
        if not giver.stands:
            draft.ended.setdefault(unit_id, place)


def end_by_event(draft: Draft, place: int, event: Split | Dissolve, path: Path_) -> None:
    """A unit is divided or ends; its heirs are new or standing units."""
    unit_id = draft.find_standing(event.unit, (*path, "unit"))
    word, heirs = ("into", event.into) if isinstance(event, Split) else ("heirs", event.heirs)
    goes_on = False
    for number, heir in enumerate(heirs):
        successor = find_heir(draft, heir, (*path, word, number, "unit"))
        if unit_id is not None and successor is not None:
            goes_on = goes_on or successor == unit_id
            draft.passages.append(Passage(place, unit_id, successor, heir.share, heir.principal))
    if unit_id is None:
        return
    if not heirs:
        draft.passages.append(Passage(place, unit_id, None, "whole", True))
    if goes_on and isinstance(event, Dissolve):
        draft.blame(path, "own_heir", _("{unit} cannot be its own heir."), unit=draft.name(unit_id))
    if not goes_on:
        if draft.ended.get(unit_id, place) != place:
            draft.blame(path, "ends_twice", _("{unit} ends in another event too."), unit=draft.name(unit_id))
        draft.ended[unit_id] = place


def find_heir(draft: Draft, heir: Heir, path: Path_) -> uuid.UUID | None:
    """The unit that inherits; a new one begins with this event if no other has begun it."""
    successor = draft.find(heir.unit, path)
    if successor in draft.begun and successor is not None:
        draft.entered.add(successor)
    return successor


def edit_by_event(draft: Draft, place: int, event: Rename | Recode | Reparent, path: Path_) -> None:
    """A unit goes on under another name, other codes or another parent."""
    unit_id = draft.find_standing(event.unit, (*path, "unit"))
    parent = None
    if isinstance(event, Reparent):
        parent = draft.find(event.parent, (*path, "parent"))
    if unit_id is None:
        return
    draft.passages.append(Passage(place, unit_id, unit_id, "whole", True))
    match event:
        case Rename():
            note_edit(draft, unit_id, "name", event.name, place)
            if event.short_name:
                draft.edits[unit_id]["short_name"] = event.short_name
        case Recode():
            gain(draft, unit_id, event.codes, path)
        case Reparent():
            note_edit(draft, unit_id, "parent_id", parent, place)
            draft.parents[unit_id] = parent


def note_edit(draft: Draft, unit_id: uuid.UUID, word: str, value: Any, place: int) -> None:
    """Note what becomes different of a unit that goes on; a fault if an earlier event said otherwise."""
    if (unit_id, word) in draft.edited:
        why = _("{unit} gets another name or unit above in two events.")
        draft.blame(("events", place), "edited_twice", why, unit=draft.name(unit_id))
    draft.edited[unit_id, word] = place
    draft.edits[unit_id][word] = value


def correct_by_event(draft: Draft, place: int, event: Correct, path: Path_) -> None:
    """What was recorded wrong of a unit, and what is right for the same time."""
    unit_id = draft.find_standing(event.unit, (*path, "unit"))
    parent = draft.find_standing(event.parent, (*path, "parent")) if event.parent else None
    if unit_id is None:
        return
    if unit_id in draft.corrected:
        draft.blame(path, "edited_twice", _("{unit} is corrected in two events."), unit=draft.name(unit_id))
    draft.passages.append(Passage(place, unit_id, unit_id, "whole", True))
    edits: dict[str, Any] = dict(event.edits)
    if parent is not None:
        edits["parent_id"] = draft.parents[unit_id] = parent
    draft.corrected[unit_id] = (place, edits)
    for number, code in enumerate(event.codes):
        row = next(
            (r for r in draft.book.standing_codes(unit_id) if (r.scheme, r.code) == (code.scheme, code.wrong)), None
        )
        where: Path_ = (*path, "codes", number)
        if row is None:
            why = _("{unit} does not bear {written} on the eve of the day.")
            draft.blame(where, "code_not_borne", why, unit=draft.name(unit_id), written=f"{code.scheme} {code.wrong}")
            continue
        taken = [r for r in draft.book.bearers.get((code.scheme, code.right), ()) if r.level == row.level]
        if taken:
            why = _("The code {written} belongs to {bearer} by {first}.")
            draft.blame(
                where,
                "code_taken",
                why,
                written=code.right,
                bearer=draft.book.name(taken[0].unit_id),
                first=taken[0].decision,
            )
        draft.codes_corrected.append((row, code.right))


def gain(draft: Draft, unit_id: uuid.UUID, grants: tuple[CodeGrant, ...], path: Path_) -> None:
    """Note the codes a standing unit gets."""
    draft.grants += [(unit_id, grant, (*path, "codes", number)) for number, grant in enumerate(grants)]


# --- 3. what ends and what stands is checked -----------------------------------------------------------------------


def check_passages(draft: Draft) -> None:
    """Every new unit has an event; whole goes to one; one principal heir each; nobody inherits on the day it ends."""
    for unit_id, (place, new) in draft.begun.items():
        if unit_id not in draft.entered:
            draft.blame(("units", place), "no_event", _("No event says where “{ref}” comes from."), ref=new.ref)
    leaving: dict[uuid.UUID, list[Passage]] = defaultdict(list)
    for passage in draft.passages:
        if passage.predecessor is not None and passage.predecessor in draft.ended:
            leaving[passage.predecessor].append(passage)
        if passage.successor is not None and passage.successor in draft.ended:
            why = _("{unit} ends on the same day and cannot receive anything.")
            draft.blame(("events", passage.event), "heir_ends", why, unit=draft.name(passage.successor))
    for unit_id, passages in leaving.items():
        check_leaving(draft, unit_id, passages)
    for place, event in enumerate(draft.decree.events):
        if isinstance(event, Split):
            check_division(draft, place, event)
    for named in {unit for p in draft.passages for unit in (p.predecessor, p.successor) if unit is not None}:
        if named not in draft.begun:
            check_no_later_row(draft, named)


def check_leaving(draft: Draft, unit_id: uuid.UUID, passages: list[Passage]) -> None:
    """One unit that ends: whole to one heir or in parts to several, one of them principal, and nothing is left over."""
    path: Path_ = ("events", passages[-1].event)
    heirs = [passage for passage in passages if passage.successor is not None]
    if len(heirs) < len(passages) and len(passages) > 1:
        why = _("{unit} ends without an heir in one event and passes to somebody in another.")
        draft.blame(path, "ends_twice", why, unit=draft.name(unit_id))
    merging = isinstance(draft.decree.events[passages[0].event], MergeIntoNew | MergeIntoExisting)
    if len(passages) == 1 and merging and heirs and heirs[0].share == "part":
        why = _("{unit} ends and passes only in part; say where the rest goes.")
        draft.blame(path, "rest_lost", why, unit=draft.name(unit_id))
    if len(heirs) > 1 and any(passage.share == "whole" for passage in heirs):
        draft.blame(
            path, "whole_twice", _("{unit} passes whole to one unit and also to another."), unit=draft.name(unit_id)
        )
    principals = sum(passage.principal for passage in heirs)
    if heirs and principals != 1:
        why = _("{unit} needs one principal heir and has {count}.")
        draft.blame(path, "principal", why, unit=draft.name(unit_id), count=principals)


def check_division(draft: Draft, place: int, event: Split) -> None:
    """A division has one principal part, names nobody twice, and gives nothing whole beside a part."""
    if len({str(heir.unit) for heir in event.into}) < len(event.into):
        draft.blame(("events", place, "into"), "heir_twice", _("A unit is named twice among the parts."))
    own = [p for p in draft.passages if p.event == place]
    if not own or own[0].predecessor is None or own[0].predecessor in draft.ended:
        return  # check_leaving looks at a unit that ends
    unit = draft.name(own[0].predecessor)
    if sum(p.principal for p in own) != 1:
        why = _("{unit} needs one principal heir and has {count}.")
        draft.blame(("events", place), "principal", why, unit=unit, count=sum(p.principal for p in own))
    if len(own) > 1 and any(p.share == "whole" for p in own):
        why = _("{unit} passes whole to one unit and also to another.")
        draft.blame(("events", place), "whole_twice", why, unit=unit)


def check_edits(draft: Draft) -> None:
    """Nobody is renamed, moved, given codes or corrected who ends on the day; a correction stands alone."""
    why = _("{unit} ends on the same day; its name, place and codes cannot change as well.")
    for (unit_id, _word), place in draft.edited.items():
        if unit_id in draft.ended:
            draft.blame(("events", place), "edited_and_ends", why, unit=draft.name(unit_id))
    for unit_id, _grant, path in draft.grants:
        if unit_id in draft.ended:
            draft.blame(path, "edited_and_ends", why, unit=draft.name(unit_id))
    granted = {unit_id for unit_id, _grant, _path in draft.grants}
    for unit_id, (place, _edits) in draft.corrected.items():
        if unit_id in draft.ended or unit_id in draft.edits or unit_id in granted:
            why = _("{unit} changes on the same day; correct what is recorded of it in a decree of its own.")
            draft.blame(("events", place), "corrected_and_changes", why, unit=draft.name(unit_id))
    for place_, archive in draft.archives.items():
        if archive in draft.ended:
            why = _("{unit} ends on the same day and cannot keep documents.")
            where: Path_ = ("documents", "archive") if place_ is None else ("events", place_, "documents", "archive")
            draft.blame(where, "archive_ends", why, unit=draft.name(archive))


def check_no_later_row(draft: Draft, unit_id: uuid.UUID) -> None:
    """Refuse to write before a change that is already written for later."""
    rows = draft.book.versions.get(unit_id, ())
    if any(row.valid_from >= draft.book.effective for row in rows):
        place = next(p.event for p in draft.passages if unit_id in (p.predecessor, p.successor))
        later = min(row.valid_from for row in rows if row.valid_from >= draft.book.effective)
        why = _("Another change of {unit} is already written for {instant}.")
        draft.blame(("events", place), "later_change", why, unit=draft.name(unit_id), instant=as_rfc3339(later))


def check_parents(draft: Draft) -> None:
    """No unit that stands may hang under one that ended, or under itself."""
    for ended, place in draft.ended.items():
        for child in draft.book.children.get(ended, ()):
            if child not in draft.ended and child not in draft.parents:
                why = _("{child} lies under {unit}, which ends; say what becomes of it.")
                draft.blame(("events", place), "orphan", why, child=draft.name(child), unit=draft.name(ended))
    for unit_id, above in draft.parents.items():
        if above is not None and above in draft.ended:
            why = _("{child} cannot lie under {unit}, which ends on the day.")
            draft.blame(
                parent_path(draft, unit_id), "parent_ends", why, child=draft.name(unit_id), unit=draft.name(above)
            )
    for unit_id in draft.parents:
        if lies_under_itself(draft, unit_id):
            why = _("{unit} would lie under itself.")
            draft.blame(parent_path(draft, unit_id), "cycle", why, unit=draft.name(unit_id))


def lies_under_itself(draft: Draft, unit_id: uuid.UUID) -> bool:
    """Whether going up from a unit, as things will be, comes back to it."""
    seen: set[uuid.UUID] = set()
    above = draft.parents.get(unit_id)
    while above is not None and above not in seen:
        if above == unit_id:
            return True
        seen.add(above)
        row = draft.book.standing.get(above)
        above = draft.parents.get(above, row.parent_id if row else None)
    return False


def parent_path(draft: Draft, unit_id: uuid.UUID) -> Path_:
    """Where the decree says under which unit this one lies."""
    if unit_id in draft.begun:
        return ("units", draft.begun[unit_id][0], "parent")
    return ("events", find_reparent(draft, unit_id), "parent")


def find_reparent(draft: Draft, unit_id: uuid.UUID) -> int:
    """The place of the event that moved this unit."""
    return next(
        passage.event
        for passage in draft.passages
        if passage.predecessor == unit_id and isinstance(draft.decree.events[passage.event], Reparent | Correct)
    )


def as_inheritance(draft: Draft) -> "passing.Inheritance":
    """What the rules of codes need to know of the events."""
    givers: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for passage in draft.passages:
        if passage.predecessor and passage.successor and passage.predecessor != passage.successor:
            givers[passage.successor].add(passage.predecessor)
    levels = {unit: new.level for unit, (_place, new) in draft.begun.items()}
    return passing.Inheritance(
        givers=givers,
        ended=draft.ended.keys(),
        begun={unit: (("units", place), new.name) for unit, (place, new) in draft.begun.items()},
        levels={**draft.book.levels, **levels},
        parents=draft.parents,
        grants=draft.grants,
        names={
            **{unit: (str(edits["name"]), ("events", draft.edited[unit, "name"]))
               for unit, edits in draft.edits.items() if "name" in edits},
            **{unit: (new.name, ("units", place)) for unit, (place, new) in draft.begun.items()},
        },
        merged=merged_units(draft),
        seats=draft.seats,
    )  # fmt: skip


def merged_units(draft: Draft) -> dict[uuid.UUID, Path_]:
    """The units into which others merge, with the place of the event."""
    found: dict[uuid.UUID, Path_] = {}
    for passage in draft.passages:
        if passage.successor and isinstance(draft.decree.events[passage.event], MergeIntoNew | MergeIntoExisting):
            found.setdefault(passage.successor, ("events", passage.event))
    return found


# --- 5. the changes, in the order in which they are applied --------------------------------------------------------


def list_lines(draft: Draft, passed: "passing.Passed") -> Iterator[Line]:
    """Ends before beginnings, units before codes, events last: so every constraint holds after every line."""
    book = draft.book
    for unit_id in draft.ended:
        row = book.standing[unit_id]
        yield "unit.end", {"unit": str(unit_id), "row": row.row_id, "name": row.name, "code": book.code(unit_id)}
    for code in passed.ended:
        yield "code.end", {"unit": str(code.unit_id), "row": code.row_id, "scheme": code.scheme, "code": code.code}
    for unit_id, (_place, new) in draft.begun.items():
        parent = draft.parents.get(unit_id)
        yield "unit.begin", {
            "unit": str(unit_id), "level": new.level, "name": new.name, "short_name": new.short_name, "kind": new.kind,
            "parent": str(parent) if parent else None, "address": new.address, "phone": new.phone, "email": new.email,
            "hotline": new.hotline, "code": passed.code_of.get(unit_id, ""),
        }  # fmt: skip
    for unit_id, edits in draft.edits.items():
        row = book.standing[unit_id]
        changed = {key: str(value) if isinstance(value, uuid.UUID) else value for key, value in edits.items()}
        yield "unit.change", {"unit": str(unit_id), "row": row.row_id, "was": row.name, "set": changed}
    for unit_id, (_place, edits) in draft.corrected.items():
        if edits:
            row = book.standing[unit_id]
            right = {key: str(value) if isinstance(value, uuid.UUID) else value for key, value in edits.items()}
            yield "unit.correct", {"unit": str(unit_id), "row": row.row_id, "was": row.name, "set": right}
    for code, right_code in draft.codes_corrected:
        yield "code.correct", {
            "unit": str(code.unit_id), "row": code.row_id, "scheme": code.scheme, "was": code.code, "code": right_code,
        }  # fmt: skip
    for line in passed.begun:
        yield "code.begin", line
    yield from list_events(draft)


def list_events(draft: Draft) -> Iterator[Line]:
    """The events with their links, for the line of succession."""
    links: dict[int, list[Passage]] = defaultdict(list)
    for passage in draft.passages:
        links[passage.event].append(passage)
    for place, event in enumerate(draft.decree.events):
        decision = event.decision or draft.decree.decision
        yield (
            "event",
            {
                "id": str(draft.mint()),
                "kind": event.kind,
                "note": event.note,
                "example": draft.decree.example and isinstance(event, Dissolve) and bool(event.heirs),
                "decision": {"number": decision.number, "date": decision.date.isoformat(), "issuer": decision.issuer},
                "documents": show_documents(draft, place, event),
                "links": [
                    {
                        "from": str(link.predecessor) if link.predecessor else None,
                        "to": str(link.successor) if link.successor else None,
                        "share": link.share,
                        "principal": link.principal,
                    }
                    for link in links[place]
                ],
            },
        )


def show_documents(draft: Draft, place: int, event: Event) -> dict[str, Any] | None:
    """The rule for documents of an event: its own, else the decree's, else none."""
    rule = event.documents or draft.decree.documents
    if rule is None or isinstance(event, Create | Rename | Recode | Reparent | Correct):
        return None
    archive = draft.archives.get(place if event.documents else None)
    return {"to": rule.to, "archive": str(archive) if archive else None, "readers": " ".join(rule.readers)}


def count_units(draft: Draft, passed: "passing.Passed") -> dict[str, int]:
    """How many units of each level were there and are there now, and what happened to codes."""
    counts: dict[str, int] = defaultdict(int)
    named = {unit for p in draft.passages for unit in (p.predecessor, p.successor) if unit is not None}
    for unit_id in named:
        level = draft.begun[unit_id][1].level if unit_id in draft.begun else draft.book.levels[unit_id]
        counts[f"{level}.before"] += unit_id not in draft.begun
        counts[f"{level}.after"] += unit_id not in draft.ended
    counts["units_begin"] = len(draft.begun)
    counts["units_end"] = len(draft.ended)
    return dict(counts) | passed.counts
