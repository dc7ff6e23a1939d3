"""Phone numbers in the national form: ten digits with 0 in front for mobiles, eleven for landlines (02…)."""

import re
from typing import Final

from foundation.i18n import Message
from provisioning.rosters.cells import Cell, cell_text, shown_value
from provisioning.rosters.vocabulary import Fault

COLUMN: Final = "phone"
NATIONAL: Final = re.compile(r"0(?:[35789]\d{8}|2\d{9})")
WITHOUT_ZERO: Final = re.compile(r"[35789]\d{8}|2\d{9}")
INTERNATIONAL: Final = re.compile(r"(?:\+|00)?84\s*(?:\(0\)|0)?([35789]\d{8}|2\d{9})")
SEPARATORS: Final = str.maketrans("", "", " .-()'’")
SEVERAL: Final = re.compile(r"[;,/\n]| - | hoặc | và ", re.IGNORECASE)
# The mobile numbers of eleven digits were renumbered in 2018 (Ministry of Information and Communications, plan of 2018).
RENUMBERED: Final = {
    "0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078", "0123": "083", "0124": "084", "0125": "085",
    "0127": "081", "0129": "082", "0162": "032", "0163": "033", "0164": "034", "0165": "035", "0166": "036", "0167": "037",
    "0168": "038", "0169": "039", "0186": "056", "0188": "058", "0199": "059",
}  # fmt: skip


def read_phone(cell: Cell) -> tuple[str | None, tuple[Fault, ...]]:
    """The number in the national form and what was found; an empty cell is no fault."""
    if type(cell) is str and NATIONAL.fullmatch(cell):
        return cell, ()
    written = cell_text(cell)
    if written is None:
        return None, ()
    compact = written.translate(SEPARATORS)
    if NATIONAL.fullmatch(compact):
        return compact, ()
    value = shown_value(cell)
    if WITHOUT_ZERO.fullmatch(compact):
        full = "0" + compact
        message = Message("The spreadsheet took the leading zero of the phone number away.")
        return full, (Fault(COLUMN, value, "phone-zero", message, full, restored=True),)
    if match := INTERNATIONAL.fullmatch(compact):
        full = "0" + match[1]
        return full, (
            Fault(
                COLUMN,
                value,
                "phone-country-code",
                Message("Written with the country code; taken in the national form."),
                full,
                restored=True,
            ),
        )
    return None, (judge_unknown(written, value),)


def judge_unknown(written: str, value: str | None) -> Fault:
    """The fault of a number in no form we know, with a proposal where there is one."""
    for part in SEVERAL.split(written):
        compact = part.translate(SEPARATORS)
        if NATIONAL.fullmatch(compact) and compact != written.translate(SEPARATORS):
            return Fault(
                COLUMN, value, "phone-several", Message("More than one phone number stands here. Keep one."), compact
            )
    compact = written.translate(SEPARATORS)
    padded = compact if compact.startswith("0") else "0" + compact
    if len(padded) == 11 and padded.isdigit() and padded[:4] in RENUMBERED:
        proposal = RENUMBERED[padded[:4]] + padded[4:]
        return Fault(
            COLUMN, value, "phone-old-prefix", Message("Mobile numbers of eleven digits ended in 2018."), proposal
        )
    return Fault(
        COLUMN,
        value,
        "phone-shape",
        Message("This is not a Vietnamese phone number: ten digits, or eleven for a landline, with 0 in front."),
    )
