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
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.conftest import Door
from tests.sso.door.test_activation import NEW, activate
from tests.sso.door.test_login import try_login
from tests.sso.factors.test_second_factor import answer, code_at, with_app
from tests.sso.flow import Attempt, answer_of, form_of
from tests.sso.incidents.test_meanwhile import add_key
from tests.sso.people import Official


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
    assert "code" in answer_of(browser.get(done.headers["location"])), "the application that waited gets its answer"
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
