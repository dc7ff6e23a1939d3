"""Who may approve, what exactly is approved, and that nothing else is issued."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from directory.errors import RightMissing
from directory.models import Post, UnitVersion
from foundation.changes import Change, small_change, withdraw
from foundation.errors import HopnhatError
from foundation.runtime import Runtime
from signing.authority.embedded import EmbeddedAuthority
from signing.errors import (
    CauseUndone,
    CSRRefused,
    DossierChanged,
    KeyKnown,
    LoginTooOld,
    NotTheSubject,
    OwnRequest,
    RecordChanged,
    RequestNotFound,
    SubjectChanged,
    WrongState,
)
from signing.models import CertificateRequest, Dossier
from signing.requests.approval import Approver, approve, refuse
from signing.requests.choices import ReasonMissing, choose
from signing.requests.dossiers import find_requests, get_dossier
from signing.requests.issuing import issue_for
from signing.requests.sending import send_dossier
from tests.services.clock import MovableClock
from tests.signing.world import BEGINNING, FRESH, MERGER, Merged, Token


@pytest.fixture
def dossier(merged: Merged) -> int:
    return merged.propose()


def own_dossier(merged: Merged) -> int:
    """The head's own dossier, beside the staff's."""
    with merged.world.runtime.database.read() as reads:
        return reads.execute(sa.select(Dossier.id).where(Dossier.about == str(merged.head))).scalar_one()


def stranger(merged: Merged) -> uuid.UUID:
    """The head of another commune."""
    other = merged.world.unit("Xã Ba Động", merged.province)
    return merged.world.official("Phạm Văn Lạ", (other, BEGINNING, None), duties="leader")


def superior(merged: Merged) -> uuid.UUID:
    return merged.world.official("Huỳnh Quốc Đạt", (merged.province, BEGINNING, None), duties="leader")


def chose(merged: Merged, dossier: int) -> uuid.UUID:
    """The head after choosing a revocation instead."""
    with merged.world.runtime.database.write() as writes:
        choose(writes, merged.request_of(dossier, merged.official), "revocation", merged.head, "nghỉ hưu", MERGER)
    return merged.head


REFUSED = [
    pytest.param(lambda merged, _: merged.official, RightMissing, id="an official without the duty"),
    pytest.param(lambda merged, _: merged.deputy, RightMissing, id="a deputy, for the staff"),
    pytest.param(lambda merged, _: stranger(merged), RightMissing, id="the head of another commune"),
    pytest.param(lambda *_: uuid.uuid4(), RightMissing, id="nobody of the register"),
    pytest.param(chose, OwnRequest, id="the head who made a choice in it"),
]


@pytest.mark.parametrize(("who", "refusal"), REFUSED)
def test_an_approval_is_refused(
    merged: Merged, dossier: int, who: Callable[[Merged, int], uuid.UUID], refusal: type[HopnhatError]
) -> None:
    approver = who(merged, dossier)
    with pytest.raises(refusal), merged.world.runtime.database.write() as writes:
        merged.world.approve(dossier, approver, writes)
    with merged.world.runtime.database.read() as reads:
        assert get_dossier(reads, dossier).state == "draft"


def test_the_head_of_the_superior_body_may_approve(merged: Merged, dossier: int) -> None:
    with merged.world.runtime.database.write() as writes:
        merged.world.approve(dossier, superior(merged), writes)
    with merged.world.runtime.database.read() as reads:
        approved = get_dossier(reads, dossier)
        assert (approved.state, approved.approver_post) == ("approved", "Công chức")
        assert {row.state for row in find_requests(reads, dossier)} == {"approved"}


def test_nobody_approves_their_own_and_the_deputy_does_it_for_the_head(merged: Merged, dossier: int) -> None:
    own = own_dossier(merged)
    with pytest.raises(OwnRequest), merged.world.runtime.database.write() as writes:
        merged.world.approve(own, merged.head, writes)
    with merged.world.runtime.database.write() as writes:
        merged.world.approve(own, merged.deputy, writes)


@pytest.mark.parametrize(
    ("age", "fits"),
    [
        pytest.param(timedelta(), True, id="now"),
        pytest.param(timedelta(minutes=5), True, id="five minutes"),
        pytest.param(timedelta(minutes=5, seconds=1), False, id="a second more"),
        pytest.param(timedelta(hours=8), False, id="this morning"),
        pytest.param(timedelta(minutes=-2), False, id="in the future"),
    ],
)
def test_an_approval_needs_a_fresh_log_in(merged: Merged, dossier: int, age: timedelta, fits: bool) -> None:
    now = merged.world.runtime.clocks.wall()
    with merged.world.runtime.database.write() as writes:
        approver = Approver(merged.head, now - age, FRESH)
        if fits:
            approve(writes, dossier, merged.world.digest(dossier), approver, now)
        else:
            with pytest.raises(LoginTooOld):
                approve(writes, dossier, merged.world.digest(dossier), approver, now)


def test_what_was_not_read_is_not_approved(merged: Merged, dossier: int) -> None:
    now = merged.world.runtime.clocks.wall()
    read = merged.world.digest(dossier)
    with merged.world.runtime.database.write() as writes:
        choose(writes, merged.request_of(dossier, merged.official), "revocation", merged.deputy, "nghỉ hưu", now)
    with pytest.raises(DossierChanged), merged.world.runtime.database.write() as writes:
        approve(writes, dossier, read, Approver(merged.head, now, FRESH), now)


def test_a_dossier_is_approved_once_and_not_after_a_refusal(merged: Merged, dossier: int) -> None:
    own = own_dossier(merged)
    now = merged.world.runtime.clocks.wall()
    with merged.world.runtime.database.write() as writes:
        merged.world.approve(dossier, merged.head, writes)
        refuse(writes, own, merged.deputy, "sẽ nghỉ hưu", now)
    for number, person in ((dossier, merged.head), (own, merged.deputy)):
        with pytest.raises(WrongState), merged.world.runtime.database.write() as writes:
            merged.world.approve(number, person, writes)


def test_the_dossier_of_an_undone_merger_is_not_approved(merged: Merged, dossier: int) -> None:
    with merged.world.runtime.database.write() as writes:
        change = small_change(writes, "merger", "test", MERGER)
        undo = small_change(writes, "undo", "test", MERGER)
        writes.execute(sa.update(Dossier).values(trigger=f"change:{change.id}"))
        writes.execute(sa.update(Change).where(Change.id == change.id).values(undone_by=undo.id))
    with pytest.raises(CauseUndone), merged.world.runtime.database.write() as writes:
        merged.world.approve(dossier, merged.head, writes)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501], ids=["none", "spaces", "too long"])
def test_a_choice_needs_its_reason(merged: Merged, dossier: int, reason: str) -> None:
    with pytest.raises(ReasonMissing), merged.world.runtime.database.write() as writes:
        choose(writes, merged.request_of(dossier, merged.official), "revocation", merged.deputy, reason, MERGER)


def test_a_choice_is_one_of_what_the_law_allows(merged: Merged, dossier: int) -> None:
    with pytest.raises(WrongState), merged.world.runtime.database.write() as writes:
        choose(writes, merged.request_of(dossier, merged.official), "renewal", merged.deputy, "vì sao", MERGER)


# --- issuing ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def sent(merged: Merged, dossier: int) -> int:
    """The official's request, approved and with the authority."""
    merged.world.approve_and_send(dossier, merged.head)
    return merged.request_of(dossier, merged.official)


