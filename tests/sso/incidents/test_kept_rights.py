"""Rights that were taken and must not stay: a scope of an application, a log-in with a key that grew old; a right that must: a code's."""

import json
import uuid
from datetime import timedelta

from passlib.hash import ldap_salted_sha1

from directory.credentials import issue_activation_code
from directory.models import SEAL_IMPORTED_HASH, Credential
from foundation.web import build_app
from sso.app import build_router
from sso.client_keeping import add_client, change_client
from sso.client_registration import NewClient
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.conftest import Door
from tests.sso.door.test_activation import activate
from tests.sso.door.test_login import try_login
from tests.sso.door.test_password_page import NEW, change
from tests.sso.factors.test_second_factor import answer, code_at, with_app
from tests.sso.flow import Application, Attempt, ask_token, get_code, redeem, refresh, userinfo
from tests.sso.grants.test_refresh import first_tokens
from tests.sso.people import PASSWORD, official


def test_a_scope_taken_from_an_application_is_not_given_again_at_a_refresh(door: Door) -> None:
    tokens = first_tokens(door, "openid profile email")
    with door.runtime.database.write() as writes:
        taken = {"scopes": ("openid", "profile")}
        change_client(writes, door.application.client_id, taken, "test", door.runtime.clocks.wall())
    # A fresh process: applications are remembered for a second.
    browser = Inside.of(build_app(door.runtime, [build_router(door.runtime)]))
    fresh = refresh(browser, door.application, tokens["refresh_token"]).json()
    assert fresh["scope"] == "openid profile"
    asked = refresh(browser, door.application, fresh["refresh_token"], scope="openid email").json()
    assert asked["scope"] == "openid"
    only = refresh(browser, door.application, asked["refresh_token"], scope="email")
    assert only.json()["error"] == "invalid_grant"


def test_a_scope_taken_from_an_application_is_in_none_of_its_tokens_from_then_on(door: Door) -> None:
    """Not at userinfo, not at introspection, not for a claim it wished for singly, and without waiting for a refresh."""
    browser, attempt = door.browser(), Attempt(door.application, scope="openid profile email")
    official(door.runtime, address="hoa.lt@vinhlong.gov.vn")
    wish = json.dumps({"userinfo": {"phone_number": None, "email": None}})
    tokens = redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD, claims=wish)).json()
    token = tokens["access_token"]
    assert {"name", "email"} <= set(userinfo(browser, token).json())
    with door.runtime.database.write() as writes:
        change_client(
            writes, door.application.client_id, {"scopes": ("openid", "profile")}, "test", door.runtime.clocks.wall()
        )
    told = userinfo(browser, token).json()
    assert "name" in told
    assert "email" not in told
    assert ask_token(browser, door.application, {"token": token}, "/introspect").json()["scope"] == "openid profile"
    with door.runtime.database.write() as writes:
        change_client(writes, door.application.client_id, {"scopes": ()}, "test", door.runtime.clocks.wall())
    assert userinfo(browser, token).json()["error"] == "insufficient_scope"


def test_a_scope_taken_from_a_program_is_in_no_self_contained_token_we_are_shown(door: Door) -> None:
    new = NewClient(
        name="Máy", client_id="may", scopes=("verify", "units.heirs"), grant_types=("client_credentials",),
        access_token_format="jwt",
    )  # fmt: skip
    with door.runtime.database.write() as writes:
        client, secret = add_client(writes, new, "test", door.runtime.clocks.wall())
    program = Application(client.client_id, secret, "")
    asked = {"grant_type": "client_credentials", "scope": "verify units.heirs"}
    token = ask_token(door.browser(), program, asked).json()["access_token"]
    with door.runtime.database.write() as writes:
        change_client(writes, "may", {"scopes": ("units.heirs",)}, "test", door.runtime.clocks.wall())
    assert ask_token(door.browser(), program, {"token": token}, "/introspect").json()["scope"] == "units.heirs"
    assert door.app.state.check_token(token).scopes == {"units.heirs"}


def test_a_new_password_makes_no_old_log_in_with_a_factor_fresh(door: Door, clock: MovableClock) -> None:
    """Who found an open screen and knows the password alone would else change the factors that keep them out elsewhere."""
    _who, secret, _codes = with_app(door, clock)
    browser = door.browser()
    assert try_login(browser, "hoa.lt") == 303
    assert answer(browser, code_at(secret, clock)).status_code == 303
    assert browser.get("/me/authenticator").status_code == 200
    clock.advance(minutes=20)
    assert browser.get("/me/authenticator").headers["location"].startswith("/login")
    assert change(browser, new=NEW, again=NEW) == 303
    assert browser.get("/me").status_code == 200
    assert browser.get("/me/authenticator").headers["location"].startswith("/login")


THIEFS = "đêm nay trời không trăng"


def hand_out(door: Door, account_id: uuid.UUID, purpose: str = "reset") -> str:
    """A one-time code on paper: the help desk's, or that of a letter."""
    now = door.runtime.clocks.wall()
    with door.runtime.database.write() as writes:
        return issue_activation_code(writes, account_id, now, timedelta(days=1), purpose)


def test_who_knows_the_old_password_ends_no_code_that_was_handed_out(door: Door) -> None:
    """Somebody took the account over; the help desk sees its owner and gives them a code; the thief sets another password in between."""
    hoa = official(door.runtime)
    thief = door.browser()
    assert try_login(thief, hoa.login) == 303
    code = hand_out(door, hoa.account_id)
    assert change(thief, new=THIEFS, again=THIEFS) == 303
    assert activate(door.browser(), hoa.login, code, NEW)[0] == 303
    assert thief.get("/me").status_code == 303
    assert try_login(door.browser(), hoa.login, THIEFS) == 403
    assert try_login(door.browser(), hoa.login, NEW) == 303
    assert activate(door.browser(), hoa.login, code, "sáng mai gà gáy sớm")[0] == 403, "once, as ever"


def test_an_old_directorys_password_ends_no_code_that_was_handed_out(door: Door) -> None:
    """Its hash is replaced at the first log-in, and that is no reason either."""
    hoa = official(door.runtime, state="issued", with_password=False)
    sealed = door.runtime.sealer.seal(ldap_salted_sha1.hash(PASSWORD).encode(), SEAL_IMPORTED_HASH)
    with door.runtime.database.write() as writes:
        writes.add(Credential(account_id=hoa.account_id, imported_hash=sealed))
    code = hand_out(door, hoa.account_id)
    assert try_login(door.browser(), hoa.login) == 303
    assert activate(door.browser(), hoa.login, code, NEW)[0] == 303


def test_the_code_of_a_letter_ends_when_its_reader_sets_a_password_without_it(door: Door) -> None:
    hoa = official(door.runtime)
    browser = door.browser()
    assert try_login(browser, hoa.login) == 303
    code = hand_out(door, hoa.account_id, "activation")
    assert change(browser) == 303
    assert activate(door.browser(), hoa.login, code, NEW)[0] == 403
