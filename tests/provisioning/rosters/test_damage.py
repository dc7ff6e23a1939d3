"""Nothing doubtful is accepted in silence: clean rosters are damaged in every known way, and no value ever comes back different.

Each row must come back exactly as it was, or restored to exactly that and said, or as a fault. `HOPNHAT_DAMAGES` sets how many rosters
are tried (60 here, thousands where there is time).
"""

import os
import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning.rosters.unit_codes import KnownCode
from provisioning.rosters.vocabulary import Line
from tests.provisioning.rosters.damages import DAMAGES, Damage, true_values
from tests.provisioning.rosters.makers import cells, check, roster, row, units, write_csv, write_xlsx

ROUNDS = int(os.environ.get("HOPNHAT_DAMAGES", "60"))
NAMES = (
    "Nguyễn Đức Phượng", "Trần Thị Ngọc Ánh", "Lê Văn Dũng", "Phạm Quỳnh Như", "Huỳnh Thị Mỹ Lệ", "Võ Hoàng Yến", "Hồ Văn Dòng",
    "Cao Tiến Dũng", "Thạch Sa Oanh", "Đặng Hoà", "Lý Phù Choòng", "Tô Mai",
)  # fmt: skip
TITLES = ("Văn thư", "Phó Chủ tịch UBND", "Công chức Tư pháp – Hộ tịch", "Kế toán trưởng", "Chuyên viên")
CODES = (
    ("28756", "admin-2004"),
    ("00286", "admin-2004"),
    ("H61.12.3", "agency"),
    ("86", "admin-2004"),
    ("031", "admin-2004"),
)
# A value that two columns prove together is told at one of them.
BESIDE = {"personal_number": "birth_date", "birth_date": "personal_number", "unit_code": "unit_scheme"}
FORMATS = ("xlsx", "xlsx-1904", "csv", "csv-utf-16", "csv-semicolon")


def draw_person(place: int, draws: random.Random) -> dict[str, Any]:
    """A clean row; no two are alike."""
    born = date(1962, 1, 1) + timedelta(days=draws.randrange(16000))
    sex = draws.randrange(2) + (2 if born.year >= 2000 else 0)
    code, scheme = draws.choice(CODES)
    return row(
        name=draws.choice(NAMES),
        birth_date=born,
        personal_number=f"{draws.choice(('086', '001', '083', '079'))}{sex}{born:%y}{draws.randrange(100, 9999):04}{place:02}",
        unit_code=code,
        unit_scheme=scheme,
        title=draws.choice(TITLES),
        email=f"canbo{place}.a@vinhlong.gov.vn",
        phone=f"09{draws.randrange(10**8):08}",
    )


def write_any(path: Path, form: str, rows: Sequence[Sequence[Any]]) -> Path:
    """The roster in a format."""
    if form.startswith("xlsx"):
        return write_xlsx(path / "a.xlsx", {"A": rows}, date_1904=form.endswith("1904"))
    texts = [[f"{cell:%d/%m/%Y}" if isinstance(cell, date) else quote(cell) for cell in line] for line in rows]
    encoding, delimiter = {"csv": ("utf-8", ","), "csv-utf-16": ("utf-16", "\t"), "csv-semicolon": ("utf-8-sig", ";")}[
        form
    ]
    return write_csv(path / "a.csv", texts, encoding, delimiter)


def quote(cell: Any) -> Any:
    """A cell as a text file has it."""
    text = "" if cell is None else str(cell)
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',;"\t\n') else text


def check_damaged(
    folder: Path, form: str, people: Sequence[dict[str, Any]], spoilt: Sequence[dict[str, Any]]
) -> list[Line]:
    """The lines of the people."""
    book = units(KnownCode(None, "admin-2004", "031", "Huyện Ba Tri", None, None, True))
    lines = check(write_any(folder, form, roster(*spoilt)), book=book)[2:]
    assert len(lines) == len(people)
    return lines


