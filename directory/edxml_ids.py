"""Identifiers of the document exchange (edXML, QCVN 102:2016/BTTTT) and what they mean today.

An `OrganId` is the identification code of an agency; a `DocumentId` is `code,YYYY/MM/DD,number/notation`. A document keeps its
identifier for ever; the code in it may be closed, or may have passed to another unit since: the day in it says whose it was.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from directory.codes import clean_code, possible_schemes
from directory.errors import IdentifierMalformed, UnitNotFound
from directory.succession import answer_successors
from foundation.changes import AsOf
from foundation.clocks import as_rfc3339, parse_instant
from foundation.database import Reads

LONGEST = 300
SCHEMES = ("agency", "agency-legacy")


@dataclass(frozen=True)
class EdxmlId:
    """An identifier taken apart; `written` and `number` belong to a document."""

    text: str
    code: str
    scheme: str
    written: date | None = None
    number: str | None = None


def parse_edxml_id(text: str) -> EdxmlId:
    """The parts of an OrganId or a DocumentId. Raises IdentifierMalformed."""
    cleaned = text.strip()
    code, comma, rest = cleaned.partition(",")
    day, _comma, number = rest.partition(",")
    scheme = next((s for s in possible_schemes(code) if s in SCHEMES), None)
    if scheme is None or len(cleaned) > LONGEST or not cleaned.isprintable():
        raise IdentifierMalformed(text=cleaned[:LONGEST])
    if not comma:
        return EdxmlId(cleaned, clean_code(code), scheme)
    parts = day.strip().split("/")
    try:
        year, month, dom = (int(part) for part in parts)
        written = date(year, month, dom)
    except ValueError as error:
        raise IdentifierMalformed(text=cleaned) from error
    if not number.strip():
        raise IdentifierMalformed(text=cleaned)
    return EdxmlId(cleaned, clean_code(code), scheme, written, number.strip())


def resolve_edxml_id(reads: Reads, text: str, as_of: AsOf, zone: ZoneInfo) -> dict[str, Any]:
    """What the identifier means where the reader stands: the unit that bore its code, and the units now, the principal one first.

    Raises IdentifierMalformed, UnitNotFound. A document of a day on which nobody bore the code is answered by all who ever did.
    """
    found = parse_edxml_id(text)
    at_end_of_day = end_of(found.written, zone) if found.written else None
    answer = answer_successors(reads, [found.code], as_of, found.scheme, at_end_of_day)[0]
    certain = bool(answer["origins"])
    if not certain and at_end_of_day is not None:
        answer = answer_successors(reads, [found.code], as_of, found.scheme)[0]
    if not answer["origins"]:
        raise UnitNotFound(code=found.code)
    return {
        "id": found.text,
        "kind": "document" if found.written else "organ",
        "code": found.code,
        "scheme": found.scheme,
        "written": found.written.isoformat() if found.written else None,
        "number": found.number,
        "at": as_rfc3339(as_of.at),
        "borne_that_day": certain if found.written else None,
        "origins": answer["origins"],
        "now": [
            {"organ_id": heir["codes"]["agency"], **{key: heir[key] for key in ("unit", "name", "share", "principal")}}
            for origin in answer["origins"]
            for heir in origin["successors"]
        ],
    }


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The last moment of a day: what was written on the day of a merger was written under the new code."""
    return parse_instant(f"{day.isoformat()}T23:59:59.999999", zone)
