"""`units-before.csv`: the units of before, as `hopnhat unit import` reads them.

One row a unit, parents before children, UTF-8, comma. Columns:

`ref`                 name of the unit inside this file
`level`               province, district, commune, department, division
`kind`                office
`name`, `short_name`  as written on a letterhead; as said on the telephone
`parent_ref`          the `ref` of the unit above; empty: directly under the root that `hopnhat init` made
`valid_from`          a date, midnight in Asia/Ho_Chi_Minh
`scheme1`, `code1`, `scheme2`, `code2`
                      the codes, `agency` first, then `admin-2004` where there is one
`decision_number`, `decision_date`, `decision_issuer`
                      the decision that founded the unit and gave its codes
`hotline`, `email`    of the unit
`example`             the schemes whose code in this row is an example, with spaces between; empty: nothing is
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, TextIO

from trial.offices import FOUNDED, Unit

if TYPE_CHECKING:
    from _csv import Writer as CsvWriter

COLUMNS = (
    "ref", "level", "kind", "name", "short_name", "parent_ref", "valid_from", "scheme1", "code1", "scheme2", "code2",
    "decision_number", "decision_date", "decision_issuer", "hotline", "email", "example",
)  # fmt: skip

_DECISION_OF_CODES = ("124/2004/QĐ-TTg", FOUNDED.isoformat(), "Thủ tướng Chính phủ")


def build_unit_row(unit: Unit) -> tuple[str, ...]:
    """One row of the file, in the order of COLUMNS."""
    founded = _DECISION_OF_CODES if unit.admin else (f"{unit.agency}/QĐ-UBND (ví dụ)", FOUNDED.isoformat(), "UBND tỉnh")
    return (
        unit.ref, unit.level, "office", unit.name, unit.short_name, unit.parent, FOUNDED.isoformat(),
        "agency", unit.agency, "admin-2004" if unit.admin else "", unit.admin, *founded,
        unit.hotline, unit.email, "agency",
    )  # fmt: skip


def begin_unit_file(file: TextIO) -> CsvWriter:
    """The headings, and the writer of the rows below."""
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    return writer
