"""The posts of each kind of unit before the reform: Party, Council, Committee and Front side by side.

A chair is a list of posts that one person holds together; the first is the main one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trial.offices import PARTY_DEPARTMENTS, Unit


@dataclass(frozen=True, slots=True)
class PostKind:
    """A title with the body it belongs to and the duties that come with it."""

    title: str
    body: str
    duties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chair:
    """What one person holds in a unit: a main post and those beside it; `born` bounds the year of birth."""

    posts: tuple[PostKind, ...]
    born: tuple[int, int] = (1972, 2000)

    @property
    def leads(self) -> bool:
        """Whether a leader or deputy sits here: such people are placed by name, never by a rule."""
        return any({"leader", "deputy"} & set(post.duties) for post in self.posts)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many civil servants stand beside the fixed chairs of a department, a district office, a commune."""

    department: int = 7
    district_office: int = 2
    commune: int = 6


MERGER_SIZES = Sizes()
"""Sizes under which the merger of three provinces has about 8,000 officials."""

COUNTRY_SIZES = Sizes(department=36, district_office=6, commune=7)
"""Sizes under which the country has about 290,000 officials in its provinces and communes."""

_SENIOR, _STAFF = (1966, 1984), (1976, 2000)


def build_chairs(unit: Unit, sizes: Sizes) -> Iterator[Chair]:
    """The chairs of a unit, leaders first."""
    if unit.level == "province":
        yield from _province(unit)
    elif unit.level == "department":
        yield from _department(unit, sizes.department)
    elif unit.level == "district":
        yield from _district(unit)
    elif unit.level == "division":
        yield from _district_office(unit, sizes.district_office)
    else:
        yield from _commune(unit, sizes.commune)


def _chair(*posts: PostKind, born: tuple[int, int] = _SENIOR) -> Chair:
    return Chair(posts, born)


def _province(unit: Unit) -> Iterator[Chair]:
    kind, party = ("thành phố", "Thành ủy") if unit.name.startswith("Thành phố") else ("tỉnh", "Tỉnh ủy")
    yield _chair(PostKind(f"Bí thư {party}", "party", ("leader",)))
    yield _chair(
        PostKind(f"Phó Bí thư Thường trực {party}", "party", ("deputy",)),
        PostKind(f"Chủ tịch HĐND {kind}", "council", ("leader",)),
    )
    yield _chair(
        PostKind(f"Chủ tịch UBND {kind}", "committee", ("leader", "approver")),
        PostKind(f"Phó Bí thư {party}", "party", ("deputy",)),
    )
    yield _chair(PostKind(f"Phó Chủ tịch HĐND {kind}", "council", ("deputy",)))
    for _ in range(3):
        yield _chair(PostKind(f"Phó Chủ tịch UBND {kind}", "committee", ("deputy", "approver")))


def _department(unit: Unit, staff: int) -> Iterator[Chair]:
    head, deputy, body = "Giám đốc", "Phó Giám đốc", "department"
    if unit.office in PARTY_DEPARTMENTS:
        head, deputy, body = "Trưởng ban", "Phó Trưởng ban", "party"
    if unit.office.startswith("van-phong"):
        head, deputy = "Chánh Văn phòng", "Phó Chánh Văn phòng"
    elif unit.office == "kiem-tra":
        head, deputy = "Chủ nhiệm", "Phó Chủ nhiệm"
    elif unit.office == "thanh-tra":
        head, deputy = "Chánh Thanh tra", "Phó Chánh Thanh tra"
    elif unit.office == "mat-tran":
        head, deputy, body = "Chủ tịch", "Phó Chủ tịch", "front"
    yield _chair(PostKind(head, body, ("leader", "approver")))
    for _ in range(2):
        yield _chair(PostKind(deputy, body, ("deputy", "approver")))
    yield _chair(PostKind("Văn thư", body, ("clerk",)), born=_STAFF)
    yield from _special_staff(unit.office, body)
    for _ in range(staff):
        yield _chair(PostKind("Chuyên viên", body), born=_STAFF)


def _special_staff(office: str, body: str) -> Iterator[Chair]:
    if office == "so-noi-vu":
        for _ in range(2):
            yield _chair(PostKind("Chuyên viên Phòng Tổ chức cán bộ", body, ("hr",)), born=_STAFF)
    if office == "so-khoa-hoc":
        yield _chair(PostKind("Chuyên viên đầu mối chữ ký số", body, ("focal_point",)), born=_STAFF)
        for _ in range(2):
            yield _chair(PostKind("Chuyên viên hỗ trợ người dùng", body, ("help_desk",)), born=_STAFF)


