"""Answers to cases in a file: the exported list with its column `answer` filled in, CSV or XLSX; read whole before anything is done."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import python_calamine
import xlsxwriter

from directory.names import fold_name
from foundation.errors import BadInput
from foundation.terminal import disarm
from provisioning.people.match_table import COLUMNS

WORDS: Final = {
    "same": "same", "one": "same", "giong": "same", "mot nguoi": "same", "cung mot nguoi": "same", "trung": "same",
    "different": "different", "two": "different", "khac": "different", "hai nguoi": "different", "khac nhau": "different",
}  # fmt: skip
MARK: Final = "\ufeff"
WIDTH: Final = 22


class AnswersFaulty(BadInput):
    """Rows of the file that cannot be understood; nothing was done."""

    code = "answers_faulty"
    sentence = "Nothing was done. These rows cannot be understood: {rows}"


@dataclass(frozen=True)
class Answer:
    """One answered row: the case, whether they are one human, and the row's number in the file."""

    row: int
    case: int
    same: bool


def write_cases(file: Path, rows: Iterable[Mapping[str, object]]) -> int:
    """The list to be filled in; by the file's name CSV or XLSX. Gives how many rows. Raises BadInput."""
    write = {".csv": write_csv, ".xlsx": write_workbook}.get(file.suffix.lower())
    if write is None:
        raise BadInput("The file's name must end in .csv or .xlsx.")
    return write(file, rows)


def write_csv(file: Path, rows: Iterable[Mapping[str, object]]) -> int:
    """CSV as spreadsheets open it: UTF-8 with its mark, formulas disarmed."""
    count = 0
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow([disarm(row[column]) for column in COLUMNS])
            count += 1
    return count


def write_workbook(file: Path, rows: Iterable[Mapping[str, object]]) -> int:
    """XLSX with a drop-down in the column of answers; every cell is text or a number, never a formula."""
    count = 0
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        for place, column in enumerate(COLUMNS):
            sheet.write_string(0, place, column, bold)
        for count, row in enumerate(rows, start=1):
            for place, column in enumerate(COLUMNS):
                sheet.write(count, place, row[column])
        sheet.set_column(0, len(COLUMNS) - 1, WIDTH)
        sheet.freeze_panes(1, 2)
        sheet.data_validation(1, 1, max(count, 1), 1, {"validate": "list", "source": ["same", "different"]})
    return count


def read_answers(file: Path) -> list[Answer]:
    """The rows that were answered, in their order; rows left empty are passed over. Raises BadInput, AnswersFaulty."""
    rows = iter(read_rows(file))
    try:
        headings = [fold_name(str(cell)) for cell in next(rows)]
        case, answer = headings.index("case"), headings.index("answer")
    except (StopIteration, ValueError) as error:
        raise BadInput(
            "The file needs the columns “case” and “answer”, as “person match --out” writes them."
        ) from error
    found: list[Answer] = []
    faults: list[str] = []
    for number, cells in enumerate(rows, start=2):
        word = fold_name(str(cells[answer])) if len(cells) > answer else ""
        if not word:
            continue
        try:
            found.append(Answer(number, int(float(str(cells[case]))), WORDS[word] == "same"))
        except (ValueError, KeyError, IndexError):
            faults.append(f"{number} (“{cells[answer]}”)")
    twice = {one.case for one in found if sum(other.case == one.case for other in found) > 1}
    faults += [f"{one.row} (“{one.case}” ×2)" for one in found if one.case in twice]
    if faults:
        raise AnswersFaulty(rows=", ".join(faults))
    return found


def read_rows(file: Path) -> Iterator[Sequence[Any]]:
    """The cells of the file's first sheet. Raises BadInput."""
    try:
        content = file.read_bytes()
        if content[:4] == b"PK\x03\x04":
            return iter(
                python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
            )
        text = content.decode("utf-8").removeprefix(MARK)
        return iter(csv.reader(io.StringIO(text), delimiter=";" if ";" in text.partition("\n")[0] else ","))
    except (OSError, UnicodeDecodeError, python_calamine.CalamineError) as error:
        raise BadInput("{file} cannot be read.", file=str(file)) from error
