"""Unit codes in a roster: which scheme, which unit, and the zeros a spreadsheet takes away.

What is known of units comes in a `UnitBook` (from the register, or from the published tables): without one only the shape can be
judged, and nothing that needs proof is restored.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple
from uuid import UUID

from directory.codes import possible_schemes
from directory.names import fold_name
from foundation.i18n import Message
from provisioning.rosters.cells import Cell, cell_text, shown_value
from provisioning.rosters.vocabulary import Fault
from provisioning.rosters.written_names import REPLACED

ADMIN: Final = ("admin", "admin-2004")
LENGTHS: Final = (2, 3, 5)
SCHEMES: Final = {
    "agency": ("agency", "mã định danh", "định danh", "mã định danh điện tử", "20/2020", "qđ 20/2020"),
    "agency-legacy": ("agency-legacy", "mã định danh cũ", "định danh cũ", "qcvn 102", "qcvn 102:2016"),
    "admin": ("admin", "mã hành chính", "hành chính", "hành chính mới", "mã đơn vị hành chính", "đvhc", "19/2025", "qđ 19/2025"),
    "admin-2004": ("admin-2004", "mã hành chính cũ", "hành chính cũ", "mã đơn vị hành chính cũ", "đvhc cũ", "124/2004", "qđ 124/2004"),
}  # fmt: skip
SCHEME_BY_KEY: Final = {fold_name(writing): scheme for scheme, writings in SCHEMES.items() for writing in writings}


class KnownCode(NamedTuple):
    """That a unit bears a code from one instant to another; `inside` whether it lies in the province that was named."""

    unit_id: UUID | None
    scheme: str
    code: str
    name: str
    begins: datetime | None
    ends: datetime | None
    inside: bool
    level: str | None = None

    def holds_at(self, at: datetime) -> bool:
        """Whether the unit bears the code at this instant."""
        return (self.begins is None or self.begins <= at) and (self.ends is None or at < self.ends)


@dataclass
class UnitBook:
    """The codes that are known, by code; `at` is the instant the roster speaks of."""

    at: datetime
    said: dict[object, "Reading"] = field(default_factory=dict)
    _codes: dict[str, list[KnownCode]] = field(default_factory=dict)
    _schemes: set[str] = field(default_factory=set)

    def add(self, codes: Iterable[KnownCode]) -> None:
        """Enter codes."""
        for known in codes:
            self._schemes.add(known.scheme)
            self._codes.setdefault(known.code, []).append(known)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known, so that only shapes can be judged."""
        return not self._codes

    def covers(self, schemes: Sequence[str]) -> bool:
        """Whether codes of one of these schemes are known at all; the published tables know no agency codes."""
        return not self._schemes.isdisjoint(schemes)

    def bearers(self, code: str, schemes: Sequence[str]) -> list[KnownCode]:
        """Who bears this code at the instant, under one of these schemes."""
        return [known for known in self._codes.get(code, ()) if known.scheme in schemes and known.holds_at(self.at)]

    def others(self, code: str) -> list[KnownCode]:
        """Who bore or will bear this code at other times."""
        return [known for known in self._codes.get(code, ()) if not known.holds_at(self.at)]

    def find(self, scheme: str | None, code: str | None) -> KnownCode | None:
        """The one bearer of a code that was checked before."""
        found = self.bearers(code, (scheme,)) if scheme and code else []
        return found[0] if found else None


Reading = tuple[str | None, str | None, tuple[Fault, ...]]


def read_unit_code(
    cell: Cell, scheme_cell: Cell, book: UnitBook, zeros_kept: bool = True, column: str = "unit_code"
) -> Reading:
    """The code, its scheme and what was found; no code when there is a fault.

    `zeros_kept`: the row's personal number has its leading zero, so no spreadsheet took that of a code in text either.
    A unit has some sixty people, so what was said of a cell is remembered with the book.
    """
    key = (type(cell), cell, scheme_cell, zeros_kept, column)
    found = book.said.get(key)
    if found is None:
        found = book.said[key] = judge_code(cell, scheme_cell, book, zeros_kept, column)
    return found


