"""After a reset nothing a stranger laid by opens the account unseen: its owner is shown every factor and says which are not theirs."""

import base64
import json
import uuid
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa

import sso.factors.passkey_entrance as entrance
from directory.credentials import issue_activation_code
from foundation.audit import AuditRow
from sso.factors.models import Authenticator, FactorReview, Passkey, RecoveryCode
from sso.factors.review import ask_for_review
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.conftest import Door
from tests.sso.door.test_activation import NEW, activate
from tests.sso.door.test_login import try_login
from tests.sso.door.test_recovery import recover
from tests.sso.factors.test_second_factor import answer, code_at, set_up, with_app
from tests.sso.flow import Attempt, answer_of, follow, form_of
from tests.sso.incidents.test_meanwhile import add_key
from tests.sso.people import Official, official


def reset(door: Door, who: Official, clock: MovableClock) -> Inside:
    """The help desk gave a code; its owner set a new password in this browser."""
    with door.runtime.database.write() as writes:
        code = issue_activation_code(writes, who.account_id, clock.now, timedelta(days=1), "reset")
    browser = door.browser()
    assert activate(browser, who.login, code)[0] == 303
    return browser


def use_key_alone(door: Door) -> httpx.Response:
    """Somebody who has the passkey comes in with nothing else."""
    browser = door.browser()
    form = form_of(browser.get("/login"))
    credential = json.dumps({"rawId": base64.urlsafe_b64encode(b"k").decode().rstrip("=")})
    return browser.post("/login/passkey", data={**form, "credential": credential})


