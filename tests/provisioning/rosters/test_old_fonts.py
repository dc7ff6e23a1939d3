"""Letters of TCVN3 and VNI fonts inside Unicode files: turned where a whole sheet is written so, a fault with its reading elsewhere."""

from pathlib import Path
from typing import Any

import pytest

from tests.provisioning.rosters.damages import to_tcvn3, to_vni
from tests.provisioning.rosters.makers import check, codes, roster, row, write_xlsx

NAMES = ("Nguyễn Đức Phượng", "Trần Thị Ngọc Ánh", "Lê Văn Dũng", "Phạm Quỳnh Như", "Huỳnh Thị Mỹ Lệ", "Võ Hoàng Yến")


def people(*names: str) -> list[dict[str, Any]]:
    return [row(name=name, personal_number=f"0861800012{place:02}", phone=None) for place, name in enumerate(names)]


@pytest.mark.parametrize(("font", "turn"), [("tcvn3", to_tcvn3), ("vni", to_vni)])
def test_a_sheet_in_an_old_font_is_turned_and_that_is_said(tmp_path: Path, font: str, turn: Any) -> None:
    rows = [[turn(cell) if isinstance(cell, str) else cell for cell in line] for line in roster(*people(*NAMES))]
    lines = check(write_xlsx(tmp_path / "a.xlsx", {"A": rows}))
    assert lines[0].facts is not None
    assert lines[0].facts["encoding"] == font
    assert [line.values.name for line in lines[2:] if line.values] == list(NAMES)
    assert {line.outcome for line in lines[2:]} <= {"ok", "restored"}


def test_a_name_that_is_vietnamese_either_way_is_for_the_office_to_say(tmp_path: Path) -> None:
    rows = [[to_tcvn3(cell) if isinstance(cell, str) else cell for cell in line] for line in roster(*people(*NAMES))]
    rows.append([to_tcvn3(str(cell)) if cell else cell for cell in roster(*people("Cao Dũng"))[1]])
    line = check(write_xlsx(tmp_path / "a.xlsx", {"A": rows}))[-1]
    fault = next(fault for fault in line.faults if fault.column == "name")
    assert (line.outcome, fault.code, fault.value, fault.proposal) == (
        "fault",
        "name-two-readings",
        "Cao Dòng",
        "Cao Dũng",
    )


def test_one_cell_in_an_old_font_is_a_fault_with_its_reading(tmp_path: Path) -> None:
    rows = roster(*people("TrÇn V¨n Dòng", "Nguyeãn Vaên AÙnh", "Lê Hòa"))
    lines = check(write_xlsx(tmp_path / "a.xlsx", {"A": rows}))[2:]
    assert [(line.outcome, codes(line)) for line in lines] == [
        ("fault", ["name-old-font"]), ("fault", ["name-old-font"]), ("ok", []),
    ]  # fmt: skip
    assert [line.faults[0].proposal for line in lines[:2]] == ["Trần Văn Dũng", "Nguyễn Văn Ánh"]


@pytest.mark.parametrize("name", ["Y Blô Niê", "Kpă Êban", "Siu H'Bô", "Zơrâm Bríu", "Thạch Sarây", "Đinh Tuấn"])
def test_names_of_other_peoples_are_no_old_font(tmp_path: Path, name: str) -> None:
    (line,) = check(write_xlsx(tmp_path / "a.xlsx", {"A": roster(*people(name))}))[2:]
    assert line.outcome == "ok"


def test_two_columns_of_one_heading_that_disagree_are_a_fault(tmp_path: Path) -> None:
    rows = [
        [*line, again] for line, again in zip(roster(*people(*NAMES)), ["Số CCCD", *["086180001200"] * 6], strict=True)
    ]
    lines = check(write_xlsx(tmp_path / "a.xlsx", {"A": rows}))[2:]
    assert [codes(line) for line in lines] == [[], *[["column-twice"]] * 5]


def test_hidden_rows_columns_and_sheets_are_read_or_named_and_said(tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as workbook:
        for name in ("Danh sách", "Ẩn"):
            sheet = workbook.add_worksheet(name)
            for line, cells in enumerate(roster(*people(*NAMES[:2]))):
                sheet.write_row(line, 0, cells)
            sheet.set_row(2, None, None, {"hidden": True})
            sheet.set_column(2, 2, None, None, {"hidden": True})
        sheet.very_hidden()
    lines = check(tmp_path / "a.xlsx")
    facts = lines[0].facts
    assert facts is not None
    assert (facts["hidden_rows"], facts["hidden_columns"], facts["hidden_sheets"]) == (1, ["personal_number"], ["Ẩn"])
    assert facts["sheets_ignored"] == ["Ẩn"]
    assert [line.outcome for line in lines[1:]] == ["ignored", "ok", "ok", *["ignored"] * 3]
