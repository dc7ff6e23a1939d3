"""The rows of one human drawn together: one detail, one main post, every log-in and address that any row brought. Pure."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from directory.names import fold_name
from provisioning.rosters.vocabulary import Place, Values

# The body a title belongs to where the roster says nothing; the first that fits. Never a duty: nobody is guessed into one.
BODIES_BY_TITLE: Final = (
    ("council", re.compile(r"\b(?:hdnd|hoi dong nhan dan)\b")),
    ("front", re.compile(r"\b(?:mttq|mat tran|doan thanh nien|bi thu doan|hoi (?:phu nu|nong dan|cuu chien binh))\b")),
    ("party", re.compile(r"\b(?:bi thu|dang uy|tinh uy|huyen uy|uy vien ban thuong vu|kiem tra dang|tuyen giao)\b")),
    ("committee", re.compile(r"\b(?:ubnd|uy ban nhan dan)\b")),
)


class HumanPost(NamedTuple):
    """One post of a human, the unit by its code."""

    scheme: str
    code: str
    title: str
    body: str | None
    duties: tuple[str, ...]
    main: bool


class Human(NamedTuple):
    """Everything the rows say of one human; `place` is the first row."""

    place: Place
    name: str
    birth_date: date | None
    personal_number: str | None
    staff_code: str | None
    phone: str | None
    logins: tuple[str, ...]
    addresses: tuple[str, ...]
    posts: tuple[HumanPost, ...]
    password_hash: str | None


def gather_human(place: Place, values: Sequence[Values]) -> Human:
    """One human from the rows that speak of them; `place` is the first one's, and that row leads.

    The name with most marks is kept: who types `Nguyen Thi Hoa` means the same person. The main post is the first that says so,
    else the first that says nothing, else the first.
    """
    if len(values) == 1:
        return single_human(place, values[0])
    names = [row.name for row in values if row.name]
    return Human(
        place=place,
        name=max(names, key=lambda name: sum(not letter.isascii() for letter in name)),
        birth_date=next((row.birth_date for row in values if row.birth_date), None),
        personal_number=next((row.personal_number for row in values if row.personal_number), None),
        staff_code=next((row.staff_code for row in values if row.staff_code), None),
        phone=next((row.phone for row in values if row.phone), None),
        logins=tuple(dict.fromkeys(row.login for row in values if row.login)),
        addresses=tuple(dict.fromkeys(row.email for row in values if row.email)),
        posts=gather_posts(values),
        password_hash=next((row.password_hash for row in values if row.password_hash), None),
    )


def single_human(place: Place, row: Values) -> Human:
    """One human of one row: most are."""
    return Human(
        place=place,
        name=row.name or "",
        birth_date=row.birth_date,
        personal_number=row.personal_number,
        staff_code=row.staff_code,
        phone=row.phone,
        logins=(row.login,) if row.login else (),
        addresses=(row.email,) if row.email else (),
        posts=(HumanPost(row.unit_scheme or "", row.unit_code or "", row.title or "", row.body, row.duties, True),),
        password_hash=row.password_hash,
    )


def gather_posts(values: Sequence[Values]) -> tuple[HumanPost, ...]:
    """The posts, exactly one of them the main one."""
    said = [row.main for row in values]
    main = said.index(True) if True in said else said.index(None) if None in said else 0
    return tuple(
        HumanPost(row.unit_scheme or "", row.unit_code or "", row.title or "", row.body, row.duties, place == main)
        for place, row in enumerate(values)
    )


def find_body(post: HumanPost, level: str | None) -> str:
    """The body of a post: as the roster says, else by the title, else by the kind of unit."""
    if post.body is not None:
        return post.body
    title = fold_name(post.title)
    for body, words in BODIES_BY_TITLE:
        if words.search(title):
            return body
    return "department" if level in ("department", "division") else "committee"
