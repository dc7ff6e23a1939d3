import csv
from datetime import date
from pathlib import Path

from python_calamine import CalamineWorkbook

from trial.answers import read_answers
from trial.generator import Trial, write_trial
from trial.rosters import HEADINGS


def workbook(trial: Trial, name: str) -> CalamineWorkbook:
    return CalamineWorkbook.from_path(trial.folder / "rosters" / name)


def test_three_provinces_have_three_habits(written: Trial) -> None:
    names = [path.name for path in written.rosters]
    assert names == [path.name for path in written.rosters_first]
    assert [name.partition("-")[0] for name in names] == ["83", *["84"] * 10, "86"]
    assert workbook(written, "86-vinh-long.xlsx").sheet_names == ["Cấp tỉnh", "Cấp huyện", "Cấp xã", "Ghi chú"]


def test_one_workbook_has_headings_of_two_lines_and_dates_from_1904(written: Trial) -> None:
    rows = workbook(written, "83-ben-tre.xlsx").get_sheet_by_name("Danh sách").to_python()
    assert "Thông tin cá nhân" in rows[4]
    assert "Họ và tên" in rows[5]
    assert rows[6][:3] == ["(1)", "(2)", "(3)"]
    born = rows[7][2]
    assert isinstance(born, date)
    assert 1960 < born.year < 2002


def test_one_csv_is_utf_16_with_tabs_and_the_others_are_utf_8_with_semicolons(written: Trial) -> None:
    marks = {path.name: path.read_bytes()[:3] for path in written.rosters if path.suffix == ".csv"}
    assert sum(mark[:2] == b"\xff\xfe" for mark in marks.values()) == 1
    assert sum(mark == b"\xef\xbb\xbf" for mark in marks.values()) == len(marks) - 1


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def test_around_the_people_stand_a_title_a_total_and_signatures(written: Trial) -> None:
    rows = rows_of(written.folder / "rosters" / "84-tra-vinh-cap-tinh.csv")
    assert rows[0][0].startswith("UBND TỈNH TRÀ VINH")
    assert rows[4] == ["STT", *HEADINGS.values()]
    assert rows[-3][0].startswith("Tổng cộng")
    assert "GIÁM ĐỐC SỞ NỘI VỤ" in rows[-2]


def test_an_answer_names_the_row_where_the_dirt_stands(written: Trial) -> None:
    columns = list(HEADINGS)
    for answer in read_answers(written.folder / "answers-first.jsonl"):
        if answer.file == "84-tra-vinh-cap-tinh.csv" and answer.kind == "impossible_date":
            row = rows_of(written.folder / "rosters-first" / answer.file)[answer.row - 1]
            assert row[1 + columns.index("birth_date")].startswith("31/02/")
        if answer.sheet == "Cấp xã" and answer.kind == "lost_zero_number":
            sheet = workbook(written, answer.file).get_sheet_by_name("Cấp xã").to_python()
            cell = sheet[answer.row - 1][1 + columns.index("personal_number")]
            assert isinstance(cell, float)
            assert f"{int(cell):012d}" == answer.truth


def test_the_same_seed_gives_the_same_bytes(written: Trial, tmp_path: Path) -> None:
    again = write_trial(tmp_path)
    for path in sorted(again.folder.rglob("*")):
        if path.is_file():
            assert path.read_bytes() == (written.folder / path.relative_to(again.folder)).read_bytes(), path.name
