"""The words of a roster: its columns, the outcome of a row, and a fault with its place and its way out."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal, NamedTuple

from foundation.i18n import Message
from provisioning.rosters.answering import find_action, find_office

Outcome = Literal["ok", "restored", "fault", "duplicate", "candidate", "ignored"]

# Canonical columns, in the order of the template; `ordinal` (the running number people put first) is read past.
COLUMNS: Final = (
    "name",
    "birth_date",
    "personal_number",
    "unit_code",
    "unit_scheme",
    "title",
    "duties",
    "body",
    "main",
    "email",
    "phone",
    "login",
    "staff_code",
    "new_unit_code",
    "new_title",
    "password_hash",
)


class Fault(NamedTuple):
    """One finding in one cell: what stands there, a stable code, why it matters, and what to put there if we know.

    A restoration is told the same way: `proposal` is then what was taken.
    """

    column: str | None
    value: str | None
    code: str
    why: Message
    proposal: str | None = None
    restored: bool = False

    def as_json(self, language: str, unit: str | None = None, file: str = "") -> dict[str, str | None]:
        """The shape of DESIGN §8 in the reader's language, with what to do and who must answer; a restoration asks nobody."""
        action = None if self.restored else find_action(self.column, self.code).show(language)
        office = None if self.restored or not file else find_office(self.column, self.code, unit, file).show(language)
        return {
            "column": self.column,
            "value": self.value,
            "code": self.code,
            "why": self.why.show(language),
            "proposal": self.proposal,
            "action": action,
            "office": office,
        }


class Place(NamedTuple):
    """Where a row stands, as the person who opens the file counts: rows from 1."""

    file: str
    sheet: str | None
    row: int | None

    def __str__(self) -> str:
        sheet = f" · {self.sheet}" if self.sheet else ""
        return f"{self.file.rsplit('/', 1)[-1]}{sheet}:{self.row}"


class Values(NamedTuple):
    """What one row says of a person, cleaned: composed text, ISO date, twelve digits, national phone number."""

    name: str | None = None
    birth_date: date | None = None
    personal_number: str | None = None
    unit_code: str | None = None
    unit_scheme: str | None = None
    title: str | None = None
    duties: tuple[str, ...] = ()
    body: str | None = None
    main: bool | None = None
    email: str | None = None
    phone: str | None = None
    login: str | None = None
    staff_code: str | None = None
    new_unit_code: str | None = None
    new_title: str | None = None
    password_hash: str | None = None

    def __repr__(self) -> str:
        """Without what identifies or opens anything: values must not reach a log by accident."""
        return f"Values(name={self.name!r}, unit_code={self.unit_code!r}, title={self.title!r})"

    def as_json(self) -> dict[str, str | None]:
        """The values a report shows."""
        return {
            "name": self.name,
            "birth_date": self.birth_date.isoformat() if self.birth_date else None,
            "personal_number": self.personal_number,
            "unit_code": self.unit_code,
            "unit_scheme": self.unit_scheme,
            "title": self.title,
            "email": self.email,
            "phone": self.phone,
        }


class Line(NamedTuple):
    """One line of the report: a row with its outcome, or (row None) what was recognised of a whole file.

    `raw` is what stands in the cells of a row with faults that gave no value, by column.
    """

    place: Place
    outcome: Outcome
    values: Values | None
    faults: tuple[Fault, ...] = ()
    facts: Mapping[str, Any] | None = None
    raw: Mapping[str, str] = {}

    def told(self, fault: Fault, language: str) -> dict[str, str | None]:
        """One of its faults as the report shows it."""
        unit = self.values.unit_code if self.values else None
        return fault.as_json(language, unit, self.place.file.rsplit("/", 1)[-1])

    def as_json(self, language: str) -> dict[str, Any]:
        """The object of DESIGN §8."""
        shown: Mapping[str, Any] = self.values.as_json() if self.values else (self.facts or {})
        return {
            "file": self.place.file,
            "sheet": self.place.sheet,
            "row": self.place.row,
            "outcome": self.outcome,
            "values": dict(shown),
            "faults": [self.told(fault, language) for fault in self.faults],
        }
