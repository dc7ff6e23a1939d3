"""XLS through the library and ODS by our own reader: the same rows as from any other file, and what cannot be read."""

import zipfile
from datetime import date
from pathlib import Path

import pytest

from provisioning.rosters.errors import BrokenFile
from provisioning.rosters.files import open_book
from provisioning.rosters.recognised import describe_file
from tests.provisioning.rosters.compound import write_xls
from tests.provisioning.rosters.makers import HEADINGS, check, codes, lan, roster, row

OFFICE = "urn:oasis:names:tc:opendocument:xmlns"


def write_ods(path: Path, rows: list[list[object]]) -> Path:
    """A small OpenDocument sheet."""

    def cell(value: object) -> str:
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, date):
            return f'<table:table-cell office:value-type="date" office:date-value="{value}"><text:p>x</text:p></table:table-cell>'
        if isinstance(value, int):
            return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    body = "".join(f"<table:table-row>{''.join(map(cell, line))}</table:table-row>" for line in rows)
    spaces = " ".join(f'xmlns:{name}="{OFFICE}:{name}:1.0"' for name in ("office", "table", "text"))
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="Danh sách">{body}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    manifest = '<?xml version="1.0"?><m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)
    return path


def test_an_ods_roster_is_read_like_any_other(tmp_path: Path) -> None:
    person = row(birth_date=date(1980, 12, 25), personal_number=86180001234)
    lines = check(write_ods(tmp_path / "a.ods", [list(HEADINGS.values()), [person.get(column) for column in HEADINGS]]))
    assert lines[0].facts is not None
    assert (lines[0].facts["format"], lines[0].facts["sheets_used"]) == ("ods", ["Danh sách"])
    assert lines[2].outcome == "restored"
    assert lines[2].values is not None
    assert (lines[2].values.birth_date, lines[2].values.personal_number) == (date(1980, 12, 25), "086180001234")


def test_a_damaged_ods_is_told_plainly(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "a.ods", [list(HEADINGS.values())])
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<office:document-content")
    with pytest.raises(BrokenFile):
        list(open_book(path).sheets[0].rows())


def test_an_xls_roster_is_read_like_any_other(tmp_path: Path) -> None:
    people = [row(birth_date=29580, personal_number=86180001234), lan(title=None)]
    path = write_xls(tmp_path / "a.xls", {"Danh sách": [[], *roster(*people)], "Ghi chú": [["x"]]}, [(2, 3, 5, 5)])
    lines = check(path)
    assert lines[0].facts is not None
    assert (lines[0].facts["format"], lines[0].facts["sheets_used"], lines[0].facts["sheets_ignored"]) == (
        "xls", ["Danh sách"], ["Ghi chú"],
    )  # fmt: skip
    assert [(line.place.row, line.outcome) for line in lines[3:5]] == [(3, "restored"), (4, "ok")]
    assert lines[3].values is not None
    assert (lines[3].values.birth_date, lines[3].values.personal_number) == (date(1980, 12, 25), "086180001234")
    assert lines[4].values is not None
    assert lines[4].values.title == "Văn thư"  # merged down from the row above
    told = [sentence.show("vi") for sentence in describe_file(lines[0])]
    assert any("không cho biết" in sentence for sentence in told)


def test_what_a_reader_of_an_ods_does_not_see_is_said(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "a.ods", roster(row(), lan()))
    edit(path, [
        ("<table:table-row><table:table-cell office:value-type=\"string\"><text:p>Trần", "<table:table-row table:visibility=\"collapse\">"
         "<table:table-cell office:value-type=\"string\"><text:p>Trần"),
        ("<table:table table:name=\"Danh sách\">", "<table:table table:name=\"Danh sách\"><table:table-column "
         "table:number-columns-repeated=\"2\"/><table:table-column table:visibility=\"collapse\"/>"),
    ])  # fmt: skip
    facts = check(path)[0].facts
    assert facts is not None
    assert (facts["hidden_rows"], facts["hidden_columns"]) == (1, ["personal_number"])


def test_repeated_cells_and_rows_stand_where_they_belong(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "a.ods", [[None, *line] for line in [*roster(row()), [], *roster(lan())[1:]]])
    edit(path, [
        ("<table:table-row><table:table-cell/></table:table-row>", "<table:table-row table:number-rows-repeated=\"5\"><table:table-cell "
         "table:number-columns-repeated=\"1024\"/></table:table-row>"),
        ("</table:table>", "<table:table-row table:number-rows-repeated=\"1048000\"><table:table-cell "
         "table:number-columns-repeated=\"16384\"/></table:table-row></table:table>"),
    ])  # fmt: skip
    lines = check(path)
    assert [(line.place.row, line.outcome) for line in lines[1:3]] == [(1, "ignored"), (2, "ok")]
    assert (lines[-1].place.row, lines[-1].outcome) == (8, "ok")


def test_a_formula_without_a_result_is_a_fault_in_an_ods_too(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "a.ods", roster(row(phone="PHONE")))
    edit(
        path,
        [
            (
                '<table:table-cell office:value-type="string"><text:p>PHONE</text:p>',
                '<table:table-cell table:formula="of:=[.A1]">',
            )
        ],
    )
    assert codes(check(path)[2]) == ["cell-formula"]


def edit(path: Path, changes: list[tuple[str, str]]) -> None:
    """The document with some of its text exchanged."""
    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml").decode()
    for before, after in changes:
        assert before in content
        content = content.replace(before, after)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
