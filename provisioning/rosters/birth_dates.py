"""Birth dates as people write them and as spreadsheets store them; each reading that is not certain is a fault.

Vietnamese offices write day, month, year. A true date cell or ISO text is taken as it is. A serial number (days since 1900 or
1904) is restored only when the personal number's birth year proves it. Whether a column has day and month exchanged is seen
only over the whole sheet: each reading says what it gives as evidence, and `judge_column` weighs it.
"""

import re
from collections import Counter
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal

from foundation.i18n import Message
from provisioning.rosters.cells import Cell, cell_text, shown_value
from provisioning.rosters.vocabulary import Fault

COLUMN: Final = "birth_date"
DateSystem = Literal[1900, 1904]
# What a cell tells about the order of its column: text that can only be day-month or month-day, text that can be both, a stored
# date that cannot have been exchanged (day above 12), and one that can.
Evidence = Literal["text-day-first", "text-month-first", "text-open", "stored-closed", "stored-open"]
# Stored dates that could all be exchanged by chance: with four it is one in forty.
ENOUGH_OPEN: Final = 4

EPOCHS: Final = {1900: date(1899, 12, 30), 1904: date(1904, 1, 1)}
YOUNGEST: Final = 16
OLDEST: Final = 100
PARTS: Final = re.compile(
    r"(\d{1,4})\s*[/.\-– ]\s*(\d{1,2})\s*[/.\-– ]\s*(\d{1,4})(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AP]M)?)?",
    re.IGNORECASE,
)
SPELLED: Final = re.compile(r"(?:ngày )?(\d{1,2}) tháng (\d{1,2}),? năm (\d{4})", re.IGNORECASE)
DIGITS: Final = re.compile(r"\d+")

Reading = tuple[date | None, tuple[Fault, ...], Evidence | None]


@lru_cache(maxsize=1 << 16, typed=True)
def read_birth_date(cell: Cell, year: int | None, at: date, system: DateSystem = 1900) -> Reading:
    """The date, what was found, and the evidence for the column's order.

    `year` is what the personal number says, if it can be read; `at` is the day of the check, for plausible ages. Days repeat: forty
    years have fifteen thousand, so what was said of a cell is remembered.
    """
    taken, found, evidence = read_cell(cell, year, system)
    if taken is not None and not YOUNGEST <= at.year - taken.year <= OLDEST:
        message = Message("Nobody born in {year} can be in office on this day.", {"year": taken.year})
        return None, (fault(shown_value(cell), "birth-date-unlikely", message),), None
    return taken, found, evidence


def read_cell(cell: Cell, year: int | None, system: DateSystem) -> Reading:
    """One cell by what it holds."""
    if isinstance(cell, date):
        day = cell.date() if isinstance(cell, datetime) else cell
        return read_stored(day, year)
    text = cell_text(cell)
    if text is None:
        return None, (fault(None, "birth-date-missing", Message("The birth date is missing.")),), None
    if DIGITS.fullmatch(text):
        return read_digits(text, year, system)
    if (match := PARTS.fullmatch(text)) or (match := SPELLED.fullmatch(text)):
        return read_parts(text, (match[1], match[2], match[3]), year)
    return (
        None,
        (
            fault(
                shown_value(cell),
                "birth-date-shape",
                Message("This is not a date. Write day/month/year, for example 25/12/1980."),
            ),
        ),
        None,
    )


def read_stored(day: date, year: int | None) -> Reading:
    """A true date cell; four years and a day beside the personal number means the other date system."""
    if year is not None and day.year != year:
        for shift in (timedelta(days=1462), timedelta(days=-1462)):
            if (day + shift).year == year:
                message = Message(
                    "The date was counted from 1904 instead of 1900 (or the reverse): it is four years and a day off."
                )
                return None, (fault(day.isoformat(), "birth-date-system", message, (day + shift).isoformat()),), None
    return day, (), None if day.day == day.month else "stored-open" if day.day <= 12 else "stored-closed"


def read_digits(text: str, year: int | None, system: DateSystem) -> Reading:
    """Digits without signs: a serial number, a year alone, or day, month and year run together."""
    number = int(text)
    if len(text) == 4 and 1900 <= number <= 2100:
        return (
            None,
            (fault(text, "birth-date-year-only", Message("Only the year stands here. Ask for day and month.")),),
            None,
        )
    if len(text) == 5:
        return read_serial(text, number, year, system)
    options = run_together(text)
    proved = [option for option in options if option.year == year]
    if len(proved) == 1:
        return (
            proved[0],
            (
                restored(
                    text,
                    Message("Day, month and year were run together; the personal number proves the year."),
                    proved[0],
                ),
            ),
            None,
        )
    proposal = options[0].isoformat() if options else None
    return (
        None,
        (
            fault(
                text,
                "birth-date-shape",
                Message("This is not a date. Write day/month/year, for example 25/12/1980."),
                proposal,
            ),
        ),
        None,
    )


