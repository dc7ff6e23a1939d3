"""A delivery against the one before: who was added, who changed, who is missing. Pure.

Nobody is dropped because a list forgot them: the missing are asked about, and stay what they are in the register.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from directory.names import tone_key
from provisioning.rosters.deliveries import SentRow

Kind = Literal["added", "changed", "missing"]
COMPARED: Final = ("name", "birth_date", "title", "duties", "email", "phone", "login", "staff_code")


@dataclass(frozen=True)
class Difference:
    """One person who is not as before; `was` and `now` by column, `unit` among them where the person stands elsewhere now."""

    kind: Kind
    unit: uuid.UUID
    key: str
    name: str
    number: str
    was: Mapping[str, str] = field(default_factory=dict)
    now: Mapping[str, str] = field(default_factory=dict)


def compare_units(units: Iterable[tuple[uuid.UUID, Sequence[SentRow], Sequence[SentRow]]]) -> list[Difference]:
    """The differences over all units, each given with its rows before and after.

    Who left one unit's list and stands in another's has changed and is not missing. Only differences are kept.
    """
    added: dict[str, Difference] = {}
    missing: dict[str, Difference] = {}
    found: list[Difference] = []
    for unit, before, after in units:
        for difference in compare_unit(unit, before, after):
            if difference.kind == "added":
                added[difference.key] = difference
            elif difference.kind == "missing":
                missing[difference.key] = difference
            else:
                found.append(difference)
    for key in missing.keys() & added.keys():
        found.append(join_move(missing.pop(key), added.pop(key)))
    return [*missing.values(), *found, *added.values()]


def compare_unit(unit: uuid.UUID, before: Iterable[SentRow], after: Iterable[SentRow]) -> Iterator[Difference]:
    """The differences of one unit."""
    old, new = gather(before), gather(after)
    for key, rows in old.items():
        if key not in new:
            yield Difference("missing", unit, key, rows[0].name, rows[0].number, describe(rows))
        elif (was := describe(rows)) != (now := describe(new[key])):
            changed = [column for column in COMPARED if was[column] != now[column] and differs(column, was, now)]
            if changed:
                told = {column: was[column] for column in changed}, {column: now[column] for column in changed}
                yield Difference("changed", unit, key, new[key][0].name, new[key][0].number, *told)
    for key, rows in new.items():
        if key not in old:
            yield Difference("added", unit, key, rows[0].name, rows[0].number, {}, describe(rows))


def gather(rows: Iterable[SentRow]) -> dict[str, list[SentRow]]:
    """The rows by person."""
    people: dict[str, list[SentRow]] = {}
    for row in rows:
        people.setdefault(row.key, []).append(row)
    return people


def describe(rows: Sequence[SentRow]) -> dict[str, str]:
    """What the rows of one person say, by column; titles of several posts in one order."""
    return {column: "; ".join(sorted({text for row in rows if (text := getattr(row, column))})) for column in COMPARED}


def differs(column: str, was: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Whether two writings differ in more than the place of a tone or a capital."""
    return column not in ("name", "title") or tone_key(was[column]) != tone_key(now[column])


def join_move(left: Difference, came: Difference) -> Difference:
    """Missing here and added there: one person in another unit."""
    was = {"unit": str(left.unit)} | {column: text for column, text in left.was.items() if came.now.get(column) != text}
    now = {"unit": str(came.unit)} | {column: came.now[column] for column in was if column != "unit"}
    return Difference("changed", came.unit, came.key, came.name, came.number, was, now)
