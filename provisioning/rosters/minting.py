"""Identities for a plan of many people: random UUIDs (RFC 9562 §5.4) as text, drawn from the system a few hundred at a time."""

import os
from typing import Final

AT_ONCE: Final = 256
VARIANT: Final = "89ab"


class Minter:
    """Gives new identities as text; each once."""

    def __init__(self) -> None:
        self._pool = ""

    def give(self) -> str:
        """One more: 122 random bits, version 4."""
        if not self._pool:
            self._pool = os.urandom(16 * AT_ONCE).hex()
        raw, self._pool = self._pool[-32:], self._pool[:-32]
        variant = VARIANT[int(raw[16], 16) & 3]
        return f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-{variant}{raw[17:20]}-{raw[20:]}"
