"""Rights that were taken and must not stay: a scope of an application, a log-in with a key that grew old."""

from foundation.web import build_app
from sso.app import build_router
from sso.client_keeping import change_client
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.conftest import Door
from tests.sso.door.test_login import try_login
from tests.sso.door.test_password_page import NEW, change
from tests.sso.factors.test_second_factor import answer, code_at, with_app
from tests.sso.flow import refresh
from tests.sso.grants.test_refresh import first_tokens


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