def read_serial(text: str, number: int, year: int | None, system: DateSystem) -> Reading:
    """A spreadsheet's count of days; restored only where the personal number proves the year."""
    day = EPOCHS[system] + timedelta(days=number)
    other = EPOCHS[1904 if system == 1900 else 1900] + timedelta(days=number)
    if day.year == year:
        evidence: Evidence | None = (
            None if day.day == day.month else "stored-open" if day.day <= 12 else "stored-closed"
        )
        return (
            day,
            (
                restored(
                    text,
                    Message(
                        "The spreadsheet's day count was turned back into the date; the personal number proves the year."
                    ),
                    day,
                ),
            ),
            evidence,
        )
    if other.year == year:
        message = Message(
            "The date was counted from 1904 instead of 1900 (or the reverse): it is four years and a day off."
        )
        return None, (fault(text, "birth-date-system", message, other.isoformat()),), None
    message = Message(
        "A spreadsheet's day count stands here instead of a date, and the personal number does not prove it."
    )
    return None, (fault(text, "birth-date-serial", message, day.isoformat() if year is None else None),), None


def run_together(text: str) -> list[date]:
    """The dates that six to eight digits can mean: day first with or without its zeros, or year first with eight."""
    if not 6 <= len(text) <= 8:
        return []
    head, year = text[:-4], text[-4:]
    readings = [build_date(year, head[cut:], head[:cut]) for cut in (1, 2) if 1 <= len(head) - cut <= 2]
    if len(text) == 8:
        readings.append(build_date(text[:4], text[4:6], text[6:]))
    return [day for day in dict.fromkeys(readings) if day is not None and 1900 <= day.year <= 2100]


def read_parts(text: str, parts: tuple[str, str, str], year: int | None) -> Reading:
    """Three numbers: year-month-day, or day, month and year in the Vietnamese order unless that is no date."""
    first, second, third = parts
    if len(first) in (3, 4):
        return read_year_first(text, first, second, third, year)
    if len(third) in (1, 3) or (len(third) == 2 and year is None):
        return None, (fault(text, "birth-date-year-short", Message("The year has not four digits.")),), None
    full = third if len(third) == 4 else (str(year) if str(year)[2:] == third else "")
    day = build_date(full, second, first)
    swapped = build_date(full, first, second)
    if day is None and swapped is None:
        return None, (judge_impossible(text, first, second, third, year),), None
    if day is None and swapped is not None:
        message = Message("Month and day stand in the American order; the other reading is no date.")
        return swapped, (restored(text, message, swapped),), "text-month-first"
    assert day is not None
    evidence = tell_order(text, first, second, swapped)
    if len(third) == 2:
        return (
            day,
            (restored(text, Message("The year had two digits; the personal number proves the century."), day),),
            evidence,
        )
    return day, (), evidence


def tell_order(text: str, first: str, second: str, swapped: date | None) -> Evidence | None:
    """What a day-first reading tells of its column; dots are left alone by a spreadsheet with American settings."""
    if int(first) == int(second):
        return None
    if swapped is not None:
        return "text-open"
    return None if "." in text else "text-day-first"


def read_year_first(text: str, year_text: str, second: str, third: str, year: int | None) -> Reading:
    """ISO order; year, day, month only when nothing else is a date."""
    day = build_date(year_text, second, third)
    if day is not None:
        return day, (), None
    swapped = build_date(year_text, third, second)
    if swapped is not None:
        message = Message("Day and month stood in the reverse order; the other reading is no date.")
        return swapped, (restored(text, message, swapped),), None
    return None, (judge_impossible(text, third, second, year_text, year),), None


def judge_impossible(text: str, day: str, month: str, year_text: str, year: int | None) -> Fault:
    """The fault of a day that is not in the calendar; the personal number's year is proposed where the day exists in it."""
    likely = build_date(str(year), month, day) if year is not None and year_text != str(year) else None
    return fault(
        text,
        "birth-date-impossible",
        Message("There is no such day in the calendar."),
        likely.isoformat() if likely else None,
    )


def build_date(year: str, month: str, day: str) -> date | None:
    """The date, None if the calendar has no such day."""
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def judge_column(evidence: Counter[Evidence]) -> frozenset[Evidence]:
    """Which kinds of reading are doubtful on this sheet.

    Text that can only be month-day casts doubt on text that can be both. Text that can only be day-month beside stored dates of which
    none has a day above 12 is the mark of a spreadsheet with American settings: it exchanged what it understood. It leaves no text
    that can be both; where some stands, it takes several stored dates to tell the mark from chance.
    """
    doubtful: set[Evidence] = set()
    if evidence["text-month-first"]:
        doubtful.add("text-open")
    enough = ENOUGH_OPEN if evidence["text-open"] else 1
    if evidence["text-day-first"] and evidence["stored-open"] >= enough and not evidence["stored-closed"]:
        doubtful.add("stored-open")
    return frozenset(doubtful)


def doubt_order(value: str | None, taken: date) -> Fault:
    """The fault of a reading in a column whose order is doubtful: the exchanged date is proposed."""
    message = Message(
        "Day and month seem to be exchanged: other rows of this sheet show it. Check on the identity card."
    )
    return fault(value, "birth-date-order", message, taken.replace(month=taken.day, day=taken.month).isoformat())


def fault(value: str | None, code: str, why: Message, proposal: str | None = None) -> Fault:
    """A fault in this column."""
    return Fault(COLUMN, value, code, why, proposal)


def restored(value: str, why: Message, taken: date) -> Fault:
    """A restoration in this column."""
    return Fault(COLUMN, value, "birth-date-restored", why, taken.isoformat(), restored=True)
