"""What a decree does to units: which begin and end, how codes pass, who is whose heir. Pure: a decree and a book of units go in,
changes come out.

The order is written once in `unfold`: 1. names become units, 2. each event says its links, 3. what ends and what stands is
checked, 4. codes pass, 5. the changes are listed in the order in which they are applied. Every fault is collected with its line
in the decree; nothing is decided silently. The steps stand in `event_readings`, `event_checks`, `codes` and `unit_lines`.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from provisioning.merger.book import UnitBook
from provisioning.merger.codes import Inheritance, pass_codes
from provisioning.merger.decree_events import MergeIntoExisting, MergeIntoNew
from provisioning.merger.decree_file import DecreeFaulty, DecreeText, Path_
from provisioning.merger.decree_parts import NewUnit
from provisioning.merger.drafts import Draft, Passage
from provisioning.merger.event_checks import check_edits, check_parents, check_passages
from provisioning.merger.event_readings import begin_units, read_documents, read_event
from provisioning.merger.unit_lines import Line, count_units, list_lines


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
    passed = pass_codes(draft.decree, book, as_inheritance(draft))
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


def as_inheritance(draft: Draft) -> Inheritance:
    """What the rules of codes need to know of the events."""
    givers: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for passage in draft.passages:
        if passage.predecessor and passage.successor and passage.predecessor != passage.successor:
            givers[passage.successor].add(passage.predecessor)
    levels = {unit: new.level for unit, (_place, new) in draft.begun.items()}
    return Inheritance(
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
