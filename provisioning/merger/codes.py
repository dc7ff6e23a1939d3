"""How codes pass on the day (DESIGN §4, domain: the agency code follows the name, the administrative code the seat). Pure.

A unit that ends closes its codes. A code may pass in the event to the unit that takes over (*continued*); any other second
bearer is refused with both decisions named. A unit that gets a code gives up the one it bore of the same kind. A new unit
without an agency code gets one proposed, to be confirmed by whoever approves the plan.
"""

import re
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from directory.names import fold_name
from foundation.i18n import Message, _
from provisioning.merger.book import CodeRow, UnitBook
from provisioning.merger.decree import Decree
from provisioning.merger.decree_file import Path_
from provisioning.merger.decree_parts import CodeGrant, CodeName

Complaint = tuple[Path_, str, Message]
# Decision 19/2025 replaced the codes of Decision 124/2004; a unit that gets the new kind gives up the old one.
REPLACES = {
    "admin": ("admin", "admin-2004"),
    "agency": ("agency",),
    "admin-2004": ("admin-2004",),
    "agency-legacy": ("agency-legacy",),
}
SAME_FAMILY = {"admin": "admin-2004"}
LEVEL_ONE = re.compile(r"[A-Z]\d{2}")


@dataclass(frozen=True)
class Inheritance:
    """What the events said: who gives to whom, who ends and begins, under whom, and the codes that are granted."""

    givers: Mapping[uuid.UUID, Collection[uuid.UUID]]
    ended: Collection[uuid.UUID]
    begun: Mapping[uuid.UUID, tuple[Path_, str]]
    levels: Mapping[uuid.UUID, str]
    parents: Mapping[uuid.UUID, uuid.UUID | None]
    grants: Sequence[tuple[uuid.UUID, CodeGrant, Path_]]
    names: Mapping[uuid.UUID, tuple[str, Path_]] = field(default_factory=dict)
    """New names, and where they stand; a unit that is not here keeps its own."""
    merged: Mapping[uuid.UUID, Path_] = field(default_factory=dict)
    seats: Sequence[tuple[uuid.UUID, uuid.UUID, int]] = ()
    """Unit, the one in whose seat it sits, the event."""


@dataclass
class Passed:
    """The codes that end and begin; `code_of` is the code people will use for each unit that gets one."""

    ended: list[CodeRow] = field(default_factory=list)
    begun: list[dict[str, Any]] = field(default_factory=list)
    code_of: dict[uuid.UUID, str] = field(default_factory=dict)
    proposed: list[str] = field(default_factory=list)
    faults: list[Complaint] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def to_confirm(self) -> tuple[str, ...]:
        """The agency codes that whoever approves confirms."""
        return tuple(self.proposed)


def pass_codes(decree: Decree, book: UnitBook, heirs: Inheritance) -> Passed:
    """Every code that ends or begins on the day, with faults where a rule is broken."""
    passed = Passed()
    ended: dict[int, CodeRow] = {row.row_id: row for unit in heirs.ended for row in book.standing_codes(unit)}
    given: dict[tuple[str, str, str], uuid.UUID] = {}
    for unit_id, grant, path in heirs.grants:
        key = (grant.scheme, heirs.levels[unit_id], grant.code)
        if key in given:
            passed.faults.append(
                (path, "code_twice", Message(_("The code {code} is given twice in this decree."), {"code": grant.code}))
            )
            continue
        given[key] = unit_id
        source = find_source(book, heirs, unit_id, grant, path, passed)
        released = [row for row in book.standing_codes(unit_id) if row.scheme in REPLACES[grant.scheme]]
        if any((row.scheme, row.code) == (grant.scheme, grant.code) for row in released):
            continue
        ended |= {row.row_id: row for row in released}
        if source is not None and source.scheme == grant.scheme:
            ended[source.row_id] = source
        begin_code(passed, decree, heirs, unit_id, grant, source)
    check_second_bearers(book, heirs, given, passed)
    kept = check_names(book, heirs, given, passed)
    check_seats(book, heirs, passed)
    for unit_id, row in kept.items():
        grant = CodeGrant(
            scheme="agency", code=row.code, status="proposed", continues=CodeName(scheme="agency", code=row.code)
        )
        given["agency", heirs.levels[unit_id], row.code] = unit_id
        begin_code(passed, decree, heirs, unit_id, grant, row)
    propose_codes(decree, book, heirs, given, passed)
    passed.ended = list(ended.values())
    passed.counts = count_codes(passed)
    return passed


