"""The two clocks: the wall's for protocol time, the register's for what is in force.

Protocol time (tokens, sessions, locks, certificates we issue) is always the wall's. Register time differs from it only in a
rehearsal and for a preview client, and then says so. This module is the only place that asks the machine for the time.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from foundation.errors import BadInput

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def read_wall() -> datetime:
    """The machine's time as aware UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clocks:
    """Both clocks; `register_time` is set only where the register is read as of another instant."""

    read: Callable[[], datetime] = read_wall
    register_time: datetime | None = field(default=None)

    def wall(self) -> datetime:
        """Protocol time: aware UTC."""
        return self.read()

    def register(self) -> datetime:
        """The instant the register is read at unless a reader names another."""
        return self.register_time or self.read()

    def at(self, instant: datetime) -> "Clocks":
        """The same wall with the register's clock set to `instant` (rehearsal, preview)."""
        return Clocks(self.read, instant)


def parse_instant(text: str, zone: ZoneInfo = VIETNAM) -> datetime:
    """An aware UTC instant from RFC 3339 text, or from a bare date, which is midnight in `zone`.

    A time without an offset is taken in `zone` too. Raises BadInput.
    """
    cleaned = text.strip()
    try:
        if len(cleaned) == 10:
            return datetime.combine(date.fromisoformat(cleaned), time(), zone).astimezone(UTC)
        instant = datetime.fromisoformat(cleaned)
    except ValueError as error:
        raise BadInput(
            "“{text}” is not a date (2025-07-01) or an instant (2025-07-01T00:00:00+07:00).", text=text
        ) from error
    return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)


def as_rfc3339(instant: datetime) -> str:
    """UTC with Z, as machine output wants it: 2025-06-30T17:00:00Z."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def local_day(instant: datetime, zone: ZoneInfo = VIETNAM) -> date:
    """The calendar day of an instant in the administration's zone."""
    return instant.astimezone(zone).date()
