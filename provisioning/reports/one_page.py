"""The readiness report on one page of A4, as an office sends it up: the state's heading, the deadlines, who is behind, who signs.

Set with the letters' own canvas and typeface. What does not fit is said to be in the workbook, never left out in silence.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Final

from foundation.clocks import local_day
from foundation.i18n import _
from provisioning.letters.canvas import HAIR, SOFT, Canvas
from provisioning.letters.pdf_files import PdfFile
from provisioning.letters.typefaces import Weight
from provisioning.reports.sheets import Row, Sheet, Table, shorten

LEFT: Final = 14.0
RIGHT: Final = 196.0
MIDDLE: Final = (LEFT + RIGHT) / 2
BOTTOM: Final = 248.0
ROW: Final = 4.7
EACH: Final = 3
"""Units of one task that are named; the others are one row."""
LINE: Final = 3.7
SIZE: Final = 8.0
SMALL: Final = 7.0

TASKS: Final = (
    ("due", 19.0), ("task", 66.0), ("done", 23.0), ("share", 14.0), ("rate", 14.0), ("ready_on", 21.0), ("state", 25.0),
)  # fmt: skip
UNITS: Final = (("unit", 83.0), ("done", 28.0), ("share", 18.0), ("left", 15.0), ("rate", 15.0), ("ready_on", 23.0))


def write_page(sheet: Sheet, made_at: datetime) -> bytes:
    """The page as PDF."""
    content = BytesIO()
    file = PdfFile(content, f"{sheet.title} – {sheet.office}", sheet.language, made_at)
    canvas = Canvas(file.faces)
    draw_heading(canvas, sheet, local_day(made_at, sheet.zone))
    tasks, *behind = sheet.tables
    y = draw_tasks(canvas, sheet, tasks, 62.0)
    left_out = draw_behind(canvas, sheet, behind, y + 8)
    draw_foot(canvas, sheet, left_out)
    file.add_page(canvas.content())
    file.close()
    return content.getvalue()


def draw_heading(canvas: Canvas, sheet: Sheet, day: date) -> None:
    """The state's name and motto, the office, the place of number and day (Decree 30/2020/NĐ-CP, annex I), the title."""
    centre = LEFT + 36
    y = 16.0
    for line in canvas.wrap(sheet.office.upper(), 9.5, 72, "bold"):
        canvas.centred(centre, y, line, 9.5, "bold")
        y += 4.9
    canvas.rule(centre - 11, y - 2.4, centre + 11, y - 2.4, 0.25)
    canvas.centred(centre, y + 3.6, "Số:        /BC-", 9.5)
    state = RIGHT - 44
    canvas.centred(state, 16, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 9.5, "bold")
    canvas.centred(state, 21.2, "Độc lập - Tự do - Hạnh phúc", 10, "bold")
    canvas.rule(state - 23, 23.2, state + 23, 23.2, 0.25)
    canvas.centred(state, 29, f"…………, ngày {day.day:02d} tháng {day.month:02d} năm {day.year}", 9.5)
    canvas.centred(MIDDLE, 40, sheet.say(_("Report")).upper(), 14, "bold")
    canvas.centred(MIDDLE, 46, sheet.title, 11.5, "bold")
    canvas.centred(MIDDLE, 51.2, sheet.file_title, fit(canvas, sheet.file_title, 9.5), "regular")
    told = " · ".join(sheet.instants)
    canvas.centred(MIDDLE, 56, told, fit(canvas, told, 8.5), grey=SOFT)


def fit(canvas: Canvas, text: str, size: float) -> float:
    """The size at which a line fits the page; never larger than `size`."""
    wide = canvas.width(text, size)
    return size if wide <= RIGHT - LEFT else size * (RIGHT - LEFT) / wide


def draw_tasks(canvas: Canvas, sheet: Sheet, table: Table, top: float) -> float:
    """The deadlines; a row is as high as its task needs. Gives where it ends."""
    headings = {column.key: column.heading for column in table.columns} | {"done": sheet.say(_("Done / of"))}
    y = draw_headings(canvas, TASKS, headings, top)
    for row in table.rows:
        lines = canvas.wrap(str(row.cells["task"]), SIZE, TASKS[1][1] - 3, "semibold")
        owner = canvas.wrap(str(row.cells["owner"]), SMALL, TASKS[1][1] - 3)
        height = LINE * len(lines) + 3.3 * len(owner) + 2.0
        mark(canvas, row, y, height)
        draw_cells(canvas, sheet, TASKS, row, y + LINE)
        for number, line in enumerate(lines):
            canvas.text(LEFT + TASKS[0][1] + 1.5, y + LINE * (number + 1), line, SIZE, "semibold")
        for number, line in enumerate(owner):
            canvas.text(LEFT + TASKS[0][1] + 1.5, y + LINE * len(lines) + 3.4 * (number + 1), line, SMALL, grey=SOFT)
        y += height
        canvas.rule(LEFT, y, RIGHT, y, 0.15, HAIR)
    return y


