"""Printings as deeds: each whole one is an audit row, and the audit is how a first printing is known from a lost directory."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from directory.printing.sync import Outcome
from foundation import audit
from foundation.database import Reads, Writes

SYNC = "directory.printing.sync"
REBUILD = "directory.printing.rebuild"


def is_first(reads: Reads, base: str) -> bool:
    """Whether nothing was ever printed whole under this suffix: then an empty directory is not a lost one."""
    printed = sa.select(audit.AuditRow.id).where(
        audit.AuditRow.event.in_((SYNC, REBUILD)), audit.AuditRow.subject == base
    )
    return reads.execute(printed.limit(1)).first() is None


def record_printing(
    writes: Writes, now: datetime, event: str, actor: str, base: str, outcome: Outcome
) -> dict[str, Any]:
    """Write a whole printing into the audit. Gives its figures."""
    counts = outcome.comparison.counts
    figures = {
        "added": counts["+"],
        "changed": counts["~"],
        "deleted": counts["-"],
        "refused": len(outcome.refused),
        "seconds": round(outcome.seconds, 2),
    }
    audit.record(writes, now, event, actor, base, figures)
    return figures