@pytest.fixture
def believing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer of a key is believed: its own proof is tried in `test_pages_in_browser.py`."""
    monkeypatch.setattr(entrance, "check_proof", lambda *_given: None)


def left(door: Door, model: type[Passkey] | type[Authenticator] | type[RecoveryCode] | type[FactorReview]) -> int:
    """How many rows there are."""
    with door.runtime.database.read() as reads:
        return int(reads.execute(sa.select(sa.func.count()).select_from(model)).scalar_one())


@pytest.mark.usefixtures("believing")
def test_a_key_laid_by_in_a_takeover_opens_nothing_after_a_reset(door: Door, clock: MovableClock) -> None:
    who, secret, _codes = with_app(door, clock)
    key_id = add_key(door, who.account_id, clock.now)
    assert use_key_alone(door).status_code == 303, "before the reset it does"
    browser = reset(door, who, clock)
    assert use_key_alone(door).status_code == 403
    sent = answer(browser, code_at(secret, clock), "/second-factor?next=%2Fpassword").headers["location"]
    assert sent.startswith("/me/review?")
    page = browser.get(sent)
    assert "khóa" in page.text
    clock.advance(minutes=1)
    done = browser.post("/me/review", data={**form_of(page), "strange": str(key_id)})
    assert (done.status_code, done.headers["location"]) == (303, "/password")
    assert (left(door, Passkey), left(door, Authenticator), left(door, FactorReview)) == (0, 1, 0)
    with door.runtime.database.read() as reads:
        told = reads.execute(sa.select(AuditRow.event, AuditRow.detail)).all()
    assert ("sso.factor.removed", {"factor": "passkey", "why": "not the owner's"}) in [tuple(row) for row in told]


@pytest.mark.usefixtures("believing")
def test_what_its_owner_keeps_opens_the_account_again(door: Door, clock: MovableClock) -> None:
    who, secret, _codes = with_app(door, clock)
    add_key(door, who.account_id, clock.now)
    browser = reset(door, who, clock)
    attempt = Attempt(door.application)
    asked = browser.get(attempt.address()).headers["location"]
    sent = answer(browser, code_at(secret, clock), asked).headers["location"]
    assert '<section class="notice" id="reviewing">' in browser.get("/me").text
    done = browser.post("/me/review", data=form_of(browser.get(sent)))
    assert "code" in answer_of(follow(browser, done)), "the application that waited gets its answer"
    assert (left(door, Passkey), left(door, RecoveryCode)) == (1, 10)
    assert use_key_alone(door).status_code == 303
    assert 'id="reviewing"' not in browser.get("/me").text


def test_codes_on_paper_may_be_a_strangers_too(door: Door, clock: MovableClock) -> None:
    who, secret, _codes = with_app(door, clock)
    browser, other = reset(door, who, clock), door.browser()
    sent = answer(browser, code_at(secret, clock)).headers["location"]
    clock.advance(minutes=1)
    assert try_login(other, who.login, NEW) == 303
    assert answer(other, code_at(secret, clock)).status_code == 303
    assert browser.post("/me/review", data={**form_of(browser.get(sent)), "strange": "codes"}).status_code == 303
    assert left(door, RecoveryCode) == 0
    assert other.get("/me").status_code == 303, "everything that was open elsewhere ends"


def test_nobody_answers_who_has_not_proved_both_since(door: Door, clock: MovableClock) -> None:
    who, secret, _codes = with_app(door, clock)
    key_id = add_key(door, who.account_id, clock.now)
    browser = reset(door, who, clock)
    form = form_of(browser.get("/second-factor"))
    strange = {**form, "strange": str(key_id)}
    assert browser.get("/me/review").headers["location"].startswith("/login")
    assert browser.post("/me/review", data=strange).headers["location"].startswith("/login")
    assert answer(browser, code_at(secret, clock)).status_code == 303
    clock.advance(minutes=20)
    assert browser.post("/me/review", data=strange).headers["location"].startswith("/login"), "not from an old log-in"
    assert (left(door, Passkey), left(door, FactorReview)) == (1, 1)


def test_without_a_question_there_is_no_page_and_nothing_goes(door: Door, clock: MovableClock) -> None:
    who, secret, _codes = with_app(door, clock)
    add_key(door, who.account_id, clock.now)
    browser = door.browser()
    assert try_login(browser, who.login) == 303
    assert answer(browser, code_at(secret, clock)).headers["location"] == "/me"
    assert browser.get("/me/review").headers["location"] == "/me"
    posted = browser.post("/me/review", data={**form_of(browser.get("/me")), "strange": ["app", str(uuid.uuid4())]})
    assert posted.headers["location"] == "/me"
    assert (left(door, Passkey), left(door, Authenticator)) == (1, 1)


STRANGERS = "gió thổi qua rặng tre"


def test_a_recovery_code_does_not_undo_a_reset(door: Door, clock: MovableClock) -> None:
    """Whoever had the account has its codes: they set no password, and end no session of the owner, until the owner has looked."""
    who, secret, codes = with_app(door, clock)
    browser = reset(door, who, clock)
    for typed in (codes[0], code_at(secret, clock)):
        assert recover(door.browser(), who.login, typed, STRANGERS).status_code == 403
    clock.advance(minutes=1)
    assert answer(browser, code_at(secret, clock)).status_code == 303, "the owner is in still"
    assert try_login(door.browser(), who.login, STRANGERS) == 403
    sent = browser.get("/me/review")
    assert browser.post("/me/review", data=form_of(sent)).status_code == 303
    assert recover(door.browser(), who.login, codes[0], STRANGERS).status_code == 303, (
        "kept and not spent, they serve again"
    )


def test_nor_does_the_app_in_the_browser_it_came_in_with(door: Door, clock: MovableClock) -> None:
    """The help desk's code forgets browsers; one that is known since by a log-in sets no other password either."""
    who, secret, _codes = with_app(door, clock)
    reset(door, who, clock)
    known = door.browser()
    assert try_login(known, who.login, NEW) == 303
    assert answer(known, code_at(secret, clock)).status_code == 303
    clock.advance(minutes=1)
    assert recover(known, who.login, code_at(secret, clock), STRANGERS).status_code == 403


