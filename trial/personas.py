"""The people the story follows: fixed names in fixed chairs, among thousands that are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from trial.names import Name

STORY_COMMUNE = "29242"
"""Phường Trà Vinh: made of Phường 1, Phường 3 and Phường 9 of Thành phố Trà Vinh, it continues the code of Phường 3."""

STORY_DISTRICT = "842"
"""Thành phố Trà Vinh, the district whose letters the story prints."""


@dataclass(frozen=True, slots=True)
class Persona:
    """A known person: the chair taken (unit and number as in `trial.posts`), and the password where one is known."""

    key: str
    unit: str
    chair: int
    name: Name
    sex: str
    born: date
    login: str
    hash_kind: str = ""
    password: str = ""


PERSONAS = (
    Persona("hr", "p86-so-noi-vu", 4, Name("Lê", "Thị", "Hoa"), "f", date(1984, 3, 18), "hoalt",
            "ssha512", "hoa-sen-hong-2019"),
    Persona("hr_head", "p86-so-noi-vu", 0, Name("Trần", "Văn", "Nam"), "m", date(1971, 9, 2), "namtv",
            "crypt", "cau-my-thuan-2000"),
    Persona("focal_point", "p86-so-khoa-hoc", 4, Name("Võ", "Minh", "Khoa"), "m", date(1987, 7, 7), "khoavm",
            "ssha512", "dau-moi-so-2024"),
    Persona("help_desk", "p86-so-khoa-hoc", 5, Name("Phạm", "Ngọc", "Trâm"), "f", date(1993, 1, 25), "trampn",
            "ssha512", "tong-dai-1022-vl"),
    Persona("newcomer", "c29242", 14, Name("Thạch", "Thị", "Mai"), "f", date(1969, 5, 6), "ttm"),
    Persona("commune_chair", "c29242", 2, Name("Kim", "Ngọc", "Sơn"), "m", date(1974, 11, 20), "kns",
            "pbkdf2-keycloak", "ao-ba-om-1974"),
    Persona("commune_clerk", "c29242", 11, Name("Đỗ", "Thùy", "Linh"), "f", date(1991, 4, 9), "dtl",
            "pbkdf2-keycloak", "van-thu-phuong-3"),
    Persona("district_clerk", "d842-van-phong", 1, Name("Lâm", "Thị Hồng", "Diễm"), "f", date(1989, 8, 14), "lthd",
            "ssha", "van-thu-thanh-pho"),
    Persona("signer", "p84", 2, Name("Huỳnh", "Minh", "Đông"), "m", date(1970, 2, 3), "hmd",
            "pbkdf2-keycloak", "song-co-chien-84"),
    Persona("namesake_ben_tre", "c28756", 12, Name("Nguyễn", "Văn", "An"), "m", date(1982, 6, 15), "nva",
            "bcrypt", "dua-xiem-ben-tre"),
    Persona("namesake_tra_vinh", "c29254", 15, Name("Nguyễn", "Vân", "Anh"), "f", date(1990, 12, 1), "nva",
            "pbkdf2-keycloak", "dua-sap-cau-ke"),
)  # fmt: skip
"""Two people are called `nva` in two provinces: which of them is meant only the password tells."""

BY_CHAIR = {(persona.unit, persona.chair): persona for persona in PERSONAS}
