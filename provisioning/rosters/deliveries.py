"""A delivery while it is read: for each unit, whom the rows name. Kept as packed text, so that 300,000 people stay some 40 MB."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from directory.names import fold_name
from provisioning.rosters.unit_codes import UnitBook
from provisioning.rosters.vocabulary import Line, Values

PART: Final = "\x1f"
END: Final = "\x1e"


class SentRow(NamedTuple):
    """What one row said of a person; empty text where it said nothing."""

    number: str
    name: str
    birth_date: str
    title: str
    duties: str
    email: str
    phone: str
    login: str
    staff_code: str

    @property
    def key(self) -> str:
        """What tells the person from others: the number, else name and birth date."""
        return self.number or f"{fold_name(self.name)}|{self.birth_date}"


@dataclass
class SentUnit:
    """One unit's rows, packed."""

    rows: int = 0
    faults: int = 0
    packed: bytearray = field(default_factory=bytearray)


@dataclass
class Delivery:
    """All rows of people, unit by unit; rows whose unit cannot be told are only counted."""

    book: UnitBook
    rows: int = 0
    faults: int = 0
    units: dict[uuid.UUID, SentUnit] = field(default_factory=dict)
    _homes: dict[tuple[str | None, str | None], SentUnit | None] = field(default_factory=dict)

    def note(self, line: Line) -> None:
        """Take one line of the report."""
        values = line.values
        if values is None:
            return
        wrong = line.outcome == "fault"
        self.rows += 1
        self.faults += wrong
        home = self._home(values)
        if home is not None:
            home.rows += 1
            home.faults += wrong
            if values.name:
                home.packed += pack_row(values).encode()

    def _home(self, values: Values) -> SentUnit | None:
        key = (values.unit_scheme, values.unit_code)
        if key not in self._homes:
            known = self.book.find(*key)
            unit = known.unit_id if known else None
            self._homes[key] = self.units.setdefault(unit, SentUnit()) if unit else None
        return self._homes[key]


def pack_row(values: Values) -> str:
    """A row as text, parts by control characters that no cleaned value holds."""
    born = values.birth_date.isoformat() if values.birth_date else ""
    return (
        PART.join(
            (
                values.personal_number or "",
                values.name or "",
                born,
                values.title or "",
                " ".join(values.duties),
                values.email or "",
                values.phone or "",
                values.login or "",
                values.staff_code or "",
            )
        )
        + END
    )


def unpack_rows(packed: bytes | bytearray) -> Iterator[SentRow]:
    """The rows of a unit again."""
    for row in packed.decode().split(END)[:-1]:
        yield SentRow(*row.split(PART))


def count_people(delivery: Delivery) -> int:
    """How many people the delivery names."""
    return len({hash(row.key) for unit in delivery.units.values() for row in unpack_rows(unit.packed)})
