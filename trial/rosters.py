"""Rosters as three provinces' HR offices would send them: the same facts in three habits.

* by level: one workbook, a sheet for each level, one line of headings, the name of each unit above its people;
* in one sheet: one workbook made on a Mac (dates from 1904), headings of two lines and a line of column numbers;
* by district: one CSV for the provincial level and one for each district, semicolons, one of them UTF-16 with tabs.

Above stands a title, below a total and the signatures. Words in the cells: duties, bodies and main posts are written
in Vietnamese as DUTY_WORDS, BODY_WORDS and MAIN_WORDS say; several duties are separated by a semicolon.
A second row with the same personal number and another post is a concurrent post and no fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from trial.offices import Unit, bare_name
from trial.officials import Official
from trial.places import Province
from trial.posts import PostKind
from trial.spelling import plain_slug

Cell = str | int | date | None

DUTY_WORDS = {
    "leader": "người đứng đầu", "deputy": "cấp phó", "clerk": "văn thư", "approver": "phê duyệt", "hr": "nhân sự",
    "help_desk": "hỗ trợ", "focal_point": "đầu mối", "operator": "vận hành",
}  # fmt: skip
BODY_WORDS = {"party": "Đảng", "council": "HĐND", "committee": "UBND", "front": "MTTQ", "department": "Chuyên môn"}
MAIN_WORDS = {True: "Chính", False: "Kiêm nhiệm"}

HEADINGS = {
    "name": "Họ và tên", "birth_date": "Ngày sinh", "personal_number": "Số định danh cá nhân (CCCD)",
    "unit_code": "Mã đơn vị", "unit_scheme": "Loại mã", "title": "Chức vụ", "duties": "Nhiệm vụ",
    "body": "Khối (Đảng/HĐND/UBND…)", "main": "Chính/kiêm nhiệm", "email": "Thư điện tử công vụ", "phone": "Điện thoại",
    "login": "Tên đăng nhập", "staff_code": "Mã CBCCVC", "password_hash": "Mật khẩu (băm)",
}  # fmt: skip
COLUMNS = tuple(HEADINGS)


@dataclass(frozen=True, slots=True)
class Dirt:
    """What is wrong with a row: its kind, where, what the importer must say, and the true value."""

    kind: str
    outcome: str
    column: str = ""
    truth: str = ""
    mate: int | None = None
    """The key of the row that this one doubles."""


@dataclass(frozen=True, slots=True)
class Row:
    """One post of one person as it stands in a roster; `key` is unique among the rows of a new province."""

    key: int
    unit: Unit
    values: dict[str, Cell]
    official: Official
    dirt: Dirt | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet with its rows; `unit_lines` puts the name of each unit above its people."""

    name: str
    title: tuple[str, ...]
    rows: list[Row]
    unit_lines: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    """A file: `xlsx` or `csv`; a CSV has one sheet without a name."""

    file: str
    format: str
    sheets: list[Sheet]
    two_line_headings: bool = False
    date_1904: bool = False
    encoding: str = "utf-8-sig"
    delimiter: str = ";"
    notes: tuple[str, ...] = field(default=())


def build_books(
    province: Province, officials: Iterable[Official], districts: dict[str, str], first_key: int
) -> list[Book]:
    """The files of an old province without any dirt; `districts` are the names of its districts by code."""
    rows = list(_build_rows(officials, _schemes(province.code), first_key))
    return _habit(province.code)(province, rows, districts)


def build_post_values(official: Official, post: PostKind, unit: Unit, scheme: str, main: bool) -> dict[str, Cell]:
    """The cells of one post of one person, by canonical column."""
    return {
        "name": official.name.full, "birth_date": official.born, "personal_number": official.personal_number,
        "unit_code": unit.admin if scheme == "admin-2004" else unit.agency, "unit_scheme": scheme, "title": post.title,
        "duties": "; ".join(DUTY_WORDS[duty] for duty in post.duties), "body": BODY_WORDS[post.body],
        "main": MAIN_WORDS[main], "email": official.email, "phone": official.phone, "login": official.login,
        "staff_code": official.staff_code, "password_hash": official.password_hash if main else "",
    }  # fmt: skip


