"""Identities for a plan of many people, as text: random for people, one after the other for what belongs to them.

A person's identity is random and nothing else. Posts and accounts have identities that only the register looks at; those of one plan follow
each other, so that their rows stand together in each index: a transaction of a large register touches a quarter fewer pages.
"""

import os
from datetime import datetime
from typing import Final

AT_ONCE: Final = 256
VARIANT: Final = "89ab"
HIGH, LOW = 12, 0xFFF
"""The counter of 24 bits: how far the upper half is moved, and the lower half of it."""
RANDOM_DIGITS: Final = 12


class Minter:
    """Random UUIDs (RFC 9562 §5.4), drawn from the system a few hundred at a time; each once."""

    def __init__(self) -> None:
        self._pool = ""

    def give(self) -> str:
        """One more: 122 random bits, version 4."""
        if not self._pool:
            self._pool = os.urandom(16 * AT_ONCE).hex()
        raw, self._pool = self._pool[-32:], self._pool[:-32]
        variant = VARIANT[int(raw[16], 16) & 3]
        return f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-{variant}{raw[17:20]}-{raw[20:]}"


class OrderedMinter:
    """UUIDs in the order of time (RFC 9562 §5.7): a plan's instant, a counter that never goes back (§6.2, method 1), 48 random bits."""

    def __init__(self, now: datetime) -> None:
        self._milliseconds = int(now.timestamp() * 1000)
        self._given = 0
        self._pool = ""

    def give(self) -> str:
        """One more, greater than all before it."""
        if not self._pool:
            self._pool = os.urandom(RANDOM_DIGITS // 2 * AT_ONCE).hex()
        raw, self._pool = self._pool[-RANDOM_DIGITS:], self._pool[:-RANDOM_DIGITS]
        number, self._given = self._given, self._given + 1
        time = f"{self._milliseconds + (number >> 2 * HIGH):012x}"
        return f"{time[:8]}-{time[8:]}-7{number >> HIGH & LOW:03x}-8{number & LOW:03x}-{raw}"
