"""What the worker does again and again: when the next time is."""

from datetime import UTC, datetime, timedelta

from foundation.database import Writes
from foundation.outbox import enqueue


def plan_round(writes: Writes, kind: str, now: datetime, every: timedelta) -> None:
    """See to it that a job is done when the next round span of this length begins; planning it twice is planning it once."""
    seconds = int(every.total_seconds())
    due = datetime.fromtimestamp((int(now.timestamp()) // seconds + 1) * seconds, UTC)
    enqueue(writes, kind, "regular", now, due=due)
