"""A draft whose events were checked as lines of a plan, in the order in which they are applied, and as counts. Pure."""

import uuid
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from provisioning.merger.codes import Passed
from provisioning.merger.decree_events import Correct, Create, Dissolve, Event, Recode, Rename, Reparent
from provisioning.merger.drafts import Draft, Passage

Line = tuple[str, dict[str, Any]]


def list_lines(draft: Draft, passed: Passed) -> Iterator[Line]:
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
    for one in draft.corrected.values():
        if one.edits:
            right = {key: str(value) if isinstance(value, uuid.UUID) else value for key, value in one.edits.items()}
            yield "unit.correct", {"unit": str(one.unit), "row": one.row.row_id, "was": one.row.name, "set": right}
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


def count_units(draft: Draft, passed: Passed) -> dict[str, int]:
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
