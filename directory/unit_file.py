"""The file `hopnhat unit import` reads: units as they stand, one row a unit, parents before children.

UTF-8 CSV with the columns of COLUMNS; those of POSSIBLE may be missing; `schemeN`/`codeN` may repeat with N = 1, 2, 3 … . A bare
date is midnight in the administration's zone. Reading is pure: text in, rows and faults out; nothing is written unless every row is right.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from directory.codes import check_code
from directory.errors import CodeMalformed
from directory.models import LEVELS
from directory.names import normalize_text
from foundation.clocks import parse_instant
from foundation.errors import BadInput
from foundation.i18n import Message, Messages

COLUMNS = ("ref", "level", "name", "parent_ref", "valid_from")
POSSIBLE = (
    "kind", "short_name", "decision_number", "decision_date", "decision_issuer", "hotline", "email", "example",
)  # fmt: skip
SHOWN = 20
"""How many faults are told at once."""


class UnitFileFaulty(BadInput):
    """Rows of the unit file cannot be used; all of them are named."""

    code = "unit_file_faulty"
    sentence = "The unit file has {count} faults; nothing was imported. {faults}"


@dataclass(frozen=True)
class CodeRow:
    """A code a unit bears, with whether it is only an example."""

    scheme: str
    code: str
    example: bool


@dataclass(frozen=True)
class UnitRow:
    """One unit of the file. `parent` is a ref of the file, or empty for the root of the installation."""

    row: int
    ref: str
    level: str
    kind: str
    name: str
    short_name: str | None
    parent: str
    valid_from: datetime
    codes: tuple[CodeRow, ...]
    decision_number: str | None
    decision_date: date | None
    decision_issuer: str | None
    hotline: str | None
    email: str | None


def read_units(content: bytes) -> list[UnitRow]:
    """Every row of the file. Raises UnitFileFaulty with all faults together, UnitFileFaulty also for a file that is no CSV."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnitFileFaulty("The unit file is not UTF-8 text.") from error
    reader = csv.DictReader(io.StringIO(text))
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise UnitFileFaulty("The unit file lacks the columns {columns}.", columns=", ".join(missing))
    rows: list[UnitRow] = []
    faults: list[Message] = []
    seen: set[str] = set()
    for number, cells in enumerate(reader, start=2):
        try:
            row = build_row(number, {key: normalize_text(value or "") for key, value in cells.items() if key})
            check_place(row, seen)
        except BadInput as error:
            told = Message(error.message, error.values)
            faults.append(Message("row {row}: {why}", {"row": number, "why": told}))
            continue
        seen.add(row.ref)
        rows.append(row)
    if faults:
        raise UnitFileFaulty(count=len(faults), faults=Messages(tuple(faults[:SHOWN])))
    if not rows:
        raise UnitFileFaulty("The unit file names no unit; nothing was imported.")
    return rows


def build_row(number: int, cells: Mapping[str, str]) -> UnitRow:
    """One row as a value. Raises BadInput naming what is wrong."""
    if not cells["ref"] or not cells["name"]:
        raise BadInput("ref and name are needed")
    if cells["level"] not in LEVELS:
        raise BadInput("“{level}” is not a level", level=cells["level"])
    decided = cells.get("decision_date", "")
    try:
        decision_date = date.fromisoformat(decided) if decided else None
    except ValueError as error:
        raise BadInput("“{text}” is not a date", text=decided) from error
    return UnitRow(
        row=number,
        ref=cells["ref"],
        level=cells["level"],
        kind=cells.get("kind") or "office",
        name=cells["name"],
        short_name=cells.get("short_name") or None,
        parent=cells["parent_ref"],
        valid_from=parse_instant(cells["valid_from"]),
        codes=tuple(each_code(cells)),
        decision_number=cells.get("decision_number") or None,
        decision_date=decision_date,
        decision_issuer=cells.get("decision_issuer") or None,
        hotline=cells.get("hotline") or None,
        email=cells.get("email") or None,
    )


def each_code(cells: Mapping[str, str]) -> Iterator[CodeRow]:
    """The codes of a row in their canonical form. Raises CodeMalformed."""
    examples = set(cells.get("example", "").split())
    for key in sorted(key for key in cells if key.startswith("scheme")):
        scheme, code = cells[key], cells.get(f"code{key.removeprefix('scheme')}", "")
        if code:
            yield CodeRow(scheme, check_code(code, scheme), scheme in examples)
        elif scheme and f"code{key.removeprefix('scheme')}" not in cells:
            raise CodeMalformed(code="", scheme=scheme)


def check_place(row: UnitRow, seen: set[str]) -> None:
    """Refuse a ref that was there before, or a parent that has not come yet."""
    if row.ref in seen:
        raise BadInput("the ref {ref} stands twice", ref=row.ref)
    if row.parent and row.parent not in seen:
        raise BadInput("the parent {ref} does not stand above it", ref=row.parent)
