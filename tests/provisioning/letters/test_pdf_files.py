"""PDF files written directly: whole for every reader, text that can be taken out again, only the glyphs that were set."""

import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from foundation.clocks import parse_instant
from provisioning.letters.canvas import Canvas, find_runs
from provisioning.letters.pdf_files import PdfFile
from provisioning.letters.typefaces import Typeface

VIETNAMESE = "Nguyễn Ẩn Dật, Đặng Thị Phượng: Ậ Ễ Ỡ Ự ẵ ợ Ặ ặ ỹ Ỵ đ Đ – “”"


def write(path: Path, pages: int, text: str = VIETNAMESE) -> Path:
    with path.open("wb") as file:
        pdf = PdfFile(file, "Thư – ví dụ", "vi", parse_instant("2025-06-24"))
        for number in range(pages):
            canvas = Canvas(pdf.faces)
            canvas.text(20, 20, f"{text} {number}")
            canvas.qr(20, 40, 30, "https://example.vn/activate?login=hoa.lt")
            pdf.add_page(canvas.content())
        pdf.close()
    return path


def ask(*words: str | Path) -> str:
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("pages", [1, 128, 129, 300])
def test_the_file_is_whole_whatever_its_length(tmp_path: Path, pages: int) -> None:
    path = write(tmp_path / "a.pdf", pages)
    told = ask("pdfinfo", path)
    assert f"Pages:           {pages}" in told
    assert "Title:           Thư – ví dụ" in told
    assert "A4" in told


def test_every_vietnamese_letter_can_be_taken_out_again(tmp_path: Path) -> None:
    assert VIETNAMESE in ask("pdftotext", "-layout", write(tmp_path / "a.pdf", 1), "-")


def test_fonts_are_embedded_with_what_was_set_only(tmp_path: Path) -> None:
    told = ask("pdffonts", write(tmp_path / "a.pdf", 3))
    assert told.count("yes yes yes") == 3
    face = Typeface("regular")
    face.encode("Hoà")
    with TTFont(BytesIO(face.embed())) as font:
        drawn = [name for name in font.getGlyphOrder() if font["glyf"][name].numberOfContours]
    assert 3 <= len(drawn) <= 6
    assert len(face.embed()) < 20_000


def test_a_letter_the_face_lacks_becomes_a_question_mark(tmp_path: Path) -> None:
    face = Typeface("regular")
    assert face.encode("→") == face.encode("?")


def test_text_is_broken_between_words_and_a_long_word_stands_alone() -> None:
    face = Typeface("regular")
    lines = face.wrap("Công chức Văn hóa Xã hội Nghiêngnghiêngnghiêngnghiêngnghiêng", 10, 90)
    assert " ".join(lines) == "Công chức Văn hóa Xã hội Nghiêngnghiêngnghiêngnghiêngnghiêng"
    assert all(face.measure(line, 10) <= 90 for line in lines[:-1])
    assert face.wrap("", 10, 90) == []


def test_dark_modules_of_a_row_are_drawn_as_runs() -> None:
    assert find_runs(bytes([1, 1, 0, 1, 0, 0, 1])) == [(0, 2), (3, 1), (6, 1)]
