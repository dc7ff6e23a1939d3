"""Personal identification numbers: their shape, and the leading zeros a spreadsheet takes away.

Twelve digits (Law on Identity 2023, article 12; Decree 137/2015, article 13): 1–3 the province of birth registration, or
from 101 on a country; 4 the century and sex (0 and 1: 1900s, 2 and 3: 2000s); 5–6 the year of birth; 7–12 random. There is no check
digit, so only the birth date can prove a repair. The number reveals sex, year and origin: it is never written to a log.
"""

import re
import unicodedata
from datetime import date
from typing import Final

from foundation.i18n import Message
from provisioning.rosters.cells import Cell, cell_text
from provisioning.rosters.vocabulary import Fault

COLUMN: Final = "personal_number"
DIGITS: Final = 12
OLD_CARD: Final = 9
PROVINCES: Final = frozenset(f"{code:03}" for code in (*range(1, 97), 99))
COUNTRIES: Final = range(101, 400)
SEPARATORS: Final = str.maketrans("", "", " .-'’‘`,_")
LOOKALIKES: Final = str.maketrans("OoQDlI|iSsBZz", "0000111155822")
DECIMALS: Final = re.compile(r"(?<=\d{8})[.,]0{1,2}$")
GROUPED: Final = re.compile(r"\d{1,6}(?:[.,] ?\d{3,6})+")
SCIENTIFIC: Final = re.compile(r"(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})")
# The display `8.61805E+10` keeps six digits; a true number has so few between its zeros once in a hundred thousand. Asked only where
# the leading zero is lost too: twelve digits are no spreadsheet's work.
ROUNDED: Final = 6
CENTURIES: Final = {"0": 1900, "1": 1900, "2": 2000, "3": 2000}


def number_year(number: str) -> int | None:
    """The birth year a twelve-digit number tells, None if its fourth digit names no century we know."""
    century = CENTURIES.get(number[3:4])
    return century + int(number[4:6]) if century is not None else None


def is_origin(number: str) -> bool:
    """Whether the first three digits name a province or a country."""
    return number[:3] in PROVINCES or int(number[:3]) in COUNTRIES


def fits(number: str, birth: date | None) -> bool:
    """Whether the number has a shape that is given out and agrees with this birth date."""
    return is_origin(number) and birth is not None and number_year(number) == birth.year


def is_whole(text: str) -> bool:
    """Whether the text is twelve digits and nothing else."""
    return len(text) == DIGITS and text.isascii() and text.isdigit()


def read_number(cell: Cell, birth: date | None) -> tuple[str | None, tuple[Fault, ...]]:
    """The twelve digits and what was found; no digits when there is a fault.

    `birth` is the row's birth date where it is readable; without it nothing can be proved, only proposed.
    """
    if type(cell) is str and is_whole(cell) and judge_shape(cell, cell, birth) is None:
        return cell, ()
    written = cell_text(cell)
    if written is None:
        return None, (
            fault(
                None,
                "number-missing",
                Message("The personal number is missing; without it a person cannot be told from a namesake."),
            ),
        )
    if isinstance(cell, float) and not cell.is_integer():
        return None, (fault(written, "number-length", Message("A personal number has twelve digits.")),)
    compact = written if written.isdigit() else take_signs_out(written)
    if compact.isascii() and compact.isdigit() and not written.startswith("-"):
        return judge_digits(written, compact, birth)
    return judge_letters(written, birth)


def take_signs_out(written: str) -> str:
    """The digits without the signs between them; decimals of a number are no digits of it, and odd groups stay as they are."""
    text = DECIMALS.sub("", written)
    if ("." in text or "," in text) and not GROUPED.fullmatch(text):
        return text
    return text.translate(SEPARATORS)


