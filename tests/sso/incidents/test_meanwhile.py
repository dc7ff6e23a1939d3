"""Attacks on acts of two transactions: what ends a session while a password is hashed or a code is looked at counts."""

import uuid
from collections.abc import Callable
from datetime import datetime

import httpx
import pytest
import sqlalchemy as sa

from directory.models import Account, Credential
from foundation.database import Writes
from sso.door import password_page
from sso.factors import access, authenticator_page, second_factor
from sso.factors.models import Authenticator, Passkey
from sso.models import BrowserSession, Guess
from sso.sessions import end_account_sessions
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.conftest import Door
from tests.sso.door.test_login import try_login
from tests.sso.factors.test_second_factor import answer, code_at, set_up, with_app
from tests.sso.flow import form_of
from tests.sso.people import PASSWORD, official

Act = Callable[[Writes], object]
NEW = "một mật khẩu khác hẳn"


@pytest.fixture
def before(door: Door, monkeypatch: pytest.MonkeyPatch) -> Callable[[object, str, Act], None]:
    """Has something happen, in a transaction of its own, before a function of a module is called the first time."""

    def plan(module: object, name: str, act: Act) -> None:
        real, waiting = getattr(module, name), [act]

        def first(*given: object, **named: object) -> object:
            while waiting:
                with door.runtime.database.write() as writes:
                    waiting.pop()(writes)
            return real(*given, **named)

        monkeypatch.setattr(module, name, first)

    return plan


def suspend(writes: Writes) -> None:
    """The account is suspended."""
    writes.execute(sa.update(Account).values(state="suspended"))


def log_out_elsewhere(now: datetime) -> Act:
    """Every session of everybody ends: the owner pressed “end all” at another computer, or the help desk gave a new code."""

    def act(writes: Writes) -> None:
        for account_id in writes.execute(sa.select(Account.id)).scalars().all():
            end_account_sessions(writes, account_id, now)

    return act


def count(door: Door, model: type[Authenticator] | type[Passkey]) -> int:
    """How many rows there are."""
    with door.runtime.database.read() as reads:
        return int(reads.execute(sa.select(sa.func.count()).select_from(model)).scalar_one())


ENDS = ["suspended", "logged out"]


def choose(ends: str, now: datetime) -> Act:
    """What happens meanwhile."""
    return suspend if ends == "suspended" else log_out_elsewhere(now)


@pytest.mark.parametrize("ends", ENDS)
def test_no_password_is_set_in_a_session_that_ended_meanwhile(
    door: Door, clock: MovableClock, before: Callable[[object, str, Act], None], ends: str
) -> None:
    """A thief at an open screen, whose owner ends all sessions while the hash is computed."""
    official(door.runtime)
    thief = door.browser()
    assert try_login(thief, "hoa.lt") == 303
    form = {**form_of(thief.get("/password")), "password": PASSWORD, "new_password": NEW, "new_password_again": NEW}
    with door.runtime.database.read() as reads:
        kept = reads.execute(sa.select(Credential.password_hash)).scalar_one()
    before(password_page, "hash_password", choose(ends, clock.now))
    assert thief.post("/password", data=form).headers["location"].startswith("/login")
    with door.runtime.database.read() as reads:
        assert reads.execute(sa.select(Credential.password_hash)).scalar_one() == kept


@pytest.mark.parametrize("ends", ENDS)
def test_no_app_is_set_up_in_a_session_that_ended_meanwhile(
    door: Door, clock: MovableClock, before: Callable[[object, str, Act], None], ends: str
) -> None:
    official(door.runtime)
    thief = door.browser()
    assert try_login(thief, "hoa.lt") == 303
    before(authenticator_page, "find_step", choose(ends, clock.now))
    with pytest.raises(AssertionError):
        set_up(thief, clock)
    assert count(door, Authenticator) == 0


@pytest.mark.parametrize("ends", ENDS)
def test_no_second_factor_opens_a_session_that_ended_meanwhile(
    door: Door, clock: MovableClock, before: Callable[[object, str, Act], None], ends: str
) -> None:
    """The browser would have been known and remembered, and the code spent."""
    _who, _secret, codes = with_app(door, clock)
    browser = door.browser()
    assert try_login(browser, "hoa.lt") == 303
    before(second_factor, "still_asks", choose(ends, clock.now))
    answered = answer(browser, codes[0], remember="yes")
    assert answered.headers["location"].startswith("/login")
    assert "device" not in answered.cookies
    with door.runtime.database.write() as writes:
        writes.execute(sa.update(Account).values(state="active"))
    assert try_login(browser, "hoa.lt") == 303
    assert answer(browser, codes[0]).status_code == 303, "the code is good still"


