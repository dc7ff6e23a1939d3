"""Headings as people write them."""

import pytest

from provisioning.rosters.cells import Cell
from provisioning.rosters.headings import WRITINGS, find_column, find_headings, is_heading_again
from provisioning.rosters.vocabulary import COLUMNS


def test_every_column_of_the_template_has_writings() -> None:
    assert set(COLUMNS) <= WRITINGS.keys()


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("HỌ VÀ TÊN", "name"),
        ("Họ và tên khai sinh (chữ in hoa)", "name"),
        ("Ngày, tháng, năm sinh", "birth_date"),
        ("Số CCCD/ Định danh", "personal_number"),
        ("Số định danh\ncá nhân (CCCD)", "personal_number"),
        ("Mã cơ quan, đơn vị", "unit_code"),
        ("SĐT", "phone"),
        ("Điện thoại di động:", "phone"),
        ("E-mail", "email"),
        ("Địa chỉ thư điện tử công vụ", "email"),
        ("personal_number", "personal_number"),
        ("Chức vụ, chức danh hiện nay", "title"),
        ("Khối (Đảng/HĐND/UBND…)", "body"),
        ("Mật khẩu (băm)", "password_hash"),
        ("Ghi chú", None),
        ("Quê quán", None),
    ],
)
def test_a_heading_is_recognised_by_what_it_means(heading: str, column: str | None) -> None:
    assert find_column(heading) == column


def find(*rows: list[Cell]) -> tuple[dict[str, int], int, int]:
    """Columns and lines of the headings found."""
    found = find_headings(list(enumerate(rows, 1)))
    assert found is not None
    return dict(found.columns), found.first, found.last


def test_headings_stand_under_a_title_in_any_order() -> None:
    assert find(
        ["UBND HUYỆN LONG HỒ"], ["DANH SÁCH CÁN BỘ"], [None], ["TT", "Chức vụ", "Số CCCD", "Họ tên"], [1, "Văn thư", "0861", "A"]
    ) == ({"ordinal": 0, "title": 1, "personal_number": 2, "name": 3}, 4, 4)  # fmt: skip


def test_headings_on_two_lines_with_a_merged_cell_are_one() -> None:
    columns, first, last = find(
        ["STT", "Họ và tên", "Ngày sinh", None, "Đơn vị", None, "Chức vụ"],
        [None, None, "Nam", "Nữ", "Mã", "Tên", None],
        [1, "Lê Thị Hoa", None, "25/12/1980", "28756", "Xã An Bình", "Văn thư"],
    )
    assert columns == {"ordinal": 0, "name": 1, "birth_date": 2, "birth_date_women": 3, "unit_code": 4, "title": 6}
    assert (first, last) == (1, 2)


def test_family_and_given_name_may_stand_apart() -> None:
    columns, _first, _last = find(["TT", "Họ đệm", "Tên", "Ngày sinh", "CCCD"])
    assert columns == {"ordinal": 0, "family_name": 1, "given_name": 2, "birth_date": 3, "personal_number": 4}


@pytest.mark.parametrize(
    "rows",
    [[["Ghi chú"], ["Mã trong bảng này là mã ví dụ"]], [["Họ và tên", "Chức vụ"]], [["Mã đơn vị", "Tên đơn vị", "Chức vụ"]], []],
)  # fmt: skip
def test_a_sheet_without_enough_headings_is_no_roster(rows: list[list[Cell]]) -> None:
    assert find_headings(list(enumerate(rows, 1))) is None


def test_repeated_headings_and_column_numbers_are_known_again() -> None:
    headings = find_headings([(1, ["STT", "Họ và tên", "Ngày sinh", "Số CCCD"])])
    assert headings is not None
    assert is_heading_again(["STT", "Họ và tên", "Ngày sinh", "Số CCCD"], headings)
    assert is_heading_again(["(1)", "(2)", "(3)", "(4)"], headings)
    assert is_heading_again([1, 2, 3, 4], headings)
    assert not is_heading_again([1, "Lê Thị Hoa", "25/12/1980", "086180001234"], headings)
