"""Every finding of a check as a file for a spreadsheet: CSV with a mark, or XLSX with a filter; nothing in it is ever run."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import xlsxwriter

from foundation.i18n import _, translate
from provisioning.rosters.cells import disarm
from provisioning.rosters.vocabulary import Line

HEADINGS: Final = {
    "file": _("File"),
    "sheet": _("Sheet"),
    "row": _("Row"),
    "outcome": _("Outcome"),
    "column": _("Column"),
    "value": _("Value"),
    "code": _("Code"),
    "why": _("What is wrong, and what to do"),
    "proposal": _("Proposal"),
}
WIDTHS: Final = (28, 16, 8, 12, 18, 28, 22, 80, 24)
COLOURS: Final = {"fault": "#F8D7DA", "candidate": "#FFF3CD", "duplicate": "#E2E3E5", "restored": "#D1E7DD"}
OUTCOMES: Final = {
    "ok": _("in order"),
    "restored": _("restored"),
    "fault": _("fault"),
    "duplicate": _("duplicate"),
    "candidate": _("to decide"),
}


def write_result(path: Path, lines: Iterable[Line], language: str) -> int:
    """Write all findings; gives how many there are."""
    rows = each_row(lines, language)
    return write_csv(path, rows, language) if path.suffix.lower() == ".csv" else write_workbook(path, rows, language)


def each_row(lines: Iterable[Line], language: str) -> Iterator[tuple[str, list[str | int | None]]]:
    """The outcome and the cells of each finding."""
    for line in lines:
        for fault in line.faults:
            told = fault.as_json(language)
            outcome = translate(language, OUTCOMES.get(line.outcome, line.outcome))
            place: list[str | int | None] = [Path(line.place.file).name, line.place.sheet, line.place.row, outcome]
            yield line.outcome, [*place, *(told[name] for name in list(HEADINGS)[4:])]


def write_csv(path: Path, rows: Iterable[tuple[str, list[str | int | None]]], language: str) -> int:
    """A CSV that spreadsheets open right: UTF-8 with its mark."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([translate(language, heading) for heading in HEADINGS.values()])
        for _outcome, cells in rows:
            writer.writerow([disarm(cell) if isinstance(cell, str) else cell for cell in cells])
            count += 1
    return count


def write_workbook(path: Path, rows: Iterable[tuple[str, list[str | int | None]]], language: str) -> int:
    """An XLSX with coloured outcomes, a frozen heading and a filter."""
    count = 0
    settings = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, settings) as workbook:
        sheet = workbook.add_worksheet(translate(language, _("Findings")))
        bold = workbook.add_format({"bold": True, "bg_color": "#EDEDED", "text_wrap": True, "valign": "top"})
        looks = {
            name: workbook.add_format({"bg_color": colour, "text_wrap": True, "valign": "top"})
            for name, colour in COLOURS.items()
        }
        for place, width in enumerate(WIDTHS):
            sheet.set_column(place, place, width)
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, [translate(language, heading) for heading in HEADINGS.values()], bold)
        for outcome, cells in rows:
            count += 1
            for place, cell in enumerate(cells):
                if isinstance(cell, str):
                    sheet.write_string(count, place, cell, looks.get(outcome))
                else:
                    sheet.write(count, place, cell, looks.get(outcome))
        sheet.autofilter(0, 0, max(count, 1), len(HEADINGS) - 1)
    return count