def test_no_key_is_changed_in_a_session_that_ended_meanwhile(
    door: Door, clock: MovableClock, before: Callable[[object, str, Act], None]
) -> None:
    browser, key_id = with_key(door, clock)
    reach(door, "urn:hopnhat:passkey")
    page = browser.get("/me/passkeys")
    before(access, "hold_session", log_out_elsewhere(clock.now))
    assert remove(browser, page, key_id).headers["location"].startswith("/login")
    assert count(door, Passkey) == 1


def add_key(door: Door, account_id: uuid.UUID, now: datetime) -> uuid.UUID:
    """A passkey of an account, that nobody has; gives its id."""
    key = Passkey(
        id=uuid.uuid4(), account_id=account_id, credential_id=b"k", public_key=b"p", sign_count=0, name="khóa",
        transports=[], backed_up=False, made_at=now,
    )  # fmt: skip
    with door.runtime.database.write() as writes:
        writes.add(key)
        writes.flush()
        return key.id


def with_key(door: Door, clock: MovableClock) -> tuple[Inside, uuid.UUID]:
    """A browser logged in with password and app; the account has a passkey besides. Gives the key's id, too."""
    who, secret, _codes = with_app(door, clock)
    key_id = add_key(door, who.account_id, clock.now)
    browser = door.browser()
    assert try_login(browser, "hoa.lt") == 303
    assert answer(browser, code_at(secret, clock)).status_code == 303
    return browser, key_id


def reach(door: Door, acr: str) -> None:
    """Every session has this level."""
    with door.runtime.database.write() as writes:
        writes.execute(sa.update(BrowserSession).values(acr=acr))


def remove(browser: Inside, page: httpx.Response, key_id: uuid.UUID) -> httpx.Response:
    """The button beside a key."""
    return browser.post("/me/passkeys", data={**form_of(page), "remove": str(key_id)})


def test_keycloak_cve_2026_8830_a_code_of_an_app_takes_no_passkey_away(door: Door, clock: MovableClock) -> None:
    """Who talked the owner out of password and code on a false page would make themselves the only owner of a key."""
    browser, key_id = with_key(door, clock)
    form = browser.get("/me")
    for page in ("/me/passkeys", "/me/authenticator", "/me/recovery-codes"):
        assert browser.get(page).headers["location"].startswith("/second-factor?")
    assert remove(browser, form, key_id).headers["location"].startswith("/second-factor?")
    assert count(door, Passkey) == 1
    asked = browser.get("/second-factor?next=%2Fme%2Fpasskeys")
    assert "one of your recovery codes" in asked.text
    reach(door, "urn:hopnhat:passkey")
    assert remove(browser, browser.get("/me/passkeys"), key_id).status_code == 303
    assert count(door, Passkey) == 0


def test_a_recovery_code_stands_in_for_a_key_that_is_lost(door: Door, clock: MovableClock) -> None:
    """Otherwise everybody who drops a phone needs the help desk."""
    who, _secret, codes = with_app(door, clock)
    add_key(door, who.account_id, clock.now)
    browser = door.browser()
    assert try_login(browser, "hoa.lt") == 303
    assert answer(browser, codes[0]).status_code == 303
    assert browser.get("/me/passkeys").status_code == 200


def test_failures_of_passkeys_weigh_on_their_network(door: Door, clock: MovableClock) -> None:
    """As second factor, too: who has a list of passwords tries no keys for nothing."""
    with_key(door, clock)
    browser = door.browser(caller=("203.0.113.9", 4000))
    assert try_login(browser, "hoa.lt") == 303
    with door.runtime.database.write() as writes:
        writes.execute(sa.delete(Guess))
    page = browser.get("/second-factor")
    tried = browser.post("/second-factor/passkey", data={**form_of(page), "credential": "{}", "challenge": "x"})
    assert tried.status_code == 403
    with door.runtime.database.read() as reads:
        assert sorted(reads.execute(sa.select(Guess.failures)).scalars()) == [1, 1], "on the account and the network"
