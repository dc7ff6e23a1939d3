"""Who may approve, how fresh their log-in is, and what exactly they approve."""

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from directory.credentials import issue_activation_code, redeem_activation_code
from directory.errors import HelpedLately, RightMissing
from directory.models import Account
from foundation.changes import Change, small_change
from foundation.errors import HopnhatError, TryAgain
from signing.errors import (
    CauseUndone,
    DossierChanged,
    DossierOfGlass,
    LoginTooOld,
    OwnRequest,
    WrongState,
)
from signing.models import Dossier
from signing.requests.approval import Approver, approve, refuse
from signing.requests.choices import ReasonMissing, choose
from signing.requests.dossiers import find_requests, get_dossier
from tests.services.clock import MovableClock
from tests.signing.world import BEGINNING, FRESH, MERGER, Merged


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


@pytest.mark.parametrize("column", ["composed_by", "requested_by", "chosen_by"])
def test_who_broke_the_glass_to_make_a_dossier_does_not_approve_it_under_their_own_name(
    merged: Merged, dossier: int, column: str
) -> None:
    now = merged.world.runtime.clocks.wall()
    with merged.world.runtime.database.write() as writes:
        if column == "composed_by":
            get_dossier(writes, dossier).composed_by = "break-glass:root"
        else:
            setattr(find_requests(writes, dossier)[0], column, "break-glass:root")
    with pytest.raises(DossierOfGlass), merged.world.runtime.database.write() as writes:
        merged.world.approve(dossier, merged.head, writes)
    with merged.world.runtime.database.write() as writes:
        refuse(writes, dossier, merged.head, "làm lại", now)


def test_who_was_reset_a_moment_ago_does_not_approve(merged: Merged, dossier: int, clock: MovableClock) -> None:
    """The help desk gets into the head's account and approves a certificate: not within a day."""
    now = merged.world.runtime.clocks.wall()
    with merged.world.runtime.database.write() as writes:
        account_id = writes.execute(sa.select(Account.id).where(Account.person_id == merged.head)).scalar_one()
        code = issue_activation_code(writes, account_id, now, timedelta(days=7), "reset")
        assert redeem_activation_code(writes, account_id, code, now)
    with pytest.raises(HelpedLately), merged.world.runtime.database.write() as writes:
        merged.world.approve(dossier, merged.head, writes)
    clock.advance(hours=24)
    with merged.world.runtime.database.write() as writes:
        merged.world.approve(dossier, merged.head, writes)


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


def test_two_heads_at_once_approve_once(merged: Merged, dossier: int) -> None:
    second = merged.world.official("Trần Thị Hai", (merged.province, BEGINNING, None), duties="leader")
    outcomes: list[str] = []

    def try_it(person: uuid.UUID) -> None:
        try:
            with merged.world.runtime.database.write() as writes:
                merged.world.approve(dossier, person, writes)
            outcomes.append("done")
        except TryAgain as error:
            outcomes.append(error.code)

    workers = [threading.Thread(target=try_it, args=[person]) for person in (merged.head, second) * 2]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(outcomes)[0] == "done"
    assert outcomes.count("done") == 1
