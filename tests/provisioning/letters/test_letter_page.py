"""What an activation letter says, read back from the paper."""

import re
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from directory.credentials import CODE_ALPHABET, make_code
from foundation.clocks import VIETNAM, parse_instant
from provisioning.letters.handover_page import Recipient, add_handover, split_pages
from provisioning.letters.letter_page import Letter, LetterHead, LetterSheet
from provisioning.letters.pdf_files import PdfFile

NOW = parse_instant("2025-06-24T09:00:00+07:00")
UNTIL = parse_instant("2025-07-25")


def head(language: str = "vi", unit: str = "UBND xã An Bình", example: bool = True) -> LetterHead:
    issuer = "https://dangnhap.vinhlong.gov.vn"
    return LetterHead(
        "UBND tỉnh Vĩnh Long", unit, "H61.12.3", example, "0270 1022", issuer, language, NOW, UNTIL, VIETNAM
    )


def letter(**changes: str) -> Letter:
    values = {"name": "Lê Thị Hoa", "title": "Văn thư", "login": "hoa.lt", "code": "ABCDEFGHJKLMNPQR", **changes}
    return Letter(**values, number=1, total=2)


def print_to(path: Path, draw: Callable[[PdfFile], None]) -> Path:
    with path.open("wb") as file:
        pdf = PdfFile(file, "Thư", "vi", NOW)
        draw(pdf)
        pdf.close()
    return path


def read(path: Path) -> str:
    """The words of the file, gaps as one space."""
    told = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True).stdout
    return re.sub(r"\s+", " ", told)


def scan(path: Path, folder: Path) -> str:
    """What a phone reads from the first page."""
    subprocess.run(["pdftoppm", "-r", "110", "-png", "-singlefile", str(path), str(folder / "page")], check=True)
    told = subprocess.run(
        ["zbarimg", "--raw", "-q", str(folder / "page.png")], capture_output=True, text=True, check=True
    )
    return told.stdout.strip()


def test_a_letter_has_all_that_is_needed_to_get_in(tmp_path: Path) -> None:
    text = read(print_to(tmp_path / "a.pdf", lambda pdf: LetterSheet(pdf, head()).add(letter())))
    for said in (
        "Kính gửi: Lê Thị Hoa", "Văn thư, UBND xã An Bình", "dangnhap.vinhlong.gov.vn/activate", "hoa.lt", "0270 1022",
        "Có giá trị đến hết ngày 24/7/2025", "H61.12.3 (mã ví dụ)", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Thư 1/2",
    ):  # fmt: skip
        assert said in text
    assert "A B C D E F G H J K L M N P Q R".replace(" ", "") in text.replace(" ", "")


def test_the_letter_speaks_english_where_it_is_asked_to(tmp_path: Path) -> None:
    text = read(print_to(tmp_path / "a.pdf", lambda pdf: LetterSheet(pdf, head("en", example=False)).add(letter())))
    assert "ACTIVATION LETTER" in text
    assert "Valid until the end of 24 July 2025" in text
    assert "example" not in text


@pytest.mark.parametrize("login", ["hoa.lt", "nguyen.thi.hoa_2@vinhlong.gov.vn"])
def test_the_qr_code_is_the_address_with_the_log_in_and_never_the_code(tmp_path: Path, login: str) -> None:
    path = print_to(tmp_path / "a.pdf", lambda pdf: LetterSheet(pdf, head()).add(letter(login=login)))
    assert scan(path, tmp_path) == f"https://dangnhap.vinhlong.gov.vn/activate?login={login.replace('@', '%40')}"


def test_long_names_and_titles_stay_on_the_paper(tmp_path: Path) -> None:
    unit = "UBND thị trấn Vĩnh Thạnh Trung Hòa Bình Phước Long Điền Đông Hải Nam"
    long = letter(
        name="Tôn Nữ Công Tằng Hoàng Bảo Quỳnh Như Nguyệt",
        title="Phó Chủ tịch Hội đồng nhân dân kiêm " * 4,
        login="x" * 60,
    )
    path = print_to(tmp_path / "a.pdf", lambda pdf: LetterSheet(pdf, head(unit=unit)).add(long))
    boxes = subprocess.run(["pdftotext", "-bbox", str(path), "-"], capture_output=True, text=True, check=True).stdout
    assert max(float(edge) for edge in re.findall(r'xMax="([\d.]+)"', boxes)) <= 595.3 - 40


def test_codes_have_no_sign_that_is_mistaken() -> None:
    assert not set("0O1I") & set(CODE_ALPHABET)
    assert set(make_code()) <= set(CODE_ALPHABET)


def test_a_letter_does_not_show_its_code_when_printed_by_accident() -> None:
    assert "ABCD" not in repr(letter())


def test_the_list_names_everybody_and_no_code(tmp_path: Path) -> None:
    people = [Recipient(f"Lê Thị Hoa {number}", "Văn thư", f"hoa.lt{number}") for number in range(45)]
    text = read(print_to(tmp_path / "a.pdf", lambda pdf: add_handover(pdf, head(), people)))
    assert all(person.login in text for person in people)
    assert "Ký nhận" in text
    assert "Trang 3/3" in text
    assert not re.search(r"\b[2-9A-HJ-NP-Z]{4} [2-9A-HJ-NP-Z]{4} [2-9A-HJ-NP-Z]{4}\b", text)


@pytest.mark.parametrize("count", [0, 1, 14, 15, 17, 18, 36, 37, 400])
def test_lists_of_any_length_lose_nobody_and_leave_room_for_signatures(count: int) -> None:
    people = [Recipient(str(number), "", "") for number in range(count)]
    pages = split_pages(people)
    assert [person.name for _start, part in pages for person in part] == [str(number) for number in range(count)]
    assert [start for start, _part in pages] == [
        sum(len(part) for _s, part in pages[:place]) for place in range(len(pages))
    ]
    assert len(pages[-1][1]) <= (14 if len(pages) == 1 else 18)


def test_printing_a_letter_says_the_last_whole_day() -> None:
    assert head().last_day == (UNTIL - timedelta(seconds=1)).astimezone(VIETNAM).date()