def draw_behind(canvas: Canvas, sheet: Sheet, tables: Sequence[Table], y: float) -> int:
    """The units that are behind, task by task, a few of each, as many as fit; gives how many tables and rows were left out."""
    left_out = 0
    for table in tables:
        tail = sum(row.tone in ("good", "whole") for row in table.rows)
        parts = len(table.rows) - tail
        named = min(EACH, parts, int((BOTTOM - y - 9) / ROW) - tail - (parts > EACH))
        if named < 1:
            left_out += parts
            continue
        left_out += parts - named
        y = draw_units(canvas, sheet, table, shorten(sheet, table, named).rows, y) + 6.5
    return left_out


def draw_units(canvas: Canvas, sheet: Sheet, table: Table, rows: Sequence[Row], y: float) -> float:
    """One task's units. Gives where it ends."""
    caption = canvas.wrap(table.caption, 8.5, RIGHT - LEFT, "bold")[0]
    canvas.text(LEFT, y, caption, 8.5, "bold")
    headings = {column.key: column.heading for column in table.columns} | {"done": sheet.say(_("Done / of"))}
    y = draw_headings(canvas, UNITS, headings, y + 2)
    for row in rows:
        mark(canvas, row, y, ROW)
        weight: Weight = "semibold" if row.tone == "whole" else "regular"
        code = f" ({row.cells['code']})" if row.cells.get("code") else ""
        name = canvas.wrap(f"{row.cells['unit']}{code}", SIZE, UNITS[0][1] - 3, weight)
        canvas.text(LEFT + 1.5, y + 3.4, name[0] + ("…" if len(name) > 1 else ""), SIZE, weight)
        draw_cells(canvas, sheet, UNITS, row, y + 3.4, weight)
        y += ROW
        canvas.rule(LEFT, y, RIGHT, y, 0.15, HAIR)
    return y


def draw_headings(
    canvas: Canvas, columns: Sequence[tuple[str, float]], headings: Mapping[str, str], top: float
) -> float:
    """The headings on a ground of grey. Gives where the rows begin."""
    canvas.box(LEFT, top, RIGHT - LEFT, 5.6, line=None, fill=0.92)
    x = LEFT
    for key, width in columns:
        if key in ("done", "share", "rate", "left"):
            canvas.right(x + width - 1.5, top + 3.9, headings[key], 7.5, "semibold")
        else:
            canvas.text(x + 1.5, top + 3.9, headings[key], 7.5, "semibold")
        x += width
    return top + 5.6


def draw_cells(
    canvas: Canvas, sheet: Sheet, columns: Sequence[tuple[str, float]], row: Row, y: float, weight: Weight = "regular"
) -> None:
    """The figures of a row; task and unit are set by the caller."""
    x = LEFT
    for key, width in columns:
        cell = row.cells.get(key)
        if key == "done":
            of = row.cells.get("of")
            shown = "—" if cell is None else f"{sheet.show(cell, 'number')} / {sheet.show(of, 'number')}"
            canvas.right(x + width - 1.5, y, shown, SIZE, weight)
        elif key == "share":
            canvas.right(x + width - 1.5, y, sheet.show(cell, "share"), SIZE, weight)
        elif key in ("rate", "left"):
            canvas.right(x + width - 1.5, y, sheet.show(cell, "rate" if key == "rate" else "number"), SIZE, weight)
        elif key in ("due", "ready_on"):
            canvas.text(x + 1.5, y, sheet.show(cell, "day"), SIZE, weight)
        elif key == "state":
            canvas.text(x + 1.5, y, str(cell), SIZE, "bold" if row.tone == "late" else "regular")
        x += width


def mark(canvas: Canvas, row: Row, y: float, height: float) -> None:
    """A bar at the edge of what is behind; the word stands in the row."""
    if row.tone == "late":
        canvas.box(LEFT - 1.6, y + 0.4, 0.9, height - 0.8, line=None, fill=0.15)
    elif row.tone == "whole":
        canvas.box(LEFT, y, RIGHT - LEFT, height, line=None, fill=0.95)


def draw_foot(canvas: Canvas, sheet: Sheet, left_out: int) -> None:
    """Who made it and who answers for it; what the figures mean."""
    for x, text in ((LEFT + 40, _("Made out by")), (RIGHT - 40, _("Head of the office"))):
        canvas.centred(x, 254, sheet.say(text), 9.5, "bold")
        canvas.centred(x, 258.4, sheet.say(_("(signature, full name)")), 8, grey=SOFT)
    notes = list(sheet.notes)
    if left_out:
        told = sheet.show(left_out, "number")
        notes.insert(0, sheet.say(_("{count} rows do not fit on this page; they stand in the workbook."), count=told))
    y = 276.5
    for note in notes:
        y = canvas.paragraph(LEFT, y, RIGHT - LEFT, note, 6.5, leading=1.35, grey=SOFT)
