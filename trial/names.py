"""Vietnamese names, as often as they are really borne.

Shares of family names after Lê Trung Hoa (Nguyễn 38 % of people, the first seven about 80 %); middle and given
names by sex and by generation: people born before 1975 are called Văn and Thị far more often than those after.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from trial.draws import Weighted

_FAMILIES = Weighted(
    {
        "Nguyễn": 38.4, "Trần": 11.0, "Lê": 9.5, "Phạm": 7.1, "Huỳnh": 5.1, "Phan": 4.5, "Võ": 3.9, "Đặng": 2.1,
        "Bùi": 2.0, "Đỗ": 1.4, "Hồ": 1.3, "Ngô": 1.3, "Dương": 1.0, "Lý": 0.5, "Trương": 2.2, "Đinh": 0.9,
        "Lâm": 0.8, "Mai": 0.7, "Trịnh": 0.7, "Cao": 0.6, "Đoàn": 0.6, "Hà": 0.5, "Lưu": 0.5, "Thái": 0.4, "Tô": 0.4,
        "Tạ": 0.4, "Châu": 0.4, "Tăng": 0.3, "Quách": 0.3, "Kiều": 0.2, "Tống": 0.2, "Từ": 0.2, "La": 0.2, "Ông": 0.1,
    }.items()
)  # fmt: skip
_NORTHERN = {"Huỳnh": "Hoàng", "Võ": "Vũ"}
_KHMER = Weighted({"Thạch": 5, "Kim": 3, "Sơn": 3, "Lâm": 1}.items())
_KHMER_SHARE = {"84": 0.08, "94": 0.08, "91": 0.03, "86": 0.01}
_FIRST_SOUTHERN_PROVINCE = "48"

_MIDDLES = {
    ("m", "old"): Weighted(
        {"Văn": 45, "Hữu": 6, "Thanh": 6, "Hoàng": 5, "Minh": 5, "Công": 4, "Ngọc": 4, "Thành": 4, "Quốc": 4,
         "Đức": 3, "Tấn": 4, "Xuân": 2, "Trung": 2, "Chí": 3, "Phước": 2, "": 3}.items()
    ),
    ("m", "young"): Weighted(
        {"Văn": 18, "Hoàng": 10, "Minh": 10, "Thanh": 8, "Quốc": 7, "Hữu": 6, "Đức": 5, "Tấn": 5, "Trung": 5,
         "Ngọc": 4, "Chí": 4, "Công": 3, "Nhật": 4, "Anh": 3, "Duy": 5, "Phúc": 2, "Gia": 1, "": 2}.items()
    ),
    ("f", "old"): Weighted(
        {"Thị": 48, "Thị Kim": 7, "Thị Ngọc": 6, "Thị Thu": 5, "Kim": 5, "Ngọc": 5, "Thị Mỹ": 4, "Thị Hồng": 5,
         "Bích": 3, "Thanh": 4, "Thị Thanh": 4, "Hồng": 3, "": 1}.items()
    ),
    ("f", "young"): Weighted(
        {"Thị": 22, "Thị Ngọc": 9, "Thị Kim": 7, "Thị Thu": 6, "Thị Mỹ": 6, "Ngọc": 8, "Thị Thanh": 6, "Thị Hồng": 4,
         "Thùy": 5, "Bảo": 3, "Phương": 4, "Thảo": 3, "Minh": 4, "Kim": 4, "Mỹ": 4, "Trúc": 4, "Huỳnh": 1}.items()
    ),
}  # fmt: skip
_GIVENS = {
    ("m", "old"): Weighted(
        {"Hùng": 6, "Dũng": 6, "Tuấn": 5, "Minh": 4, "Sơn": 4, "Hải": 4, "Tâm": 3, "Thành": 4, "Bình": 4, "Phong": 3,
         "Hòa": 3, "Bé": 2, "Út": 2, "Sáu": 1, "Phước": 3, "Lợi": 3, "Đức": 3, "Nam": 3, "An": 2, "Long": 3,
         "Thắng": 3, "Cường": 3, "Hiếu": 2, "Tùng": 2, "Nghĩa": 3, "Khánh": 2, "Trung": 3, "Vinh": 2, "Liêm": 2,
         "Đông": 2, "Chiến": 2, "Quang": 2, "Thuận": 2, "Tài": 2}.items()
    ),
    ("m", "young"): Weighted(
        {"Tuấn": 5, "Khoa": 4, "Duy": 5, "Huy": 5, "Phúc": 4, "Khang": 3, "Long": 3, "Nam": 4, "Minh": 4, "Anh": 3,
         "Tú": 3, "Đạt": 4, "Hiếu": 4, "Thịnh": 3, "Nghĩa": 3, "Nhân": 4, "Tín": 3, "Toàn": 3, "Trung": 3, "Vũ": 3,
         "Kiệt": 2, "Linh": 2, "Phong": 3, "Quân": 3, "Sang": 3, "Thiện": 3, "Tâm": 2, "An": 2, "Hậu": 3, "Đăng": 2,
         "Bảo": 2, "Lộc": 2}.items()
    ),
    ("f", "old"): Weighted(
        {"Hoa": 4, "Lan": 5, "Hồng": 5, "Hương": 4, "Mai": 3, "Thủy": 4, "Nga": 4, "Hà": 3, "Liên": 3, "Loan": 4,
         "Phượng": 4, "Yến": 3, "Tuyết": 4, "Bé": 2, "Hạnh": 4, "Cúc": 3, "Nguyệt": 3, "Dung": 3, "Thanh": 3,
         "Oanh": 2, "Xuân": 2, "Sương": 2, "Đào": 2, "Lệ": 2, "Thu": 3, "Chi": 1, "Diệu": 1, "Tư": 1}.items()
    ),
    ("f", "young"): Weighted(
        {"Trang": 5, "Linh": 4, "Ngân": 5, "Thảo": 5, "Như": 4, "Trinh": 4, "Vy": 3, "Anh": 4, "Trâm": 4, "Tiên": 4,
         "Duyên": 4, "Ngọc": 4, "Nhi": 3, "Hân": 2, "Quyên": 4, "Thư": 3, "Trân": 3, "Tuyền": 3, "Uyên": 3, "Xuân": 2,
         "Yến": 3, "Diễm": 3, "Hằng": 3, "Hương": 2, "Lan": 2, "My": 2, "Phương": 4, "Thúy": 3, "Mai": 2, "Huyền": 2,
         "Kiều": 2, "Châu": 1}.items()
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Name:
    """A name in its parts; `middle` may be empty or two words."""

    family: str
    middle: str
    given: str

    @property
    def full(self) -> str:
        """Family, middle, given, as it is written."""
        return " ".join(part for part in (self.family, self.middle, self.given) if part)


def draw_name(draws: random.Random, sex: str, birth_year: int, province: str) -> Name:
    """A name for a person of this sex (m, f) and year of birth from an old province."""
    generation = "old" if birth_year < 1977 else "young"
    return Name(
        family=_draw_family(draws, province),
        middle=_MIDDLES[sex, generation].draw(draws),
        given=_GIVENS[sex, generation].draw(draws),
    )


def _draw_family(draws: random.Random, province: str) -> str:
    if draws.random() < _KHMER_SHARE.get(province, 0):
        return _KHMER.draw(draws)
    family = _FAMILIES.draw(draws)
    return _NORTHERN.get(family, family) if province < _FIRST_SOUTHERN_PROVINCE else family
