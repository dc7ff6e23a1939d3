"""Codes of units from a table: older codes that documents still bear, and where each belongs. Never computed, always written down.

UTF-8 CSV with the columns of COLUMNS: the unit by a code it bears or bore (`of_scheme`, `of_code`), the code to add, and since and
until when it was borne. All rows or none; a row for a code that the unit bears already is passed over, so a table may come again.
"""

import csv
import io
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa

from directory.codes import check_code
from directory.errors import CodeTaken
from directory.models import SCHEMES, Unit, UnitCode
from directory.names import normalize_text
from directory.unit_file import UnitFileFaulty
from directory.units import Bearing, chunked, find_bearers, last_facts
from foundation import audit
from foundation.changes import AsOf, small_change
from foundation.clocks import parse_instant
from foundation.database import Database, Reads, broken_guard
from foundation.errors import BadInput

COLUMNS: Final = ("of_scheme", "of_code", "scheme", "code", "valid_from", "valid_to")
CODES_IMPORTED: Final = "directory.code.import"
Allow = Callable[[Reads, Sequence[uuid.UUID]], None]


@dataclass(frozen=True)
class TableRow:
    """One code to add, and the code by which its unit is known."""

    row: int
    of_scheme: str
    of_code: str
    scheme: str
    code: str
    valid_from: datetime
    valid_to: datetime | None
    decision: tuple[str | None, date | None, str | None]


def read_codes(content: bytes) -> list[TableRow]:
    """Every row of the table. Raises UnitFileFaulty with all faults together."""
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise UnitFileFaulty("The table of codes is not UTF-8 text.") from error
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise UnitFileFaulty("The table of codes lacks the columns {columns}.", columns=", ".join(missing))
    rows, faults = [], []
    for number, cells in enumerate(reader, start=2):
        try:
            rows.append(build_row(number, {key: normalize_text(value or "") for key, value in cells.items() if key}))
        except BadInput as error:
            faults.append(f"{number}: {error.shown}")
    if faults or not rows:
        raise UnitFileFaulty(count=max(len(faults), 1), faults="; ".join(faults[:20]) if faults else "it is empty")
    return rows


def build_row(number: int, cells: Mapping[str, str]) -> TableRow:
    """One row as a value. Raises BadInput naming what is wrong."""
    for column in ("of_scheme", "scheme"):
        if cells[column] not in SCHEMES:
            raise BadInput("“{scheme}” is not one of {schemes}.", scheme=cells[column], schemes=", ".join(SCHEMES))
    begins = parse_instant(cells["valid_from"])
    ends = parse_instant(cells["valid_to"]) if cells["valid_to"] else None
    if ends is not None and ends <= begins:
        raise BadInput("“{code}” would end before it began", code=cells["code"])
    decided = cells.get("decision_date", "")
    try:
        day = date.fromisoformat(decided) if decided else None
    except ValueError as error:
        raise BadInput("“{text}” is not a date", text=decided) from error
    return TableRow(
        number,
        cells["of_scheme"],
        check_code(cells["of_code"], cells["of_scheme"]),
        cells["scheme"],
        check_code(cells["code"], cells["scheme"]),
        begins,
        ends,
        (cells.get("decision_number") or None, day, cells.get("decision_issuer") or None),
    )


def import_codes(database: Database, rows: Sequence[TableRow], actor: str, now: datetime, allow: Allow) -> int:
    """Write the codes in one change. Gives how many were new; raises UnitFileFaulty or CodeTaken, and then nothing was written.

    `allow` refuses whoever has no right over one of the units.
    """
    with database.read() as reads:
        fresh = list(match_rows(reads, rows, now))
        allow(reads, [uuid.UUID(str(code["unit_id"])) for code in fresh])
    if not fresh:
        return 0
    try:
        with database.write() as writes:
            change = small_change(writes, "code.import", actor, now)
            for chunk in chunked(fresh):
                writes.connection().execute(sa.insert(UnitCode), [{**code, "change_id": change.id} for code in chunk])
            audit.record(writes, now, CODES_IMPORTED, actor, "", {"codes": len(fresh), "change": change.id})
    except sa.exc.IntegrityError as error:
        if broken_guard(error) in ("code_never_given_twice", "one_bearer_of_a_code"):
            raise CodeTaken(code="?", bearer="?", decision="—", second="—") from error
        raise
    return len(fresh)


def match_rows(reads: Reads, rows: Sequence[TableRow], now: datetime) -> Iterator[dict[str, object]]:
    """The rows to write, each with its unit. Raises UnitFileFaulty for units nobody knows, CodeTaken for codes of others."""
    as_of = AsOf(now)
    units = find_bearers(reads, (row.of_code for row in rows), as_of)
    taken = find_bearers(reads, (row.code for row in rows), as_of)
    levels = {row.id: row.level for row in reads.execute(sa.select(Unit.id, Unit.level))}
    faults = []
    for row in rows:
        bearers = {b.unit_id for b in units.get(row.of_code, ()) if b.scheme == row.of_scheme}
        if len(bearers) != 1:
            faults.append(f"{row.row}: {row.of_scheme} {row.of_code} × {len(bearers)}")
            continue
        unit = bearers.pop()
        known = [b for b in taken.get(row.code, ()) if b.scheme == row.scheme and b.level == levels[unit]]
        refuse_other_bearer(reads, row, unit, known, as_of)
        if not known:
            yield describe_code(row, unit, levels[unit])
    if faults:
        raise UnitFileFaulty(count=len(faults), faults="; ".join(faults[:20]))


def refuse_other_bearer(reads: Reads, row: TableRow, unit: uuid.UUID, known: Sequence[Bearing], as_of: AsOf) -> None:
    """Refuse a code that another unit bears or bore, with both decisions. Raises CodeTaken."""
    other = next((bearing for bearing in known if bearing.unit_id != unit), None)
    if other is not None:
        bearer = last_facts(reads, [other.unit_id], as_of).get(other.unit_id)
        raise CodeTaken(
            code=row.code,
            bearer=bearer.name if bearer else str(other.unit_id),
            decision=other.decision_number or "—",
            second=row.decision[0] or f"#{row.row}",
        )


def describe_code(row: TableRow, unit: uuid.UUID, level: str) -> dict[str, object]:
    """The columns of one code."""
    number, day, issuer = row.decision
    return {
        "unit_id": unit,
        "scheme": row.scheme,
        "level": level,
        "code": row.code,
        "decision_number": number,
        "decision_date": day,
        "decision_issuer": issuer,
        "example": False,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
    }
