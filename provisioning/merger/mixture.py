"""How long the directory will show old and new side by side: the register changes at one instant, its printing takes a while."""

from typing import Any

import sqlalchemy as sa

from directory.printing.deeds import REBUILD, SYNC
from foundation.audit import AuditRow
from foundation.database import Reads
from foundation.plans import Plan
from provisioning.merger.rehearsal import REHEARSED

PRINTED = ("person.move", "person.leave", "person.undecided", "person.load", "login.until", "undo.person",
           "unit.begin", "unit.end", "unit.change")  # fmt: skip


def estimate_mixture(reads: Reads, plan: Plan) -> float | None:
    """Seconds, from the plan's own rehearsal, else from the rate of the last whole printing; None where neither was ever done."""
    rehearsed = find_last(reads, AuditRow.event == REHEARSED, AuditRow.subject == plan.digest)
    if rehearsed is not None and rehearsed.get("printed") is not None:
        return float(rehearsed["printed"])
    printed = find_last(reads, AuditRow.event.in_((SYNC, REBUILD)))
    if printed is None or not printed.get("seconds"):
        return None
    entries = printed["added"] + printed["changed"] + printed["deleted"]
    return float(printed["seconds"]) * count_entries(plan) / entries if entries else None


def count_entries(plan: Plan) -> int:
    """How many entries of the directory the plan changes, nearly: people and units."""
    return sum(plan.header.counts.get(op, 0) for op in PRINTED)


def find_last(reads: Reads, *where: sa.ColumnElement[bool]) -> dict[str, Any] | None:
    """What the newest such deed left in the audit."""
    newest = sa.select(AuditRow.detail).where(AuditRow.outcome == "done", *where).order_by(AuditRow.id.desc()).limit(1)
    return reads.execute(newest).scalar_one_or_none()
