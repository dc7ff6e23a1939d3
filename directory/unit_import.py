"""Bring the units of a file into the register: one change, seen all at once."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from directory.errors import CodeTaken
from directory.models import Unit, UnitCode, UnitEvent, UnitEventLink, UnitVersion
from directory.names import fold_name
from directory.unit_file import UnitRow
from directory.units import chunked, find_bearers, last_facts
from foundation import audit
from foundation.changes import AsOf, Change, open_change, publish
from foundation.database import Database, Reads, Writes, broken_guard

IMPORTED = "directory.unit.import"


def import_units(
    database: Database, rows: Sequence[UnitRow], root: uuid.UUID, actor: str, now: datetime, decision: str | None = None
) -> int:
    """Write the units under `root`, in one change. Gives how many; raises CodeTaken and then nothing was written."""
    try:
        with database.write() as writes:
            change = open_change(writes, "unit.import", actor, now, decision=decision)
            write_units(writes, change, rows, root)
            publish(writes, change, now)
            audit.record(writes, now, IMPORTED, actor, str(root), {"units": len(rows), "change": change.id})
    except sa.exc.IntegrityError as error:
        if broken_guard(error) in ("code_never_given_twice", "one_bearer_of_a_code"):
            with database.read() as reads:
                raise_code_taken(reads, rows, now, error)
        raise
    return len(rows)


def write_units(writes: Writes, change: Change, rows: Sequence[UnitRow], root: uuid.UUID) -> None:
    """The identity, version, codes and founding event of each unit."""
    ids = {row.ref: uuid.uuid4() for row in rows}
    for chunk in chunked(rows):
        connection = writes.connection()
        connection.execute(
            sa.insert(Unit), [{"id": ids[row.ref], "level": row.level, "change_id": change.id} for row in chunk]
        )
        connection.execute(sa.insert(UnitVersion), [build_version(row, ids, root, change.id) for row in chunk])
        codes = [entry for row in chunk for entry in build_codes(row, ids, change.id)]
        if codes:
            connection.execute(sa.insert(UnitCode), codes)
        events = {row.ref: uuid.uuid4() for row in chunk}
        connection.execute(sa.insert(UnitEvent), [build_event(row, events[row.ref], change.id) for row in chunk])
        connection.execute(
            sa.insert(UnitEventLink),
            [
                {
                    "event_id": events[row.ref],
                    "predecessor_id": None,
                    "successor_id": ids[row.ref],
                    "share": "whole",
                    "principal": True,
                    "change_id": change.id,
                }
                for row in chunk
            ],
        )


def build_version(row: UnitRow, ids: dict[str, uuid.UUID], root: uuid.UUID, change_id: int) -> dict[str, object]:
    """The version row of a unit."""
    return {
        "unit_id": ids[row.ref],
        "name": row.name,
        "name_key": fold_name(row.name),
        "short_name": row.short_name,
        "parent_id": ids[row.parent] if row.parent else root,
        "kind": row.kind,
        "hotline": row.hotline,
        "email": row.email,
        "example": False,
        "valid_from": row.valid_from,
        "valid_to": None,
        "change_id": change_id,
    }


def build_codes(row: UnitRow, ids: dict[str, uuid.UUID], change_id: int) -> list[dict[str, object]]:
    """The code rows of a unit."""
    return [
        {
            "unit_id": ids[row.ref],
            "scheme": code.scheme,
            "level": row.level,
            "code": code.code,
            "decision_number": row.decision_number,
            "decision_date": row.decision_date,
            "decision_issuer": row.decision_issuer,
            "example": code.example,
            "valid_from": row.valid_from,
            "valid_to": None,
            "change_id": change_id,
        }
        for code in row.codes
    ]


def build_event(row: UnitRow, event_id: uuid.UUID, change_id: int) -> dict[str, object]:
    """The event that founded the unit."""
    return {
        "id": event_id,
        "kind": "create",
        "instant": row.valid_from,
        "decision_number": row.decision_number,
        "decision_date": row.decision_date,
        "decision_issuer": row.decision_issuer,
        "example": False,
        "change_id": change_id,
    }


def raise_code_taken(reads: Reads, rows: Sequence[UnitRow], now: datetime, cause: Exception) -> None:
    """Name the first code of the file that another unit bears, with both decisions."""
    as_of = AsOf(now)
    bearers = find_bearers(reads, [code.code for row in rows for code in row.codes], as_of)
    for row in rows:
        for code in row.codes:
            taken = [b for b in bearers.get(code.code, ()) if b.scheme == code.scheme and b.level == row.level]
            if taken:
                bearer = last_facts(reads, [taken[-1].unit_id], as_of).get(taken[-1].unit_id)
                raise CodeTaken(
                    code=code.code,
                    bearer=bearer.name if bearer else str(taken[-1].unit_id),
                    decision=taken[-1].decision_number or "—",
                    second=row.decision_number or "—",
                ) from cause
    raise CodeTaken(code="?", bearer="?", decision="—", second="—") from cause
