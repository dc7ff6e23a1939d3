"""A book of units made of words, for pure tests."""

import uuid
from collections import defaultdict
from datetime import date, datetime

from foundation.clocks import parse_instant
from provisioning.merger.book import CodeRow, UnitBook, VersionRow

FOUNDED = parse_instant("2004-07-08")
EFFECTIVE = parse_instant("2025-07-01")


def named(word: str) -> uuid.UUID:
    """The same identity for the same word."""
    return uuid.uuid5(uuid.NAMESPACE_OID, word)


def book(*rows: tuple[str, str, str | None, dict[str, str]], ended: dict[str, datetime] | None = None) -> UnitBook:
    """Units as (word, level, parent's word, codes by scheme); `ended` closes those that ended before."""
    closed = ended or {}
    versions: dict[uuid.UUID, list[VersionRow]] = defaultdict(list)
    codes: dict[uuid.UUID, list[CodeRow]] = defaultdict(list)
    levels = {}
    number = 0
    for word, level, parent, borne in rows:
        unit = named(word)
        levels[unit] = level
        number += 1
        until = closed.get(word)
        versions[unit].append(VersionRow(number, unit, word, None, named(parent) if parent else None, FOUNDED, until))
        for scheme, code in borne.items():
            number += 1
            codes[unit].append(
                CodeRow(
                    number, unit, scheme, level, code, "124/2004/QĐ-TTg", date(2004, 7, 8), "Thủ tướng", FOUNDED, until
                )
            )
    return UnitBook(EFFECTIVE, levels, versions, codes)


def small_book() -> UnitBook:
    """Two provinces, a district, three wards and an office that ended long ago."""
    return book(
        ("P86", "province", None, {"admin-2004": "86", "agency": "H61"}),
        ("P83", "province", None, {"admin-2004": "83", "agency": "H08"}),
        ("D", "district", "P83", {"admin-2004": "829", "agency": "H08.31"}),
        ("A", "commune", "D", {"admin-2004": "28789", "agency": "H08.31.21"}),
        ("B", "commune", "D", {"admin-2004": "28756", "agency": "H08.31.22"}),
        ("C", "commune", "P86", {"admin-2004": "29542", "agency": "H61.31"}),
        ("Z", "commune", "P86", {"agency": "H61.99"}),
        ended={"Z": parse_instant("2020-01-01")},
    )
