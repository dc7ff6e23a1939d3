"""What of a roster crosses a province: posts in another one than the rest of the list, people known in another one. Pure.

Both are said aloud by whoever approves: nobody hands posts out next door unnoticed.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping

from provisioning.merger.book import UnitBook


def find_province(book: UnitBook, unit: uuid.UUID) -> uuid.UUID:
    """The province a unit lies in, or the unit above all others."""
    here = unit
    while book.levels[here] != "province":
        above = (book.standing.get(here) or book.versions[here][-1]).parent_id
        if above is None:
            break
        here = above
    return here


def find_outside(book: UnitBook, places: Mapping[tuple[str, str], int]) -> Counter[uuid.UUID]:
    """By province, the posts that a list brings into another one than into which it brings most."""
    files: dict[str, Counter[uuid.UUID]] = defaultdict(Counter)
    for (file, unit), number in places.items():
        files[file][find_province(book, uuid.UUID(unit))] += number
    found: Counter[uuid.UUID] = Counter()
    for provinces in files.values():
        own = max(provinces, key=lambda province: (provinces[province], book.code(province)))
        found.update({province: number for province, number in provinces.items() if province != own})
    return found


def count_elsewhere(book: UnitBook, held: Mapping[frozenset[str], int]) -> int:
    """How many known people get a post in another province than one in which they hold one."""
    return sum(
        number for units, number in held.items() if len({find_province(book, uuid.UUID(unit)) for unit in units}) > 1
    )
