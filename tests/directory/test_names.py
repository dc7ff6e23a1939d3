"""Names as the register keeps, compares and sorts them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.names import fold_name, normalize_text, sort_key, split_name, tone_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Đặng Thị Hoà", "dang thi hoa"),
        ("ĐẶNG  THỊ HÒA", "dang thi hoa"),
        (unicodedata.normalize("NFD", "Nguyễn Đức Phượng"), "nguyen duc phuong"),
        ("Trần Ái Quỳnh", "tran ai quynh"),
    ],
)
def test_a_name_is_found_without_case_marks_or_tone_placement(name: str, key: str) -> None:
    assert fold_name(name) == key


def test_the_icelandic_eth_is_not_taken_for_the_vietnamese_letter() -> None:
    assert fold_name("Ðặng") != fold_name("Đặng")


def test_two_styles_of_tone_placement_are_one_name() -> None:
    assert tone_key("Lê Thuỳ Hoà") == tone_key("lê thùy hòa")


def test_other_marks_are_another_name() -> None:
    assert tone_key("Lê Thị Hoa") != tone_key("Lê Thị Hòa")


def test_text_is_composed_and_unseen_characters_leave() -> None:
    assert normalize_text(unicodedata.normalize("NFD", "\ufeffNguyễn\u00a0 Thị \u200bHoa ")) == "Nguyễn Thị Hoa"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Lê Thị Ngọc Hoa", ("Lê", "Thị Ngọc", "Hoa")),
        ("Lê Hoa", ("Lê", "", "Hoa")),
        ("Hoa", ("", "", "Hoa")),
        ("", ("", "", "")),
    ],
)
def test_a_name_splits_by_position(name: str, parts: tuple[str, str, str]) -> None:
    assert split_name(name) == parts


def test_people_are_sorted_by_given_name_in_the_vietnamese_alphabet() -> None:
    people = ["Lê Văn Đạt", "Trần Thị Ân", "Lê Văn Dũng", "Bùi Thị An", "Ngô Văn Ấn", "Đỗ Văn An"]
    assert sorted(people, key=sort_key) == [
        "Bùi Thị An",
        "Đỗ Văn An",
        "Trần Thị Ân",
        "Ngô Văn Ấn",
        "Lê Văn Dũng",
        "Lê Văn Đạt",
    ]


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold_name(fold_name(text)) == fold_name(text)


@given(st.text())
def test_normalizing_twice_changes_nothing(text: str) -> None:
    assert normalize_text(normalize_text(text)) == normalize_text(text)
