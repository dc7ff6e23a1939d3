"""A report as paper sees it: a heading, lines that say of what instant it is, and tables; every printing takes this and nothing else. Pure.

Cells are values, not texts: a printing writes numbers as numbers and days as days, and marks each row's tone in its own way and by a
word, never by colour alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date

from foundation.clocks import local_day
from foundation.i18n import _, translate

Cell = str | int | float | date | datetime | None
Tone = Literal["plain", "good", "late", "whole"]
Kind = Literal["text", "number", "share", "day", "rate", "figure"]
"""`figure` is a text that stands to the right, like a number."""


@dataclass(frozen=True)
class Column:
    """A heading and what stands under it; `share` is a number between 0 and 1; `width` in letters, for paper."""

    key: str
    heading: str
    kind: Kind = "text"
    width: int = 12
    under: str | None = None
    """Where there is little room this column's text stands under that of another, in a line of its own."""


@dataclass(frozen=True)
class Row:
    """The cells of a row by column key."""

    cells: Mapping[str, Cell]
    tone: Tone = "plain"


@dataclass(frozen=True)
class Table:
    """A table with its caption; `total` is the row of the wholes, `note` a sentence under it."""

    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    note: str | None = None


@dataclass(frozen=True)
class Sheet:
    """A whole report in one language."""

    language: str
    zone: ZoneInfo
    title: str
    office: str
    instants: Sequence[str]
    summary: Sequence[tuple[str, str]]
    tables: Sequence[Table]
    notes: Sequence[str] = ()
    file_title: str = field(default="")

    def say(self, message: str, **values: object) -> str:
        """A sentence in the report's language."""
        return translate(self.language, message, **values)

    def show(self, cell: Cell, kind: Kind) -> str:
        """A cell as people read it."""
        if cell is None:
            return "" if kind == "text" else "—"
        if isinstance(cell, datetime):
            return show_day(self.language, local_day(cell, self.zone))
        if isinstance(cell, date):
            return show_day(self.language, cell)
        if isinstance(cell, str):
            return cell
        if kind == "share":
            return show_share(self.language, float(cell))
        if kind == "rate":
            return show_rate(self.language, float(cell))
        return show_number(self.language, int(cell))


def shorten(sheet: Sheet, table: Table, most: int) -> Table:
    """The table with at most so many rows of single units; the others are one row, so that it still adds up."""
    parts = [row for row in table.rows if row.tone in ("plain", "late")]
    if len(parts) <= most or not any(column.key == "done" for column in table.columns):
        return table
    tail = [row for row in table.rows if row.tone in ("good", "whole")]
    rest = parts[most:]
    sums: dict[str, Cell] = {key: sum(as_count(row.cells.get(key)) for row in rest) for key in ("done", "of", "left")}
    name = sheet.say(_("{count} more units"), count=show_number(sheet.language, len(rest)))
    share = as_count(sums["done"]) / max(as_count(sums["of"]), 1)
    gathered = Row({"unit": name, **sums, "share": share}, "late")
    return replace(table, rows=[*parts[:most], gathered, *tail])


def as_count(cell: Cell) -> int:
    """A number cell as a number."""
    return cell if isinstance(cell, int) else 0


def show_number(language: str, number: int) -> str:
    """Grouped as the reader groups it: 8.112 in Vietnamese."""
    grouped = f"{number:,}"
    return grouped.replace(",", ".") if language == "vi" else grouped


def show_share(language: str, share: float) -> str:
    """Percent with one decimal, cut and not rounded up: 100 only when everything is done, 0 only when nothing is."""
    tenths = int(share * 1000)
    if tenths == 0 and share > 0:
        tenths = 1
    text = str(tenths // 10) if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}"
    return f"{text.replace('.', ',') if language == 'vi' else text} %"


def show_rate(language: str, rate: float) -> str:
    """So many a day, with its sign; one decimal under ten."""
    text = f"{rate:+,.0f}" if abs(rate) >= 10 else f"{rate:+,.1f}"
    if language == "vi":
        text = text.replace(",", "#").replace(".", ",").replace("#", ".")
    return "0" if rate == 0 else text


def show_day(language: str, day: date) -> str:
    """A day with leading zeros, so that columns stand: 01/07/2025."""
    return format_date(day, "dd/MM/y" if language == "vi" else "y-MM-dd", locale=language)


def show_moment(language: str, instant: datetime, zone: ZoneInfo) -> str:
    """An instant with the zone's offset: 28/06/2025 09:00 (+07:00)."""
    local = instant.astimezone(zone)
    offset = local.strftime("%z")
    return f"{show_day(language, local.date())} {local:%H:%M} ({offset[:3]}:{offset[3:]})"
