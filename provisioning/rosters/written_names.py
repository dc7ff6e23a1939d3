"""Names as people typed them: what is put right for certain, and what a person must look at."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from directory.names import normalize_text
from foundation.i18n import Message
from provisioning.rosters.cells import Cell, cell_text, shown_value
from provisioning.rosters.encodings import is_syllable
from provisioning.rosters.old_fonts import TwoReadings, find_old_font
from provisioning.rosters.vocabulary import Fault

COLUMN: Final = "name"
LONGEST: Final = 100
ALLOWED: Final = re.compile(r"[^\W\d_]+(?:['’.\- ]+[^\W\d_]+)*\.?")
LATIN: Final = re.compile("[\\x00-\u024f\u1e00-\u1eff\u0300-\u036f’]*")
LOST: Final = re.compile(r"[^\W\d_]?[?\ufffd□]+[^\W\d_]?")
# Letters of other scripts and languages that look like ours and are not.
STRANGERS: Final = {
    "Ð": "Đ", "ð": "đ", "Ɖ": "Đ", "ɖ": "đ", "А": "A", "В": "B", "Е": "E", "К": "K", "М": "M", "Н": "H", "О": "O", "Р": "P", "С": "C",
    "Т": "T", "Х": "X", "У": "Y", "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "х": "x", "у": "y", "і": "i", "Α": "A", "Β": "B",
    "Ε": "E", "Η": "H", "Ι": "I", "Κ": "K", "Μ": "M", "Ν": "N", "Ο": "O", "Ρ": "P", "Τ": "T", "Υ": "Y", "Χ": "X", "ο": "o", "ν": "v",
    "ı": "i", "ǎ": "ă", "Ǎ": "Ă",
}  # fmt: skip
REPLACED: Final = str.maketrans(STRANGERS)
STRANGE: Final = frozenset(STRANGERS)
MISREAD: Final = re.compile(r"[ÃÂÄÅÆ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|áº|á»|Æ°|Æ¡|Ä‘|Ä\x90")


def read_name(cell: Cell) -> tuple[str | None, tuple[Fault, ...]]:
    """The name composed and spelled as names are, and what was found; no name when there is a fault."""
    if type(cell) is str and len(cell) <= LONGEST and all(map(is_plain, cell.split(" "))):
        return cell, ()
    name = cell_text(cell)
    if name is None:
        return None, (Fault(COLUMN, None, "name-missing", Message("The name is missing.")),)
    if isinstance(cell, TwoReadings):
        return None, (tell_two_readings(COLUMN, cell),)
    value = shown_value(cell)
    refused = judge_letters(name, value)
    if refused is not None:
        return None, (refused,)
    found = name_findings(str(cell), name, value)
    spelled = spell_name(name)
    if spelled is None:
        message = Message(
            "The name is written in one case only and has signs in it; which letters are capital cannot be known."
        )
        return None, (Fault(COLUMN, value, "name-case-unsure", message, name.title()),)
    if spelled != name:
        message = Message("Capitals were put right: every syllable of a name begins with one.")
        found = (*found, Fault(COLUMN, value, "name-case", message, spelled, restored=True))
    return spelled, found


@lru_cache(maxsize=1 << 16)
def is_plain(word: str) -> bool:
    """Whether a word of a name has nothing that could be wrong: a composed Vietnamese syllable with one capital, at its front.

    The whole language has some seven thousand, so nearly every name is judged by looking its words up.
    """
    if not word.isalpha() or not word[0].isupper() or not (len(word) == 1 or word[1:].islower()):
        return False
    return unicodedata.is_normalized("NFC", word) and STRANGE.isdisjoint(word) and is_syllable(word)


def judge_letters(name: str, value: str | None) -> Fault | None:
    """The fault of a text that cannot be a name as it stands."""
    if LOST.search(name):
        return Fault(
            COLUMN,
            value,
            "name-letters-lost",
            Message("Letters were lost in a conversion (“?” or “□”). Type the name anew."),
        )
    if name.isascii() and ALLOWED.fullmatch(name) and len(name) <= LONGEST:
        return None
    if MISREAD.search(name):
        return Fault(
            COLUMN, value, "name-misread", Message("The name was read in a wrong character set."), reread(name)
        )
    if (written := find_old_font(name)) is not None:
        return tell_old_font(COLUMN, value, written[0].name, spell_name(normalize_text(written[1])))
    if not STRANGE.isdisjoint(name):
        return Fault(
            COLUMN,
            value,
            "name-lookalike",
            Message("A letter of another alphabet stands here that looks like ours."),
            name.translate(REPLACED),
        )
    if len(name) > LONGEST or not ALLOWED.fullmatch(name):
        return Fault(COLUMN, value, "name-signs", Message("A name has letters only; digits or signs stand in it."))
    if not is_latin(name):
        return Fault(
            COLUMN, value, "name-lookalike", Message("A letter of another alphabet stands here that looks like ours.")
        )
    return None


def tell_old_font(column: str, value: str | None, font: str, proposal: str | None) -> Fault:
    """The fault of a text whose letters belong to a font of the time before Unicode."""
    message = Message(
        "These are letters of an old {font} font, not of Unicode. Check the proposal and type it anew.",
        {"font": font.upper()},
    )
    return Fault(column, value, f"{column}-old-font", message, proposal)


def tell_two_readings(column: str, cell: TwoReadings) -> Fault:
    """The fault of a text that is Vietnamese as it stands and in the old font of its sheet."""
    message = Message(
        "Either “{one}” in Unicode or “{other}” in an old font; the sheet has both. Type what is right.",
        {"one": str(cell), "other": cell.other},
    )
    return Fault(column, str(cell), f"{column}-two-readings", message, cell.other)


def is_latin(name: str) -> bool:
    """Whether every letter is of the Latin alphabet (its blocks of Unicode up to Latin Extended-B, and Extended Additional)."""
    return LATIN.fullmatch(name) is not None


def reread(name: str) -> str | None:
    """The name read again as UTF-8, if the bytes allow it."""
    for encoding in ("cp1252", "latin-1"):
        try:
            return normalize_text(name.encode(encoding).decode("utf-8"))
        except UnicodeError:
            continue
    return None


def name_findings(written: str, name: str, value: str | None) -> tuple[Fault, ...]:
    """What was put right in the writing: decomposed letters, hard or unseen spaces, spaces too many."""
    if written == name or written.strip(" ") == name:
        return ()
    if not unicodedata.is_normalized("NFC", written):
        return (
            Fault(
                COLUMN,
                value,
                "name-decomposed",
                Message("Letters and marks were stored apart (NFD); they are one now."),
                name,
                restored=True,
            ),
        )
    return (
        Fault(
            COLUMN, value, "name-spaces", Message("Hard, unseen or doubled spaces were put right."), name, restored=True
        ),
    )


def spell_name(name: str) -> str | None:
    """The name with a capital at each syllable; None if it was written in one case and signs in it hide where capitals stand.

    `H'HEN NIÊ` may be `H'Hen Niê` or `H'hen Niê`: that is for a person to say. A single small letter at the front of a syllable
    of letters (`Nguyễn văn ánh`) is put right.
    """
    one_case = name.isupper() or name.islower()
    if one_case and not name.replace(" ", "").isalpha() and len(name) > 1:
        return None
    words = name.split()
    if one_case and len(name) > 2:
        return " ".join(word[0].upper() + word[1:].lower() for word in words)
    if any(word[0].islower() for word in words) and name.replace(" ", "").isalpha():
        return " ".join(word[0].upper() + word[1:] for word in words)
    return name
