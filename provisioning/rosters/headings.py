"""Which column is which: headings as people write them, in any order, under a title, on two lines or merged.

A heading row is the row (or two or three rows, one under the other) among the first forty that names most columns we know; a
name and two more columns are needed, otherwise the sheet is no roster.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final

from directory.names import fold_name
from provisioning.rosters.cells import Cell, cell_text

SEARCHED: Final = 40
DEEPEST: Final = 3
ENOUGH: Final = 3
# Columns that must not say two things of one person; of the others the first of one heading counts.
ONCE: Final = ("name", "birth_date", "personal_number")

# What stands for each column; the first writing is the template's. Parted by semicolons; compared on the
# folded key, without what stands in brackets.
WRITINGS: Final[Mapping[str, str]] = {
    "ordinal": "STT; TT; Số TT; Số thứ tự; No; No.; #",
    "name": (
        "Họ và tên; Họ tên; Họ, tên; Họ và tên khai sinh; Họ tên cán bộ; Họ và tên cán bộ; Tên cán bộ; Họ và tên "
        "CBCC; Họ và tên CBCCVC; Họ tên CBCCVC; Họ và tên công chức; Họ tên đầy đủ; Tên đầy đủ; Name; Full "
        "name"
    ),
    "family_name": "Họ; Họ đệm; Họ và đệm; Họ và tên đệm; Họ và chữ đệm; Họ lót; Họ và tên lót",
    "given_name": "Tên; Tên gọi",
    "birth_date": (
        "Ngày sinh; Ngày tháng năm sinh; Ngày, tháng, năm sinh; NS; Sinh ngày; Năm sinh; Ngày/tháng/năm sinh; Birth "
        "date; Date of birth; birth_date; DOB; Ngày sinh Nam; Năm sinh Nam; Ngày tháng năm sinh Nam"
    ),
    # Many forms have two columns under the birth date, one for men and one for women.
    "birth_date_women": "Ngày sinh Nữ; Năm sinh Nữ; Ngày tháng năm sinh Nữ",
    "personal_number": (
        "Số định danh cá nhân; Số định danh; Số ĐDCN; ĐDCN; Mã định danh cá nhân; Định danh cá nhân; Số CCCD; CCCD; "
        "CCCD/ĐDCN; Số căn cước; Số căn cước công dân; Căn cước công dân; Căn cước; Số thẻ căn cước; Số CC; Số "
        "CMND/CCCD; CMND/CCCD; CCCD/CMND; Số CCCD/CMND; Số CCCD/Định danh; Số CCCD/ĐDCN; Số định danh cá nhân/CCCD; "
        "Số định danh cá nhân/Căn cước; Số giấy tờ; personal_number; Personal number; Identity number"
    ),
    "unit_code": (
        "Mã đơn vị; Mã cơ quan; Mã cơ quan đơn vị; Mã cơ quan, đơn vị; Mã cơ quan/đơn vị; Mã ĐV; Mã định danh đơn vị; "
        "Mã định danh cơ quan; Mã định danh điện tử; Mã định danh đơn vị công tác; Mã đơn vị công tác; Mã đơn vị hành "
        "chính; Mã ĐVHC; Mã xã; Mã đơn vị cũ; Đơn vị Mã; Đơn vị công tác Mã; Đơn vị Mã đơn vị; Cơ quan, đơn vị Mã; "
        "unit_code; Unit code; old_unit_code"
    ),
    "unit_scheme": (
        "Loại mã; Loại mã đơn vị; Hệ mã; Bộ mã; Kiểu mã; Đơn vị Loại mã; Đơn vị công tác Loại mã; unit_scheme; Code "
        "scheme"
    ),
    "title": (
        "Chức vụ; Chức danh; Chức vụ/chức danh; Chức vụ, chức danh; Chức vụ hiện nay; Chức vụ hiện tại; Chức vụ, chức "
        "danh hiện nay; Chức vụ công tác; Chức vụ chính quyền; Chức danh, chức vụ; CV; Vị trí việc làm; Title; "
        "Position"
    ),
    "duties": "Nhiệm vụ; Vai trò; Nhiệm vụ được giao; Quyền; Phân quyền; Duties",
    "body": "Khối; Khối công tác; Khối cơ quan; Thuộc khối; Tổ chức; Body",
    "main": "Chính/kiêm nhiệm; Chính, kiêm nhiệm; Kiêm nhiệm; Chức vụ chính; Chính hay kiêm nhiệm; Hình thức; Main",
    "email": (
        "Thư điện tử công vụ; Thư điện tử; Thư công vụ; Email; E-mail; Email công vụ; Địa chỉ email; Hộp thư công vụ; "
        "Hộp thư điện tử; Địa chỉ thư điện tử; Địa chỉ thư điện tử công vụ; Mail; Mail công vụ; Thư điện tử (Email)"
    ),
    "phone": (
        "Điện thoại; Số điện thoại; SĐT; ĐT; Điện thoại di động; Số điện thoại di động; Di động; Số ĐT; ĐTDĐ; Số di "
        "động; Số máy; Liên hệ Điện thoại; Phone; Mobile; Tel"
    ),
    "login": "Tên đăng nhập; Tài khoản; Tên tài khoản; Tài khoản đăng nhập; User; Username; Login; Account",
    "staff_code": (
        "Mã CBCCVC; Mã cán bộ; Mã công chức; Mã số CBCCVC; Số hiệu công chức; Số hiệu CBCC; Mã nhân viên; Mã hồ sơ; "
        "Mã NV; staff_code; Staff code"
    ),
    "new_unit_code": (
        "Mã đơn vị mới; Đơn vị mới; Mã đơn vị sau sắp xếp; Mã đơn vị sau sáp nhập; Mã cơ quan mới; Mã đơn vị chuyển "
        "đến; new_unit_code; New unit code"
    ),
    "new_title": (
        "Chức vụ mới; Chức danh mới; Chức vụ sau sắp xếp; Chức vụ sau sáp nhập; Chức vụ dự kiến; new_title; New title"
    ),
    # Written by our own result files, so that a repaired one is read as the files it was made of.
    "source": "Nguồn",
    "password_hash": "Mật khẩu (băm); Mật khẩu băm; Mật khẩu; Chuỗi băm; password_hash; Password hash; userPassword",
}
BRACKETS: Final = re.compile(r"\([^)]*\)|\[[^\]]*\]")
SIGNS: Final = re.compile(r"[^a-z0-9/#]+")


def heading_key(text: str) -> str:
    """The key a heading is compared by: folded, signs and doubled spaces gone."""
    return SIGNS.sub(" ", fold_name(text)).replace(" / ", "/").replace("/ ", "/").replace(" /", "/").strip()


BY_KEY: Final = {
    heading_key(writing): column for column, writings in WRITINGS.items() for writing in writings.split("; ")
}


@dataclass(frozen=True)
class Headings:
    """Where the columns stand (column → index from 0), and the rows the headings take (from 1, first and last)."""

    columns: Mapping[str, int]
    first: int
    last: int
    twice: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def is_roster(self) -> bool:
        """Whether enough is named to read people: a name and what tells them apart."""
        named = "name" in self.columns or {"family_name", "given_name"} <= self.columns.keys()
        return named and len(self.columns.keys() - {"ordinal"}) >= ENOUGH


@lru_cache(maxsize=4096)
def find_column(text: str) -> str | None:
    """The column a heading names, with or without what stands in its brackets."""
    return BY_KEY.get(heading_key(text)) or BY_KEY.get(heading_key(BRACKETS.sub(" ", text)))


def find_headings(rows: Sequence[tuple[int, Sequence[Cell]]]) -> Headings | None:
    """The headings among the first rows of a sheet, each given with its number; None if the sheet is no roster."""
    best: Headings | None = None
    named: list[int] = []
    for index in range(len(rows)):
        if best is not None and rows[index][0] > best.last + DEEPEST:
            break  # People begin under the headings; nothing better follows.
        while len(named) < min(index + DEEPEST, len(rows)):
            named.append(count_named(rows[len(named)][1]))
        if max(named[index : index + DEEPEST]) < 2:
            continue
        for depth in range(1, DEEPEST + 1):
            block = rows[index : index + depth]
            if len(block) < depth:
                break
            found = build_headings([cells for _number, cells in block], block[0][0], block[-1][0])
            if found.is_roster and (best is None or len(found.columns) > len(best.columns)):
                best = found
    return best


def build_headings(block: Sequence[Sequence[Cell]], first: int, last: int) -> Headings:
    """The headings that rows under one another are; of two columns with one name the first counts."""
    places = name_columns(block)
    twice = {column: tuple(places[column]) for column in ONCE if len(places.get(column, ())) > 1}
    return Headings({column: found[0] for column, found in places.items()}, first, last, twice)


def count_named(cells: Sequence[Cell]) -> int:
    """How many cells of a row name a column by themselves; rows of people name none."""
    return sum(isinstance(cell, str) and find_column(cell) is not None for cell in cells)


def name_columns(block: Sequence[Sequence[Cell]]) -> dict[str, list[int]]:
    """Column → indexes for headings on one to three lines.

    A merged heading stands in its first cell only: it is carried to the right while the line below goes on.
    """
    width = max((len(cells) for cells in block), default=0)
    lines = [[cell_text(cells[place]) if place < len(cells) else None for place in range(width)] for cells in block]
    if any(sum(text is not None for text in line) < 2 for line in lines):
        return {}  # A title over the headings is no line of them.
    for upper, lower in itertools.pairwise(lines):
        carry_right(upper, lower)
    columns: dict[str, list[int]] = {}
    for place in range(width):
        column = name_column([line[place] for line in lines])
        if column is not None:
            columns.setdefault(column, []).append(place)
    return columns


def carry_right(upper: list[str | None], lower: Sequence[str | None]) -> None:
    """Fill a merged heading over the cells under it."""
    for place in range(1, len(upper)):
        if upper[place] is None and lower[place] is not None and lower[place - 1] is not None:
            upper[place] = upper[place - 1]


def name_column(parts: Sequence[str | None]) -> str | None:
    """The column that one to three heading cells above each other name: all together, else the lowest, else the one above it."""
    texts = [part for index, part in enumerate(parts) if part is not None and part not in parts[:index]]
    if not texts:
        return None
    together = find_column(" ".join(texts))
    if together is not None or len(texts) == 1:
        return together
    lowest = find_column(texts[-1])
    if lowest in ("family_name", "given_name") and find_column(texts[0]) != "name":
        return None
    return lowest if lowest != "ordinal" else None


def is_heading_again(cells: Sequence[Cell], headings: Headings) -> bool:
    """Whether a row repeats the headings (printed on each page) or numbers the columns, (1) (2) (3)."""
    born = headings.columns.get("birth_date", len(cells))
    if born < len(cells) and is_day_like(cells[born]):
        return False
    place = headings.columns.get("name", headings.columns.get("given_name", 0))
    first = cell_text(cells[place]) if place < len(cells) else None
    if first is None or not (first[:3].strip("([)]").isdigit() or find_column(first) is not None):
        return False
    texts = [cell_text(cells[place]) if place < len(cells) else None for place in headings.columns.values()]
    filled = [text for text in texts if text is not None]
    if len(filled) < ENOUGH:
        return False
    if sum(find_column(text) is not None for text in filled) >= ENOUGH:
        return True
    numbers = [text.strip("()[]") for text in filled]
    return all(number.isdigit() and len(number) <= 2 for number in numbers) and len(set(numbers)) == len(numbers)


def is_day_like(cell: Cell) -> bool:
    """Whether a cell can be a birth date and no heading; quick, because it is asked of every row."""
    return isinstance(cell, date) or (isinstance(cell, str) and len(cell) > 3 and cell[0].isdigit())
