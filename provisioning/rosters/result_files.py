"""A checked roster as a file that an office repairs and sends again: XLSX with coloured and commented cells, or CSV.

Every row of a person is in it: cells that are in order or were restored as they were taken, the others as they stood. What is doubtful only
beside other rows or the file it came from would look right by itself, so it ends with `?` until somebody has answered. Nothing in it is
ever run; it holds personal numbers, so only its owner may read it.
"""

import csv
import os
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from foundation.i18n import _, translate
from provisioning.rosters.cells import disarm
from provisioning.rosters.check import SOURCE_SIGN
from provisioning.rosters.post_words import BODIES, DUTIES
from provisioning.rosters.template import HEADINGS, NEEDED, WIDTHS
from provisioning.rosters.vocabulary import COLUMNS, Fault, Line, Outcome

SHEET: Final = "Danh sách"
SOURCE: Final = "Nguồn"
AFTER: Final = (_("Outcome"), _("What is wrong, and what to do"), _("Who must answer"))
FINDINGS: Final = {
    "file": _("File"),
    "sheet": _("Sheet"),
    "row": _("Row"),
    "outcome": _("Outcome"),
    "column": _("Column"),
    "value": _("Value"),
    "code": _("Code"),
    "why": _("What is wrong"),
    "action": _("What to do"),
    "office": _("Who must answer"),
    "proposal": _("Proposal"),
}
FINDING_WIDTHS: Final = (28, 16, 8, 12, 18, 28, 22, 60, 44, 36, 24)
COLOURS: Final[dict[Outcome, str]] = {
    "fault": "#F8D7DA",
    "candidate": "#FFF3CD",
    "duplicate": "#E2E3E5",
    "restored": "#D1E7DD",
}
OUTCOMES: Final = {
    "ok": _("in order"),
    "restored": _("restored"),
    "fault": _("fault"),
    "duplicate": _("duplicate"),
    "candidate": _("to decide"),
}
# Faults that another file, sheet or row makes: the cell alone would be taken for right.
CONTEXTUAL: Final = frozenset(
    {
        "name-two-readings", "title-two-readings", "birth-date-order", "birth-date-system", "birth-date-serial", "column-twice",
        "unit-code-ambiguous", "unit-code-zeros-unproved", "duty-unknown",
    }
)  # fmt: skip
# A workbook keeps its comments in memory; beyond these the colours and the list of findings tell.
COMMENTS: Final = 20_000


def write_result(path: Path, lines: Iterable[Line], language: str) -> int:
    """Write the checked roster for repair, as CSV or XLSX by the name of the file; gives how many findings stand in it."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    if path.suffix.lower() == ".csv":
        return write_csv(path, lines, language)
    return ResultBook(path, language).write(lines)


def written_cells(line: Line) -> dict[str, str]:
    """The cells of a person's row, by column: as taken, or as they stood where nothing could be taken."""
    values = line.values
    assert values is not None
    cells = {column: text for column in COLUMNS if (text := written_value(column, getattr(values, column)))}
    cells |= line.raw
    for fault in line.faults:
        if fault.code in CONTEXTUAL and fault.column:
            cells[fault.column] = f"{cells.get(fault.column, '')} ?".strip()
    return cells


def written_value(column: str, value: Any) -> str:
    """A value as a roster has it."""
    if column == "duties":
        return "; ".join(DUTIES[duty][1] for duty in value or ())
    if value is None:
        return ""
    if column == "body":
        return BODIES[value][1]
    if isinstance(value, bool):
        return "Chính" if value else "Kiêm nhiệm"
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)


def tell_line(line: Line, language: str) -> tuple[str, str, str]:
    """Outcome, findings with what to do, and who must answer, as the last cells of a row."""
    told = [line.told(fault, language) for fault in line.faults]
    whole = [f"{HEADINGS.get(str(each['column']), '')}: {tell_fault(each, language)}" for each in told]
    offices = dict.fromkeys(each["office"] for each in told if each["office"])
    return translate(language, OUTCOMES.get(line.outcome, line.outcome)), "\n".join(whole), "\n".join(map(str, offices))


def tell_fault(told: dict[str, str | None], language: str) -> str:
    """One finding as a comment: why, what to do, and the proposal."""
    proposal = f"{translate(language, _('Proposal'))}: {told['proposal']}" if told["proposal"] else None
    return " ".join(part for part in (told["why"], told["action"], proposal) if part)


def tell_source(line: Line) -> str:
    """Where the row stood: file, sheet and row."""
    place = line.place
    return SOURCE_SIGN.join(str(part) for part in (Path(place.file).name, place.sheet, place.row) if part)