def _district(unit: Unit) -> Iterator[Chair]:
    kind, party = _kind_of_district(unit.name)
    yield _chair(
        PostKind(f"Bí thư {party}", "party", ("leader",)), PostKind(f"Chủ tịch HĐND {kind}", "council", ("leader",))
    )
    yield _chair(
        PostKind(f"Chủ tịch UBND {kind}", "committee", ("leader", "approver")),
        PostKind(f"Phó Bí thư {party}", "party", ("deputy",)),
    )
    yield _chair(PostKind(f"Phó Chủ tịch HĐND {kind}", "council", ("deputy",)))
    for _ in range(2):
        yield _chair(PostKind(f"Phó Chủ tịch UBND {kind}", "committee", ("deputy", "approver")))
    yield _chair(PostKind(f"Chủ tịch UBMTTQ Việt Nam {kind}", "front", ("leader",)))
    yield _chair(PostKind("Chuyên viên Ban Tổ chức", "party", ("hr",)), born=_STAFF)


def _kind_of_district(name: str) -> tuple[str, str]:
    for word, party in (("Thành phố", "Thành ủy"), ("Thị xã", "Thị ủy"), ("Quận", "Quận ủy")):
        if name.startswith(word):
            return word.lower(), party
    return "huyện", "Huyện ủy"


def _district_office(unit: Unit, staff: int) -> Iterator[Chair]:
    head = {"van-phong": "Chánh Văn phòng", "thanh-tra": "Chánh Thanh tra"}.get(unit.office, "Trưởng phòng")
    yield _chair(PostKind(head, "department", ("leader",)))
    if unit.office == "van-phong":
        yield _chair(PostKind("Văn thư", "department", ("clerk",)), born=_STAFF)
    elif unit.office == "noi-vu":
        yield _chair(PostKind("Chuyên viên", "department", ("hr",)), born=_STAFF)
    for _ in range(staff):
        yield _chair(PostKind("Chuyên viên", "department"), born=_STAFF)


_CIVIL_SERVANTS = (
    "Công chức Địa chính - Xây dựng - Nông nghiệp và Môi trường",
    "Công chức Tài chính - Kế toán",
    "Công chức Tư pháp - Hộ tịch",
    "Công chức Văn hóa - Xã hội",
    "Công chức Văn phòng - Thống kê",
    "Công chức Địa chính - Xây dựng - Đô thị và Môi trường",
    "Công chức Văn hóa - Xã hội (thông tin, truyền thanh)",
)


def _commune(unit: Unit, staff: int) -> Iterator[Chair]:
    kind = kind_of_commune(unit.name)
    yield _chair(
        PostKind(f"Bí thư Đảng ủy {kind}", "party", ("leader",)),
        PostKind(f"Chủ tịch HĐND {kind}", "council", ("leader",)),
    )
    yield _chair(PostKind(f"Phó Bí thư Thường trực Đảng ủy {kind}", "party", ("deputy",)))
    yield _chair(
        PostKind(f"Chủ tịch UBND {kind}", "committee", ("leader", "approver")),
        PostKind(f"Phó Bí thư Đảng ủy {kind}", "party", ("deputy",)),
    )
    yield _chair(PostKind(f"Phó Chủ tịch HĐND {kind}", "council", ("deputy",)))
    for _ in range(2):
        yield _chair(PostKind(f"Phó Chủ tịch UBND {kind}", "committee", ("deputy", "approver")))
    yield _chair(PostKind(f"Chủ tịch UBMTTQ Việt Nam {kind}", "front", ("leader",)))
    yield _chair(PostKind("Chủ tịch Hội Liên hiệp Phụ nữ", "front"), born=_STAFF)
    yield _chair(PostKind("Chủ tịch Hội Nông dân", "front"))
    yield _chair(PostKind("Bí thư Đoàn Thanh niên", "front"), born=(1988, 2001))
    yield _chair(PostKind("Chỉ huy trưởng Ban Chỉ huy Quân sự", "committee"), born=_STAFF)
    yield _chair(PostKind("Công chức Văn phòng - Thống kê", "committee", ("clerk",)), born=_STAFF)
    for number in range(staff):
        yield _chair(PostKind(_CIVIL_SERVANTS[number % len(_CIVIL_SERVANTS)], "committee"), born=_STAFF)


def kind_of_commune(name: str) -> str:
    """The word for a commune's kind inside a title: xã, phường, thị trấn, đặc khu."""
    return next((word.lower() for word in ("Phường", "Thị trấn", "Đặc khu") if name.startswith(word)), "xã")
