"""The mapping table of units: for every step of every event, the codes before it and the codes after it.

One row a pair; a unit that goes on under other codes has a row of its own, one that ended without a successor an empty new side. Whoever
converts documents applies the rows in the order in which they stand.
"""

import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa

from directory.models import UnitEvent, UnitEventLink
from directory.unit_faces import NO_CODES, Codes, Face, load_codes, load_faces
from foundation.changes import AsOf, visible
from foundation.database import Reads

COLUMNS: Final = (
    "old_unit", "old_code", "old_agency_code", "old_name", "new_unit", "new_code", "new_agency_code", "new_name", "kind",
    "share", "principal", "instant", "decision", "decision_date", "decision_issuer", "example",
)  # fmt: skip
EVE: Final = timedelta(microseconds=1)


def each_unit_pair(reads: Reads, as_of: AsOf) -> Iterator[dict[str, object]]:
    """The rows up to the instant, oldest event first; `*_code` is that of the territory, else of the agency."""
    rows = reads.execute(
        sa.select(
            UnitEvent.instant, UnitEvent.kind, UnitEvent.decision_number, UnitEvent.decision_date,
            UnitEvent.decision_issuer, UnitEvent.example, UnitEventLink.predecessor_id, UnitEventLink.successor_id,
            UnitEventLink.share, UnitEventLink.principal,
        )
        .join(UnitEventLink, UnitEventLink.event_id == UnitEvent.id)
        .where(
            visible(UnitEvent, as_of.known_at),
            visible(UnitEventLink, as_of.known_at),
            UnitEvent.instant <= as_of.at,
            UnitEventLink.predecessor_id.is_not(None),
        )
        .order_by(UnitEvent.instant, UnitEvent.row_id, UnitEventLink.row_id)
    ).all()  # fmt: skip
    for instant, steps in groupby(rows, key=lambda row: row.instant):
        yield from describe_day(reads, instant, list(steps), as_of.known_at)


def describe_day(
    reads: Reads, instant: datetime, steps: list[Any], known_at: datetime | None
) -> Iterator[dict[str, object]]:
    """The rows of one instant: old sides as on its eve, new sides as from it on."""
    before, after = AsOf(instant - EVE, known_at), AsOf(instant, known_at)
    old = {step.predecessor_id for step in steps}
    new = {step.successor_id for step in steps if step.successor_id}
    old_faces, old_codes = load_faces(reads, old, before), load_codes(reads, old, before)
    new_faces, new_codes = load_faces(reads, new, after), load_codes(reads, new, after)
    for step in steps:
        yield {
            **describe_side("old", step.predecessor_id, old_faces, old_codes),
            **describe_side("new", step.successor_id, new_faces, new_codes),
            "kind": step.kind,
            "share": step.share,
            "principal": step.principal,
            "instant": instant,
            "decision": step.decision_number,
            "decision_date": step.decision_date,
            "decision_issuer": step.decision_issuer,
            "example": step.example,
        }


def describe_side(
    side: str, unit_id: uuid.UUID | None, faces: Mapping[uuid.UUID, Face[uuid.UUID]], codes: Codes[uuid.UUID]
) -> dict[str, object]:
    """One side of a pair; empty where there is no unit."""
    borne = codes.get(unit_id, NO_CODES) if unit_id else NO_CODES
    face = faces.get(unit_id) if unit_id else None
    return {
        f"{side}_unit": unit_id,
        f"{side}_code": borne["admin"] or borne["agency"],
        f"{side}_agency_code": borne["agency"],
        f"{side}_name": face.name if face else None,
    }
