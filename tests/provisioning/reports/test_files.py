"""The printings: one HTML file that fetches nothing, a workbook that runs nothing, one page of PDF; all say the same figures."""

import re
import stat
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest

from foundation.shell import Actor
from provisioning.reports.sheets import show_rate, show_share
from tests.provisioning.loads import GLASS
from tests.provisioning.reports.conftest import Call, Office

SOMEBODY = Actor("somebody")


class Links(HTMLParser):
    """Everything a page could fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "link", "img", "iframe", "object", "form") or any(
            name in ("src", "href") or name.startswith("on") for name, _value in attrs
        ):
            self.found.append(tag)


@pytest.fixture
def files(office: Office, call: Call, tmp_path: Path) -> Path:
    answer = call(
        office.runtime, SOMEBODY, "report", "readiness", "--html", "r.html", "--xlsx", "r.xlsx", "--pdf", "r.pdf",
    )  # fmt: skip
    assert answer.code == 1, answer.talk
    assert "r.pdf" in answer.talk
    return tmp_path


def test_the_page_fetches_and_runs_nothing_and_stands_in_vietnamese(files: Path) -> None:
    text = (files / "r.html").read_text("utf-8")
    links = Links()
    links.feed(text)
    assert links.found == []
    assert "@import" not in text
    assert "url(" not in text
    assert "default-src 'none'" in text
    assert '<html lang="vi">' in text
    assert "Mức độ sẵn sàng theo thời hạn" in text


def test_the_pdf_is_one_page_with_the_states_heading_and_every_task(files: Path) -> None:
    told = subprocess.run(
        ["pdftotext", "-layout", str(files / "r.pdf"), "-"], capture_output=True, text=True, check=True
    )
    assert told.stdout.count("\f") == 1
    flat = re.sub(r"\s+", " ", told.stdout)
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in flat
    assert "BÁO CÁO" in flat
    assert flat.count("30/06/2025") >= 7
    assert "24/06/2025 09:00 (+07:00)" in flat


def test_the_workbook_has_numbers_as_numbers_and_a_sheet_for_each_table(files: Path) -> None:
    book = openpyxl.load_workbook(files / "r.xlsx")
    tasks = book.worksheets[0]
    headings = [cell.value for cell in tasks[4]]
    rows = [dict(zip(headings, (cell.value for cell in row), strict=True)) for row in tasks.iter_rows(min_row=5)]
    accounts = next(row for row in rows if row["Việc"].startswith("Cấp tài khoản đăng nhập"))
    assert (accounts["Đã xong"], accounts["Cần"], accounts["Còn lại"]) == (7, 8, 1)
    assert accounts["Tỷ lệ"] == pytest.approx(7 / 8)
    assert len(book.worksheets) > 3
    assert book.worksheets[-1].title == "Ghi chú"


@pytest.mark.parametrize("name", ["r.html", "r.xlsx", "r.pdf"])
def test_files_are_their_owners_alone(files: Path, name: str) -> None:
    assert stat.S_IMODE((files / name).stat().st_mode) == 0o600
    assert not list(files.glob(f".{name}*"))


def test_nothing_in_a_list_is_ever_run(office: Office, call: Call, tmp_path: Path) -> None:
    answer = call(
        office.runtime, GLASS, "report", "coverage", "--list", "no-certificate", "--xlsx", "c.xlsx", "--html", "c.html",
        "--output", "csv",
    )  # fmt: skip
    assert answer.code == 1, answer.talk
    assert "'=cmd" in answer.out
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert any(str(cell.value).startswith("'=cmd") for cell in cells)
    assert "=cmd|&#39;" in (tmp_path / "c.html").read_text("utf-8")


def test_a_file_that_cannot_be_written_leaves_nothing(office: Office, call: Call, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    answer = call(office.runtime, SOMEBODY, "report", "readiness", "--html", "taken")
    assert answer.code == 65
    assert "taken" in answer.talk
    assert [path.name for path in tmp_path.glob(".taken*")] == []


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.0001, "0,1 %"), (0.5, "50 %"), (0.999, "99,9 %"), (0.99999, "99,9 %"), (1, "100 %")],
)
def test_a_share_is_whole_only_when_it_is(share: float, text: str) -> None:
    assert show_share("vi", share) == text


@pytest.mark.parametrize(("rate", "text"), [(0, "0"), (2.5, "+2,5"), (-3, "-3,0"), (1234, "+1.234")])
def test_a_rate_has_its_sign(rate: float, text: str) -> None:
    assert show_rate("vi", rate) == text
