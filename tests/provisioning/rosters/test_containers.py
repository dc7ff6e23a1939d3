"""Files that are not what they say, are broken, encrypted or bombs: a plain answer, never a traceback."""

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.errors import BadInput
from provisioning.rosters.errors import (
    BrokenFile,
    EncryptedFile,
    MislabelledFile,
    OversizedFile,
    UnknownFormat,
    UnreadableFile,
)
from provisioning.rosters.files import open_book
from tests.provisioning.rosters.makers import check, roster, row, write_csv, write_xlsx


def truncate(path: Path) -> None:
    good = write_xlsx(path.with_name("good.xlsx"), {"A": roster(row())}).read_bytes()
    path.write_bytes(good[: len(good) // 2])


def garble(path: Path) -> None:
    write_xlsx(path, {"A": roster(row())})
    with zipfile.ZipFile(path) as archive:
        place = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 80
    raw = bytearray(path.read_bytes())
    raw[place : place + 40] = b"\xff" * 40
    path.write_bytes(raw)


def encrypt_office(path: Path) -> None:
    path.write_bytes(
        bytes.fromhex("D0CF11E0A1B11AE1") + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(4000)
    )


def encrypt_zip(path: Path) -> None:
    write_xlsx(path, {"A": roster(row())})
    raw = bytearray(path.read_bytes())
    start = 0
    while (start := raw.find(b"PK\x01\x02", start)) >= 0:
        raw[start + 8] |= 1
        start += 4
    path.write_bytes(raw)


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/workbook.xml", '<workbook><sheets><sheet name="A" r:id="r1" xmlns:r="r"/></sheets></workbook>'
        )
        archive.writestr("xl/_rels/workbook.xml.rels", '<R><Relationship Id="r1" Target="worksheets/s.xml"/></R>')
        with archive.open("xl/worksheets/s.xml", "w") as sheet:
            sheet.write(b"<worksheet><sheetData><row><c><v>")
            for _piece in range(96):
                sheet.write(b"1" * (1 << 20))


def lying_bomb(path: Path) -> None:
    """A bomb whose directory states a small size."""
    bomb(path)
    raw = bytearray(path.read_bytes())
    start = 0
    while (start := raw.find(b"PK\x01\x02", start)) >= 0:
        raw[start + 24 : start + 28] = struct.pack("<I", 100)
        start += 4
    path.write_bytes(raw)


def laughs(path: Path) -> None:
    entity = "<!DOCTYPE w [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]>"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", f"{entity}<workbook><sheets/></workbook>")


def text_as_workbook(path: Path) -> None:
    write_csv(path, roster(row()))


def workbook_as_text(path: Path) -> None:
    write_xlsx(path, {"A": roster(row())})


def read_all(path: Path) -> None:
    for sheet in open_book(path).sheets:
        list(sheet.rows())


@pytest.mark.parametrize(
    ("name", "make", "refusal"),
    [
        ("a.xlsx", truncate, BrokenFile),
        ("a.xlsx", garble, BrokenFile),
        ("a.xlsx", encrypt_office, EncryptedFile),
        ("a.xlsx", encrypt_zip, EncryptedFile),
        ("a.xlsx", bomb, OversizedFile),
        ("a.xlsx", lying_bomb, OversizedFile),
        ("a.xlsx", laughs, BrokenFile),
        ("a.xlsx", text_as_workbook, MislabelledFile),
        ("a.csv", workbook_as_text, MislabelledFile),
        ("a.xls", lambda path: path.write_text("<html><table><tr><td>Họ và tên</td></tr></table>"), MislabelledFile),
        ("a.xlsx", lambda path: path.write_bytes(b"%PDF-1.7 ..."), MislabelledFile),
        ("a.xlsx", lambda path: path.write_bytes(b""), BrokenFile),
        ("a.csv", lambda path: path.write_bytes(bytes(range(256)) * 8), UnknownFormat),
        ("a.docx", lambda path: zipfile.ZipFile(path, "w").writestr("word/document.xml", "x"), UnknownFormat),
        ("a.xls", lambda path: path.write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + "Workbook".encode("utf-16-le") * 300), BrokenFile),
        ("a.csv", lambda path: path.mkdir(), UnreadableFile),
        ("a.csv", lambda path: None, UnreadableFile),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_file_that_cannot_be_read_gets_a_plain_answer(
    tmp_path: Path, name: str, make: Callable[[Path], object], refusal: type[BadInput]
) -> None:
    path = tmp_path / name
    make(path)
    with pytest.raises(refusal):
        read_all(path)


def test_one_file_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    broken = tmp_path / "a.xlsx"
    truncate(broken)
    lines = check(broken, write_csv(tmp_path / "b.csv", roster(row())))
    assert [(line.place.row, line.outcome) for line in lines] == [
        (None, "fault"),
        (None, "ok"),
        (1, "ignored"),
        (2, "ok"),
    ]
    assert [fault.code for fault in lines[0].faults] == ["file-broken"]


@pytest.fixture(scope="module")
def whole_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A table and a workbook that nothing is wrong with; written once, because a workbook holds the hour it was written."""
    folder = tmp_path_factory.mktemp("whole")
    people = roster(*[row(personal_number=f"0861800{number:05}", phone=None) for number in range(12)])
    return write_csv(folder / "a.csv", people), write_xlsx(folder / "a.xlsx", {"A": people})


@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_read_or_refused_and_never_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, whole_files: tuple[Path, Path], data: st.DataObject
) -> None:
    whole = whole_files[data.draw(st.booleans())]
    path = tmp_path_factory.mktemp("damaged") / whole.name
    raw = bytearray(whole.read_bytes())
    for place, byte in data.draw(st.lists(st.tuples(st.integers(0, len(raw) - 1), st.integers(0, 255)), max_size=12)):
        raw[place] = byte
    path.write_bytes(raw[: data.draw(st.integers(1, len(raw)))])
    lines = check(path)
    assert lines[0].place.row is None
    assert all(line.as_json("vi") for line in lines)
