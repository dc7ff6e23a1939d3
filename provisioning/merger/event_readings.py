"""Reading the events of a decree into a draft: names become units, each event says its links, ends and edits. Pure."""

import uuid
from itertools import takewhile
from typing import Any

from foundation.clocks import as_rfc3339
from foundation.i18n import _
from provisioning.merger.decree_events import (
    Correct,
    Create,
    Dissolve,
    Event,
    Giver,
    Heir,
    MergeIntoExisting,
    MergeIntoNew,
    Recode,
    Rename,
    Reparent,
    Split,
)
from provisioning.merger.decree_file import Path_
from provisioning.merger.decree_parts import CodeGrant, Documents, UnitName
from provisioning.merger.drafts import Correction, Draft, Passage


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
    own = takewhile(lambda passage: passage.event == place, reversed(draft.passages))
    if not any(p.predecessor == unit_id and p.successor == into for p in own):
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
    """What was recorded wrong of a unit, and what is right for the same time; of another period than today's with `at`."""
    unit_id = draft.find_standing(event.unit, (*path, "unit"), event.at)
    parent = draft.find_standing(event.parent, (*path, "parent"), event.at) if event.parent else None
    if unit_id is None:
        return
    version = draft.book.find_version(unit_id, event.at)
    if version is None:
        assert event.at is not None  # whoever bears a code on the eve stands then
        why = _("{unit} did not stand at {instant}.")
        draft.blame(path, "no_period", why, unit=draft.name(unit_id), instant=as_rfc3339(event.at))
        return
    if version.row_id in draft.corrected:
        draft.blame(path, "edited_twice", _("{unit} is corrected in two events."), unit=draft.name(unit_id))
    draft.passages.append(Passage(place, unit_id, unit_id, "whole", True))
    edits: dict[str, Any] = dict(event.edits)
    if parent is not None:
        edits["parent_id"] = parent
        if event.at is None:
            draft.parents[unit_id] = parent
        elif parent == unit_id:
            draft.blame((*path, "parent"), "cycle", _("{unit} would lie under itself."), unit=draft.name(unit_id))
    draft.corrected[version.row_id] = Correction(place, unit_id, version, edits)
    for number, code in enumerate(event.codes):
        borne = draft.book.standing_codes(unit_id, event.at)
        row = next((r for r in borne if (r.scheme, r.code) == (code.scheme, code.wrong)), None)
        where: Path_ = (*path, "codes", number)
        if row is None:
            why = _("{unit} does not bear {written} on the eve of the day, or on the day that is named.")
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