def write_csv(path: Path, lines: Iterable[Line], language: str) -> int:
    """A CSV that spreadsheets open right: UTF-8 with its mark."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        after = [translate(language, heading) for heading in AFTER]
        writer.writerow([*(HEADINGS[column] for column in COLUMNS), SOURCE, *after])
        for line in lines:
            if line.values is None:
                continue
            cells = written_cells(line)
            row = [*(cells.get(column, "") for column in COLUMNS), tell_source(line), *tell_line(line, language)]
            writer.writerow([disarm(cell) for cell in row])
            count += len(line.faults)
    return count


class ResultBook:
    """The workbook: the roster to be repaired, and beside it every finding as a list to filter and hand on."""

    def __init__(self, path: Path, language: str) -> None:
        self._language = language
        settings = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(path, settings)
        self._looks = self._build_looks()
        self._rows = self._open_roster()
        self._list = self._open_findings()
        self._row = self._finding = self._comments = 0

    def write(self, lines: Iterable[Line]) -> int:
        """Every line of a person; gives how many findings were written."""
        for line in lines:
            if line.values is not None:
                self._write_line(line)
            for finding in each_finding(line, self._language):
                self._write_finding(line.outcome, finding)
        self._rows.autofilter(0, 0, max(self._row, 1), len(COLUMNS) + len(AFTER))
        self._list.autofilter(0, 0, max(self._finding, 1), len(FINDINGS) - 1)
        self._book.close()
        return self._finding

    def _say(self, text: str) -> str:
        return translate(self._language, text)

    def _build_looks(self) -> dict[str, Any]:
        heading = {"bold": True, "text_wrap": True, "valign": "top", "border": 1}
        top = {"valign": "top", "text_wrap": True}
        return {
            "heading": self._book.add_format({**heading, "bg_color": "#EDEDED"}),
            "needed": self._book.add_format({**heading, "bg_color": "#F4CCCC"}),
            "text": self._book.add_format({"num_format": "@", "valign": "top"}),
            "wrap": self._book.add_format(top),
            **{
                name: self._book.add_format({**top, "num_format": "@", "bg_color": colour})
                for name, colour in COLOURS.items()
            },
        }

    def _open_roster(self) -> Any:
        sheet = self._book.add_worksheet(SHEET)
        for place, column in enumerate(COLUMNS):
            sheet.set_column(place, place, WIDTHS.get(column, 16), self._looks["text"])
        sheet.set_column(len(COLUMNS), len(COLUMNS), 30)
        sheet.set_column(len(COLUMNS) + 1, len(COLUMNS) + 1, 12)
        sheet.set_column(len(COLUMNS) + 2, len(COLUMNS) + 3, 60)
        for place, column in enumerate(COLUMNS):
            sheet.write_string(0, place, HEADINGS[column], self._looks["needed" if column in NEEDED else "heading"])
        for place, heading in enumerate((SOURCE, *map(self._say, AFTER)), len(COLUMNS)):
            sheet.write_string(0, place, heading, self._looks["heading"])
        sheet.freeze_panes(1, 1)
        return sheet

    def _open_findings(self) -> Any:
        sheet = self._book.add_worksheet(self._say(_("Findings")))
        for place, width in enumerate(FINDING_WIDTHS):
            sheet.set_column(place, place, width)
        sheet.write_row(0, 0, [self._say(heading) for heading in FINDINGS.values()], self._looks["heading"])
        sheet.freeze_panes(1, 0)
        return sheet

    def _write_line(self, line: Line) -> None:
        """One row: each cell in the colour of the worst finding in it, commented."""
        self._row += 1
        cells = written_cells(line)
        by_column = {column: found for column in COLUMNS if (found := [f for f in line.faults if f.column == column])}
        for place, column in enumerate(COLUMNS):
            found = by_column.get(column, [])
            text = cells.get(column, "")
            if found:
                self._rows.write(self._row, place, text, self._looks[find_colour(line, found)])
                self._comment(place, line, found)
            elif text:
                self._rows.write_string(self._row, place, text, self._looks["text"])
        for place, text in enumerate((tell_source(line), *tell_line(line, self._language)), len(COLUMNS)):
            self._rows.write_string(self._row, place, text, self._looks["wrap"])

    def _comment(self, place: int, line: Line, found: list[Fault]) -> None:
        self._comments += 1
        if self._comments <= COMMENTS:
            told = [tell_fault(line.told(fault, self._language), self._language) for fault in found]
            self._rows.write_comment(self._row, place, "\n".join(told), {"x_scale": 2.5, "y_scale": 1.5})

    def _write_finding(self, outcome: Outcome, finding: dict[str, str | int | None]) -> None:
        self._finding += 1
        for place, name in enumerate(FINDINGS):
            cell = finding[name]
            look = self._looks.get(outcome, self._looks["wrap"])
            if isinstance(cell, str):
                self._list.write_string(self._finding, place, cell, look)
            else:
                self._list.write(self._finding, place, cell, look)


def find_colour(line: Line, found: list[Fault]) -> str:
    """The look of a cell with findings: of its row, but green where everything in it was restored."""
    return "restored" if all(fault.restored for fault in found) else line.outcome


def each_finding(line: Line, language: str) -> Iterator[dict[str, str | int | None]]:
    """Every finding of a line as a flat row."""
    for fault in line.faults:
        told = line.told(fault, language)
        outcome = translate(language, OUTCOMES.get(line.outcome, line.outcome))
        place: dict[str, str | int | None] = {
            "file": Path(line.place.file).name,
            "sheet": line.place.sheet,
            "row": line.place.row,
        }
        yield {**place, "outcome": outcome, **told, "column": HEADINGS.get(str(told["column"]), told["column"])}
