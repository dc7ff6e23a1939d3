"""A whole check: every row has its line, every fault its cell."""

import json
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning.rosters.unit_codes import KnownCode
from tests.provisioning.rosters.makers import (
    HEADINGS,
    cells,
    check,
    check_rows,
    codes,
    lan,
    roster,
    row,
    units,
    write_csv,
    write_xlsx,
)


def test_every_row_of_a_file_has_one_line_in_the_shape_others_rely_on(tmp_path: Path) -> None:
    title = [["UBND HUYỆN LONG HỒ"], [], ["DANH SÁCH CÁN BỘ"]]
    foot: list[list[str | None]] = [
        [],
        ["Tổng cộng: 1 người"],
        [None, "NGƯỜI LẬP BIỂU", None, "CHỦ TỊCH"],
        [None, "Nguyễn Văn Ký"],
    ]
    path = write_csv(tmp_path / "a.csv", [*title, *roster(row()), *foot])
    told = [json.loads(json.dumps(line.as_json("vi"))) for line in check(path)]
    assert [line["outcome"] for line in told] == ["ok", *["ignored"] * 4, "ok", *["ignored"] * 4]
    assert told[0]["row"] is None
    assert told[0]["values"] | {"columns": None} == {
        "format": "csv", "encoding": "utf-8", "delimiter": ",", "date_system": None, "header_rows": [4], "sheets_used": [],
        "sheets_ignored": [], "hidden_rows": 0, "hidden_columns": [], "hidden_sheets": [], "columns": None,
        "encoding_evidence": {"by": "form"},
    }  # fmt: skip
    assert told[5] == {
        "file": str(path), "sheet": None, "row": 5, "outcome": "ok", "faults": [],
        "values": {
            "name": "Lê Thị Hoa", "birth_date": "1980-12-25", "personal_number": "086180001234", "unit_code": "28756",
            "unit_scheme": "admin-2004", "title": "Văn thư", "email": None, "phone": "0912345678",
        },
    }  # fmt: skip


def test_several_sheets_are_read_and_others_are_named(tmp_path: Path) -> None:
    book = {
        "Cấp xã": roster(row()),
        "Ghi chú": [["Ghi chú"], ["Mã ví dụ"]],
        "Cấp tỉnh": roster(lan()),
    }
    lines = check(write_xlsx(tmp_path / "a.xlsx", book))
    assert lines[0].facts is not None
    assert lines[0].facts["sheets_used"] == ["Cấp xã", "Cấp tỉnh"]
    assert lines[0].facts["sheets_ignored"] == ["Ghi chú"]
    assert [(line.place.sheet, line.place.row, line.outcome) for line in lines[1:]] == [
        ("Cấp xã", 1, "ignored"), ("Cấp xã", 2, "ok"), ("Ghi chú", 1, "ignored"), ("Ghi chú", 2, "ignored"),
        ("Cấp tỉnh", 1, "ignored"), ("Cấp tỉnh", 2, "ok"),
    ]  # fmt: skip


def test_group_headings_repeated_headings_and_column_numbers_are_read_past(tmp_path: Path) -> None:
    lines = check(
        write_csv(
            tmp_path / "a.csv",
            [
                list(HEADINGS.values()), [f"({number})" for number in range(1, len(HEADINGS) + 1)], ["I. UBND xã An Bình"],
                cells(row()), ["Phòng Nội vụ"], list(HEADINGS.values()), cells(lan()),
            ],
        )
    )  # fmt: skip
    assert [line.outcome for line in lines[1:]] == ["ignored", "ignored", "ignored", "ok", "ignored", "ignored", "ok"]


def test_a_person_under_a_subtotal_is_still_a_person(tmp_path: Path) -> None:
    rows = [*roster(row()), ["Cộng: 1"], cells(lan())]
    assert [line.outcome for line in check(write_csv(tmp_path / "a.csv", rows))[2:]] == ["ok", "ignored", "ok"]


def test_a_name_alone_in_the_middle_is_not_passed_over(tmp_path: Path) -> None:
    rows = [*roster(row()), cells({"name": "Trần Văn Nam"}), cells(lan())]
    lines = check(write_csv(tmp_path / "a.csv", rows))
    assert [line.outcome for line in lines[2:]] == ["ok", "fault", "ok"]
    assert codes(lines[3]) == ["birth-date-missing", "number-missing", "unit-missing", "title-missing"]