def find_source(
    book: UnitBook, heirs: Inheritance, unit_id: uuid.UUID, grant: CodeGrant, path: Path_, passed: Passed
) -> CodeRow | None:
    """The code this one continues; a fault if it belongs to a unit that gives nothing to this one."""
    if grant.continues is None:
        return None
    wanted = grant.continues
    bearer = book.find_bearer(wanted.scheme, wanted.code)
    if bearer is None or (bearer != unit_id and bearer not in heirs.givers.get(unit_id, ())):
        why = _("{code} cannot be continued: {bearer} passes nothing to this unit.")
        name = book.name(bearer) if bearer else "—"
        passed.faults.append(
            (path, "continues_stranger", Message(why, {"code": f"{wanted.scheme} {wanted.code}", "bearer": name}))
        )
        return None
    row = next(row for row in book.standing_codes(bearer) if (row.scheme, row.code) == (wanted.scheme, wanted.code))
    return None if bearer == unit_id else row


def begin_code(
    passed: Passed, decree: Decree, heirs: Inheritance, unit_id: uuid.UUID, grant: CodeGrant, source: CodeRow | None
) -> None:
    """Note a code that begins, by its own decision or the decree's."""
    decision = grant.decision or decree.decision
    agency = grant.scheme.startswith("agency")
    passed.begun.append(
        {
            "unit": str(unit_id), "scheme": grant.scheme, "level": heirs.levels[unit_id], "code": grant.code,
            "continued_from": str(source.unit_id) if source else None, "status": grant.status,
            "example": decree.example and agency,
            "decision": {"number": decision.number, "date": decision.date.isoformat(), "issuer": decision.issuer},
        }
    )  # fmt: skip
    if grant.scheme == "agency" or unit_id not in passed.code_of:
        passed.code_of[unit_id] = grant.code
    if grant.status == "proposed":
        passed.proposed.append(grant.code)


def check_second_bearers(
    book: UnitBook, heirs: Inheritance, given: Mapping[tuple[str, str, str], uuid.UUID], passed: Passed
) -> None:
    """Refuse a code that another unit bears or bore, unless it is continued from its bearer in this event."""
    for unit_id, grant, path in heirs.grants:
        if given.get((grant.scheme, heirs.levels[unit_id], grant.code)) != unit_id:
            continue
        for row in other_bearers(book, heirs, unit_id, grant):
            if is_handed_on(book, heirs, unit_id, grant, row):
                continue
            why = _("The code {code} belongs to {bearer} by {first}; {second} would give it to {unit} as well.")
            values = {
                "code": grant.code,
                "bearer": book.name(row.unit_id),
                "first": row.decision,
                "second": str(grant.decision) if grant.decision else Message(_("this decree")),
                "unit": heirs.begun[unit_id][1] if unit_id in heirs.begun else book.name(unit_id),
            }
            passed.faults.append((path, "code_taken", Message(why, values)))
            break


def check_names(
    book: UnitBook, heirs: Inheritance, given: Mapping[tuple[str, str, str], uuid.UUID], passed: Passed
) -> dict[uuid.UUID, CodeRow]:
    """The level-1 agency code follows the name (Decision 09/2025/QĐ-TTg): faults where a decree says otherwise.

    Gives the codes to be proposed to new units that bear the name of one merged into them and are given none.
    """
    proposed: dict[uuid.UUID, CodeRow] = {}
    granted = {unit: (grant, path) for unit, grant, path in heirs.grants if grant.scheme == "agency"}
    for unit_id, event in heirs.merged.items():
        row = find_name_bearer(book, heirs, unit_id)
        if row is None:
            continue
        grant, path = granted.get(unit_id, (None, event))
        if grant is None and unit_id in heirs.begun:
            proposed[unit_id] = row
        elif (grant is None and row.unit_id != unit_id) or (grant is not None and grant.code != row.code):
            why = _("{unit} bears the name of {bearer}, so its agency code is {code}: that code follows the name.")
            values = {"unit": show_name(book, heirs, unit_id), "bearer": book.name(row.unit_id), "code": row.code}
            passed.faults.append((path, "agency_follows_name", Message(why, values)))
    return proposed


def find_name_bearer(book: UnitBook, heirs: Inheritance, unit_id: uuid.UUID) -> CodeRow | None:
    """The level-1 agency code of the one unit among those that merge here whose name the result bears."""
    wanted = fold_name(show_name(book, heirs, unit_id))
    sources = {*heirs.givers.get(unit_id, ()), *([unit_id] if unit_id not in heirs.begun else [])}
    rows = [
        row
        for source in sources
        if fold_name(book.name(source)) == wanted
        for row in book.standing_codes(source)
        if row.scheme == "agency" and LEVEL_ONE.fullmatch(row.code)
    ]
    return rows[0] if len(rows) == 1 else None


def show_name(book: UnitBook, heirs: Inheritance, unit_id: uuid.UUID) -> str:
    """What the unit is called from the day on."""
    return heirs.names[unit_id][0] if unit_id in heirs.names else book.name(unit_id)


