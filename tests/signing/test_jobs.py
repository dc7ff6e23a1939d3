"""Proposals by the worker: many units in few transactions, none lost and none made twice, wherever it is killed."""

import multiprocessing
import os
import signal
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa

import signing.jobs
from foundation.audit import AuditRow
from foundation.clocks import as_rfc3339
from foundation.database import Writes
from foundation.handling import drain, work_once
from foundation.outbox import LEASE, count_by_state, enqueue
from foundation.runtime import Runtime, open_runtime
from foundation.settings import Settings
from signing.jobs import HANDLERS, Proposed, portioned
from signing.models import CertificateRequest, Dossier
from signing.requests.dossiers import compose
from tests.services.clock import MovableClock
from tests.signing.world import BEGINNING, MERGER, World

KIND = "propose_certificates"
COMMUNES = 6


@pytest.fixture
def communes(world: World) -> list[uuid.UUID]:
    """Communes that each came of another one, with a head and two officials; a job waits for each."""
    province = world.unit("Tỉnh Vĩnh Long", level="province")
    found = []
    for number in range(COMMUNES):
        old = world.unit(f"Xã Cũ {number}", province, until=MERGER)
        new = world.unit(f"Xã Mới {number}", province, since=MERGER)
        world.merge(new, old)
        for place, duties in enumerate(("leader", "", "")):
            world.official(f"Người {number}.{place}", (old, BEGINNING, MERGER), (new, MERGER, None), duties=duties)
        found.append(new)
    with world.runtime.database.write() as writes:
        for unit in found:
            payload = {"units": [str(unit)], "instant": as_rfc3339(MERGER), "change": 1}
            enqueue(writes, KIND, str(unit), world.runtime.clocks.wall(), payload)
    return found


def find_requests(runtime: Runtime) -> Counter[tuple[Any, ...]]:
    """What was asked for: of which unit, whose dossier, for whom."""
    wanted = sa.select(
        Dossier.unit_id, Dossier.about == "staff", CertificateRequest.person_id, CertificateRequest.unit_id
    ).join(CertificateRequest, CertificateRequest.dossier_id == Dossier.id)
    with runtime.database.read() as reads:
        return Counter(tuple(row) for row in reads.execute(wanted))


def check_complete(runtime: Runtime, communes: list[uuid.UUID]) -> None:
    """Each commune has two dossiers: the head's own, and one for the seal and the staff; each is told once."""
    asked = find_requests(runtime)
    assert Counter((unit, staff) for unit, staff, *_ in asked.elements()) == {
        (unit, staff): 3 if staff else 1 for unit in communes for staff in (True, False)
    }
    assert set(asked.values()) == {1}
    with runtime.database.read() as reads:
        told = sa.select(sa.func.count()).where(AuditRow.event == "signing.dossier.compose")
        assert reads.execute(told).scalar() == 2 * COMMUNES
    assert count_by_state(runtime.database) == {"done": COMMUNES}


def test_many_units_are_written_in_few_transactions(
    runtime: Runtime, communes: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def compose_and_count(writes: Writes, proposed: Sequence[Proposed], *more: Any) -> list[int]:
        sizes.append(len(proposed))
        return compose(writes, proposed, *more)

    monkeypatch.setattr(signing.jobs, "compose", compose_and_count)
    assert work_once(runtime, {KIND: HANDLERS[KIND]}, most=1) == 1
    assert sizes == [COMMUNES]
    check_complete(runtime, communes)


def test_a_transaction_ends_with_the_unit_that_fills_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing.jobs, "REQUESTS_AT_ONCE", 10)
    proposed: list[Any] = [(None, "x" * size) for size in (4, 4, 4, 30, 0, 1)]
    assert [[len(proposals) for _, proposals in portion] for portion in portioned(proposed)] == [
        [4, 4, 4],
        [30],
        [0, 1],
    ]


def work_until_killed(settings: Settings) -> None:
    """In a process of its own: the worker dies in its third transaction, when all of it is written and nothing committed."""
    runtime = open_runtime(settings)
    begun: list[list[int]] = []

    def compose_and_die(*given: Any) -> list[int]:
        composed = compose(*given)
        begun.append(composed)
        if len(begun) == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return composed

    # A transaction for each unit, so that there is a middle. The process ends here, so nothing is put back.
    vars(signing.jobs).update(compose=compose_and_die, REQUESTS_AT_ONCE=1)
    work_once(runtime, {KIND: HANDLERS[KIND]}, most=1)


def test_a_killed_worker_loses_nothing_and_nothing_is_proposed_twice(
    runtime: Runtime, settings: Settings, communes: list[uuid.UUID], clock: MovableClock
) -> None:
    worker = multiprocessing.get_context("spawn").Process(target=work_until_killed, args=(settings,))
    worker.start()
    worker.join()
    assert worker.exitcode == -signal.SIGKILL
    assert len({unit for unit, *_ in find_requests(runtime)}) == 2
    assert count_by_state(runtime.database) == {"waiting": COMMUNES}
    clock.set(runtime_clock_of(settings))
    drain(runtime, {KIND: HANDLERS[KIND]})
    check_complete(runtime, communes)


def runtime_clock_of(settings: Settings) -> Any:
    """When the leases of a worker that went by the wall's clock are over."""
    other = open_runtime(settings)
    try:
        return other.clocks.wall() + 2 * LEASE
    finally:
        other.close()
