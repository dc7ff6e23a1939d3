"""The audit chain finds whatever was done to it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from foundation.audit import (
    AuditKey,
    AuditRow,
    AuditSeal,
    chain_head,
    digest_row,
    excuse_restore,
    record,
    seal_rows,
    verify,
)
from foundation.database import Database, Writes

NOW = datetime(2025, 7, 1, tzinfo=UTC)


@pytest.fixture
def key(tmp_path: Path) -> AuditKey:
    """An audit key with its file of heads."""
    (tmp_path / "keys").mkdir()
    return AuditKey(tmp_path / "keys", tmp_path / "heads.jsonl")


def write_rows(database: Database, key: AuditKey, batches: int = 3, rows: int = 4) -> None:
    """Some sealed batches."""
    for batch in range(batches):
        with database.write() as writes:
            for number in range(rows):
                record(writes, NOW, "room.thing.done", f"person-{batch}", str(number), {"n": number})
        seal_rows(database, key, NOW)


def codes(database: Database, key: AuditKey) -> list[str]:
    """The codes of what verify finds."""
    with database.read() as reads:
        return [finding.code for finding in verify(reads, key).findings]


def test_an_untouched_chain_is_whole_and_the_unsealed_rest_is_named(database: Database, key: AuditKey) -> None:
    write_rows(database, key)
    with database.write() as writes:
        record(writes, NOW, "room.thing.done", "late")
    with database.read() as reads:
        verdict = verify(reads, key)
    assert (verdict.rows, verdict.seals, verdict.unsealed, verdict.findings) == (12, 3, 1, ())


def change_a_row(writes: Writes) -> None:
    """Another actor for one deed."""
    writes.execute(sa.update(AuditRow).where(AuditRow.id == 2).values(actor="somebody else"))


def remove_a_row(writes: Writes) -> None:
    """One deed less."""
    writes.execute(sa.delete(AuditRow).where(AuditRow.id == 6))


def swap_two_rows(writes: Writes) -> None:
    """Two deeds in the other order."""
    for here, there in ((5, 1005), (6, 5), (1005, 6)):
        writes.execute(sa.update(AuditRow).where(AuditRow.id == here).values(id=there))


def move_a_row_to_another_seal(writes: Writes) -> None:
    """A deed in another batch."""
    writes.execute(sa.update(AuditRow).where(AuditRow.id == 4).values(seal=2))


def remove_a_seal(writes: Writes) -> None:
    """A batch less in the middle, with its rows."""
    writes.execute(sa.delete(AuditRow).where(AuditRow.seal == 2))
    writes.execute(sa.delete(AuditSeal).where(AuditSeal.number == 2))


def cut_the_tail(writes: Writes) -> None:
    """The last batch gone as if it had never been."""
    writes.execute(sa.delete(AuditRow).where(AuditRow.seal == 3))
    writes.execute(sa.delete(AuditSeal).where(AuditSeal.number == 3))


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        (change_a_row, "rows_changed"),
        (remove_a_row, "rows_changed"),
        (swap_two_rows, "rows_changed"),
        (move_a_row_to_another_seal, "rows_changed"),
        (remove_a_seal, "seal_missing"),
        (cut_the_tail, "tail_cut"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_whatever_is_touched_is_found(
    database: Database, key: AuditKey, tamper: Callable[[Writes], None], expected: str
) -> None:
    write_rows(database, key)
    with database.write() as writes:
        tamper(writes)
    assert expected in codes(database, key)


@pytest.mark.parametrize("tamper", [cut_the_tail, remove_a_row], ids=lambda value: value.__name__)
def test_what_was_touched_is_still_found_after_the_next_seals(
    database: Database, key: AuditKey, tamper: Callable[[Writes], None]
) -> None:
    write_rows(database, key)
    with database.write() as writes:
        tamper(writes)
    found = codes(database, key)
    write_rows(database, key)
    assert set(found) <= set(codes(database, key))
    assert found


def test_a_head_a_kill_kept_from_being_written_is_written_next_time(database: Database, key: AuditKey) -> None:
    write_rows(database, key)
    lines = key.heads.read_text().splitlines()
    key.heads.write_text("\n".join(lines[:-1]) + "\n")
    write_rows(database, key, batches=1)
    assert codes(database, key) == []


def test_seals_a_restore_gave_up_are_not_missed_but_only_by_our_own_word(
    database: Database, key: AuditKey, tmp_path: Path
) -> None:
    write_rows(database, key)
    with database.write() as writes:
        cut_the_tail(writes)
    (tmp_path / "foreign").mkdir()
    foreign = AuditKey(tmp_path / "foreign", key.heads)
    with database.read() as reads:
        excuse_restore(reads, foreign, NOW)
    assert "tail_cut" in codes(database, key)
    with database.read() as reads:
        excuse_restore(reads, key, NOW)
    write_rows(database, key, batches=1)
    assert codes(database, key) == []


def test_a_rewrite_of_the_whole_chain_with_a_foreign_key_is_found(
    database: Database, key: AuditKey, tmp_path: Path
) -> None:
    write_rows(database, key)
    (tmp_path / "foreign").mkdir()
    foreign = AuditKey(tmp_path / "foreign", tmp_path / "foreign" / "heads.jsonl")
    with database.write() as writes:
        writes.execute(sa.update(AuditRow).where(AuditRow.id == 1).values(actor="nobody"))
        head = "0" * 64
        for seal in writes.execute(sa.select(AuditSeal).order_by(AuditSeal.number)).scalars():
            rows = writes.execute(
                sa.select(AuditRow.__table__).where(AuditRow.seal == seal.number).order_by(AuditRow.id)
            )
            head = chain_head(head, [digest_row(row) for row in rows])
            seal.head, seal.signature = head, foreign.sign(seal.number, seal.rows, head)
    found = codes(database, key)
    assert "signature_foreign" in found
    assert "rewritten" in found


def test_a_rewrite_with_the_right_key_is_still_found_by_the_heads_outside(database: Database, key: AuditKey) -> None:
    write_rows(database, key, batches=1)
    with database.write() as writes:
        writes.execute(sa.update(AuditRow).where(AuditRow.id == 1).values(actor="nobody"))
        rows = writes.execute(sa.select(AuditRow.__table__).order_by(AuditRow.id)).all()
        seal = writes.execute(sa.select(AuditSeal)).scalar_one()
        seal.head = chain_head("0" * 64, [digest_row(row) for row in rows])
        seal.signature = key.sign(1, seal.rows, seal.head)
    assert codes(database, key) == ["rewritten"]


def test_a_torn_last_line_outside_is_no_finding(database: Database, key: AuditKey) -> None:
    write_rows(database, key)
    with key.heads.open("a") as file:
        file.write(json.dumps({"number": 4})[:7])
    assert codes(database, key) == []


def test_the_key_is_readable_by_its_owner_only(key: AuditKey, tmp_path: Path) -> None:
    assert (tmp_path / "keys" / "audit.key").stat().st_mode & 0o077 == 0
