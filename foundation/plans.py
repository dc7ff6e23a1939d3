"""Plans: whatever touches many is first one file that people read, another approves, and `apply` does exactly.

The file is UTF-8 JSON Lines. The first line is the header (who, when, what for, counts, guards, digests of the rows that were read,
digest of the lines); every further line is one change, in order, numbered, with its `op`. The plan's digest is the SHA-256
of the whole file. Approvals and runs are rows here; a run's position moves in the transaction that did the lines, so that a
run killed anywhere goes on where it was (DESIGN §2.4).
"""

import glob
import hashlib
import json
import os
import shutil
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Identifier, Reads, RowId, Writes
from foundation.errors import BadInput, NotPermitted, TryAgain
from foundation.skipping import insert_or_skip

FORMAT = "hopnhat-plan/1"
# One encoder for all lines: a new one for each costs as much as the line.
ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
DECODE = json.JSONDecoder().decode
PIECE = 1 << 20
"""Bytes of a file that are looked at in one go."""
TOGETHER = 500
"""Lines that are written in one go."""


class PlanBroken(BadInput):
    """The file is no plan, or was changed after it was made."""

    code = "plan_broken"
    sentence = "This file is not a plan, or it was changed after it was made."


class PlanStale(TryAgain):
    """The register is no longer what the plan read; the sentence says what changed."""

    code = "plan_stale"
    sentence = "The register has changed since this plan was made: {changes}"


class PlanNotApproved(NotPermitted):
    """Nobody but its author has agreed to this plan yet."""

    code = "plan_not_approved"
    sentence = "This plan has not been approved by another person."


@dataclass(frozen=True)
class Guard:
    """A count the plan declares against what it found; open ends are None. `where` names the part it was counted in, else all."""

    name: str
    found: int
    at_least: int | None = None
    at_most: int | None = None
    where: str = ""

    @property
    def holds(self) -> bool:
        """Whether the count lies within its bounds."""
        return (self.at_least is None or self.found >= self.at_least) and (
            self.at_most is None or self.found <= self.at_most
        )

    def __str__(self) -> str:
        bounds = "–".join("" if bound is None else str(bound) for bound in (self.at_least, self.at_most))
        return f"{self.name}{f' ({self.where})' if self.where else ''}: {self.found}, {bounds}"


@dataclass(frozen=True)
class PlanHeader:
    """The first line. `state` maps a group of rows (such as one unit's people) to the digest of what was read of it;
    `known_change` is the newest change the planner saw; `summary` holds figures for people, `open` what a person must decide.
    """

    kind: str
    title: str
    made_at: str
    made_by: str
    author: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    format: str = FORMAT
    effective: str | None = None
    decision: str | None = None
    scope: list[str] = field(default_factory=list)
    known_change: int = 0
    state: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    open: dict[str, int] = field(default_factory=dict)
    guards: list[Guard] = field(default_factory=list)
    lines: int = 0
    lines_sha256: str = ""


class PlanWriter:
    """Takes the lines as they come, in flat memory, and writes the file whole at `finish`; nothing is left if it never comes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: Counter[str] = Counter()
        self.lines = 0
        self._hash = hashlib.sha256()
        self._waiting: list[str] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        self._spool: BinaryIO = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115 — closed in __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._spool.close()

    def add(self, op: str, **content: Any) -> None:
        """One more change."""
        self.lines += 1
        self.counts[op] += 1
        self._waiting.append(ENCODE({"n": self.lines, "op": op, **content}))
        if len(self._waiting) == TOGETHER:
            self._write_waiting()

    def _write_waiting(self) -> None:
        self._waiting.append("")  # the last line ends too
        raw = "\n".join(self._waiting).encode()
        self._waiting.clear()
        self._hash.update(raw)
        self._spool.write(raw)

    def finish(self, header: PlanHeader) -> "Plan":
        """Write header and lines, durably, under the final name."""
        self._write_waiting()
        content = asdict(header) | {
            "counts": dict(sorted(self.counts.items())),
            "lines": self.lines,
            "lines_sha256": self._hash.hexdigest(),
        }
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}-{uuid.uuid4().hex[:8]}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            self._spool.seek(0)
            shutil.copyfileobj(self._spool, file, PIECE)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        sweep_drafts(self.path)
        return read_plan(self.path)


def sweep_drafts(path: Path) -> None:
    """Take away what a writer of this plan left that was killed before its last step: drafts whose process is gone."""
    for draft in path.parent.glob(f".{glob.escape(path.name)}.*-????????"):
        process = draft.name.removeprefix(f".{path.name}.").partition("-")[0]
        if process.isdigit() and not is_alive(int(process)):
            draft.unlink(missing_ok=True)


def is_alive(process: int) -> bool:
    """Whether a process of this number runs on this machine, whoever's it is."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@dataclass(frozen=True)
class Plan:
    """A plan file that was read whole and found unchanged."""

    path: Path
    header: PlanHeader
    digest: str

    @property
    def short_digest(self) -> str:
        """Eight digits in two groups, as people say them."""
        return f"{self.digest[:4]} {self.digest[4:8]}"

    def each_line(self, after: int = 0) -> Iterator[dict[str, Any]]:
        """The changes in order, those after line number `after`."""
        with self.path.open("rb") as file:
            file.readline()
            for number, raw in enumerate(file, start=1):
                if number > after:
                    yield DECODE(raw.decode())