def judge_code(cell: Cell, scheme_cell: Cell, book: UnitBook, zeros_kept: bool, column: str) -> Reading:
    """The same, worked out."""
    written = cell_text(cell)
    if written is None:
        return None, None, (Fault(column, None, "unit-missing", Message("The unit's code is missing.")),)
    code = written.upper().strip("'’ ")
    declared, faults = read_scheme(scheme_cell)
    if faults:
        return None, None, faults
    schemes = (declared,) if declared else possible_schemes(code) or (ADMIN if code.isdigit() else ())
    if not schemes or (not code.isdigit() and not set(possible_schemes(code)) & set(schemes)):
        if book.bearers(code, tuple(SCHEMES)):
            return None, None, (judge_unknown(shown_value(cell), code, schemes, book, column),)
        message = Message("This is no unit code: H61.12.3, 000.00.12.H61, or two, three or five digits.")
        likely = code.translate(REPLACED)
        proposal = likely if likely != code and possible_schemes(likely) else None
        return None, None, (Fault(column, shown_value(cell), "unit-code-shape", message, proposal),)
    if not book.covers(schemes):
        return judge_shape(shown_value(cell), code, schemes, column)
    return judge_known(cell, code, schemes, book, isinstance(cell, str) and zeros_kept, column)


@lru_cache(maxsize=4096, typed=True)
def read_scheme(cell: Cell) -> tuple[str | None, tuple[Fault, ...]]:
    """The scheme a row declares; an empty cell is no fault."""
    text = cell_text(cell)
    if text is None:
        return None, ()
    scheme = SCHEME_BY_KEY.get(fold_name(text))
    if scheme is not None:
        return scheme, ()
    message = Message("This kind of code is not known. Choose: agency, agency-legacy, admin, admin-2004.")
    return None, (Fault("unit_scheme", shown_value(cell), "unit-scheme-unknown", message),)


def judge_shape(value: str | None, code: str, schemes: Sequence[str], column: str) -> Reading:
    """A code where no unit is known: its shape only."""
    fitting = [scheme for scheme in possible_schemes(code) if scheme in schemes]
    if not fitting:
        message = Message("A leading zero seems to be lost; no register of units is here to prove it.")
        proposal = next((code.zfill(length) for length in LENGTHS if len(code) < length), None)
        return None, None, (Fault(column, value, "unit-code-zeros-unproved", message, proposal),)
    return code, fitting[0], ()


def judge_known(
    cell: Cell, code: str, schemes: Sequence[str], book: UnitBook, zeros_kept: bool, column: str
) -> Reading:
    """A code held against the known units; zeros are restored where exactly one unit fits."""
    value = shown_value(cell)
    whole = [known for known in book.bearers(code, schemes) if known.inside]
    padded = [known for text in pad(code) for known in book.bearers(text, schemes) if known.inside]
    if whole and (zeros_kept or not padded):
        return whole[0].code, whole[0].scheme, ()
    if len(whole) + len(padded) == 1:
        message = Message(
            "The spreadsheet took a leading zero of the code away; only {unit} fits.", {"unit": padded[0].name}
        )
        return (
            padded[0].code,
            padded[0].scheme,
            (Fault(column, value, "unit-code-zeros", message, padded[0].code, True),),
        )
    if whole or padded:
        names = ", ".join(f"{known.code} {known.name}" for known in (*whole, *padded))
        message = Message("A leading zero may be lost; several units fit: {units}.", {"units": names})
        return None, None, (Fault(column, value, "unit-code-ambiguous", message),)
    return None, None, (judge_unknown(value, code, schemes, book, column),)


def pad(code: str) -> list[str]:
    """The code with the zeros that a number may have lost."""
    if not code.isdigit() or code.startswith("0"):
        return []
    return [code.zfill(length) for length in LENGTHS if len(code) < length]


def judge_unknown(value: str | None, code: str, schemes: Sequence[str], book: UnitBook, column: str) -> Fault:
    """Why a code fits no unit: of another province, of another time, of another scheme, or of nobody."""
    if outside := book.bearers(code, schemes):
        message = Message("{unit} lies outside the province of this roster.", {"unit": outside[0].name})
        return Fault(column, value, "unit-elsewhere", message)
    if other := book.bearers(code, tuple(SCHEMES)):
        message = Message(
            "Under this kind of code nobody bears it; as {scheme} it is {unit}.",
            {"scheme": other[0].scheme, "unit": other[0].name},
        )
        return Fault("unit_scheme", value, "unit-scheme", message, other[0].scheme)
    ended = [known for known in book.others(code) if known.scheme in schemes]
    if ended:
        message = Message(
            "{unit} does not bear this code on the day of this check. Was another day meant (--at)?",
            {"unit": ended[-1].name},
        )
        return Fault(column, value, "unit-other-time", message)
    return Fault(column, value, "unit-unknown", Message("No unit bears this code."))
