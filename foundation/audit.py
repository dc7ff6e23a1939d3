"""Audit: what was done, by whom, in the deed's own transaction; sealed within a second into a chain nobody can rewrite.

Rows are sealed in batches. A seal holds the hash of its rows, chained to the seal before it, signed by the installation's
audit key; its head is also written to a file outside the database. `verify` therefore finds a changed, removed or reordered row,
a cut tail and a whole rewrite, and names the rows that are not sealed yet (DESIGN §5).
"""

import hashlib
import itertools
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clocks import as_rfc3339
from foundation.database import Base, Database, Reads, RowId, Writes
from foundation.requests import current_request_id
from foundation.sealing import keep_key

START = "0" * 64
BATCH = 2000
TAIL_BYTES = 8192


class AuditRow(Base):
    """One deed: `event` is `room.subject.verb`, `subject` what it was done to, `outcome` done, refused or failed."""

    __tablename__ = "audit_row"
    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    event: Mapped[str] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str | None] = mapped_column(index=True)
    outcome: Mapped[str]
    detail: Mapped[dict[str, Any]]
    request_id: Mapped[str | None]
    seal: Mapped[int | None] = mapped_column(RowId, index=True)
    __table_args__ = (
        sa.Index(
            "ix_audit_row_unsealed",
            "id",
            sqlite_where=sa.text("seal IS NULL"),
            postgresql_where=sa.text("seal IS NULL"),
        ),
    )


class AuditSeal(Base):
    """The signed head of the chain after a batch of rows."""

    __tablename__ = "audit_seal"
    number: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    rows: Mapped[int]
    head: Mapped[str]
    sealed_at: Mapped[datetime]
    signature: Mapped[bytes]


ADD_ROW: Final = sa.insert(cast(sa.Table, AuditRow.__table__))


@dataclass(frozen=True)
class Finding:
    """One thing `verify` found wrong: a stable code, the seal's number and a sentence."""

    code: str
    seal: int
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: how many rows and seals were right, how many rows are not sealed yet, and what is wrong."""

    rows: int
    seals: int
    unsealed: int
    findings: tuple[Finding, ...]


def record(
    writes: Writes,
    now: datetime,
    event: str,
    actor: str,
    subject: str | None = None,
    detail: dict[str, Any] | None = None,
    outcome: str = "done",
) -> None:
    """Write an audit row in the deed's transaction; `detail` must hold nothing secret."""
    # A prebuilt statement that nobody waits for: every log-in and every token passes here.
    row = {
        "at": now,
        "event": event,
        "actor": actor,
        "subject": subject,
        "outcome": outcome,
        "detail": detail or {},
        "request_id": current_request_id(),
    }
    writes.tell(ADD_ROW, row)


def digest_row(row: Any) -> bytes:
    """SHA-256 of the row's content, its number included, so that neither content nor order can change."""
    content = [row.id, as_rfc3339(row.at), row.event, row.actor, row.subject, row.outcome, row.detail, row.request_id]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).digest()


def chain_head(previous: str, digests: list[bytes]) -> str:
    """The head after these rows: SHA-256 over the head before and each row's digest."""
    running = hashlib.sha256(bytes.fromhex(previous))
    for digest in digests:
        running.update(digest)
    return running.hexdigest()


class AuditKey:
    """The installation's Ed25519 audit key and the file of heads outside the database."""

    def __init__(self, keys: Path, heads: Path) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(keep_key(keys / "audit.key"))
        self.public: Ed25519PublicKey = self._private.public_key()
        self.heads = heads

    def sign(self, number: int, rows: int, head: str) -> bytes:
        """The signature over a head with its place in the chain."""
        return self._private.sign(f"{number}:{rows}:{head}".encode())

    def is_signed(self, number: int, rows: int, head: str, signature: bytes) -> bool:
        """Whether this head was signed by this installation."""
        return self._has_signed(f"{number}:{rows}:{head}", signature)

    def append_head(self, seal: AuditSeal) -> None:
        """Write a head outside the database, durably."""
        self._append({"number": seal.number, "rows": seal.rows, "head": seal.head, "at": as_rfc3339(seal.sealed_at)})

    def excuse(self, after: int, until: int, now: datetime) -> None:
        """Say, signed, that the seals after `after` and up to `until` were given up by a restore of an older copy."""
        signature = self._private.sign(f"restored:{after}:{until}".encode()).hex()
        self._append({"restored": [after, until], "signature": signature, "at": as_rfc3339(now)})

    def _append(self, entry: dict[str, Any]) -> None:
        self.heads.parent.mkdir(parents=True, exist_ok=True)
        with self.heads.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def read_heads(self) -> "Heads":
        """Everything written outside; a torn last line is passed over."""
        heads: dict[int, set[str]] = {}
        excused: set[int] = set()
        for entry in self._each_line():
            if "restored" in entry:
                after, until = entry["restored"]
                if self._has_signed(f"restored:{after}:{until}", bytes.fromhex(entry["signature"])):
                    excused |= set(range(after + 1, until + 1))
            else:
                heads.setdefault(entry["number"], set()).add(entry["head"])
        return Heads(heads, frozenset(excused))

    def last_written(self) -> int:
        """The highest number in the last lines of the file, 0 for an empty one."""
        numbers = [entry["number"] for entry in self._each_line(TAIL_BYTES) if "number" in entry]
        return max(numbers, default=0)

    def _has_signed(self, text: str, signature: bytes) -> bool:
        try:
            self.public.verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True

    def _each_line(self, last_bytes: int | None = None) -> Iterator[dict[str, Any]]:
        if not self.heads.exists():
            return
        with self.heads.open("rb") as file:
            if last_bytes is not None:
                file.seek(max(0, self.heads.stat().st_size - last_bytes))
            for line in file.read().splitlines():
                try:
                    yield json.loads(line)
                except ValueError:
                    continue