def scheme_of(unit: Unit, schemes: frozenset[str]) -> str:
    """Under which scheme an old province names this unit: `schemes` are the levels it knows by administrative code."""
    return "admin-2004" if unit.admin and unit.level in schemes else "agency"


def _schemes(province: str) -> frozenset[str]:
    """Bến Tre writes the administrative code of communes and districts, the others the agency code everywhere."""
    return frozenset({"commune", "district"}) if _habit(province) is _in_one_sheet else frozenset()


def _build_rows(officials: Iterable[Official], schemes: frozenset[str], first_key: int) -> Iterator[Row]:
    key = first_key
    for official in officials:
        scheme = scheme_of(official.unit, schemes)
        for place, post in enumerate(official.chair.posts):
            values = build_post_values(official, post, official.unit, scheme, main=place == 0)
            yield Row(key, official.unit, values, official)
            key += 1


def _habit(province: str) -> Callable[[Province, list[Row], dict[str, str]], list[Book]]:
    known = {"86": _by_level, "83": _in_one_sheet, "84": _by_district}
    return known.get(province) or (_by_level, _in_one_sheet, _by_district)[int(province) % 3]


def _title(province: Province, about: str) -> tuple[str, ...]:
    return (
        f"UBND {province.name.upper()} - SỞ NỘI VỤ",
        f"DANH SÁCH CÁN BỘ, CÔNG CHỨC {about.upper()}",
        "(Dữ liệu ví dụ, kèm theo Công văn số 1024/SNV-CCVC ngày 20 tháng 5 năm 2025)",
        "",
    )


def _by_level(province: Province, rows: list[Row], districts: dict[str, str]) -> list[Book]:
    levels = (
        ("Cấp tỉnh", "cấp tỉnh", {"province", "department"}),
        ("Cấp huyện", "cấp huyện", {"district", "division"}),
        ("Cấp xã", "cấp xã", {"commune"}),
    )
    sheets = [
        Sheet(name, _title(province, about), [row for row in rows if row.unit.level in wanted], unit_lines=True)
        for name, about, wanted in levels
    ]
    notes = ("Ghi chú", "Mã đơn vị trong bảng này là mã ví dụ.", "Người lập: Phòng Tổ chức cán bộ, Sở Nội vụ.")
    return [Book(f"{_stem(province)}.xlsx", "xlsx", sheets, notes=notes)]


def _in_one_sheet(province: Province, rows: list[Row], districts: dict[str, str]) -> list[Book]:
    sheet = Sheet("Danh sách", _title(province, bare_name(province.name)), rows)
    return [Book(f"{_stem(province)}.xlsx", "xlsx", [sheet], two_line_headings=True, date_1904=True)]


def _by_district(province: Province, rows: list[Row], districts: dict[str, str]) -> list[Book]:
    books = [_csv_book(province, "cap-tinh", "cấp tỉnh", [row for row in rows if not row.unit.district])]
    by_district: dict[str, list[Row]] = {code: [] for code in districts}
    for row in rows:
        if row.unit.district:
            by_district[row.unit.district].append(row)
    for number, (code, name) in enumerate(districts.items()):
        unicode_text = number == 1  # Excel's "Unicode Text" is UTF-16 with tabs; one office saves its list like that.
        books.append(_csv_book(province, f"{code}-{plain_slug(name)}", name, by_district[code], unicode_text))
    return books


def _csv_book(province: Province, part: str, about: str, rows: list[Row], unicode_text: bool = False) -> Book:
    sheet = Sheet("", _title(province, about), rows)
    encoding, delimiter = ("utf-16", "\t") if unicode_text else ("utf-8-sig", ";")
    return Book(f"{_stem(province)}-{part}.csv", "csv", [sheet], encoding=encoding, delimiter=delimiter)


def _stem(province: Province) -> str:
    return f"{province.code}-{plain_slug(bare_name(province.name))}"
