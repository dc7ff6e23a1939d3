"""What cannot stand of the events of a decree: heirs that end, shares that do not add up, units under themselves. Pure.

Each fault is noted in the draft with its place; nothing is mended.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence

from foundation.clocks import as_rfc3339
from foundation.i18n import _
from provisioning.merger.decree_events import Correct, MergeIntoExisting, MergeIntoNew, Reparent, Split
from provisioning.merger.decree_file import Path_
from provisioning.merger.drafts import Draft, Passage


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
    for named, events in find_events(draft).items():
        if named not in draft.begun and not is_only_corrected(draft, events):
            check_no_later_row(draft, named, events[0])


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
    for one in draft.corrected.values():
        if one.unit in draft.ended or one.unit in draft.edits or one.unit in granted:
            why = _("{unit} changes on the same day; correct what is recorded of it in a decree of its own.")
            draft.blame(("events", one.event), "corrected_and_changes", why, unit=draft.name(one.unit))
    for place_, archive in draft.archives.items():
        if archive in draft.ended:
            why = _("{unit} ends on the same day and cannot keep documents.")
            where: Path_ = ("documents", "archive") if place_ is None else ("events", place_, "documents", "archive")
            draft.blame(where, "archive_ends", why, unit=draft.name(archive))


def find_events(draft: Draft) -> dict[uuid.UUID, list[int]]:
    """The places of the events that name each unit, in the decree's order."""
    found: dict[uuid.UUID, list[int]] = defaultdict(list)
    for passage in draft.passages:
        for unit in (passage.predecessor, passage.successor):
            if unit is not None:
                found[unit].append(passage.event)
    return found


def is_only_corrected(draft: Draft, places: Sequence[int]) -> bool:
    """Whether these events do nothing but correct periods that they name by a day: what is written for later stays."""
    found = (draft.decree.events[place] for place in places)
    return all(isinstance(event, Correct) and event.at is not None for event in found)


def check_no_later_row(draft: Draft, unit_id: uuid.UUID, place: int) -> None:
    """Refuse to write before a change that is already written for later."""
    rows = draft.book.versions.get(unit_id, ())
    if any(row.valid_from >= draft.book.effective for row in rows):
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
