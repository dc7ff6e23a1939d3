"""Time as a fixture: it stands still until the test moves it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from foundation.clocks import Clocks, parse_instant

# A week before the provinces merge, on a working morning in Vĩnh Long.
START = parse_instant("2025-06-24T09:00:00+07:00")


@dataclass
class MovableClock:
    """A wall clock in the test's hand; `clocks` is what the rooms take."""

    now: datetime = START

    @property
    def clocks(self) -> Clocks:
        """Both clocks of the product, reading this wall."""
        return Clocks(lambda: self.now)

    def set(self, instant: datetime | str) -> datetime:
        """To an instant, or to RFC 3339 text or a bare date (midnight in Viet Nam)."""
        self.now = parse_instant(instant) if isinstance(instant, str) else instant
        return self.now

    def advance(self, seconds: float = 0, **parts: float) -> datetime:
        """Forward, by seconds or by the parts of a `timedelta`."""
        self.now += timedelta(seconds=seconds, **parts)
        return self.now