def judge_digits(written: str, digits: str, birth: date | None) -> tuple[str | None, tuple[Fault, ...]]:
    """What a run of digits is worth by its length."""
    if len(digits) == DIGITS:
        found = judge_shape(written, digits, birth)
        if found is not None:
            return None, (found,)
        if written == digits:
            return digits, ()
        return digits, (
            restored(written, "number-separators", Message("Signs between the digits were taken out."), digits),
        )
    if len(digits) in (DIGITS - 1, DIGITS - 2) and not digits.startswith("0"):
        return restore_zeros(written, digits, birth)
    if len(digits) == OLD_CARD:
        message = Message(
            "Nine digits are an old identity card's number. Ask the person for the twelve-digit personal number."
        )
        return None, (fault(written, "number-old-card", message),)
    proposal = propose_zeros(digits, birth)
    return None, (
        fault(
            written,
            "number-length",
            Message("A personal number has twelve digits, here are {count}.", {"count": len(digits)}),
            proposal,
        ),
    )


def judge_shape(written: str, number: str, birth: date | None) -> Fault | None:
    """The fault of twelve digits that cannot be a personal number, or not this person's."""
    if not is_origin(number):
        return fault(written, "number-province", Message("The first three digits name no province."))
    year = number_year(number)
    if year is None:
        return fault(written, "number-century", Message("The fourth digit tells century and sex and is 0 to 3."))
    if birth is not None and year != birth.year:
        values = {"year": year, "birth": birth.year}
        message = Message(
            "The number says born in {year}, the birth date says {birth}. Check both on the identity card.", values
        )
        return fault(written, "number-birth-year", message)
    return None


def judge_rounded(written: str, digits: str) -> Fault | None:
    """The fault of digits that end like a number a spreadsheet rounded and wrote out again (86180500000)."""
    if len(digits.strip("0")) > ROUNDED:
        return None
    message = Message(
        "The spreadsheet rounded the number; its last digits are lost. Ask for it anew and type it as text."
    )
    return fault(written, "number-rounded", message)


def restore_zeros(written: str, digits: str, birth: date | None) -> tuple[str | None, tuple[Fault, ...]]:
    """The number with the zeros that were lost, only if the birth date proves it and no other reading fits.

    Another reading is a number of which the end was cut off: then the digits as they stand would already fit.
    """
    full = digits.zfill(DIGITS)
    if (rounded := judge_rounded(written, digits)) is not None:
        return None, (rounded,)
    if fits(full, birth) and not fits(digits.ljust(DIGITS, "0"), birth):
        message = Message(
            "The spreadsheet took the leading zeros away; province, century and birth year prove the number."
        )
        return full, (restored(written, "number-zeros", message, full),)
    message = Message(
        "Leading zeros seem to be lost, but the birth date does not prove it. Compare with the identity card."
    )
    return None, (fault(written, "number-zeros-unproved", message, propose_zeros(digits, birth)),)


def propose_zeros(digits: str, birth: date | None) -> str | None:
    """The number with zeros in front as a proposal: only when its shape is right and nothing speaks against it."""
    full = digits.zfill(DIGITS)
    if len(digits) > DIGITS or len(digits) < DIGITS - 2 or not is_origin(full):
        return None
    year = number_year(full)
    return full if year is not None and (birth is None or birth.year == year) else None


def judge_letters(written: str, birth: date | None) -> tuple[str | None, tuple[Fault, ...]]:
    """A number with something else in it: the form 7.9E+10, letters typed for digits, anything."""
    if match := SCIENTIFIC.fullmatch(written.replace(" ", "")):
        whole, decimals, exponent = match[1], match[2] or "", int(match[3])
        if len(decimals) == exponent:
            return judge_digits(written, whole + decimals, birth)
        rounded = judge_rounded(written, "")
        assert rounded is not None
        return None, (rounded,)
    guess = unicodedata.normalize("NFKC", written).translate(SEPARATORS).translate(LOOKALIKES)
    likely = (
        guess
        if guess.isascii() and guess.isdigit() and len(guess) == DIGITS and judge_shape(written, guess, birth) is None
        else None
    )
    return None, (fault(written, "number-letters", Message("A personal number is made of digits only."), likely),)


def fault(value: str | None, code: str, why: Message, proposal: str | None = None) -> Fault:
    """A fault in this column."""
    return Fault(COLUMN, value, code, why, proposal)


def restored(value: str, code: str, why: Message, taken: str) -> Fault:
    """A restoration in this column."""
    return Fault(COLUMN, value, code, why, taken, restored=True)
