"""ODS workbooks through the library, and what it cannot read."""

import zipfile
from datetime import date
from pathlib import Path

import pytest

from provisioning.rosters.errors import BrokenFile
from provisioning.rosters.files import open_book
from tests.provisioning.rosters.makers import HEADINGS, check, row

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