def read_plan(path: Path) -> Plan:
    """The plan in this file. Raises PlanBroken when it is none, of another version, or was changed."""
    try:
        with path.open("rb") as file:
            first = file.readline()
            whole, lines, count = hashlib.sha256(first), hashlib.sha256(), 0
            end = b"\n"
            while piece := file.read(PIECE):
                whole.update(piece)
                lines.update(piece)
                count += piece.count(b"\n")
                end = piece[-1:]
            count += end != b"\n"  # a last line that does not end is one too
        content = json.loads(first)
        content["guards"] = [Guard(**guard) for guard in content["guards"]]
        header = PlanHeader(**content)
    except OSError as error:
        raise PlanBroken("{file} cannot be read.", file=str(path)) from error
    except (ValueError, TypeError, KeyError) as error:
        raise PlanBroken from error
    if header.format != FORMAT or header.lines != count or header.lines_sha256 != lines.hexdigest():
        raise PlanBroken
    return Plan(path, header, whole.hexdigest())


class PlanApproval(Base):
    """One person's agreement to a plan, by its digest; nobody agrees to it twice."""

    __tablename__ = "plan_approval"
    row_id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    digest: Mapped[str]
    plan_id: Mapped[uuid.UUID] = mapped_column(Identifier)
    author: Mapped[str]
    approver: Mapped[str]
    reason: Mapped[str | None]
    said: Mapped[dict[str, Any]]
    approved_at: Mapped[datetime]
    __table_args__ = (sa.Index("uq_plan_approval_digest", "digest", "approver", unique=True),)


class PlanRun(Base):
    """The journal of one plan: how far it got, under which change; `state` is running, done, abandoned or undone."""

    __tablename__ = "plan_run"
    digest: Mapped[str] = mapped_column(primary_key=True)
    plan_id: Mapped[uuid.UUID] = mapped_column(Identifier)
    kind: Mapped[str]
    title: Mapped[str]
    file: Mapped[str]
    change_id: Mapped[int] = mapped_column(RowId, sa.ForeignKey("change.id"))
    actor: Mapped[str]
    position: Mapped[int]
    lines: Mapped[int]
    effective: Mapped[datetime | None]
    state: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


def record_approval(
    writes: Writes, plan: Plan, approver: str, now: datetime, said: Mapping[str, Any], reason: str | None = None
) -> bool:
    """Write down that this person agreed to exactly this file; who may is the caller's question. False where they had done so already:
    what stands is their first agreement, also when two come in the same moment.

    Raises NotPermitted when author and approver are one person and no reason is given.
    """
    if approver == plan.header.author and not reason:
        raise PlanNotApproved("The author of a plan cannot approve it.")
    row = {
        "digest": plan.digest,
        "plan_id": uuid.UUID(plan.header.id),
        "author": plan.header.author,
        "approver": approver,
        "reason": reason,
        "said": dict(said),
        "approved_at": now,
    }
    added = writes.execute(insert_or_skip(writes, PlanApproval).values(row).returning(PlanApproval.row_id))
    return added.first() is not None


def find_approval(reads: Reads, digest: str) -> PlanApproval | None:
    """The newest approval of this digest."""
    return reads.execute(
        sa.select(PlanApproval).where(PlanApproval.digest == digest).order_by(PlanApproval.row_id.desc()).limit(1)
    ).scalar_one_or_none()


def find_run(reads: Reads, digest: str) -> PlanRun | None:
    """The run of this plan, if it was ever started."""
    return reads.get(PlanRun, digest)


def keep_plan(plan: Plan, data: Path) -> Path:
    """The installation's own copy of the file, named by its digest; what runs is read from here, where nobody else writes.

    Raises PlanBroken when the file was changed since it was read.
    """
    kept = data / "plans" / f"{plan.digest}.plan"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft = kept.with_name(f".{uuid.uuid4().hex}")
        try:
            os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            shutil.copyfile(plan.path, draft)
            if read_plan(draft).digest != plan.digest:
                raise PlanBroken
            draft.replace(kept)
        finally:
            draft.unlink(missing_ok=True)
    return kept


def start_run(writes: Writes, plan: Plan, change_id: int, actor: str, file: Path, now: datetime) -> PlanRun:
    """Open the journal. A plan runs once: the digest is the primary key."""
    effective = datetime.fromisoformat(plan.header.effective) if plan.header.effective else None
    run = PlanRun(
        digest=plan.digest,
        plan_id=uuid.UUID(plan.header.id),
        kind=plan.header.kind,
        title=plan.header.title,
        file=str(file),
        change_id=change_id,
        actor=actor,
        position=0,
        lines=plan.header.lines,
        effective=effective,
        state="running",
        started_at=now,
    )
    writes.add(run)
    writes.flush()
    return run


def advance_run(writes: Writes, digest: str, before: int, after: int) -> None:
    """Move the journal in the transaction that did the lines. Raises TryAgain when another process did them."""
    done = writes.connection().execute(
        sa.update(PlanRun)
        .where(PlanRun.digest == digest, PlanRun.position == before, PlanRun.state == "running")
        .values(position=after)
    )
    if done.rowcount != 1:
        raise TryAgain("Another process is working on this plan.")


def compare_state(planned: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """The groups whose rows are no longer what the plan read, sorted."""
    return sorted(group for group, digest in planned.items() if found.get(group) != digest)


def digest_rows(rows: Iterable[str]) -> str:
    """One digest over rows, each as the text of its ids, in any order: equal sets of rows have equal digests."""
    total = sum([int.from_bytes(hashlib.sha256(row.encode()).digest()[:16], "big") for row in rows])
    return f"{total % (1 << 128):032x}"