def test_a_code_that_is_handed_out_shuts_the_way_back_at_once(door: Door, clock: MovableClock) -> None:
    """Until it is used the old password stays: who knows that answers nothing, and no other way ends the code."""
    who, secret, codes = with_app(door, clock)
    with door.runtime.database.write() as writes:
        code = issue_activation_code(writes, who.account_id, clock.now, timedelta(days=7), "reset")
        ask_for_review(writes, who.account_id, clock.now + timedelta(days=7))
    assert recover(door.browser(), who.login, codes[0], STRANGERS).status_code == 403
    stranger = door.browser()
    assert try_login(stranger, who.login) == 303
    assert answer(stranger, codes[1]).status_code == 403
    assert answer(stranger, code_at(secret, clock)).headers["location"] == "/me"
    assert 'id="reviewing"' not in stranger.get("/me").text
    assert stranger.get("/me/review").headers["location"].startswith("/login")
    clock.advance(minutes=1)
    owner = door.browser()
    assert activate(owner, who.login, code)[0] == 303
    assert answer(owner, code_at(secret, clock)).headers["location"].startswith("/me/review?")
    assert stranger.get("/me").status_code == 303


def test_a_factor_laid_by_with_the_old_password_ends_no_code_that_was_handed_out(
    door: Door, clock: MovableClock
) -> None:
    """The account had none, so nothing was there to be asked about; the thief makes some, and comes back by them."""
    who, thief = official(door.runtime), door.browser()
    with door.runtime.database.write() as writes:
        code = issue_activation_code(writes, who.account_id, clock.now, timedelta(days=7), "reset")
        ask_for_review(writes, who.account_id, clock.now + timedelta(days=7))
    clock.advance(minutes=1)
    assert try_login(thief, who.login) == 303
    _secret, codes = set_up(thief, clock)
    clock.advance(minutes=1)
    assert recover(door.browser(), who.login, codes[0], STRANGERS).status_code == 303
    owner = door.browser()
    assert activate(owner, who.login, code)[0] == 303
    assert thief.get("/me").status_code == 303
    assert try_login(door.browser(), who.login, STRANGERS) == 403


def test_a_factor_its_owner_had_before_ends_a_code_that_is_not_needed_any_more(door: Door, clock: MovableClock) -> None:
    """One that was mailed because somebody asked at the door."""
    who, _secret, codes = with_app(door, clock)
    clock.advance(minutes=1)
    with door.runtime.database.write() as writes:
        code = issue_activation_code(writes, who.account_id, clock.now, timedelta(days=1), "reset")
    assert recover(door.browser(), who.login, codes[0], STRANGERS).status_code == 303
    assert activate(door.browser(), who.login, code)[0] == 403


def test_a_recovery_code_stands_in_for_a_factor_only_where_the_account_was_opened_anew(
    door: Door, clock: MovableClock
) -> None:
    who, _secret, codes = with_app(door, clock)
    key_id = add_key(door, who.account_id, clock.now)
    browser, other = reset(door, who, clock), door.browser()
    clock.advance(minutes=1)
    assert try_login(other, who.login, NEW) == 303
    refused = answer(other, codes[0])
    assert refused.status_code == 403
    assert "Recovery codes do not count until" in refused.text
    assert other.get("/me/passkeys").headers["location"].startswith("/second-factor?")
    assert left(door, Passkey) == 1
    sent = answer(browser, codes[0])
    assert sent.headers["location"].startswith("/me/review?"), "who lost the phone and has the help desk's code"
    strange = {**form_of(browser.get("/me/review")), "strange": ["app", str(key_id)]}
    assert browser.post("/me/review", data=strange).status_code == 303
    assert (left(door, Passkey), left(door, Authenticator), left(door, FactorReview)) == (0, 0, 0)


def test_who_came_back_by_a_recovery_code_answers_by_another(door: Door, clock: MovableClock) -> None:
    """The phone is lost and nobody was asked: the codes are what is left, and the help desk is not needed."""
    who, _secret, codes = with_app(door, clock)
    browser = door.browser()
    assert recover(browser, who.login, codes[0]).status_code == 303
    assert recover(door.browser(), who.login, codes[1], STRANGERS).status_code == 403, "once"
    assert answer(browser, codes[2]).headers["location"].startswith("/me/review?")
    assert browser.get("/me/authenticator").status_code == 200
