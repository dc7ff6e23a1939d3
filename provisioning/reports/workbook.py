"""A sheet as XLSX: one worksheet a table, numbers as numbers, days as days, a filter and a frozen heading; no cell is ever a formula."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from io import BytesIO
from typing import Any, Final

import xlsxwriter

from foundation.clocks import local_day
from foundation.i18n import _
from foundation.terminal import disarm
from provisioning.reports.sheets import Cell, Column, Sheet, Table

FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\']")
LONGEST_NAME: Final = 31
HEAD: Final = 4
SETTINGS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
FORMATS: Final = {"number": "#,##0", "share": "0.0%", "rate": "+#,##0.0;-#,##0.0;0", "day": "dd/mm/yyyy", "text": "@"}
COLOURS: Final = {"late": "#FDF1F1", "good": "#EEF7F0", "whole": "#EDEDED"}


def write_workbook(sheet: Sheet) -> bytes:
    """The workbook."""
    content = BytesIO()
    with xlsxwriter.Workbook(content, SETTINGS) as workbook:
        workbook.set_properties({"title": sheet.title, "author": sheet.office})
        looks = build_looks(workbook)
        names: set[str] = set()
        for table in sheet.tables:
            write_table(workbook, sheet, table, name_sheet(table.caption, names), looks)
        write_notes(workbook, sheet, name_sheet(sheet.say(_("Notes")), names))
    return content.getvalue()


def build_looks(workbook: xlsxwriter.Workbook) -> Mapping[tuple[str, str], Any]:
    """A format for each tone and kind of cell."""
    looks = {}
    for kind, shown in FORMATS.items():
        for tone in ("plain", *COLOURS):
            look: dict[str, object] = {"num_format": shown, "valign": "top", "text_wrap": kind == "text"}
            if tone in COLOURS:
                look["bg_color"] = COLOURS[tone]
            looks[tone, kind] = workbook.add_format({**look, "bold": tone == "whole"})
    looks["head", ""] = workbook.add_format({"bold": True, "bottom": 2, "text_wrap": True, "valign": "bottom"})
    looks["title", ""] = workbook.add_format({"bold": True, "font_size": 14})
    return looks


def write_table(
    workbook: xlsxwriter.Workbook, sheet: Sheet, table: Table, name: str, looks: Mapping[tuple[str, str], Any]
) -> None:
    """One table: three lines of heading, the columns, the rows."""
    page = workbook.add_worksheet(name)
    page.write_string(0, 0, as_text(f"{sheet.office} · {sheet.title}"), looks["title", ""])
    page.write_string(1, 0, as_text(table.caption))
    page.write_string(2, 0, as_text(" · ".join(sheet.instants)))
    for place, column in enumerate(table.columns):
        page.set_column(place, place, column.width + 2)
        page.write_string(HEAD - 1, place, column.heading, looks["head", ""])
    for line, row in enumerate(table.rows, HEAD):
        for place, column in enumerate(table.columns):
            write_cell(page, sheet, line, place, row.cells.get(column.key), column, looks[row.tone, column.kind])
    page.freeze_panes(HEAD, 0)
    page.autofilter(HEAD - 1, 0, max(HEAD, HEAD - 1 + len(table.rows)), len(table.columns) - 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(HEAD - 1)


def write_cell(page: Any, sheet: Sheet, line: int, place: int, cell: Cell, column: Column, look: Any) -> None:
    """A value in its own type; what is not known stays empty."""
    if cell is None:
        page.write_blank(line, place, None, look)
    elif isinstance(cell, datetime):
        page.write_datetime(line, place, as_day(local_day(cell, sheet.zone)), look)
    elif isinstance(cell, date):
        page.write_datetime(line, place, as_day(cell), look)
    elif isinstance(cell, str):
        page.write_string(line, place, as_text(cell), look)
    else:
        page.write_number(line, place, cell, look)


def as_day(day: date) -> datetime:
    """A day as the library takes it: at midnight, without a zone, as spreadsheets have none."""
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 — a spreadsheet's days have no zone


def as_text(text: str) -> str:
    """A text no spreadsheet runs, also not when the file is saved as CSV and opened again."""
    return str(disarm(text))


def name_sheet(caption: str, taken: set[str]) -> str:
    """A name a worksheet may bear: no forbidden signs, 31 letters, not used yet."""
    base = FORBIDDEN.sub(" ", caption).strip()[:LONGEST_NAME].strip() or "1"
    name, number = base, 2
    while name.lower() in taken:
        name = f"{base[: LONGEST_NAME - 4].strip()} ({number})"
        number += 1
    taken.add(name.lower())
    return name


def write_notes(workbook: xlsxwriter.Workbook, sheet: Sheet, name: str) -> None:
    """What a reader must know, on the last worksheet."""
    page = workbook.add_worksheet(name)
    page.set_column(0, 0, 110)
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    for line, note in enumerate([*sheet.instants, *sheet.notes]):
        page.write_string(line, 0, as_text(note), wrapped)
