"""The order in which units are listed, wherever they are listed: from the top, what people look for first."""

from collections.abc import Iterable

from directory.units import UnitFacts

LEVEL_ORDER = ("central", "province", "commune", "department", "district", "division")


def natural(code: str) -> tuple[tuple[int, str], ...]:
    """A code in the order people expect: H61.9 before H61.10."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in code.split("."))


def order_units(units: Iterable[UnitFacts]) -> list[UnitFacts]:
    """By level, then code, then name."""
    return sorted(units, key=lambda unit: (LEVEL_ORDER.index(unit.level), natural(unit.code or ""), unit.name))