def bring(
    merged: Merged, authority: EmbeddedAuthority, request: int, person: uuid.UUID, content: bytes | None = None
) -> str:
    runtime = merged.world.runtime
    with runtime.database.write() as writes:
        return issue_for(
            writes, authority, request, person, content or Token().make_csr(), runtime.clocks.wall()
        ).sha256


def move_elsewhere(merged: Merged) -> None:
    """The official changes units after the approval."""
    with merged.world.runtime.database.write() as writes:
        change = small_change(writes, "test", "test", MERGER)
        rows = writes.execute(
            sa.select(Post).where(Post.person_id == merged.official, Post.valid_to.is_(None))
        ).scalars()
        row = next(iter(rows))
        withdraw(writes, Post, change, [row.row_id])
        writes.add(
            Post(
                post_id=row.post_id,
                person_id=merged.official,
                unit_id=merged.province,
                title="Chuyên viên",
                duties="",
                main=True,
                valid_from=row.valid_from,
                change_id=change.id,
            )
        )


def rename_unit(merged: Merged) -> None:
    """The unit gets another name after the approval."""
    with merged.world.runtime.database.write() as writes:
        writes.execute(sa.update(UnitVersion).where(UnitVersion.unit_id == merged.new).values(name="Xã Mỹ Lộc"))