def check_seats(book: UnitBook, heirs: Inheritance, passed: Passed) -> None:
    """The territorial code follows the seat (Decision 124/2004/QĐ-TTg): a fault where a decree names a seat and another number."""
    for unit_id, seat, place in heirs.seats:
        numbers = {row.code for row in book.standing_codes(seat) if row.scheme.startswith("admin")}
        for granted, grant, path in heirs.grants:
            if granted == unit_id and grant.scheme.startswith("admin") and grant.code not in numbers:
                why = _("The seat of {unit} is that of {seat}, so its code is {code}: that code follows the seat.")
                values = {
                    "unit": show_name(book, heirs, unit_id),
                    "seat": book.name(seat),
                    "code": ", ".join(numbers) or "—",
                }
                passed.faults.append((path, "code_follows_seat", Message(why, values)))
        if seat != unit_id and not any(
            granted == unit_id and grant.scheme.startswith("admin") for granted, grant, _path in heirs.grants
        ):
            why = _("The seat of {unit} is that of {seat}; give it the code {code}, continued from there.")
            values = {
                "unit": show_name(book, heirs, unit_id),
                "seat": book.name(seat),
                "code": ", ".join(numbers) or "—",
            }
            passed.faults.append((("events", place), "code_follows_seat", Message(why, values)))


def is_handed_on(book: UnitBook, heirs: Inheritance, unit_id: uuid.UUID, grant: CodeGrant, row: CodeRow) -> bool:
    """Whether the earlier bearing is the very code this grant continues; those before it were handed on themselves."""
    own = grant.continues
    if own is None or (own.scheme, own.code) != (row.scheme, row.code):
        return False
    return book.find_bearer(own.scheme, own.code) in (unit_id, *heirs.givers.get(unit_id, ()))


def other_bearers(book: UnitBook, heirs: Inheritance, unit_id: uuid.UUID, grant: CodeGrant) -> Iterator[CodeRow]:
    """The rows of other units with this code at this level, of the same kind or of the kind it replaced."""
    for scheme in (grant.scheme, SAME_FAMILY.get(grant.scheme, "")):
        for row in book.bearers.get((scheme, grant.code), ()):
            if row.unit_id != unit_id and row.level == heirs.levels[unit_id]:
                yield row


def propose_codes(
    decree: Decree,
    book: UnitBook,
    heirs: Inheritance,
    given: Mapping[tuple[str, str, str], uuid.UUID],
    passed: Passed,
) -> None:
    """Propose an agency code for each new unit without one: its parent's, and the next number under it."""
    agency = {unit_id: code for (scheme, _level, code), unit_id in given.items() if scheme == "agency"}
    taken = {code for scheme, code in book.bearers if scheme == "agency"} | set(agency.values())
    for unit_id, (path, name) in heirs.begun.items():
        if unit_id in agency:
            continue
        above = find_agency_code(book, agency, heirs.parents.get(unit_id))
        if above is None:
            why = _("{unit} has no agency code, and none can be proposed: the unit above has none either.")
            passed.faults.append((path, "code_missing", Message(why, {"unit": name})))
            continue
        code = next_code(above, taken)
        taken.add(code)
        agency[unit_id] = code
        grant = CodeGrant(scheme="agency", code=code, status="proposed")
        begin_code(passed, decree, heirs, unit_id, grant, None)


def find_agency_code(book: UnitBook, agency: Mapping[uuid.UUID, str], unit_id: uuid.UUID | None) -> str | None:
    """The agency code the unit bears from the day on."""
    if unit_id is None:
        return None
    standing = (row.code for row in book.standing_codes(unit_id) if row.scheme == "agency")
    return agency.get(unit_id) or next(standing, None)


def next_code(above: str, taken: Collection[str]) -> str:
    """The number after the highest ever given directly under a code."""
    under = f"{above}."
    numbers = [int(code[len(under) :]) for code in taken if code.startswith(under) and code[len(under) :].isdigit()]
    return f"{under}{max(numbers, default=0) + 1}"


def count_codes(passed: Passed) -> dict[str, int]:
    """Codes that continue, close, begin, and wait to be confirmed."""
    ended = {(row.level, row.code) for row in passed.ended if row.scheme.startswith("admin")}
    begun = {(line["level"], line["code"]) for line in passed.begun if line["scheme"].startswith("admin")}
    return {
        "codes_continue": len(ended & begun),
        "codes_close": len(ended - begun),
        "codes_begin": len(passed.begun),
        "agency_codes": sum(line["scheme"] == "agency" for line in passed.begun),
        "codes_to_confirm": len(passed.proposed),
    }
