"""The memory of portraits: one second, never past a publication of ours, never past the end of a second."""

import uuid
from datetime import timedelta

import pytest

from directory import portraits
from directory.models import PersonDetail
from directory.portraits import Portraits
from foundation.changes import small_change
from foundation.runtime import Runtime
from tests.services.clock import MovableClock
from tests.sso.people import official


@pytest.fixture
def person_id(runtime: Runtime) -> uuid.UUID:
    """Somebody in the register."""
    return official(runtime).person_id


def rename(runtime: Runtime, person_id: uuid.UUID, name: str) -> None:
    """Another name, as a process beside ours would write it: nothing is published here."""
    with runtime.database.write() as writes:
        writes.query(PersonDetail).filter_by(person_id=person_id).one().name = name


def read_name(kept: Portraits, runtime: Runtime, person_id: uuid.UUID) -> str | None:
    """The name as it is told now."""
    with runtime.database.read_quickly() as reads:
        found = kept.find(reads, person_id, runtime.clocks.register())
    return found.person.name if found else None


def test_within_a_second_a_portrait_is_told_again(runtime: Runtime, person_id: uuid.UUID) -> None:
    kept = Portraits()
    before = read_name(kept, runtime, person_id)
    rename(runtime, person_id, "Trần Thị Mới")
    assert read_name(kept, runtime, person_id) == before
    assert read_name(Portraits(), runtime, person_id) == "Trần Thị Mới"


def test_after_a_second_it_is_read_again(
    runtime: Runtime, person_id: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Portraits()
    monkeypatch.setattr(portraits, "KEPT_SECONDS", 0.0)
    read_name(kept, runtime, person_id)
    rename(runtime, person_id, "Trần Thị Mới")
    assert read_name(kept, runtime, person_id) == "Trần Thị Mới"


def test_no_portrait_outlives_its_second_of_register_time(
    runtime: Runtime, person_id: uuid.UUID, clock: MovableClock
) -> None:
    kept = Portraits()
    clock.advance(milliseconds=999)
    read_name(kept, runtime, person_id)
    rename(runtime, person_id, "Trần Thị Mới")
    clock.advance(milliseconds=1)
    assert read_name(kept, runtime, person_id) == "Trần Thị Mới"


def test_what_this_process_published_is_told_at_once(
    runtime: Runtime, person_id: uuid.UUID, clock: MovableClock
) -> None:
    kept = Portraits()
    read_name(kept, runtime, person_id)
    with runtime.database.write() as writes:
        small_change(writes, "test", "test", clock.now)
        writes.query(PersonDetail).filter_by(person_id=person_id).one().name = "Trần Thị Mới"
    assert read_name(kept, runtime, person_id) == "Trần Thị Mới"


def test_a_preview_is_told_what_it_asks_for(runtime: Runtime, person_id: uuid.UUID, clock: MovableClock) -> None:
    kept = Portraits()
    with runtime.database.read_quickly() as reads:
        assert kept.find(reads, person_id, clock.now) is not None
        assert kept.find(reads, person_id, clock.now - timedelta(days=20_000)) is None


def test_the_memory_is_bounded(runtime: Runtime, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portraits, "AT_MOST", 3)
    kept = Portraits()
    with runtime.database.read_quickly() as reads:
        for _ in range(8):
            kept.find(reads, uuid.uuid4(), clock.now)
    assert len(kept) <= 3
