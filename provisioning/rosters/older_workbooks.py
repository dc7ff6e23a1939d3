"""XLS workbooks as tables, through calamine; they hold 65,536 rows at most, so each is read whole."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from provisioning.rosters.cells import Cell
from provisioning.rosters.errors import BrokenFile, EncryptedFile, OversizedFile
from provisioning.rosters.tables import WIDEST, Book, Row, Sheet
from provisioning.rosters.workbook_rows import fill_merged

LARGEST: Final = 128 << 20


def open_older_workbook(path: Path) -> Book:
    """An XLS workbook as sheets. Raises BrokenFile, EncryptedFile or OversizedFile."""
    if path.stat().st_size > LARGEST:
        raise OversizedFile
    workbook = guarded(CalamineWorkbook.from_path, path)
    facts = {"format": "xls", "encoding": None, "delimiter": None, "date_system": None}
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
    # The library leaves out the blank columns beside the sheet's used part.
    _above, beside = guarded(lambda: sheet.start) or (0, 0)
    margin: list[Cell] = [None] * beside
    rows = guarded(sheet.iter_rows)
    merged: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _right) in guarded(lambda: sheet.merged_cell_ranges) or ():
        merged.setdefault(top, []).append((left, bottom))
    open_merges: list[tuple[int, int, Cell]] = []
    for number in itertools.count():
        raw = guarded(next, rows, None)
        if raw is None:
            return
        cells: Sequence[Cell] = [*margin, *(clean(cell) for cell in raw[:WIDEST])]
        downwards = [(left, bottom) for left, bottom in merged.get(number, ()) if bottom > number and left < len(cells)]
        open_merges += [(left, bottom, cells[left]) for left, bottom in downwards]
        if open_merges:
            open_merges = [merge for merge in open_merges if merge[1] >= number]
            cells = fill_merged(cells, open_merges)
        yield Row(number + 1, cells)


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
