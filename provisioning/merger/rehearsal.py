"""A rehearsal: the same apply code on a copy of the register, taken without stopping anyone; nothing of it reaches the real one.

It tells how long the real one will take, which digest the register will have, which rows and which entries of the directory become
others, and what still speaks against going on. The directory is rehearsed on a private server of its own: printed as it is on the
eve, then as it will be, so that the second printing is the one of the day. Copy and server are removed afterwards; the result is kept.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from foundation.audit import record
from foundation.changes import recorded_tables, register_digest
from foundation.clocks import as_rfc3339
from foundation.copies import open_copy
from foundation.database import Reads
from foundation.plans import Plan, find_approval, record_approval
from foundation.runtime import Runtime
from foundation.shell import Actor
from provisioning.merger.apply import apply_plan
from provisioning.merger.directory_rehearsal import DirectoryRehearsal, rehearse_directory
from provisioning.merger.go_no_go import Finding, judge

REHEARSED = "provisioning.plan.rehearse"
STAND_IN = "rehearsal"


@dataclass(frozen=True)
class Difference:
    """Rows of one table that the plan withdrew and wrote on the copy."""

    withdrawn: int
    written: int


@dataclass(frozen=True)
class Rehearsal:
    """What a rehearsal found. Times in seconds; `digest_after` is the register's after the real apply if nothing else changes."""

    plan: str
    at: datetime
    copied: float
    applied: float
    lines: int
    digest_before: str
    digest_after: str
    rows: dict[str, Difference]
    directory: DirectoryRehearsal | None
    findings: tuple[Finding, ...]

    @property
    def rate(self) -> float:
        """Lines a second."""
        return self.lines / max(self.applied, 1e-6)

    @property
    def against(self) -> tuple[Finding, ...]:
        """What speaks against going on."""
        return tuple(finding for finding in self.findings if not finding.ok)


def rehearse_plan(
    runtime: Runtime,
    plan: Plan,
    actor: Actor,
    on_progress: Callable[[int], None] = lambda done: None,
    *,
    directory: bool = False,
) -> Rehearsal:
    """Apply the plan to a copy, and with `directory` print it to a private server.

    Raises as `apply_plan`, except that an approval may still be missing; CopyImpossible, Unreachable.
    """
    begun = time.monotonic()
    folder = runtime.settings.data / "rehearsals"
    with open_copy(runtime.database, folder) as database:
        copy, copied = replace(runtime, database=database), time.monotonic() - begun
        now = runtime.clocks.wall()
        with database.write() as writes:
            before = register_digest(writes)
            approved = find_approval(writes, plan.digest) is not None
            if not approved:
                record_approval(writes, plan, STAND_IN, now, {}, reason=STAND_IN)
        with rehearse_directory(copy, plan, folder, wanted=directory) as print_after:
            applied = apply_plan(copy, plan.path, actor, on_progress)
            printed = print_after()
        with database.read() as reads:
            after, rows = register_digest(reads), count_rows(reads, applied.change_id)
    with runtime.database.read() as reads:
        findings = judge(reads, plan, approved, applied.seconds, printed, now)
    found = Rehearsal(
        plan.digest, now, copied, applied.seconds, applied.lines, before, after, rows, printed, tuple(findings)
    )
    keep_result(runtime, plan, actor, found)
    return found


def count_rows(reads: Reads, change: int) -> dict[str, Difference]:
    """What the change did to each table it touched."""
    found = {}
    for table in recorded_tables():
        withdrawn, written = (
            reads.execute(sa.select(sa.func.count()).where(column == change)).scalar_one()
            for column in (table.c.withdrawn_by, table.c.change_id)
        )
        if withdrawn or written:
            found[table.name] = Difference(withdrawn, written)
    return found


def keep_result(runtime: Runtime, plan: Plan, actor: Actor, found: Rehearsal) -> None:
    """Beside the kept plans, and in the audit."""
    path = runtime.settings.data / "rehearsals" / f"{plan.digest[:16]}.json"
    path.write_text(json.dumps(tell_rehearsal(found, "en"), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    detail = {
        "seconds": round(found.applied, 3),
        "digest_after": found.digest_after,
        "printed": round(found.directory.seconds, 3) if found.directory else None,
        "against": len(found.against),
    }
    with runtime.database.write() as writes:
        record(writes, runtime.clocks.wall(), REHEARSED, actor.label, plan.digest, detail)


def tell_rehearsal(found: Rehearsal, language: str) -> dict[str, object]:
    """As JSON: the figures, and each finding as a sentence."""
    findings = [{"ok": finding.ok, "told": finding.told.show(language)} for finding in found.findings]
    content = asdict(replace(found, findings=())) | {"at": as_rfc3339(found.at), "findings": findings}
    return content | {"against": [finding["told"] for finding in findings if not finding["ok"]]}
