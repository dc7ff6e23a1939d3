"""Whether two records may be one human: points and reasons. Pure; the order of the two plays no part.

| what                                                        | points |
|-------------------------------------------------------------|--------|
| the same personal number                                    | 100: it is one human |
| two numbers that differ by more than a slip of the hand     | never: two people; −30 where name, birth date and phone are all the same |
| two numbers that differ as by a slip of the hand            | 20     |
| the same name with its marks · without marks · family and given name only | 30 · 25 · 15 |
| the same birth date · day and month exchanged, or one digit · another | 40 · 20 · −50 |
| the same phone                                              | 30     |
| the same staff code                                         | 25     |
| the same unit and title · the same unit                     | 20 · 10 |

A person is asked from 60 points on. A name alone, even with the same post, never gets there: 38 % of people are called Nguyễn, and two
people of one full name in one unit are nothing rare. Name and birth date get there only because a number is missing; with two good
numbers they are namesakes, unless they have one phone as well: then one of the two numbers may be somebody else's.
"""

import uuid
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from directory.names import fold_name, split_name, tone_key
from foundation.i18n import _

ASKED: Final = 60
CERTAIN: Final = 100
POINTS: Final = {
    "number_near": 20,
    "name_same": 30,
    "name_folded": 25,
    "name_ends": 15,
    "birth_same": 40,
    "birth_slip": 20,
    "birth_differs": -50,
    "phone_same": 30,
    "staff_same": 25,
    "post_same": 20,
    "unit_same": 10,
    "numbers_differ": -30,
}
REASONS: Final = {
    "number_same": _("the same personal number"),
    "number_near": _("the personal numbers differ as by a slip of the hand"),
    "name_same": _("the same name"),
    "name_folded": _("the same name without marks"),
    "name_ends": _("the same family and given name"),
    "birth_same": _("the same birth date"),
    "birth_slip": _("birth dates that differ as by a slip of the hand"),
    "birth_differs": _("different birth dates"),
    "phone_same": _("the same phone"),
    "staff_same": _("the same staff code"),
    "post_same": _("the same post in the same unit"),
    "unit_same": _("the same unit"),
    "numbers_differ": _("but two different personal numbers"),
}


@dataclass(frozen=True)
class Traits:
    """What a record is compared by; `number` is the blind index, `posts` are unit and folded title."""

    name: str
    number: bytes | None = None
    birth_date: date | None = None
    phone: str | None = None
    staff_code: str | None = None
    posts: frozenset[tuple[uuid.UUID, str]] = frozenset()


@dataclass(frozen=True)
class Score:
    """Points from 0 to 100, and what they stand for, the strongest first."""

    points: int
    reasons: tuple[str, ...]

    @property
    def asked(self) -> bool:
        """Whether a person is to be asked."""
        return self.points >= ASKED


TWO_PEOPLE: Final = Score(0, ())


def score(one: Traits, other: Traits, *, near: bool = False) -> Score:
    """How much speaks for one human; `near` says that the two numbers differ as by a slip of the hand."""
    both = one.number is not None and other.number is not None
    if both and one.number == other.number:
        return Score(CERTAIN, ("number_same",))
    apart = both and not near
    if apart and not is_written_twice(one, other):
        return TWO_PEOPLE
    found = [*compare_names(one.name, other.name), *compare_births(one.birth_date, other.birth_date)]
    found += ["numbers_differ"] if apart else ["number_near"] if both else []
    found += ["phone_same"] if one.phone is not None and one.phone == other.phone else []
    found += ["staff_same"] if one.staff_code is not None and one.staff_code == other.staff_code else []
    found += compare_posts(one, other)
    found.sort(key=lambda reason: (-POINTS[reason], reason))
    return Score(max(0, min(CERTAIN - 1, sum(POINTS[reason] for reason in found))), tuple(found))


def is_written_twice(one: Traits, other: Traits) -> bool:
    """Whether name, birth date and phone are all the same, so that even two good numbers do not say it is two people."""
    known = one.phone is not None and one.birth_date is not None
    same = (one.phone, one.birth_date) == (other.phone, other.birth_date)
    return known and same and fold_name(one.name) == fold_name(other.name)


def compare_names(one: str, other: str) -> Iterator[str]:
    """How much of the name is the same."""
    if tone_key(one) == tone_key(other):
        yield "name_same"
    elif fold_name(one) == fold_name(other):
        yield "name_folded"
    elif name_ends(one) == name_ends(other):
        yield "name_ends"


def name_ends(name: str) -> tuple[str, str]:
    """Family and given name without marks."""
    family, _middle, given = split_name(fold_name(name))
    return family, given


def compare_births(one: date | None, other: date | None) -> Iterator[str]:
    """How birth dates stand to each other; nothing where one is missing."""
    if one is None or other is None:
        return
    if one == other:
        yield "birth_same"
    elif is_slip(one, other):
        yield "birth_slip"
    else:
        yield "birth_differs"


def is_slip(one: date, other: date) -> bool:
    """Day and month exchanged, or one digit of the eight different."""
    if (one.year, one.day, one.month) == (other.year, other.month, other.day):
        return True
    pairs = zip(f"{one:%Y%m%d}", f"{other:%Y%m%d}", strict=True)
    return sum(left != right for left, right in pairs) == 1


def compare_posts(one: Traits, other: Traits) -> Iterator[str]:
    """Whether they hold the same post, or posts in the same unit."""
    if one.posts & other.posts:
        yield "post_same"
    elif {unit for unit, _title in one.posts} & {unit for unit, _title in other.posts}:
        yield "unit_same"


def block_keys(traits: Traits) -> Iterator[Hashable]:
    """Under what a record is looked for: two that could be asked about share one of these, so that not everybody meets everybody.

    Whoever shares a phone or a staff code with others meets those of the same given name only: offices share phones.
    """
    given = name_ends(traits.name)
    if traits.number is not None:
        yield "number", traits.number
    if traits.birth_date is not None:
        born = traits.birth_date
        yield "born", given, born.year, min(born.day, born.month), max(born.day, born.month)
    if traits.phone is not None:
        yield "phone", given[1], traits.phone
    if traits.staff_code is not None:
        yield "staff", given[1], traits.staff_code
