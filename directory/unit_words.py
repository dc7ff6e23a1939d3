"""Levels, schemes, events, shares and days of units as the command line says them."""

from collections.abc import Mapping

from foundation.clocks import local_day, parse_instant
from foundation.i18n import _, translate
from foundation.terminal import as_shown, language

KINDS = {
    "create": _("begins"),
    "rename": _("gets another name"),
    "recode": _("gets other codes"),
    "reparent": _("passes under another unit"),
    "merge_into_existing": _("merges into an existing unit"),
    "merge_into_new": _("merges into a new unit"),
    "split": _("is divided"),
    "dissolve": _("ends"),
    "correct": _("is corrected"),
}
SHARES = {"whole": _("whole"), "part": _("part")}
LEVEL_WORDS = {
    "central": _("central body"),
    "province": _("province or city"),
    "district": _("district"),
    "commune": _("commune or ward"),
    "department": _("department"),
    "division": _("division"),
}
SCHEME_WORDS = {
    "agency": _("agency code"),
    "agency-legacy": _("old agency code"),
    "admin": _("territorial code"),
    "admin-2004": _("territorial code until 2025"),
}


def say_word(words: Mapping[str, str], word: str, spoken: bool) -> str:
    """A word of the record in the reader's language, or as it stands for programs."""
    return translate(language(), words[word]) if spoken else word


def tell_day(instant: str) -> str:
    """The day of an instant where people live: what the record calls 2025-06-30T17:00:00Z is 1 July here."""
    return str(as_shown(local_day(parse_instant(instant))))
