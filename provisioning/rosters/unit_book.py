"""Where the known unit codes come from: the register, or, while it holds no units, the published tables of 2025."""

import csv
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from directory.errors import UnitNotFound
from directory.models import Unit, UnitCode, UnitVersion
from directory.units import find_subtree, get_unit_by_code
from foundation.changes import AsOf, visible
from foundation.database import Reads
from foundation.errors import BadInput
from foundation.i18n import HOUSE
from provisioning.rosters.unit_codes import KnownCode, UnitBook

# The tables and their day of change: Resolution 202/2025/QH15; see data/vietnam-2025/README.md.
TABLES: Final = HOUSE / "data" / "vietnam-2025"
REFORM: Final = datetime(2025, 6, 30, 17, tzinfo=UTC)


class ProvinceUnknown(BadInput):
    """The province that was named is in no book."""

    code = "province_unknown"
    sentence = "No province bears the code {code} on this day."


def open_unit_book(reads: Reads | None, at: datetime, province: str | None) -> UnitBook:
    """The known codes at an instant; `reads` is None where there is no register. Raises ProvinceUnknown."""
    book = UnitBook(at)
    if reads is not None:
        book.add(read_register(reads, at, province))
    if book.is_empty:
        book.add(read_tables(TABLES, at, province))
    return book


def read_register(reads: Reads, at: datetime, province: str | None) -> Iterator[KnownCode]:
    """Every code of the register at any time. Raises ProvinceUnknown when it holds codes and not this province's."""
    if reads.execute(sa.select(UnitCode.row_id).limit(1)).first() is None:
        return
    as_of = AsOf(at)
    inside: set[UUID] | None = None
    if province is not None:
        try:
            inside = find_subtree(reads, [get_unit_by_code(reads, province, as_of).id], as_of)
        except UnitNotFound as error:
            raise ProvinceUnknown(code=province) from error
    every_name = sa.select(UnitVersion.unit_id, UnitVersion.name).where(visible(UnitVersion))
    names = {unit_id: name for unit_id, name in reads.execute(every_name.order_by(UnitVersion.valid_from))}  # noqa: C416 - dict() takes a result for a mapping
    statement = (
        sa.select(UnitCode.unit_id, UnitCode.scheme, UnitCode.code, UnitCode.valid_from, UnitCode.valid_to, Unit.level)
        .join(Unit, Unit.id == UnitCode.unit_id)
        .where(visible(UnitCode))
    )
    for unit_id, scheme, code, begins, ends, level in reads.execute(statement):
        reached = inside is None or unit_id in inside
        yield KnownCode(unit_id, scheme, code, names.get(unit_id, code), begins, ends, reached, level)


def read_tables(folder: Path, at: datetime, province: str | None) -> Iterator[KnownCode]:
    """The published administrative codes before and after the reform of 1 July 2025."""
    if not folder.is_dir():
        return
    before, after = at < REFORM, at >= REFORM
    if province is not None and not province.isdigit():
        raise ProvinceUnknown(code=province)
    known = {row["code"] for row in read_table(folder / f"provinces_{'before' if before else 'after'}.csv")}
    if province is not None and province.zfill(2) not in known:
        raise ProvinceUnknown(code=province)
    for name in ("provinces_before", "districts_before", "communes_before"):
        yield from (build_known(row, "admin-2004", province, before) for row in read_table(folder / f"{name}.csv"))
    for name in ("provinces_after", "communes_after"):
        yield from (build_known(row, "admin", province, after) for row in read_table(folder / f"{name}.csv"))


def read_table(path: Path) -> Iterator[Mapping[str, str]]:
    """The rows of one table that have a code."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from (row for row in csv.DictReader(file) if row["code"])


def build_known(row: Mapping[str, str], scheme: str, province: str | None, today: bool) -> KnownCode:
    """One row of a table as a code; only the time that the check is about knows inside and outside."""
    begins, ends = (None, REFORM) if scheme == "admin-2004" else (REFORM, None)
    inside = province is None or not today or row.get("province_code", row["code"]) == province.zfill(2)
    return KnownCode(None, scheme, row["code"], row["name"], begins, ends, inside)
