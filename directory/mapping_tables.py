"""Mapping tables as files: CSV that any program reads, and a workbook that people open; no cell is ever a formula."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from foundation.terminal import as_plain, disarm

Row = Mapping[str, object]


def write_csv(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """UTF-8 with a header; text that begins like a formula is disarmed."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([disarm(as_plain(row.get(column))) for column in columns] for row in rows)
    return out.getvalue().encode()


def write_xlsx(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """A workbook of one sheet, every cell text, so that codes keep their zeros."""
    import xlsxwriter  # Two megabytes in every web process, for what few ask for.

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("mapping")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(columns) - 1, 18)
        bold = book.add_format({"bold": True})
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column, bold)
        for line, row in enumerate(rows, 1):
            for place, column in enumerate(columns):
                value = as_plain(row.get(column))
                if value is not None:
                    sheet.write_string(line, place, str(value).lower() if isinstance(value, bool) else str(value))
    return out.getvalue()
