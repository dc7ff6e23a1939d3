"""Rosters onto the disk, and where each row came to stand: the answers are made from that."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from trial.answers import Answer, Place
from trial.dirt import walk
from trial.rosters import COLUMNS, HEADINGS, Book, Cell, Dirt, Row, Sheet

MADE = datetime(2025, 5, 20, 8, 0)  # noqa: DTZ001 - a workbook's own date has no zone
Faults = Mapping[int, tuple[Dirt, Cell]]

_GROUPS = {"name": "Thông tin cá nhân", "unit_code": "Đơn vị và chức vụ", "email": "Liên hệ và tài khoản"}


def write_books(folder: Path, books: list[Book], faults: Faults) -> None:
    """Write every book; `faults` replace single cells, by the key of the row."""
    folder.mkdir(parents=True, exist_ok=True)
    for book in books:
        if book.format == "xlsx":
            _write_workbook(folder / book.file, book, faults)
        else:
            _write_csv(folder / book.file, book, faults)


def build_answers(books: list[Book], faults: Faults) -> Iterator[Answer]:
    """One answer for each instance of dirt and each fault, with the place where it stands in the written file."""
    places = {row.key: place for book, sheet in _sheets(books) for row, place in _places(book, sheet)}
    for _, _, row in walk(books):
        dirt = faults[row.key][0] if row.key in faults else row.dirt
        if dirt:
            file, sheet, number = places[row.key]
            mate = places[dirt.mate] if dirt.mate is not None else None
            yield Answer(file, sheet, number, dirt.column, dirt.kind, dirt.outcome, dirt.truth, mate)


def _sheets(books: list[Book]) -> Iterator[tuple[Book, Sheet]]:
    return ((book, sheet) for book in books for sheet in book.sheets)


def _places(book: Book, sheet: Sheet) -> Iterator[tuple[Row, Place]]:
    for number, line in enumerate(_lines(book, sheet, {}), 1):
        if isinstance(line, Row):
            yield line, (book.file, sheet.name or None, number)


def _lines(book: Book, sheet: Sheet, faults: Faults) -> Iterator[Row | list[Cell]]:
    """The sheet from top to bottom: cells of lines around the people, and the people's rows themselves."""
    for line in sheet.title:
        yield [line]
    yield from _headings(book)
    unit = ""
    for row in sheet.rows:
        if sheet.unit_lines and row.unit.name != unit:
            unit = row.unit.name
            yield [f"{unit} ({row.unit.agency})"]
        yield row
    yield [None]
    yield [f"Tổng cộng: {len({row.official.personal_number for row in sheet.rows})} người"]
    yield [None, "NGƯỜI LẬP BIỂU", None, None, None, "GIÁM ĐỐC SỞ NỘI VỤ"]
    yield [None, "(đã ký)", None, None, None, "(đã ký)"]


def _headings(book: Book) -> Iterator[list[Cell]]:
    if not book.two_line_headings:
        yield ["STT", *HEADINGS.values()]
        return
    yield ["STT", *(_GROUPS.get(column) for column in COLUMNS)]
    yield [None, *(heading.replace("cá nhân (", "\ncá nhân (") for heading in HEADINGS.values())]
    yield [f"({number})" for number in range(1, len(COLUMNS) + 2)]


def _cells(row: Row, number: int, faults: Faults) -> list[Cell]:
    values = row.values
    if row.key in faults:
        dirt, faulty = faults[row.key]
        values = values | {dirt.column: faulty}
    return [number, *(values[column] for column in COLUMNS)]


def _write_workbook(path: Path, book: Book, faults: Faults) -> None:
    workbook = xlsxwriter.Workbook(
        path, {"constant_memory": True, "date_1904": book.date_1904, "strings_to_urls": False}
    )
    workbook.set_properties({"created": MADE, "author": "Sở Nội vụ (ví dụ)"})
    bold = workbook.add_format({"bold": True})
    day = workbook.add_format({"num_format": "dd/mm/yyyy"})
    for sheet in book.sheets:
        page = workbook.add_worksheet(sheet.name)
        page.set_column(1, 1, 28)
        page.set_column(2, len(COLUMNS), 18)
        number = 0
        for line, content in enumerate(_lines(book, sheet, faults)):
            if isinstance(content, Row):
                number += 1
                _write_cells(page, line, _cells(content, number, faults), day, None)
            else:
                _write_cells(page, line, content, day, bold)
    if book.notes:
        page = workbook.add_worksheet(book.notes[0])
        for line, note in enumerate(book.notes):
            page.write_string(line, 0, note)
    workbook.close()


def _write_cells(page: Any, line: int, cells: list[Cell], day: Any, look: Any) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, str):
            if cell:
                page.write_string(line, column, cell, look)
        elif isinstance(cell, int):
            page.write_number(line, column, cell)
        elif cell is not None:
            page.write_datetime(line, column, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001 - a date


def _write_csv(path: Path, book: Book, faults: Faults) -> None:
    (sheet,) = book.sheets
    width = len(COLUMNS) + 1
    with path.open("w", encoding=book.encoding, newline="") as file:
        writer = csv.writer(file, delimiter=book.delimiter)
        number = 0
        for content in _lines(book, sheet, faults):
            if isinstance(content, Row):
                number += 1
                writer.writerow([_text(cell) for cell in _cells(content, number, faults)])
            else:
                writer.writerow([_text(cell) for cell in content] + [""] * (width - len(content)))


def _text(cell: Cell) -> str:
    return f"{cell:%d/%m/%Y}" if isinstance(cell, date) else str(cell if cell is not None else "")
