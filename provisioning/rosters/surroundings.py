"""What stands around the people in a sheet and is read past: blank rows, group headings, totals, signatures.

Nothing that could be a person is passed over: a row with a birth date, a personal number or a unit code is always a person's.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from directory.names import fold_name
from provisioning.rosters.cells import Cell, cell_text

# The columns of which one makes a row a person's.
TELLING: Final = ("birth_date", "personal_number", "unit_code", "email", "login", "staff_code")
# The columns that a person's row always has.
NAMING: Final = ("name", "personal_number")
SIGN: Final = re.compile(r"[\d@]")
MOST_CLOSING: Final = 3
CLOSING: Final = re.compile(
    r"(?:\W*(?:tong|cong|tong cong|tong so)\b.*"
    r"|.*\b(?:nguoi lap|lap bieu|lap danh sach|thu truong|ky ten|ky, ?ghi|ghi ro ho ten|dong dau|xac nhan|noi nhan"
    r"|danh sach (?:nay )?(?:gom|co)|an dinh danh sach|nguoi kiem tra)\b.*"
    r"|.*\bngay\b.*\bthang\b.*\bnam\b.*|\W*(?:tm|kt|tl|tuq)\. .*|ghi chu\W.*)"
)
GROUP: Final = re.compile(
    r"(?:[ivx]+|[a-z]|\d{1,3})[.)\-:/ ].*"
    r"|(?:phong|so|ban|khoi|xa|phuong|thi tran|huyen|ubnd|hdnd|van phong|trung tam|thanh pho|to|doi|don vi)\b.*"
)


def filled_cells(cells: Sequence[Cell]) -> list[tuple[int, str]]:
    """The cells that hold something: (index, text)."""
    found = []
    for place, cell in enumerate(cells):
        if cell is not None and (text := cell_text(cell)) is not None:
            found.append((place, text))
    return found


def is_closing(filled: Sequence[tuple[int, str]]) -> bool:
    """Whether a row begins what stands under a roster: a total, a place and day, a signature."""
    return any(CLOSING.fullmatch(fold_name(text)) for _place, text in filled)


def tells_person(cells: Sequence[Cell], telling: Sequence[int], naming: Sequence[int]) -> bool:
    """Whether a row has anything that only a person's row has: a number, a date, a code or an address in its column.

    `telling` and `naming` are where the columns of those names stand. Signatures stand in any column: words without a digit tell
    nothing, and a row of few cells that reads like a closing is one.
    """
    width = len(cells)
    for place in telling:
        if place < width and is_telling(cells[place]):
            break
    else:
        return False
    if all(place < width and cells[place] for place in naming):
        return True
    filled = filled_cells(cells)
    return len(filled) > MOST_CLOSING or not is_closing(filled)


def is_telling(cell: Cell) -> bool:
    """Whether a cell has a number, a date, or text with a digit or an address sign."""
    if isinstance(cell, str):
        return SIGN.search(cell) is not None
    return cell is not None


def places(columns: Mapping[str, int], wanted: Sequence[str]) -> tuple[int, ...]:
    """Where these columns stand, those that are there."""
    return tuple(columns[column] for column in wanted if column in columns)


def is_group_heading(filled: Sequence[tuple[int, str]], columns: Mapping[str, int]) -> bool:
    """Whether a row is the heading of a group inside the roster: one text, at most with a number before it."""
    texts = [text for _place, text in filled if not text.strip(".()").isdigit()]
    if len(texts) != 1:
        return not texts
    place = next(place for place, text in filled if text == texts[0])
    named = {columns.get("name"), columns.get("family_name")}
    return place not in named or GROUP.fullmatch(fold_name(texts[0])) is not None or len(texts[0].split()) > 6
