"""The help desk's verbs meet the door: a new code or an opened account lets its owner in, whatever somebody guessed before."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from directory.models import Post, UnitCode, UnitEvent, UnitEventLink, UnitVersion
from foundation.changes import small_change
from foundation.runtime import Runtime
from foundation.shell import Actor
from foundation.web import build_app
from provisioning.account_command import account_group
from sso.app import build_router
from sso.factors.authenticators import keep_authenticator, new_draft
from sso.factors.review import find_review
from sso.factors.standing import find_factors
from tests.provisioning.commands import Answer, build_caller
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.flow import form_of
from tests.sso.people import PASSWORD, official

PROOF = ("--proof", "căn cước, tại chỗ")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    return build_caller({"account": account_group}, {}, capsys)


def enter(runtime: Runtime, path: str, **form: str) -> int:
    """The status of one filled-in page at the door; 303 is in."""
    browser = Inside.of(build_app(runtime, [build_router(runtime)]))
    return browser.post(path, data={**form_of(browser.get(path)), **form}).status_code


def shut(runtime: Runtime) -> None:
    """A stranger guesses until the account is shut."""
    for _try in range(6):
        enter(runtime, "/login", login="hoa.lt", password="wrong")
    assert enter(runtime, "/login", login="hoa.lt", password=PASSWORD) == 403


def help_desk(runtime: Runtime) -> Actor:
    """Somebody who may help everybody of the same unit."""
    someone = official(runtime, "Phạm Thị Giúp", "giup.pt", code="H61.99", duties="help_desk")
    return Actor(str(someone.person_id), someone.person_id)


def test_an_account_shut_by_guesses_is_opened_for_its_owner(runtime: Runtime, call: Callable[..., Answer]) -> None:
    official(runtime)
    shut(runtime)
    assert call(runtime, Actor("break-glass:owner"), "account", "unlock", "hoa.lt", *PROOF).code == 0
    assert enter(runtime, "/login", login="hoa.lt", password=PASSWORD) == 303


def test_a_new_code_works_although_somebody_guessed(runtime: Runtime, call: Callable[..., Answer]) -> None:
    official(runtime)
    shut(runtime)
    told = call(runtime, Actor("break-glass:owner"), "account", "reset", "hoa.lt", *PROOF)
    assert told.code == 0
    new = "mưa rơi trên mái tôn"
    form = {"login": "hoa.lt", "code": told.out.strip(), "new_password": new, "new_password_again": new}
    assert enter(runtime, "/activate", **form) == 303
    assert enter(runtime, "/login", login="hoa.lt", password=new) == 303


def test_the_help_desk_of_another_unit_opens_nothing(runtime: Runtime, call: Callable[..., Answer]) -> None:
    official(runtime)
    shut(runtime)
    assert call(runtime, help_desk(runtime), "account", "unlock", "hoa.lt", *PROOF).code == 77
    assert enter(runtime, "/login", login="hoa.lt", password=PASSWORD) == 403


def has_factor(runtime: Runtime, account_id: uuid.UUID) -> bool:
    """Whether the account has a second factor."""
    with runtime.database.read() as reads:
        return bool(find_factors(reads, account_id))


def test_lost_factors_are_taken_away_with_a_new_code_in_person_only(
    runtime: Runtime, call: Callable[..., Answer]
) -> None:
    hoa, now = official(runtime), runtime.clocks.wall()
    with runtime.database.write() as writes:
        keep_authenticator(writes, runtime.sealer, new_draft(hoa.account_id), 1, now)
    owner = Actor("break-glass:owner")
    kept = call(runtime, owner, "account", "reset", "hoa.lt", *PROOF)
    assert kept.code == 0
    assert has_factor(runtime, hoa.account_id), "a new code alone takes nothing away"
    assert "ứng dụng tạo mã" in kept.talk, "but the help desk reads what is left, and asks"
    assert "--lost-factors" in kept.talk
    with runtime.database.read() as reads:
        since = find_review(reads, hoa.account_id)
    assert since is not None, "from now on no other way sets a password"
    assert since > now + timedelta(days=6), "and who knows the old one answers nothing"
    assert call(runtime, owner, "account", "reset", "hoa.lt", *PROOF, "--lost-factors", "--by-mail").code == 64
    assert has_factor(runtime, hoa.account_id)
    told = call(runtime, owner, "account", "reset", "hoa.lt", *PROOF, "--lost-factors")
    assert told.code == 0
    assert "ứng dụng tạo mã" not in told.talk
    assert not has_factor(runtime, hoa.account_id)
    new = "mưa rơi trên mái tôn"
    form = {"login": "hoa.lt", "code": told.out.strip(), "new_password": new, "new_password_again": new}
    assert enter(runtime, "/activate", **form) == 303


def test_who_asked_for_help_is_listed_until_a_code_is_handed_over(
    runtime: Runtime, clock: MovableClock, call: Callable[..., Answer]
) -> None:
    official(runtime)
    owner = Actor("break-glass:owner")
    assert call(runtime, owner, "account", "requests").code == 0
    assert enter(runtime, "/recover", login="hoa.lt", act="ask") == 200
    waiting = call(runtime, owner, "account", "requests", "--output", "json")
    assert waiting.code == 1
    assert "hoa.lt" in waiting.out
    stranger = help_desk(runtime)
    assert call(runtime, stranger, "account", "requests").code == 0, "another unit's people are not listed"
    clock.advance(60)
    assert call(runtime, owner, "account", "reset", "hoa.lt", *PROOF).code == 0
    assert call(runtime, owner, "account", "requests").code == 0


def end_unit(runtime: Runtime, unit_id: uuid.UUID, heirs: Sequence[uuid.UUID], at: datetime) -> None:
    """What a merger does to a unit whose people it leaves undecided: it ends with their posts, and passes on."""
    with runtime.database.write() as writes:
        change = small_change(writes, "test", "test", runtime.clocks.wall())
        for table in (Post, UnitVersion, UnitCode):
            writes.execute(sa.update(table).where(table.unit_id == unit_id).values(valid_to=at))
        event = uuid.uuid4()
        writes.add(UnitEvent(id=event, kind="merge_into_existing", instant=at, change_id=change.id))
        for heir in heirs:
            link = {"predecessor_id": unit_id, "successor_id": heir, "principal": heir == heirs[0]}
            share = "whole" if len(heirs) == 1 else "part"
            writes.add(UnitEventLink(event_id=event, change_id=change.id, share=share, **link))


def test_whom_a_merger_left_without_a_post_is_helped_by_who_took_their_unit_over(
    runtime: Runtime, clock: MovableClock, call: Callable[..., Answer]
) -> None:
    """An undecided official keeps the account, and must not be the one whose call for help nobody hears."""
    hoa, heir = official(runtime), official(runtime, "Trần Nam", "nam.t", unit="Phường Mới", code="H61.7", duties="hr")
    helper, stranger = Actor(str(heir.person_id), heir.person_id), help_desk(runtime)
    end_unit(runtime, hoa.unit_id, [heir.unit_id], clock.now + timedelta(days=7))
    clock.advance(days=7)
    assert enter(runtime, "/login", login="hoa.lt", password=PASSWORD) == 303
    assert enter(runtime, "/recover", login="hoa.lt", act="ask") == 200
    assert call(runtime, stranger, "account", "requests").code == 0
    assert call(runtime, stranger, "account", "reset", "hoa.lt", *PROOF).code == 77
    waiting = call(runtime, helper, "account", "requests", "--output", "json")
    assert waiting.code == 1
    assert "hoa.lt" in waiting.out
    told = call(runtime, helper, "account", "reset", "hoa.lt", *PROOF)
    assert told.code == 0
    new = "mưa rơi trên mái tôn"
    form = {"login": "hoa.lt", "code": told.out.strip(), "new_password": new, "new_password_again": new}
    assert enter(runtime, "/activate", **form) == 303
    assert call(runtime, helper, "account", "requests").code == 0
