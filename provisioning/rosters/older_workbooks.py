"""XLS and ODS workbooks as tables, through calamine; they are small by their nature, so each is read whole."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Literal

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from provisioning.rosters.cells import Cell
from provisioning.rosters.containers import check_members
from provisioning.rosters.errors import BrokenFile, EncryptedFile, OversizedFile
from provisioning.rosters.tables import Book, Row, Sheet

LARGEST: Final = 128 << 20


def open_older_workbook(path: Path, kind: Literal["xls", "ods"]) -> Book:
    """An XLS or ODS workbook as sheets. Raises BrokenFile, EncryptedFile or OversizedFile."""
    if path.stat().st_size > LARGEST:
        raise OversizedFile
    if kind == "ods":
        check_members(path)
    workbook = guarded(CalamineWorkbook.from_path, path)
    facts = {"format": kind, "encoding": None, "delimiter": None, "date_system": None}
    sheets = tuple(
        Sheet(
            entry.name,
            lambda name=entry.name: read_rows(workbook, name),  # type: ignore[misc]  # the name is bound on purpose
            entry.visible is not SheetVisibleEnum.Visible,
        )
        for entry in workbook.sheets_metadata
    )
    return Book(sheets, facts)


def guarded(act: Any, *arguments: Any) -> Any:
    """Call the library; its refusals and its panics become ours."""
    try:
        return act(*arguments)
    except (CalamineError, OSError, ValueError) as error:
        if "password" in str(error).lower() or "encrypt" in str(error).lower():
            raise EncryptedFile from error
        raise BrokenFile from error
    except BaseException as error:
        # A panic of the Rust library is no Exception by its own choice; everything else goes on its way.
        if type(error).__name__ == "PanicException":
            raise BrokenFile from error
        raise


def read_rows(workbook: CalamineWorkbook, name: str) -> Iterator[Row]:
    """The rows of one sheet."""
    sheet = guarded(workbook.get_sheet_by_name, name)
    for number, cells in enumerate(guarded(sheet.to_python, False), 1):
        yield Row(number, [clean(cell) for cell in cells])


def clean(cell: Any) -> Cell:
    """The library's value as ours: days without time, whole numbers whole."""
    if cell == "" or cell is None:
        return None
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1 << 53:
        return int(cell)
    if isinstance(cell, (str, int, float, bool, date)):
        return cell
    return str(cell)
