"""What becomes of a request when life goes on between its approval and its key."""

import threading
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from directory.models import Post
from foundation.audit import AuditRow
from foundation.changes import small_change, withdraw
from foundation.runtime import Runtime
from signing.errors import SubjectChanged
from signing.models import CertificateRequest
from signing.requests.bringing import bring_csr
from signing.requests.choices import choose
from signing.requests.dossiers import find_requests, get_dossier
from signing.requests.freshness import Present
from tests.services.clock import MovableClock
from tests.signing.world import MERGER, Merged, Token

LATER = MERGER + timedelta(days=30)


@pytest.fixture
def dossier(merged: Merged) -> int:
    return merged.propose()


def leave(merged: Merged, to: uuid.UUID | None) -> None:
    """The official's post ends a month later, and another begins elsewhere or none."""
    with merged.world.runtime.database.write() as writes:
        change = small_change(writes, "test", "test", MERGER)
        row = writes.execute(
            sa.select(Post).where(Post.person_id == merged.official, Post.valid_to.is_(None))
        ).scalar_one()
        withdraw(writes, Post, change, [row.row_id])
        common = {"person_id": merged.official, "title": row.title, "duties": "", "main": True, "change_id": change.id}
        writes.add(Post(post_id=row.post_id, unit_id=row.unit_id, valid_from=row.valid_from, valid_to=LATER, **common))
        if to is not None:
            writes.add(Post(post_id=uuid.uuid4(), unit_id=to, valid_from=LATER, **common))


def requests_of(merged: Merged) -> list[tuple[str, str]]:
    """Kind and state of everything asked about the official, in order."""
    with merged.world.runtime.database.read() as reads:
        rows = reads.execute(
            sa.select(CertificateRequest)
            .where(CertificateRequest.person_id == merged.official)
            .order_by(CertificateRequest.id)
        ).scalars()
        return [(row.kind, row.state) for row in rows]


def third(merged: Merged) -> uuid.UUID:
    return merged.world.unit("Xã Ba Động", merged.province)


def test_a_new_proposal_takes_the_place_of_one_that_waits_for_a_key(
    merged: Merged, dossier: int, clock: MovableClock
) -> None:
    merged.world.approve_and_send(dossier, merged.head)
    unit = third(merged)
    leave(merged, unit)
    clock.set(LATER + timedelta(days=1))
    merged.world.propose(unit, instant=LATER)
    assert requests_of(merged) == [("change", "refused"), ("change", "draft")]


def test_who_leaves_loses_the_request_and_the_certificate(merged: Merged, dossier: int, clock: MovableClock) -> None:
    merged.world.approve_and_send(dossier, merged.head)
    leave(merged, None)
    clock.set(LATER + timedelta(days=1))
    merged.world.propose(merged.new, instant=LATER)
    assert requests_of(merged) == [("change", "refused"), ("revocation", "draft")]


def test_a_draft_and_a_choice_are_left_to_people(merged: Merged, dossier: int, clock: MovableClock) -> None:
    leave(merged, None)
    clock.set(LATER + timedelta(days=1))
    merged.world.propose(merged.new, instant=LATER)
    assert requests_of(merged) == [("change", "draft")]


def test_a_chosen_revocation_that_waits_for_its_authority_stays(
    merged: Merged, dossier: int, clock: MovableClock
) -> None:
    with merged.world.runtime.database.write() as writes:
        request = merged.request_of(dossier, merged.official)
        choose(writes, request, "revocation", merged.deputy, "nghỉ hưu", merged.world.runtime.clocks.wall())
    merged.world.approve_and_send(dossier, merged.head)
    merged.world.propose(merged.new)
    assert requests_of(merged) == [("revocation", "sent")]


def test_a_draft_that_is_no_longer_so_is_not_approved(merged: Merged, dossier: int, clock: MovableClock) -> None:
    leave(merged, third(merged))
    clock.set(LATER + timedelta(days=1))
    with pytest.raises(SubjectChanged) as refusal, merged.world.runtime.database.write() as writes:
        merged.world.approve(dossier, merged.head, writes)
    assert "Nguyễn Văn An" in refusal.value.shown


def test_a_key_for_what_is_no_longer_so_closes_the_request(
    merged: Merged, dossier: int, clock: MovableClock, runtime: Runtime
) -> None:
    merged.world.approve_and_send(dossier, merged.head)
    request = merged.request_of(dossier, merged.official)
    leave(merged, third(merged))
    clock.set(LATER + timedelta(days=1))
    with pytest.raises(SubjectChanged):
        bring_csr(runtime, request, Present(merged.official, runtime.clocks.wall()), Token().make_csr())
    assert requests_of(merged) == [("change", "refused")]
    with runtime.database.read() as reads:
        rows = reads.execute(
            sa.select(AuditRow.event, AuditRow.outcome).where(AuditRow.subject == f"request:{request}")
        )
        assert [tuple(row) for row in rows] == [
            ("signing.certificate.issue", "refused"), ("signing.request.give_up", "done"),
        ]  # fmt: skip


def test_a_dossier_closes_with_its_last_request(merged: Merged, runtime: Runtime) -> None:
    own = min(merged.world.propose(merged.new), key=merged.size)
    merged.world.approve_and_send(own, merged.deputy)
    with runtime.database.read() as reads:
        request = find_requests(reads, own)[0].id
    bring_csr(runtime, request, Present(merged.head, runtime.clocks.wall()), Token().make_csr())
    with runtime.database.read() as reads:
        closed = get_dossier(reads, own)
        assert (closed.state, closed.closed_at is not None) == ("done", True)


def test_two_composers_at_once_ask_for_nothing_twice(merged: Merged, runtime: Runtime) -> None:
    workers = [threading.Thread(target=merged.world.propose, args=[merged.new]) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with runtime.database.read() as reads:
        asked = reads.execute(
            sa.select(CertificateRequest.person_id, CertificateRequest.unit_id, CertificateRequest.replaces)
        ).all()
    assert len(asked) == len(set(asked)) > 3
