"""Roster files for tests: a person's row by column, workbooks and texts with whatever stands around."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from foundation.clocks import parse_instant
from provisioning.rosters.check import Check
from provisioning.rosters.unit_codes import KnownCode, UnitBook
from provisioning.rosters.vocabulary import Line

AT = parse_instant("2025-06-24")
HEADINGS = {
    "name": "Họ và tên",
    "birth_date": "Ngày sinh",
    "personal_number": "Số định danh cá nhân (CCCD)",
    "unit_code": "Mã đơn vị",
    "unit_scheme": "Loại mã",
    "title": "Chức vụ",
    "main": "Chính/kiêm nhiệm",
    "email": "Thư điện tử công vụ",
    "phone": "Điện thoại",
    "login": "Tên đăng nhập",
}
HOA: Mapping[str, Any] = {
    "name": "Lê Thị Hoa",
    "birth_date": "25/12/1980",
    "personal_number": "086180001234",
    "unit_code": "28756",
    "unit_scheme": "admin-2004",
    "title": "Văn thư",
    "phone": "0912345678",
}


def row(**changes: Any) -> dict[str, Any]:
    """Hoa's row with some cells changed."""
    return {**HOA, **changes}


def lan(**changes: Any) -> dict[str, Any]:
    """Another person's row."""
    return row(**{"name": "Trần Thị Lan", "personal_number": "086180001299", "phone": None, **changes})


def cells(person: Mapping[str, Any], columns: Sequence[str] = tuple(HEADINGS)) -> list[Any]:
    """The cells of a row in the order of the headings."""
    return [person.get(column) for column in columns]


def write_csv(path: Path, rows: Sequence[Sequence[Any]], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """A text file."""
    text = "".join(delimiter.join("" if cell is None else str(cell) for cell in line) + "\r\n" for line in rows)
    path.write_bytes(text.encode(encoding))
    return path


def write_xlsx(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]], **options: Any) -> Path:
    """A workbook; days become true date cells."""
    with xlsxwriter.Workbook(path, {"strings_to_numbers": False, "strings_to_formulas": False, **options}) as workbook:
        workbook.set_properties({"created": datetime(2025, 6, 1)})  # noqa: DTZ001 - a workbook's own date has no zone
        day = workbook.add_format({"num_format": "dd/mm/yyyy"})
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for line, content in enumerate(rows):
                for place, cell in enumerate(content):
                    if isinstance(cell, date):
                        sheet.write_datetime(line, place, cell, day)
                    elif isinstance(cell, str):
                        sheet.write_string(line, place, cell)
                    elif cell is not None:
                        sheet.write(line, place, cell)
    return path


def roster(*people: Mapping[str, Any]) -> list[list[Any]]:
    """Headings and rows."""
    return [list(HEADINGS.values()), *(cells(person) for person in people)]


def units(*extra: KnownCode) -> UnitBook:
    """Three communes and a province, as the register would know them."""
    book = UnitBook(AT)
    book.add(
        [
            KnownCode(None, "admin-2004", "86", "Tỉnh Vĩnh Long", None, None, True, "province"),
            KnownCode(None, "admin-2004", "28756", "Xã An Bình", None, None, True, "commune"),
            KnownCode(None, "admin-2004", "00286", "Xã Bình Hòa", None, None, True, "commune"),
            KnownCode(None, "agency", "H61.12.3", "Xã Long Hồ", None, None, True, "commune"),
            *extra,
        ]
    )
    return book


def check(*files: Path, book: UnitBook | None = None) -> list[Line]:
    """The whole report."""
    with Check(book or units()) as checked:
        checked.read(files)
        return list(checked.lines())


def check_rows(tmp_path: Path, *people: Mapping[str, Any]) -> list[Line]:
    """The lines of a text roster with these people, without the file's line and the headings'."""
    return check(write_csv(tmp_path / "roster.csv", roster(*people)))[2:]


def codes(line: Line) -> list[str]:
    """The codes of a line's findings."""
    return [fault.code for fault in line.faults]
