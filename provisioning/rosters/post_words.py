"""The words for a post: duties, body, main or concurrent; in Vietnamese as people write them and in our own."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from directory.names import fold_name
from foundation.i18n import Message
from provisioning.rosters.cells import Cell, cell_text, shown_value
from provisioning.rosters.vocabulary import Fault

DUTIES: Final = {
    "leader": ("leader", "lãnh đạo", "thủ trưởng", "người đứng đầu", "cấp trưởng", "trưởng đơn vị", "đứng đầu"),
    "deputy": ("deputy", "cấp phó", "phó thủ trưởng", "phó đơn vị", "phó"),
    "clerk": ("clerk", "văn thư", "cán bộ văn thư"),
    "approver": ("approver", "phê duyệt", "người phê duyệt", "duyệt", "người duyệt"),
    "hr": ("hr", "nhân sự", "tổ chức cán bộ", "quản lý nhân sự", "phụ trách nhân sự"),
    "help_desk": ("help_desk", "help desk", "hỗ trợ", "hỗ trợ người dùng", "hỗ trợ kỹ thuật"),
    "focal_point": ("focal_point", "focal point", "đầu mối", "cán bộ đầu mối", "đầu mối chữ ký số"),
    "operator": ("operator", "vận hành", "quản trị", "quản trị hệ thống"),
}
BODIES: Final = {
    "party": ("party", "Đảng", "đảng ủy", "khối đảng", "huyện ủy", "tỉnh ủy"),
    "council": ("council", "HĐND", "hội đồng nhân dân", "hội đồng"),
    "committee": ("committee", "UBND", "ủy ban nhân dân", "ủy ban", "chính quyền", "khối chính quyền", "khối nhà nước"),
    "front": (
        "front",
        "MTTQ",
        "mặt trận",
        "mặt trận tổ quốc",
        "ubmttq",
        "ủy ban mttq",
        "ủy ban mặt trận tổ quốc",
        "đoàn thể",
        "khối đoàn thể",
        "mttq và đoàn thể",
    ),
    "department": (
        "department",
        "Chuyên môn",
        "sở",
        "phòng",
        "cơ quan chuyên môn",
        "sở ngành",
        "phòng ban",
        "đơn vị sự nghiệp",
    ),
}
MAIN: Final = {
    "main": ("chính", "main", "x", "1", "true", "yes", "có", "chức vụ chính", "đảm nhiệm chính", "chính thức"),
    "concurrent": ("kiêm nhiệm", "kiêm", "concurrent", "0", "false", "no", "không", "phụ", "chức vụ kiêm nhiệm"),
}
SEPARATORS: Final = re.compile(r"[,;/+\n|]")


def by_key(words: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Folded writing → our word."""
    return {fold_name(writing): word for word, writings in words.items() for writing in writings}


DUTY_BY_KEY: Final = by_key(DUTIES)
BODY_BY_KEY: Final = by_key(BODIES)
MAIN_BY_KEY: Final = by_key(MAIN)


@lru_cache(maxsize=4096, typed=True)
def read_duties(cell: Cell) -> tuple[tuple[str, ...], tuple[Fault, ...]]:
    """The duties in the order of our list, and a fault for each word that is none."""
    text = cell_text(cell)
    if text is None:
        return (), ()
    whole = str(cell) if isinstance(cell, str) else text
    found: set[str] = set()
    faults: list[Fault] = []
    for part in SEPARATORS.split(whole):
        word = fold_name(part.strip(" -."))
        if not word:
            continue
        if word in DUTY_BY_KEY:
            found.add(DUTY_BY_KEY[word])
        else:
            message = Message(
                "This duty is not in the list. Choose: leader, deputy, clerk, approver, HR, help desk, focal point, operator."
            )
            faults.append(Fault("duties", part.strip(), "duty-unknown", message, find_close(word, DUTIES, DUTY_BY_KEY)))
    return tuple(duty for duty in DUTIES if duty in found), tuple(faults)


@lru_cache(maxsize=4096, typed=True)
def read_body(cell: Cell) -> tuple[str | None, tuple[Fault, ...]]:
    """The body a post belongs to; an empty cell is no fault."""
    text = cell_text(cell)
    if text is None:
        return None, ()
    key = fold_name(text)
    if key in BODY_BY_KEY:
        return BODY_BY_KEY[key], ()
    message = Message(
        "This body is not in the list. Choose: Party, People's Council, People's Committee, Front, department."
    )
    return None, (Fault("body", shown_value(cell), "body-unknown", message, find_close(key, BODIES, BODY_BY_KEY)),)


@lru_cache(maxsize=4096, typed=True)
def read_main(cell: Cell) -> tuple[bool | None, tuple[Fault, ...]]:
    """True for the main post, False for a concurrent one, None where nothing is said."""
    text = cell_text(cell)
    if text is None:
        return None, ()
    word = MAIN_BY_KEY.get(fold_name(text))
    if word is not None:
        return word == "main", ()
    return None, (
        Fault(
            "main",
            shown_value(cell),
            "main-unknown",
            Message("Write “chính” for the main post or “kiêm nhiệm” for a concurrent one."),
        ),
    )


def find_close(key: str, words: Mapping[str, tuple[str, ...]], known: Mapping[str, str]) -> str | None:
    """The usual Vietnamese writing of the nearest word, if one is near."""
    near = get_close_matches(key, known, n=1, cutoff=0.7)
    return words[known[near[0]]][1] if near else None
