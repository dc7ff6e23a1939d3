"""What one cell holds, as text a reader can judge; and the cells nobody typed for a person: errors and formulas."""

import re
from datetime import date, datetime
from typing import Final

from directory.names import normalize_text
from foundation.i18n import Message
from provisioning.rosters.vocabulary import Fault

Cell = str | int | float | bool | date | None

BLANKS: Final = frozenset(
    {"", "-", "--", "–", "—", "_", ".", "…", "...", "/", "n/a", "null", "none", "nan", "(trống)", "không có"}
)
LONGEST_BLANK: Final = max(map(len, BLANKS))
ERRORS: Final = re.compile(
    r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA|ERROR!?)", re.IGNORECASE
)
ARMED: Final = ("=", "+", "-", "@", "\t", "\r")
# What a spreadsheet would run when it opens a text file (OWASP, CSV injection): a call after the opening sign.
FORMULA: Final = re.compile(r"=|[@+\-\t\r].*[(|!]", re.DOTALL)
SHOWN: Final = 80


def cell_text(cell: Cell) -> str | None:
    """The cell as clean text, None when it holds nothing: whole numbers without `.0`, dates as ISO, blank words as nothing."""
    if cell is None:
        return None
    if isinstance(cell, str):
        text = normalize_text(cell)
        if len(text) <= LONGEST_BLANK and text.lower() in BLANKS:
            return None
        return text[1:] if text[0] == "'" and text[1:2] in ARMED else text
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def shown_value(cell: Cell) -> str | None:
    """The cell as it is told in a fault: as it stood, cut to a line."""
    text = cell if isinstance(cell, str) else cell_text(cell)
    return text if text is None or len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def find_foreign(column: str, cell: Cell) -> Fault | None:
    """The fault of a cell that holds a spreadsheet's error or a formula as text."""
    if not isinstance(cell, str) or not cell or cell[0].isalnum():
        return None
    text = cell.strip().lstrip("'")
    if ERRORS.fullmatch(text):
        return Fault(
            column,
            text,
            "cell-error",
            Message("The spreadsheet shows an error here instead of a value. Type the value itself."),
        )
    if FORMULA.match(text):
        return Fault(
            column,
            shown_value(cell),
            "cell-formula",
            Message("A formula stands here as text; it is not run. Type the value itself."),
        )
    return None


def disarm(text: str) -> str:
    """The text as it may stand in a spreadsheet we write: what would be run as a formula gets an apostrophe in front."""
    return f"'{text}" if text[:1] in ARMED else text