def test_all_faults_of_a_row_are_told_at_once_with_place_value_reason_and_proposal(tmp_path: Path) -> None:
    (line,) = check_rows(
        tmp_path, row(name="Lê Thị Ho4", birth_date="31/02/1980", phone="12", unit_code="99999", email="a b")
    )
    assert line.outcome == "fault"
    told = line.as_json("vi")["faults"]
    assert [(fault["column"], fault["value"], fault["code"]) for fault in told] == [
        ("name", "Lê Thị Ho4", "name-signs"), ("birth_date", "31/02/1980", "birth-date-impossible"),
        ("unit_code", "99999", "unit-unknown"), ("email", "a b", "email-shape"), ("phone", "12", "phone-shape"),
    ]  # fmt: skip
    assert all(fault["why"] for fault in told)
    assert [fault["why"] for fault in told] != [fault["why"] for fault in line.as_json("en")["faults"]]


def test_what_a_spreadsheet_did_is_undone_where_it_is_certain(tmp_path: Path) -> None:
    spoiled = row(
        name=unicodedata.normalize("NFD", "LÊ THỊ HOÀ"),
        birth_date=29580,
        personal_number=86180001234,
        unit_code=286,
        phone=912345678,
    )
    line = check(write_xlsx(tmp_path / "a.xlsx", {"A": roster(spoiled)}))[2]
    assert line.outcome == "restored"
    assert line.values is not None
    assert line.values[:5] == ("Lê Thị Hoà", date(1980, 12, 25), "086180001234", "00286", "admin-2004")
    assert line.values.phone == "0912345678"
    assert all(fault.restored and fault.proposal for fault in line.faults)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"unit_code": "H61.99"}, "unit-scheme"),
        ({"unit_code": "?"}, "unit-code-shape"),
        ({"unit_code": None}, "unit-missing"),
        ({"unit_scheme": "mã lạ"}, "unit-scheme-unknown"),
        ({"unit_code": "28999"}, "unit-elsewhere"),
        ({"unit_code": "28998"}, "unit-other-time"),
        ({"unit_code": "286", "unit_scheme": None}, "unit-code-zeros"),
        ({"unit_code": "31", "unit_scheme": None}, "unit-code-ambiguous"),
    ],
)
def test_unit_codes_are_held_against_the_known_units(tmp_path: Path, changes: dict[str, str | None], code: str) -> None:
    later = units().at.replace(year=2026)
    book = units(
        KnownCode(None, "agency", "H61.99", "Sở Y tế", None, None, True),
        KnownCode(None, "admin-2004", "28999", "Xã ngoài tỉnh", None, None, False),
        KnownCode(None, "admin-2004", "28998", "Xã tương lai", later, None, True),
        KnownCode(None, "admin-2004", "031", "Huyện Một", None, None, True),
        KnownCode(None, "admin-2004", "00031", "Xã Hai", None, None, True),
    )
    if code == "unit-code-shape":
        changes = {**changes, "unit_scheme": None}
    line = check(write_csv(tmp_path / "a.csv", roster(row(**changes))), book=book)[2]
    assert codes(line) == [code]


def test_day_and_month_exchanged_by_a_spreadsheet_are_seen_over_the_sheet(tmp_path: Path) -> None:
    # Under American settings 05/03/1980 became 3 May and a true date, while 25/12/1980 could not be understood and stayed text.
    people = [
        row(personal_number=f"0861800012{place:02}", birth_date=day)
        for place, day in enumerate(
            [date(1980, 5, 3), date(1980, 7, 9), date(1980, 1, 12), date(1980, 11, 2), "25/12/1980", "17/09/1980"]
        )
    ]
    lines = check(write_xlsx(tmp_path / "a.xlsx", {"A": roster(*people)}))[2:]
    assert [line.outcome for line in lines] == ["fault"] * 4 + ["ok"] * 2
    assert lines[0].faults[0].proposal == "1980-03-05"


@given(st.lists(st.lists(st.one_of(st.text(max_size=12), st.integers(), st.none()), max_size=8), max_size=12))
@settings(max_examples=60)
def test_whatever_stands_in_a_file_every_row_has_a_line(
    tmp_path_factory: pytest.TempPathFactory, rest: list[list[str | int | None]]
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.xlsx"
    write_xlsx(path, {"A": [*roster(row()), *rest]})
    lines = check(path)
    numbers = [line.place.row for line in lines if line.place.row is not None]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 2
