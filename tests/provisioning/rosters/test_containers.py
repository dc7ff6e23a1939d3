"""Files that are not what they say, are broken, encrypted or bombs: a plain answer, never a traceback."""

import os
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
from tests.provisioning.rosters.compound import write_xls
from tests.provisioning.rosters.makers import HEADINGS, check, roster, row, write_csv, write_xlsx
from tests.provisioning.rosters.test_older_workbooks import write_ods

# So many damaged files of each format; thousands where there is time.
ROUNDS = int(os.environ.get("HOPNHAT_FUZZ", "25"))


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


def many_members(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(5001):
            archive.writestr(f"xl/{number}", "")


def one_endless_line(path: Path) -> None:
    path.write_bytes(b"Ho va ten,Ngay sinh,CCCD\r\n" + b"a" * (3 << 20))


def equal_people(path: Path) -> None:
    """Two cells that say they are seventeen thousand million."""
    write_ods(path, [list(HEADINGS.values())])
    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml").decode()
    flood = (
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell office:value-type="string" '
        'table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell></table:table-row></table:table>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content.replace("</table:table>", flood))


def encrypted_ods(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<m:manifest xmlns:m='m'><m:encryption-data/></m:manifest>")
        archive.writestr("content.xml", b"\x00\x01\x02")


@pytest.mark.parametrize(
    ("name", "make", "refusal"),
    [
        ("a.xlsx", many_members, OversizedFile),
        ("a.csv", one_endless_line, OversizedFile),
        ("a.ods", equal_people, OversizedFile),
        ("a.ods", encrypted_ods, EncryptedFile),
    ],
)
def test_a_claim_of_enormous_size_is_not_believed(
    tmp_path: Path, name: str, make: Callable[[Path], object], refusal: type[BadInput]
) -> None:
    make(tmp_path / name)
    began = time.monotonic()
    with pytest.raises(refusal):
        read_all(tmp_path / name)
    assert time.monotonic() - began < 10


def test_thousands_of_columns_are_cut_where_no_roster_reaches(tmp_path: Path) -> None:
    wide = [[*line, *["x"] * 20_000] for line in roster(row())]
    for path in (
        write_csv(tmp_path / "a.csv", wide),
        write_xlsx(tmp_path / "a.xlsx", {"A": [line[:16_384] for line in wide]}),
    ):
        assert [line.outcome for line in check(path)] == ["ok", "ignored", "ok"]
        assert max(len(row.cells) for row in open_book(path).sheets[0].rows()) <= 1024


def make_good(kind: str, folder: Path, people: list[list[Any]]) -> Path:
    if kind == "xls":
        return write_xls(folder / "a.xls", {"A": people}, [(1, 2, 3, 3)])
    if kind == "ods":
        return write_ods(folder / "a.ods", people)
    return write_xlsx(folder / "a.xlsx", {"A": people}) if kind == "xlsx" else write_csv(folder / "a.csv", people)


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods", "csv"])
@given(data=st.data())
@settings(max_examples=ROUNDS, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_damaged_file_is_read_or_refused_and_never_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    people = roster(*[row(personal_number=f"0861800{number:05}", phone=None) for number in range(12)])
    path = make_good(kind, folder, people)
    raw = bytearray(path.read_bytes())
    inside = data.draw(st.booleans()) and kind in ("xlsx", "ods")
    if inside:  # Damage what the container holds, and pack it again: else the checksum hides the reader from it.
        damage_member(path, data)
    else:
        for place, byte in data.draw(
            st.lists(st.tuples(st.integers(0, len(raw) - 1), st.integers(0, 255)), max_size=12)
        ):
            raw[place] = byte
        path.write_bytes(raw[: data.draw(st.integers(1, len(raw)))])
    lines = check(path)
    assert lines[0].place.row is None
    assert all(line.as_json("vi") for line in lines)


def damage_member(path: Path, data: st.DataObject) -> None:
    """Some bytes of one member exchanged."""
    with zipfile.ZipFile(path) as archive:
        members = {name: bytearray(archive.read(name)) for name in archive.namelist()}
    name = data.draw(st.sampled_from(sorted(name for name in members if name.endswith(".xml") and members[name])))
    raw = members[name]
    for place, byte in data.draw(st.lists(st.tuples(st.integers(0, len(raw) - 1), st.integers(0, 255)), max_size=6)):
        raw[place] = byte
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in members.items():
            archive.writestr(zipfile.ZipInfo(member), bytes(content))
