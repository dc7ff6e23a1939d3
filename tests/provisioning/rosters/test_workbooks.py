"""XLSX as spreadsheets write it."""

import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from provisioning.rosters.tables import Row
from provisioning.rosters.workbook_parts import shows_day
from provisioning.rosters.workbooks import open_workbook
from tests.provisioning.rosters.makers import write_xlsx


def read(path: Path) -> list[Row]:
    """The rows of the first sheet."""
    return list(open_workbook(path).sheets[0].rows())


def test_numbers_keep_every_digit_and_dates_are_days(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"A": [["tên", 86180001234, date(1980, 12, 25), 1.5, True]]})
    assert read(path) == [Row(1, ["tên", 86180001234, date(1980, 12, 25), 1.5, True])]


@pytest.mark.parametrize("system", [1900, 1904])
def test_the_date_system_is_the_files_own(tmp_path: Path, system: int) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"A": [[date(1980, 12, 25)]]}, date_1904=system == 1904)
    book = open_workbook(path)
    assert book.facts["date_system"] == system
    assert next(book.sheets[0].rows()).cells == [date(1980, 12, 25)]


def test_blank_rows_between_are_told_and_those_after_the_end_are_not(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"A": [["a"], [], [], ["b"], [""], [""]]})
    assert [(row.number, bool(row.cells)) for row in read(path)] == [(1, True), (2, False), (3, False), (4, True)]


def test_a_value_merged_downwards_stands_in_each_row(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for line in (["H61.1", "Hoa"], [None, "Lan"], [None, "Hùng"], ["H61.2", "Dũng"]):
        sheet.append(line)
    sheet.merge_cells("A1:A3")
    workbook.save(tmp_path / "a.xlsx")
    assert [row.cells[0] for row in read(tmp_path / "a.xlsx")] == ["H61.1", "H61.1", "H61.1", "H61.2"]


def test_a_formula_without_a_result_is_told_and_one_with_a_result_is_its_result(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["=A2", "x"])
    workbook.save(tmp_path / "bare.xlsx")
    assert str(read(tmp_path / "bare.xlsx")[0].cells[0]).startswith("=")
    with xlsxwriter.Workbook(tmp_path / "kept.xlsx") as kept:
        kept.add_worksheet("A").write_formula(0, 0, "=1+1", value=2)
    assert read(tmp_path / "kept.xlsx")[0].cells == [2]


def test_hidden_rows_and_sheets_are_marked(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["a"])
    sheet.append(["b"])
    sheet.row_dimensions[2].hidden = True
    workbook.create_sheet("Ẩn").sheet_state = "hidden"
    workbook.save(tmp_path / "a.xlsx")
    book = open_workbook(tmp_path / "a.xlsx")
    assert [row.hidden for row in book.sheets[0].rows()] == [False, True]
    assert [sheet.hidden for sheet in book.sheets] == [False, True]


def test_rich_text_is_one_text_without_its_phonetic_guide(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"A": [["x"]]})
    spoiled = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(spoiled, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("sharedStrings.xml"):
                rich = b"<si><r><t>Nguy</t></r><r><t>\xe1\xbb\x85n</t></r><rPh sb='0' eb='1'><t>no</t></rPh></si>"
                content = content.replace(b"<si><t>x</t></si>", rich)
            new.writestr(name, content)
    assert read(spoiled)[0].cells == ["Nguyễn"]


@pytest.mark.parametrize(
    ("number", "code", "day"),
    [
        (14, None, True),
        (0, None, False),
        (164, "dd/mm/yyyy", True),
        (165, '"ngày" 0', False),
        (166, "[Red]0.00", False),
        (167, "mm:ss", False),
    ],
)
def test_a_number_format_shows_a_day_or_not(number: int, code: str | None, day: bool) -> None:
    assert shows_day(number, code) is day
