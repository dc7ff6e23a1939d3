"""What a new password must be: long, of as many kinds of characters as the policy asks, not the log-in, nothing everybody tries."""

import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from directory.credentials import LONGEST_PASSWORD, prepare_password
from directory.logins import login_key
from directory.names import fold_name
from foundation.i18n import _
from sso.door.breached import BreachedList
from sso.settings import SsoSection

COMMON_FILE: Final = Path(__file__).parent.parent / "data" / "common-passwords.txt"
COMMON: Final = _("Many people use this password, so it is guessed at once. Please choose another.")
ENDINGS: Final = "0123456789!@#$.*?_-"


@cache
def load_common() -> frozenset[str]:
    """The small list that is shipped, folded: without marks, spaces and upper case."""
    lines = COMMON_FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(plain(line) for line in lines if line and not line.startswith("#"))


def plain(text: str) -> str:
    """A password as the small list knows it."""
    return fold_name(text).replace(" ", "")


@dataclass(frozen=True)
class PasswordRules:
    """What this installation asks of a new password."""

    length: int
    classes: int
    breached: BreachedList | None

    @property
    def values(self) -> dict[str, object]:
        """What the sentences name."""
        return {"length": self.length, "classes": self.classes}


def build_rules(policy: SsoSection) -> PasswordRules:
    """The rules of a policy. Raises ListUnreadable."""
    breached = BreachedList(Path(policy.breached_list)) if policy.breached_list else None
    return PasswordRules(policy.password_length, policy.password_classes, breached)


def check_new_password(password: str, login: str, rules: PasswordRules) -> str | None:
    """What is wrong with a new password, as one sentence with the rules' values, or None. Length is counted in characters (RFC 8265)."""
    prepared = prepare_password(password)
    if len(prepared) < rules.length:
        return _(
            "The new password needs at least {length} characters. Three or four words you remember well are a good one."
        )
    if len(prepared) > LONGEST_PASSWORD:
        return _("The new password is too long.")
    if count_classes(prepared) < rules.classes:
        return _("The new password needs small and capital letters, digits and other signs: {classes} of these kinds.")
    folded = plain(prepared)
    if len(set(folded)) < 4 or is_common(folded):
        return COMMON
    if rules.breached is not None and prepared in rules.breached:
        return COMMON
    key = login_key(login)
    if len(key) >= 4 and key in folded:
        return _("The new password must not contain your log-in.")
    return None


def is_common(folded: str) -> bool:
    """Whether it is on the small list, also with the figures and signs that people put behind it."""
    common = load_common()
    core = folded.rstrip(ENDINGS)
    return folded in common or (len(core) >= 5 and core in common) or (bool(core) and core * 2 in common)


def count_classes(text: str) -> int:
    """How many of the four kinds of characters stand in it: small letters, capital letters, digits, everything else."""
    kinds = set()
    for letter in text:
        category = unicodedata.category(letter)
        kinds.add(
            {"Lu": "capital", "Lt": "capital", "Nd": "digit"}.get(category, "small" if category[0] == "L" else "other")
        )
    return len(kinds)
