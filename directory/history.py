"""The life of the units that bore a code: names, codes and events in the order they happened."""

import uuid
from typing import Any

import sqlalchemy as sa

from directory.codes import clean_code
from directory.errors import UnitNotFound
from directory.models import UnitCode, UnitEvent, UnitEventLink, UnitVersion
from directory.units import find_bearers, last_facts
from foundation.changes import AsOf, visible
from foundation.clocks import as_rfc3339
from foundation.database import Reads


def build_history(reads: Reads, code: str, as_of: AsOf, scheme: str | None = None) -> dict[str, Any]:
    """Every unit that bore the code with its versions, codes and events. Raises UnitNotFound."""
    bearers = find_bearers(reads, [code], as_of, scheme).get(clean_code(code), [])
    if not bearers:
        raise UnitNotFound(code=code)
    units = dict.fromkeys(bearing.unit_id for bearing in bearers)
    return {
        "code": clean_code(code),
        "at": as_rfc3339(as_of.at),
        "units": [
            {
                "unit": str(unit_id),
                "versions": list_versions(reads, unit_id, as_of),
                "codes": list_codes(reads, unit_id, as_of),
                "events": list_events(reads, unit_id, as_of),
            }
            for unit_id in units
        ],
    }


def list_versions(reads: Reads, unit_id: uuid.UUID, as_of: AsOf) -> list[dict[str, Any]]:
    """What the unit was called and belonged to, oldest first; the future is named too."""
    rows = reads.execute(
        sa.select(UnitVersion)
        .where(UnitVersion.unit_id == unit_id, visible(UnitVersion, as_of.known_at))
        .order_by(UnitVersion.valid_from)
    ).scalars()
    return [
        {
            "name": row.name,
            "parent": str(row.parent_id) if row.parent_id else None,
            "from": as_rfc3339(row.valid_from),
            "to": as_rfc3339(row.valid_to) if row.valid_to else None,
        }
        for row in rows
    ]


def list_codes(reads: Reads, unit_id: uuid.UUID, as_of: AsOf) -> list[dict[str, Any]]:
    """The codes the unit bore, with the decision behind each."""
    rows = reads.execute(
        sa.select(UnitCode)
        .where(UnitCode.unit_id == unit_id, visible(UnitCode, as_of.known_at))
        .order_by(UnitCode.valid_from, UnitCode.scheme)
    ).scalars()
    return [
        {
            "scheme": row.scheme,
            "code": row.code,
            "from": as_rfc3339(row.valid_from),
            "to": as_rfc3339(row.valid_to) if row.valid_to else None,
            "decision": row.decision_number,
            "continued_from": str(row.continued_from) if row.continued_from else None,
            "example": row.example,
        }
        for row in rows
    ]


def list_events(reads: Reads, unit_id: uuid.UUID, as_of: AsOf) -> list[dict[str, Any]]:
    """What happened to the unit, with those on the other end of each event."""
    rows = reads.execute(
        sa.select(UnitEvent, UnitEventLink)
        .join(UnitEventLink, UnitEventLink.event_id == UnitEvent.id)
        .where(
            sa.or_(UnitEventLink.predecessor_id == unit_id, UnitEventLink.successor_id == unit_id),
            visible(UnitEvent, as_of.known_at),
            visible(UnitEventLink, as_of.known_at),
        )
        .order_by(UnitEvent.instant, UnitEventLink.row_id)
    ).all()
    ends = {end for _, link in rows for end in (link.predecessor_id, link.successor_id) if end}
    names = {unit.id: unit.name for unit in last_facts(reads, ends, AsOf(max(as_of.at, latest(rows, as_of)))).values()}
    return [
        {
            "event": str(event.id),
            "kind": event.kind,
            "instant": as_rfc3339(event.instant),
            "decision": event.decision_number,
            "from": names.get(link.predecessor_id) if link.predecessor_id else None,
            "to": names.get(link.successor_id) if link.successor_id else None,
            "share": link.share,
            "principal": link.principal,
            "example": event.example,
        }
        for event, link in rows
    ]


def latest(rows: Any, as_of: AsOf) -> Any:
    """The instant of the last event, so that units it founded are named."""
    return max((event.instant for event, _ in rows), default=as_of.at)
