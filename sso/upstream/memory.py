"""What was fetched of providers, by address: one request at a time, kept for a while, and no second one soon after.

Anybody can have us want such a document (a token that names a key nobody has), so neither that nor a provider that is away may make us
ask on end. What is at hand is given without waiting for whoever fetches.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from sso.upstream.errors import ProviderAway

AGAIN_SECONDS: Final = 10.0
Thing = TypeVar("Thing")


@dataclass
class Kept(Generic[Thing]):
    """A document, and when (monotonic) it came and an answer was last seen, good or bad."""

    thing: Thing | None = None
    came: float = 0.0
    asked: float | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class Memory(Generic[Thing]):
    """The memory of one kind of document in a process."""

    def __init__(self, kept_seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._kept_seconds = kept_seconds
        self._now = now
        self._kept: dict[str, Kept[Thing]] = {}
        self._guard = threading.Lock()

    def get(
        self, address: str, fetch: Callable[[], Thing], enough: Callable[[Thing], bool] = lambda _thing: True
    ) -> Thing:
        """The document, fetched where it is missing, old or not `enough`, unless it was asked for a moment ago. Raises ProviderAway."""
        kept = self._find(address)
        thing = self._fresh(kept)
        if thing is not None and enough(thing):
            return thing
        with kept.lock:
            thing = self._fresh(kept)
            if (thing is None or not enough(thing)) and self._may_ask(kept):
                try:
                    thing = fetch()
                    kept.thing, kept.came = thing, self._now()
                finally:
                    kept.asked = self._now()
        if thing is None:
            raise ProviderAway(why="it was away a moment ago")
        return thing

    def put(self, address: str, thing: Thing) -> None:
        """Keep a document that was fetched for another reason."""
        kept = self._find(address)
        kept.thing, kept.came = thing, self._now()

    def _find(self, address: str) -> Kept[Thing]:
        with self._guard:
            return self._kept.setdefault(address, Kept())

    def _fresh(self, kept: Kept[Thing]) -> Thing | None:
        return kept.thing if self._now() - kept.came < self._kept_seconds else None

    def _may_ask(self, kept: Kept[Thing]) -> bool:
        return kept.asked is None or self._now() - kept.asked >= AGAIN_SECONDS
