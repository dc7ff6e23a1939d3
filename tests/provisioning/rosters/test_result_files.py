"""The file an office repairs: every finding at its cell, and what is repaired is in order when it is fed in again."""

import csv
import os
import random
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning.rosters.check import Check
from provisioning.rosters.result_files import SHEET, write_result
from provisioning.rosters.template import HEADINGS
from provisioning.rosters.unit_codes import KnownCode
from provisioning.rosters.vocabulary import COLUMNS, Line
from tests.provisioning.rosters.damages import DAMAGES, true_values
from tests.provisioning.rosters.makers import check, lan, roster, row, units, write_csv, write_xlsx
from tests.provisioning.rosters.test_damage import FORMATS, draw_person, write_any

ROUNDS = int(os.environ.get("HOPNHAT_DAMAGES", "60"))
KINDS = (".xlsx", ".csv")
BOOK = units(KnownCode(None, "admin-2004", "031", "Huyện Ba Tri", None, None, True))


def make_result(result: Path, *files: Path) -> list[Line]:
    """Check the files and write the result; gives the lines of people."""
    with Check(BOOK) as checked:
        checked.read(files)
        write_result(result, checked.lines(), "vi")
        return [line for line in checked.lines() if line.values is not None]


def read_people(path: Path) -> list[Line]:
    return [line for line in check(path, book=BOOK) if line.values is not None]


def repair(path: Path, truths: Sequence[Mapping[str, Any]]) -> None:
    """Type the truth into every row, as the office does."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            head, *rows = list(csv.reader(file))
        for cells, truth in zip(rows, truths, strict=True):
            for place, column in enumerate(COLUMNS):
                cells[place] = typed(truth.get(column))
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([head, *rows])
        return
    workbook = openpyxl.load_workbook(path)
    sheet = workbook[SHEET]
    for line, truth in enumerate(truths, 2):
        for place, column in enumerate(COLUMNS, 1):
            sheet.cell(line, place).value = typed(truth.get(column)) or None
    workbook.save(path)


def typed(value: Any) -> str:
    return f"{value:%d/%m/%Y}" if hasattr(value, "strftime") else str(value or "")


@given(seed=st.integers(0, 2**32), form=st.sampled_from(FORMATS), count=st.integers(1, 8), kind=st.sampled_from(KINDS))
@settings(max_examples=ROUNDS // 2, deadline=None)
def test_a_result_loses_no_fault_and_repaired_has_none(
    tmp_path_factory: pytest.TempPathFactory, seed: int, form: str, count: int, kind: str
) -> None:
    folder, draws = tmp_path_factory.mktemp("loop"), random.Random(seed)
    people = [draw_person(place, draws) for place in range(count)]
    spoilt = []
    for person in people:
        chosen = {damage.column: damage for damage in draws.sample(DAMAGES, draws.choice((0, 1, 1, 2)))}
        spoilt.append(person | {column: damage.spoil(person[column], draws) for column, damage in chosen.items()})
    result = folder / f"result{kind}"
    first = make_result(result, write_any(folder, form, roster(*spoilt)))
    again = read_people(result)
    for before, after in zip(first, again, strict=True):
        assert (before.outcome == "fault") is (after.outcome == "fault"), (before, after)
        if before.outcome in ("ok", "restored"):
            assert after.outcome == "ok", (before, after)
            assert after.values == before.values
    repair(result, people)
    for line, person in zip(read_people(result), people, strict=True):
        assert (line.outcome, line.as_json("en")["values"]) == ("ok", true_values(person)), line


@pytest.mark.parametrize("kind", KINDS)
def test_several_files_in_one_result_stay_several_files(tmp_path: Path, kind: str) -> None:
    # A log-in that two provinces gave out is no fault between their files, and stays none in the result of both.
    one = write_csv(tmp_path / "a.csv", roster(row(login="hoa")))
    two = write_xlsx(tmp_path / "b.xlsx", {"X": roster(lan(login="hoa"))})
    lines = make_result(tmp_path / f"r{kind}", one, two)
    assert [line.outcome for line in lines] == ["ok", "ok"]
    assert [line.outcome for line in read_people(tmp_path / f"r{kind}")] == ["ok", "ok"]
    same = make_result(tmp_path / f"s{kind}", write_csv(tmp_path / "c.csv", roster(row(login="hoa"), lan(login="hoa"))))
    assert [line.outcome for line in same] == ["ok", "fault"]
    assert [line.outcome for line in read_people(tmp_path / f"s{kind}")] == ["ok", "fault"]


def test_faulty_cells_are_coloured_and_commented_with_what_to_do(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", roster(row(birth_date="31/02/1980", phone="912345678"), lan()))
    make_result(tmp_path / "r.xlsx", path)
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx")[SHEET]
    cells = {column: sheet.cell(2, place) for place, column in enumerate(COLUMNS, 1)}
    assert cells["birth_date"].value == "31/02/1980"
    assert cells["birth_date"].fill.fgColor.rgb == "FFF8D7DA"
    assert cells["birth_date"].comment is not None
    assert "không có ngày này" in cells["birth_date"].comment.text
    assert "Đối chiếu thẻ căn cước" in cells["birth_date"].comment.text
    assert (cells["phone"].value, cells["phone"].fill.fgColor.rgb) == ("0912345678", "FFD1E7DD")
    assert cells["name"].comment is None
    assert sheet.cell(2, len(COLUMNS) + 1).value == "a.csv · 2"
    assert "28756" in str(sheet.cell(2, len(COLUMNS) + 4).value)
    assert [HEADINGS[column] for column in COLUMNS] == [cell.value for cell in sheet[1]][: len(COLUMNS)]
    assert stat.S_IMODE((tmp_path / "r.xlsx").stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "title", ['=HYPERLINK("http://x")', "+cmd|'/c calc'!A0", "@SUM(A1)", "- Phó Chủ tịch", "\t=1+1"]
)
def test_nothing_in_a_result_is_run_and_reading_it_again_says_the_same(tmp_path: Path, kind: str, title: str) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"A": roster(row(title=title))})
    (before,) = make_result(tmp_path / f"r{kind}", path)
    if kind == ".csv":
        with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as file:
            assert all(cell[:1] not in ("=", "+", "-", "@", "\t", "\r") for line in csv.reader(file) for cell in line)
    else:
        cells = [cell for sheet in openpyxl.load_workbook(tmp_path / "r.xlsx") for line in sheet for cell in line]
        assert {cell.data_type for cell in cells} <= {"s", "n"}
    (after,) = read_people(tmp_path / f"r{kind}")
    assert before.outcome == after.outcome
    assert [fault.code for fault in before.faults] == [fault.code for fault in after.faults]
    assert before.values == after.values