def tamper(merged: Merged) -> None:
    """Somebody edits the approved content in the database."""
    with merged.world.runtime.database.write() as writes:
        rows = writes.execute(
            sa.select(CertificateRequest).where(CertificateRequest.person_id == merged.official)
        ).scalars()
        for row in rows:
            row.content = row.content | {"name": "Chủ tịch"}


SPOILT = [
    pytest.param(move_elsewhere, SubjectChanged, id="the person moved on"),
    pytest.param(rename_unit, SubjectChanged, id="the unit was renamed"),
    pytest.param(tamper, RecordChanged, id="the record was edited"),
]


@pytest.mark.parametrize(("spoil", "refusal"), SPOILT)
def test_nothing_is_issued_that_is_no_longer_what_was_approved(
    merged: Merged,
    sent: int,
    authority: EmbeddedAuthority,
    spoil: Callable[[Merged], None],
    refusal: type[HopnhatError],
) -> None:
    spoil(merged)
    with pytest.raises(refusal):
        bring(merged, authority, sent, merged.official)


def test_only_the_subject_brings_a_key_and_a_refused_one_may_be_tried_again(
    merged: Merged, sent: int, authority: EmbeddedAuthority
) -> None:
    for person in (merged.head, merged.deputy, uuid.uuid4()):
        with pytest.raises(NotTheSubject):
            bring(merged, authority, sent, person)
    with pytest.raises(CSRRefused):
        bring(merged, authority, sent, merged.official, b"nonsense")
    with pytest.raises(RequestNotFound):
        bring(merged, authority, 10**9, merged.official)
    assert bring(merged, authority, sent, merged.official)
    with pytest.raises(WrongState):
        bring(merged, authority, sent, merged.official)


def test_no_key_is_certified_twice_not_even_the_authority_s(
    merged: Merged, sent: int, authority: EmbeddedAuthority, dossier: int
) -> None:
    token = Token()
    bring(merged, authority, sent, merged.official, token.make_csr())
    second = merged.request_of(dossier, merged.deputy)
    with pytest.raises(KeyKnown):
        bring(merged, authority, second, merged.deputy, token.make_csr())
    with pytest.raises(KeyKnown):
        bring(merged, authority, second, merged.deputy, Token(authority.keys.issuing_key).make_csr())


def test_the_seal_of_the_agency_is_brought_by_who_keeps_it(
    merged: Merged, sent: int, authority: EmbeddedAuthority, dossier: int
) -> None:
    seal = merged.request_of(dossier, merged.new)
    with pytest.raises(NotTheSubject):
        bring(merged, authority, seal, merged.official)
    clerk = merged.world.official("Trần Thị Mỹ Lệ", (merged.new, MERGER, None), duties="clerk")
    assert bring(merged, authority, seal, clerk)


def test_before_the_approval_and_before_sending_nothing_is_issued(
    merged: Merged, dossier: int, authority: EmbeddedAuthority
) -> None:
    request = merged.request_of(dossier, merged.official)
    with pytest.raises(WrongState):
        bring(merged, authority, request, merged.official)
    with merged.world.runtime.database.write() as writes:
        merged.world.approve(dossier, merged.head, writes)
    with pytest.raises(WrongState):
        bring(merged, authority, request, merged.official)


def test_a_tampered_dossier_is_not_sent(merged: Merged, dossier: int, authority: EmbeddedAuthority) -> None:
    with merged.world.runtime.database.write() as writes:
        merged.world.approve(dossier, merged.head, writes)
    tamper(merged)
    with pytest.raises(RecordChanged), merged.world.runtime.database.write() as writes:
        send_dossier(writes, authority, dossier, "test", MERGER)


def test_sixty_certificates_are_issued_in_seconds(
    merged: Merged, runtime: Runtime, authority: EmbeddedAuthority, clock: MovableClock
) -> None:
    people = [
        merged.world.official(f"Nguyễn Văn {number}", (merged.one, BEGINNING, MERGER), (merged.new, MERGER, None))
        for number in range(60)
    ]
    dossier = merged.propose()
    merged.world.approve_and_send(dossier, merged.head)
    requests = {person: merged.request_of(dossier, person) for person in people}
    signing_requests = {person: Token().make_csr() for person in people}
    before = len(requests)
    for person in people:
        bring(merged, authority, requests[person], person, signing_requests[person])
    with runtime.database.read() as reads:
        done = [row for row in find_requests(reads, dossier) if row.state == "done" and row.person_id in requests]
    assert len(done) == before
