"""A sheet in the terminal: one screen first, aligned by width on the screen, plain when piped."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from foundation.i18n import _
from provisioning.reports.sheets import Column, Row, Sheet, Table

MARGIN: Final = "  "
GAP: Final = "  "
NUMBERS: Final = frozenset({"number", "share", "rate", "figure"})
STYLES: Final = {"plain": "", "good": "green", "late": "bold red", "whole": "bold"}
UNDER: Final = {"plain": "dim", "good": "green", "late": "red", "whole": "dim"}


def draw_screen(sheet: Sheet, tables: Sequence[Table], width: int, most: int) -> Iterator[Text]:
    """The heading, then some tables, each cut to so many rows with a word about the rest."""
    yield Text()
    yield Text(f"{MARGIN}{sheet.office} · {sheet.title}", style="bold")
    yield Text(f"{MARGIN}{' · '.join(sheet.instants)}")
    if sheet.summary:
        yield Text(MARGIN + "     ".join(f"{label} {value}" for label, value in sheet.summary))
    for table in tables:
        yield Text()
        yield Text(MARGIN + table.caption, style="bold")
        yield from draw_table(sheet, table, width, most)
        if table.note:
            yield Text(MARGIN + table.note)
    yield Text()


def draw_table(sheet: Sheet, table: Table, width: int, most: int) -> Iterator[Text]:
    """Headings and rows; texts are broken into lines until the row fits, and what stands under another text follows in dim."""
    columns = [column for column in table.columns if column.under is None]
    rows = list(table.rows)
    shown = (
        rows if len(rows) <= most else [*rows[: most - 1], *(row for row in rows[most - 1 :] if row.tone == "whole")]
    )
    texts = [[sheet.show(row.cells.get(column.key), column.kind) for column in columns] for row in shown]
    headings = [column.heading for column in columns]
    widths = [max(map(cell_len, (heading, *(line[place] for line in texts)))) for place, heading in enumerate(headings)]
    narrow(widths, columns, width - len(MARGIN) - len(GAP) * (len(widths) - 1))
    yield Text(MARGIN + join(headings, widths, columns), style="dim")
    for row, line in zip(shown, texts, strict=True):
        for part in break_row(line, widths):
            yield Text(MARGIN + join(part, widths, columns), style=STYLES[row.tone])
        yield from draw_under(row, table, columns, widths, width)
    if len(shown) < len(rows):
        more = sheet.say(_("… and {count} more: --output csv, --html, --xlsx"), count=len(rows) - len(shown))
        yield Text(MARGIN + more)


def break_row(line: Sequence[str], widths: Sequence[int]) -> Iterator[list[str]]:
    """The cells of a row over as many lines as the longest needs."""
    parts = [wrap(text, width) for text, width in zip(line, widths, strict=True)]
    for number in range(max(map(len, parts))):
        yield [part[number] if number < len(part) else "" for part in parts]


def wrap(text: str, width: int) -> list[str]:
    """A text in lines of so many cells of the terminal, broken between words."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def draw_under(row: Row, table: Table, columns: Sequence[Column], widths: Sequence[int], width: int) -> Iterator[Text]:
    """The texts that stand under others, as far as the line goes."""
    for column in table.columns:
        text = row.cells.get(column.key)
        if column.under and isinstance(text, str) and text:
            place = next(number for number, other in enumerate(columns) if other.key == column.under)
            before = MARGIN + " " * (sum(widths[:place]) + len(GAP) * place)
            yield Text(before + fit(text, width - len(before), False).rstrip(), style=UNDER[row.tone])


def narrow(widths: list[int], columns: Sequence[Column], room: int) -> None:
    """Take from the widest text column until the line fits; fourteen letters stay."""
    texts = [place for place, column in enumerate(columns) if column.kind == "text"]
    while sum(widths) > room and texts:
        widest = max(texts, key=lambda place: widths[place])
        if widths[widest] <= 14:
            return
        widths[widest] -= 1


def join(line: Sequence[str], widths: Sequence[int], columns: Sequence[Column]) -> str:
    """A line of cells, numbers to the right."""
    return GAP.join(
        fit(text, width, column.kind in NUMBERS) for text, width, column in zip(line, widths, columns, strict=True)
    ).rstrip()


def fit(text: str, width: int, right: bool) -> str:
    """A text in exactly so many cells of the terminal, cut with an ellipsis."""
    while cell_len(text) > width:
        text = text[:-2].rstrip() + "…" if len(text) > 1 else ""
    space = " " * (width - cell_len(text))
    return space + text if right else text + space
