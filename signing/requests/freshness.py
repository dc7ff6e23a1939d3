"""Somebody who logged in just now: what binds a person or an agency for years is not done with a session left open over lunch."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from foundation.clocks import Clocks
from foundation.settings import Settings
from signing.errors import LoginTooOld
from signing.settings import SigningSection

AHEAD = timedelta(seconds=30)
"""How far another machine's clock may be ahead."""


@dataclass(frozen=True)
class Present:
    """Who acts and when they logged in; None where nobody can say."""

    person_id: uuid.UUID
    logged_in_at: datetime | None


def check_fresh(logged_in_at: datetime | None, freshness: timedelta, now: datetime) -> None:
    """Refuse a log-in that is too old, from the future or unknown. Raises LoginTooOld."""
    if logged_in_at is None or not -AHEAD <= now - logged_in_at <= freshness:
        raise LoginTooOld(minutes=int(freshness.total_seconds() // 60))


def check_present(present: Present, settings: Settings, clocks: Clocks) -> None:
    """Refuse who did not log in within `signing.fresh_minutes`. Raises LoginTooOld."""
    check_fresh(present.logged_in_at, timedelta(minutes=settings[SigningSection].fresh_minutes), clocks.wall())
