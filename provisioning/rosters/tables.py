"""A file as tables, whatever its format: sheets of numbered rows, read one at a time and as often as wanted."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from provisioning.rosters.cells import Cell

# Rows left out in the file are told as blank ones, but a sheet with one stray cell at its end is not a million blank rows.
LONGEST_GAP: Final = 1000
# What stands further right than any roster reaches is layout, or an attack.
WIDEST: Final = 1024


class Row(NamedTuple):
    """One row: its number as a person counts (from 1), its cells from column A, and whether it is hidden."""

    number: int
    cells: Sequence[Cell]
    hidden: bool = False


@dataclass(frozen=True)
class Sheet:
    """One sheet; a text file is one sheet without a name. `hidden_columns` (from 0) are known once its first row is read."""

    name: str | None
    read: Callable[[], Iterator[Row]]
    hidden: bool = False
    hidden_columns: set[int] = field(default_factory=set)

    def rows(self) -> Iterator[Row]:
        """The rows from the first to the last that holds anything, the blank ones between them too."""
        last = 0
        for row in self.read():
            if not any(row.cells) and all(cell is None or cell == "" for cell in row.cells):
                continue
            for number in range(max(last + 1, row.number - LONGEST_GAP), row.number):
                yield Row(number, ())
            last = row.number
            yield row


@dataclass(frozen=True)
class Book:
    """A file: its sheets, and what was recognised of it (format, encoding, delimiter, date system)."""

    sheets: Sequence[Sheet]
    facts: Mapping[str, Any]
