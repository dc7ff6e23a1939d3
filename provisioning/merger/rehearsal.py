"""A rehearsal: the same apply code on a copy of the register, taken without stopping anyone; nothing of it reaches the real one.

It tells how long the real one will take, which digest the register will have, and what still speaks against going on. The copy is
made by SQLite's backup interface, page by page beside running writers, and removed afterwards.
"""

import json
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from foundation.audit import record
from foundation.changes import register_digest
from foundation.clocks import as_rfc3339
from foundation.database import Database
from foundation.errors import WrongUsage
from foundation.i18n import Message, _
from foundation.plans import Plan, find_approval, record_approval
from foundation.runtime import Runtime
from foundation.shell import Actor
from provisioning.merger.apply import apply_plan

REHEARSED = "provisioning.plan.rehearse"
STAND_IN = "rehearsal"
PAGES = 2000


class CopyImpossible(WrongUsage):
    """The register cannot be copied here."""

    code = "copy_impossible"
    sentence = "A rehearsal copies a register on SQLite; for one on PostgreSQL restore a backup into a second database and apply there."


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
    against: tuple[Message, ...]

    @property
    def rate(self) -> float:
        """Lines a second."""
        return self.lines / max(self.applied, 1e-6)


def rehearse_plan(
    runtime: Runtime, plan: Plan, actor: Actor, on_progress: Callable[[int], None] = lambda done: None
) -> Rehearsal:
    """Apply the plan to a copy. Raises as `apply_plan`, except that an approval may still be missing; CopyImpossible."""
    begun = time.monotonic()
    with open_copy(runtime) as copy:
        copied = time.monotonic() - begun
        now = runtime.clocks.wall()
        with copy.database.write() as writes:
            before = register_digest(writes)
            approved = find_approval(writes, plan.digest) is not None
            if not approved:
                record_approval(writes, plan, STAND_IN, now, {}, reason=STAND_IN)
        applied = apply_plan(copy, plan.path, actor, on_progress)
        with copy.database.read() as reads:
            after = register_digest(reads)
    against = tuple(speak_against(plan, approved))
    found = Rehearsal(plan.digest, now, copied, applied.seconds, applied.lines, before, after, against)
    keep_result(runtime, plan, actor, found)
    return found


@contextmanager
def open_copy(runtime: Runtime) -> Iterator[Runtime]:
    """The product on a copy of its register, gone afterwards. Raises CopyImpossible."""
    if not runtime.database.sqlite or runtime.database.url.database is None:
        raise CopyImpossible
    path = runtime.settings.data / "rehearsals" / f"{uuid.uuid4().hex}.sqlite"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        copy_sqlite(Path(runtime.database.url.database), path)
        database = Database(f"sqlite:///{path}")
        try:
            yield replace(runtime, database=database)
        finally:
            database.close()
    finally:
        for leftover in path.parent.glob(f"{path.name}*"):
            leftover.unlink()


def copy_sqlite(source: Path, target: Path) -> None:
    """One consistent copy beside running writers."""
    reading, writing = sqlite3.connect(source), sqlite3.connect(target)
    try:
        reading.backup(writing, pages=PAGES, sleep=0.001)
    finally:
        reading.close()
        writing.close()


def speak_against(plan: Plan, approved: bool) -> Iterator[Message]:
    """What a person should know before the real thing."""
    if not approved:
        yield Message(_("nobody has approved the plan yet"))
    opened = plan.header.open
    if opened.get("undecided"):
        yield Message(_("{count} people are undecided"), {"count": opened["undecided"]})
    if opened.get("conflicts"):
        yield Message(_("{count} chairs have two holders"), {"count": opened["conflicts"]})


def keep_result(runtime: Runtime, plan: Plan, actor: Actor, found: Rehearsal) -> None:
    """Beside the kept plans, and in the audit."""
    content = {**asdict(found), "at": as_rfc3339(found.at), "against": [reason.show("en") for reason in found.against]}
    path = runtime.settings.data / "rehearsals" / f"{plan.digest[:16]}.json"
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    with runtime.database.write() as writes:
        detail = {"seconds": round(found.applied, 3), "digest_after": found.digest_after}
        record(writes, runtime.clocks.wall(), REHEARSED, actor.label, plan.digest, detail)
