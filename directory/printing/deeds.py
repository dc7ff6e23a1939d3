"""Printings as deeds: each whole one is an audit row, and asks for the next.

The audit is how a first printing is known from a lost directory. The next is due when the register says something else by the clock
alone (an old log-in ends, a post begins, a certificate expires), and within a day in any case.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from directory.models import Certificate, Login, MailAddress, PersonDetail, Post, UnitCode, UnitVersion
from directory.printing.asking import PRINT_ALL, ask_for_all
from directory.printing.sync import Outcome
from directory.units import chunked
from foundation import audit
from foundation.changes import visible
from foundation.database import Reads, Writes
from foundation.outbox import OutboxJob

SYNC = "directory.printing.sync"
REBUILD = "directory.printing.rebuild"
DAY = timedelta(days=1)
DATED = (UnitVersion, UnitCode, PersonDetail, Post, Login, MailAddress, Certificate)


def is_first(reads: Reads, base: str) -> bool:
    """Whether nothing was ever printed whole under this suffix: then an empty directory is not a lost one."""
    printed = sa.select(audit.AuditRow.id).where(
        audit.AuditRow.event.in_((SYNC, REBUILD)), audit.AuditRow.subject == base, audit.AuditRow.outcome == "done"
    )
    return reads.execute(printed.limit(1)).first() is None


def record_printing(
    writes: Writes, now: datetime, event: str, actor: str, base: str, outcome: Outcome
) -> dict[str, Any]:
    """Write a whole printing into the audit, end the jobs it did with, ask for the next. Gives its figures."""
    counts = outcome.comparison.counts
    figures = {
        "added": counts["+"],
        "changed": counts["~"],
        "deleted": counts["-"],
        "refused": len(outcome.refused),
        "seconds": round(outcome.seconds, 2),
    }
    audit.record(writes, now, event, actor, base, figures)
    if not outcome.refused:
        finish_covered(writes, outcome.comparison.covered, now)
    ask_for_next(writes, now)
    return figures


def finish_covered(writes: Writes, jobs: Sequence[int], now: datetime) -> None:
    """Mark the jobs for single entries done that the whole printing has done with."""
    for portion in chunked(jobs):
        writes.execute(
            sa.update(OutboxJob)
            .where(OutboxJob.id.in_(portion), OutboxJob.state == "waiting")
            .values(state="done", done_at=now, leased_until=None, last_error=None)
        )


def ask_for_next(writes: Writes, now: datetime) -> None:
    """Have everything printed when it is next due, unless that is asked for already."""
    due = min(find_next_instant(writes, now) or now + DAY, now + DAY)
    asked = sa.select(sa.func.min(OutboxJob.due)).where(
        OutboxJob.kind == PRINT_ALL, OutboxJob.state == "waiting", OutboxJob.due > now
    )
    earliest = writes.execute(asked).scalar()
    if earliest is None or earliest > due:
        ask_for_all(writes, now, due)


def find_next_instant(reads: Reads, after: datetime) -> datetime | None:
    """When anything that is printed next begins or ends, as it is known today; None when nothing does."""
    instants = [
        sa.select(sa.func.min(instant)).where(visible(model), instant > after)
        for model in DATED
        for instant in (model.valid_from, model.valid_to)
    ]
    found = (reads.execute(instant).scalar() for instant in instants)
    return min((instant for instant in found if instant is not None), default=None)
