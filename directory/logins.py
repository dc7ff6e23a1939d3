"""Log-ins made from Vietnamese names, and the key a typed one is found by.

The pattern is a template: `{given}` the given name, `{initials}` the first letters of the others (`Lê Thị Hoa` → `hoa.lt`),
`{family}` and `{middle}` whole. A number follows when the log-in was ever given to somebody: log-ins are never reissued.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from directory.names import fold_name, split_name

PATTERN: Final = "{given}.{initials}"
WORDLESS: Final = re.compile(r"[^a-z0-9]+")
UNWRITTEN: Final = re.compile(r"[^a-z0-9._@+-]+")
WRITTEN: Final = re.compile(r"[a-z0-9._@+-]+")
DOTS: Final = re.compile(r"\.{2,}")
LOGIN: Final = re.compile(r"[a-z0-9](?:[a-z0-9._+-]{0,62}[a-z0-9])?(?:@[a-z0-9.-]{1,190})?")


def login_key(typed: str) -> str:
    """The key of a log-in as somebody types it: lower case, no spaces, no marks (` Hòa.LT ` → `hoa.lt`)."""
    return typed if WRITTEN.fullmatch(typed) else UNWRITTEN.sub("", fold_name(typed))


def is_login(login: str) -> bool:
    """Whether the text may stand in the register as a log-in: ASCII, lower case, at most 64 characters before any `@`."""
    return LOGIN.fullmatch(login) is not None


def build_login(name: str, pattern: str = PATTERN) -> str:
    """The log-in a name gives, in ASCII: `Đặng Thị Hoà` → `hoa.dt`. Without a number; empty only for a name without letters."""
    family, middle, given = (WORDLESS.sub("", part) for part in map(fold_name, split_name(name)))
    others = fold_name(" ".join(split_name(name)[:2])).split()
    initials = "".join(WORDLESS.sub("", word)[:1] for word in others)
    filled = pattern.format(given=given, initials=initials, family=family, middle=middle)
    return DOTS.sub(".", filled).strip(".")


class LoginBook:
    """Gives each log-in once: the ones a roster brings, and new ones with a number where the name's own is taken.

    `is_taken` asks the register by key whether anybody ever held it; the book remembers what it gave itself, and the next
    number of each name, so that a thousand `hoa.nt` cost a thousand steps and not a million.
    """

    def __init__(self, is_taken: Callable[[str], bool], pattern: str = PATTERN) -> None:
        self._is_taken = is_taken
        self._pattern = pattern
        self._given: set[str] = set()
        self._numbers: dict[str, int] = {}

    def is_free(self, key: str) -> bool:
        """Whether nobody ever held this log-in, here or in the register."""
        return key not in self._given and not self._is_taken(key)

    def claim(self, login: str) -> bool:
        """Take this very log-in for somebody; False if it belongs to another."""
        key = login_key(login)
        if not self.is_free(key):
            return False
        self._given.add(key)
        return True

    def give(self, name: str) -> str:
        """A new log-in for this name, taken for good."""
        base = build_login(name, self._pattern) or "user"
        for login in self._numbered(base):
            if self.claim(login):
                return login
        raise AssertionError("numbers do not end")

    def _numbered(self, base: str) -> Iterator[str]:
        """The base, then base2, base3 … from where the last person of this name stopped."""
        number = self._numbers.get(base, 1)
        while True:
            self._numbers[base] = number + 1
            yield base if number == 1 else f"{base}{number}"
            number += 1
