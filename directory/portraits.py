"""Portraits with a memory of one second, for a provider that is asked about the same people again and again.

What is remembered is told again for a second at most, never past the end of the second of register time it was read in, and never after
this process published a change. So a change of another process is told within a second, what was dated ahead to a full second
is told from that instant on, and who writes and asks in one process reads what they wrote. A token is not remembered here: whether
one is good is asked anew each time.
"""

import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from directory.portrait import Portrait, find_portrait
from foundation.changes import last_published
from foundation.database import Reads

KEPT_SECONDS: Final = 1.0
AT_MOST: Final = 2_000


@dataclass(frozen=True)
class Remembered:
    """A portrait, and until when it may be told again."""

    portrait: Portrait | None
    second: datetime
    published: int | None
    until: float


class Portraits:
    """The memory of one process; threads may share it."""

    def __init__(self) -> None:
        self._kept: dict[uuid.UUID, Remembered] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, reads: Reads, person_id: uuid.UUID, at: datetime) -> Portrait | None:
        """What `find_portrait` gives, or gave within this second."""
        second, published, now = at.replace(microsecond=0), last_published(), time.monotonic()
        kept = self._kept.get(person_id)
        if kept is not None and kept.second == second and kept.published == published and now < kept.until:
            return kept.portrait
        portrait = find_portrait(reads, person_id, at)
        if len(self._kept) >= AT_MOST:
            self._kept.clear()
        self._kept[person_id] = Remembered(portrait, second, published, now + KEPT_SECONDS)
        return portrait