@dataclass(frozen=True)
class Heads:
    """What stands outside the database: the heads by number, and the numbers a restore gave up."""

    by_number: dict[int, set[str]]
    excused: frozenset[int]


def seal_rows(database: Database, key: AuditKey, now: datetime) -> int:
    """Seal the rows that are not sealed yet, at most BATCH at a time. Gives how many were sealed.

    One sealer works at a time: the seal's number is a primary key, a second one fails and changes nothing. A head is written
    outside after its commit, so that the file never claims a seal the database lost; one that a kill kept from being written is
    written first. A number that stands outside is never used again: a cut tail stays a gap.
    """
    with database.write() as writes:
        last = writes.execute(sa.select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)).scalar_one_or_none()
        if not database.sqlite:
            writes.execute(sa.text("LOCK TABLE audit_seal IN EXCLUSIVE MODE"))
        rows = writes.execute(
            sa.select(AuditRow.__table__).where(AuditRow.seal.is_(None)).order_by(AuditRow.id).limit(BATCH)
        ).all()
        if not rows:
            return 0
        outside = key.last_written()
        if last is not None and outside < last.number:
            key.append_head(last)
        number = max(last.number if last else 0, outside) + 1
        head = chain_head(last.head if last else START, [digest_row(row) for row in rows])
        seal = AuditSeal(
            number=number, rows=len(rows), head=head, sealed_at=now, signature=key.sign(number, len(rows), head)
        )
        writes.add(seal)
        writes.flush()
        ids = [row.id for row in rows]
        for start in range(0, len(ids), 500):
            writes.execute(sa.update(AuditRow).where(AuditRow.id.in_(ids[start : start + 500])).values(seal=number))
    key.append_head(seal)
    return len(rows)


def verify(reads: Reads, key: AuditKey) -> Verdict:
    """Walk the whole chain and compare it with the heads outside.

    1. every seal follows the one before; 2. its rows give its head; 3. its signature is ours; 4. the file outside names the
    same heads and no later one. Seals that a restore gave up, by a signed line outside, are not missed.
    """
    outside = key.read_heads()
    findings: list[Finding] = []
    previous, expected, good_rows = START, 1, 0
    kept: dict[int, str] = {}
    rows_of = each_sealed_batch(reads)
    batch = next(rows_of, None)
    for seal in reads.execute(sa.select(AuditSeal.__table__).order_by(AuditSeal.number)).all():
        missing = [number for number in range(expected, seal.number) if number not in outside.excused]
        findings += [Finding("seal_missing", number, f"seal {number} is missing") for number in missing]
        while batch is not None and batch[0] < seal.number:
            batch = next(rows_of, None)
        digests = batch[1] if batch is not None and batch[0] == seal.number else []
        if len(digests) != seal.rows or chain_head(previous, digests) != seal.head:
            sentence = f"the rows of seal {seal.number} are not the {seal.rows} that were sealed"
            findings.append(Finding("rows_changed", seal.number, sentence))
        elif not key.is_signed(seal.number, seal.rows, seal.head, seal.signature):
            findings.append(Finding("signature_foreign", seal.number, f"seal {seal.number} was not signed here"))
        else:
            good_rows += len(digests)
        kept[seal.number] = previous = seal.head
        expected = seal.number + 1
    findings += compare_heads(kept, outside)
    unsealed = reads.execute(sa.select(sa.func.count()).where(AuditRow.seal.is_(None))).scalar_one()
    return Verdict(good_rows, len(kept), unsealed, tuple(findings))


def each_sealed_batch(reads: Reads) -> Iterator[tuple[int, list[bytes]]]:
    """The digests of each seal's rows, seal by seal, in flat memory."""
    wanted = sa.select(AuditRow.__table__).where(AuditRow.seal.is_not(None)).order_by(AuditRow.seal, AuditRow.id)
    rows = reads.execute(wanted.execution_options(yield_per=BATCH))
    for number, group in itertools.groupby(rows, key=lambda row: int(row.seal)):
        yield number, [digest_row(row) for row in group]


def compare_heads(kept: dict[int, str], outside: Heads) -> list[Finding]:
    """What the file outside the database says against the chain inside: a cut tail, or another history."""
    found = []
    for number, heads in sorted(outside.by_number.items()):
        if number in outside.excused:
            continue
        if number not in kept:
            found.append(Finding("tail_cut", number, f"seal {number} was written outside and is missing inside"))
        elif heads != {kept[number]}:
            found.append(Finding("rewritten", number, f"seal {number} is not the one written outside"))
    unwritten = [number for number in kept if number not in outside.by_number]
    if unwritten and unwritten != [max(kept)]:
        found.append(Finding("heads_missing", unwritten[0], f"{len(unwritten)} seals were never written outside"))
    return found


def excuse_restore(reads: Reads, key: AuditKey, now: datetime) -> None:
    """After an older copy was put back: the seals it does not have are given up, signed and on record outside."""
    last = reads.execute(sa.select(sa.func.max(AuditSeal.number))).scalar_one() or 0
    if key.last_written() > last:
        key.excuse(last, key.last_written(), now)