def assert_nothing_silent(line: Line, truth: dict[str, str | None], spoilt: Sequence[Damage]) -> None:
    """Exactly equal, or restored to that and said, or a fault."""
    told = line.as_json("en")
    hard = {
        column
        for fault in line.faults
        if not fault.restored
        for column in (fault.column, BESIDE.get(str(fault.column)))
    }
    names = [f"{damage.column}: {damage.name}" for damage in spoilt]
    for column, value in told["values"].items():
        if value is None and truth[column] is not None:
            assert column in hard, (names, column, told)
        elif column not in hard:
            assert value == truth[column], (names, column, told)
    if told["outcome"] in ("ok", "restored", "duplicate"):
        assert told["values"] == truth, (names, told)
    for fault in line.faults:
        assert fault.why.show("vi") != "", fault
        if fault.restored:
            assert fault.proposal == truth[str(fault.column)], (names, fault)


@given(seed=st.integers(0, 2**32), form=st.sampled_from(FORMATS), count=st.integers(1, 12))
@settings(max_examples=ROUNDS, deadline=None)
def test_a_damaged_cell_never_becomes_another_value_in_silence(
    tmp_path_factory: pytest.TempPathFactory, seed: int, form: str, count: int
) -> None:
    draws = random.Random(seed)
    people = [draw_person(place, draws) for place in range(count)]
    spoilt, used = [], []
    for person in people:
        chosen = {damage.column: damage for damage in draws.sample(DAMAGES, draws.choice((0, 1, 1, 1, 2, 3)))}
        spoilt.append(person | {column: damage.spoil(person[column], draws) for column, damage in chosen.items()})
        used.append(list(chosen.values()))
    lines = check_damaged(tmp_path_factory.mktemp("damaged"), form, people, spoilt)
    for line, person, damages in zip(lines, people, used, strict=True):
        assert_nothing_silent(line, true_values(person), damages)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: f"{damage.column}-{damage.name}".replace(" ", "-"))
def test_each_damage_alone_in_a_clean_roster(tmp_path: Path, damage: Damage, form: str) -> None:
    draws = random.Random(f"{damage.column}{damage.name}")
    people = [draw_person(place, draws) for place in range(len(NAMES))]
    spoilt = [person | {damage.column: damage.spoil(person[damage.column], draws)} for person in people]
    for line, person in zip(check_damaged(tmp_path, form, people, spoilt), people, strict=True):
        assert_nothing_silent(line, true_values(person), [damage])


@given(seed=st.integers(0, 2**32), count=st.integers(2, 40))
@settings(max_examples=ROUNDS // 2, deadline=None)
def test_a_spreadsheet_with_american_settings_is_never_believed(
    tmp_path_factory: pytest.TempPathFactory, seed: int, count: int
) -> None:
    """It takes 05/03/1980 for the third of May and stores that; 25/12/1980 it leaves as text."""
    draws = random.Random(seed)
    people = [draw_person(place, draws) for place in range(count)]
    people[0] = people[0] | {"birth_date": people[0]["birth_date"].replace(day=25)}
    spoilt = [person | {"birth_date": read_american(person["birth_date"])} for person in people]
    lines = check_damaged(tmp_path_factory.mktemp("american"), "xlsx", people, spoilt)
    for line, person in zip(lines, people, strict=True):
        assert_nothing_silent(line, true_values(person), [])


def read_american(day: date) -> date | str:
    """What is stored of a day that was written day first."""
    return day.replace(day=day.month, month=day.day) if day.day <= 12 else f"{day:%d/%m/%Y}"


def test_a_clean_roster_is_in_order_in_every_format(tmp_path: Path) -> None:
    draws = random.Random(1)
    people = [draw_person(place, draws) for place in range(12)]
    for form in FORMATS:
        lines = check_damaged(tmp_path, form, people, people)
        assert {line.outcome for line in lines} == {"ok"}
        assert cells(people[0])
