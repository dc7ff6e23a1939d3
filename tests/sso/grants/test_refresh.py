"""Refresh tokens: each once; a family lives and dies together."""

from typing import Any

from sso.client_keeping import add_client
from sso.client_registration import NewClient
from tests.services.clock import MovableClock
from tests.sso.conftest import CALLBACK, SCOPES, Door
from tests.sso.flow import SCOPE, Application, Attempt, get_code, read_id_token, redeem, refresh, userinfo
from tests.sso.people import PASSWORD, official


def first_tokens(door: Door, scope: str = SCOPE) -> dict[str, Any]:
    """The tokens of a log-in."""
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application, scope=scope)
    return dict(redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json())


def test_a_refresh_token_is_replaced(door: Door, clock: MovableClock) -> None:
    tokens = first_tokens(door)
    clock.advance(minutes=10)
    browser = door.browser()
    answer = refresh(browser, door.application, tokens["refresh_token"])
    assert answer.status_code == 200
    fresh = answer.json()
    assert fresh["refresh_token"] != tokens["refresh_token"]
    assert userinfo(browser, fresh["access_token"]).status_code == 200
    before, after = (read_id_token(browser, each["id_token"]) for each in (tokens, fresh))
    assert (before["sub"], before["auth_time"], before["sid"]) == (after["sub"], after["auth_time"], after["sid"])
    assert "nonce" not in after


def test_a_lost_answer_is_told_again_with_the_same_child(door: Door, clock: MovableClock) -> None:
    tokens, browser = first_tokens(door), door.browser()
    lost = refresh(browser, door.application, tokens["refresh_token"]).json()
    clock.advance(9)
    again = refresh(browser, door.application, tokens["refresh_token"])
    assert again.status_code == 200
    assert again.json()["refresh_token"] == lost["refresh_token"]
    assert userinfo(browser, again.json()["access_token"]).status_code == 200
    assert refresh(browser, door.application, lost["refresh_token"]).status_code == 200


def test_a_child_that_was_used_leaves_its_parent_no_excuse(door: Door) -> None:
    tokens, browser = first_tokens(door), door.browser()
    child = refresh(browser, door.application, tokens["refresh_token"]).json()
    grandchild = refresh(browser, door.application, child["refresh_token"]).json()
    assert refresh(browser, door.application, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert refresh(browser, door.application, grandchild["refresh_token"]).json()["error"] == "invalid_grant"


def test_nobody_else_is_told_a_lost_answer(door: Door) -> None:
    tokens, browser = first_tokens(door), door.browser()
    with door.runtime.database.write() as writes:
        new = NewClient(name="Khác", client_id="khac", redirect_uris=(CALLBACK,), scopes=SCOPES)
        client, secret = add_client(writes, new, "test", door.runtime.clocks.wall())
    child = refresh(browser, door.application, tokens["refresh_token"]).json()
    other = Application(client.client_id, secret, CALLBACK)
    assert refresh(browser, other, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert refresh(browser, door.application, child["refresh_token"]).status_code == 200, "and it ends nothing"


def test_level_and_time_of_the_log_in_stay_over_a_refresh(door: Door, clock: MovableClock) -> None:
    """RFC 9470 §5: an application reads there what it was given before."""
    tokens, browser = first_tokens(door), door.browser()
    clock.advance(minutes=12)
    fresh = refresh(browser, door.application, tokens["refresh_token"]).json()
    before, after = (read_id_token(browser, each["id_token"]) for each in (tokens, fresh))
    assert [before[name] for name in ("acr", "amr", "auth_time")] == [
        after[name] for name in ("acr", "amr", "auth_time")
    ]


def test_a_refresh_token_used_twice_ends_the_family(door: Door, clock: MovableClock) -> None:
    tokens, browser = first_tokens(door), door.browser()
    fresh = refresh(browser, door.application, tokens["refresh_token"]).json()
    clock.advance(11)
    again = refresh(browser, door.application, tokens["refresh_token"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert refresh(browser, door.application, fresh["refresh_token"]).json()["error"] == "invalid_grant"
    assert userinfo(browser, fresh["access_token"]).status_code == 401


def test_a_narrower_scope_may_be_asked_for_and_a_wider_one_not(door: Door) -> None:
    tokens, browser = first_tokens(door, "openid profile"), door.browser()
    wider = refresh(browser, door.application, tokens["refresh_token"], scope="openid email")
    assert wider.json()["error"] == "invalid_scope"
    narrower = refresh(browser, door.application, tokens["refresh_token"], scope="openid").json()
    assert narrower["scope"] == "openid"
    assert "name" not in userinfo(browser, narrower["access_token"]).json()
    same = refresh(browser, door.application, narrower["refresh_token"]).json()
    assert same["scope"] == "openid profile"


def test_the_scope_with_offline_access_may_be_repeated(door: Door) -> None:
    """Authlib's client does."""
    tokens = first_tokens(door, "openid offline_access")
    answer = refresh(door.browser(), door.application, tokens["refresh_token"], scope="openid offline_access")
    assert answer.status_code == 200


def test_a_family_ends_by_itself(door: Door, clock: MovableClock) -> None:
    bound = first_tokens(door)
    clock.advance(hours=11)
    assert refresh(door.browser(), door.application, bound["refresh_token"]).json()["error"] == "invalid_grant"


def test_offline_access_outlives_the_session(door: Door, clock: MovableClock) -> None:
    tokens = first_tokens(door, "openid offline_access")
    clock.advance(days=20)
    tokens = refresh(door.browser(), door.application, tokens["refresh_token"]).json()
    clock.advance(days=11)
    assert refresh(door.browser(), door.application, tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_another_application_cannot_use_it_and_does_not_end_it(door: Door) -> None:
    tokens, browser = first_tokens(door), door.browser()
    wrong = Application(door.application.client_id, "wrong", "")
    assert refresh(browser, wrong, tokens["refresh_token"]).status_code == 401
    assert refresh(browser, door.application, tokens["refresh_token"]).status_code == 200
