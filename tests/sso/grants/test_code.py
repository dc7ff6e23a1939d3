"""One code, one redemption, by whom and how it was asked."""

import pytest
import sqlalchemy as sa

from directory.models import Account
from sso.client_keeping import add_client
from sso.client_registration import NewClient
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.conftest import CALLBACK, Door
from tests.sso.flow import Application, Attempt, answer_of, ask_token, get_code, redeem, refresh, userinfo
from tests.sso.people import PASSWORD, official

REFUSED = [
    pytest.param({"code_verifier": None}, "invalid_request", id="no verifier"),
    pytest.param({"code_verifier": "x" * 43}, "invalid_grant", id="wrong verifier"),
    pytest.param({"code_verifier": "short"}, "invalid_request", id="short verifier"),
    pytest.param({"redirect_uri": None}, "invalid_grant", id="no address"),
    pytest.param({"redirect_uri": CALLBACK + "?x"}, "invalid_grant", id="another address"),
    pytest.param({"code": None}, "invalid_request", id="no code"),
    pytest.param({"code": "made-up"}, "invalid_grant", id="made-up code"),
    pytest.param({"code": "mã số ữ"}, "invalid_grant", id="code beyond ASCII"),
    pytest.param({"grant_type": None}, "invalid_request", id="no grant"),
    pytest.param({"grant_type": "password"}, "unsupported_grant_type", id="password grant"),
    pytest.param(
        {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange"}, "unsupported_grant_type", id="token exchange"
    ),
]


@pytest.fixture(scope="module")
def known_official(standing_door: Door) -> Door:
    """The standing door with somebody who may come in."""
    official(standing_door.runtime)
    return standing_door


@pytest.mark.parametrize("changed, error", REFUSED)
def test_a_code_is_refused(known_official: Door, changed: dict[str, str | None], error: str) -> None:
    browser, attempt = known_official.browser(), Attempt(known_official.application)
    code = get_code(browser, attempt, "hoa.lt", PASSWORD)
    answer = redeem(browser, attempt, code, **changed)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.headers["cache-control"] == "no-store"


def test_a_code_used_twice_ends_what_it_gave(door: Door) -> None:
    """oidcc-codereuse-30seconds; the tokens of the first use are dead."""
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    code = get_code(browser, attempt, "hoa.lt", PASSWORD)
    tokens = redeem(browser, attempt, code).json()
    assert userinfo(browser, tokens["access_token"]).status_code == 200
    again = redeem(browser, attempt, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert userinfo(browser, tokens["access_token"]).status_code == 401
    assert refresh(browser, door.application, tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_code_ends_by_itself(door: Door, clock: MovableClock) -> None:
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    code = get_code(browser, attempt, "hoa.lt", PASSWORD)
    clock.advance(61)
    assert redeem(browser, attempt, code).json()["error"] == "invalid_grant"


def other_application(door: Door, **traits: object) -> Application:
    """Another registered application."""
    with door.runtime.database.write() as writes:
        new = NewClient(name="Khác", client_id="khac", redirect_uris=(CALLBACK,), **traits)  # type: ignore[arg-type]  # Traits are fields.
        client, secret = add_client(writes, new, "test", door.runtime.clocks.wall())
    return Application(client.client_id, secret, CALLBACK)


def test_a_code_of_another_application_is_left_as_it_is(door: Door) -> None:
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    code = get_code(browser, attempt, "hoa.lt", PASSWORD)
    thief = Attempt(other_application(door), verifier=attempt.verifier)
    assert redeem(browser, thief, code).json()["error"] == "invalid_grant"
    assert redeem(browser, attempt, code).status_code == 200


def test_a_failed_client_authentication_does_not_spend_the_code(door: Door) -> None:
    """golang.org/x/oauth2 tries Basic first and the body next."""
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    code = get_code(browser, attempt, "hoa.lt", PASSWORD)
    wrong = Attempt(Application("van-ban", "wrong", CALLBACK), verifier=attempt.verifier)
    failed = redeem(browser, wrong, code)
    assert (failed.status_code, failed.json()["error"]) == (401, "invalid_client")
    assert failed.headers["www-authenticate"].startswith("Basic")
    assert redeem(browser, attempt, code).status_code == 200


def test_a_suspended_official_gets_no_tokens_for_a_code(door: Door) -> None:
    hoa = official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    code = get_code(browser, attempt, "hoa.lt", PASSWORD)
    suspend(door, hoa.account_id)
    assert redeem(browser, attempt, code).json()["error"] == "invalid_grant"


def suspend(door: Door, account_id: object) -> None:
    """As the help desk does it."""
    with door.runtime.database.write() as writes:
        writes.execute(sa.update(Account).where(Account.id == account_id).values(state="suspended"))


def test_suspended_means_suspended_everywhere_at_once(door: Door) -> None:
    """Grant, userinfo, refresh, introspection, open session (CVE-2026-1609, CVE-2026-2603 …)."""
    hoa = official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    tokens = redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json()
    suspend(door, hoa.account_id)
    assert userinfo(browser, tokens["access_token"]).status_code == 401
    assert refresh(browser, door.application, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    asked = ask_token(browser, door.application, {"token": tokens["access_token"]}, "/introspect")
    assert asked.json() == {"active": False}
    assert browser.get(Attempt(door.application).address()).headers["location"].startswith("/login?")
    assert browser.get("/me").headers["location"].startswith("/login")


def test_a_confidential_application_may_be_let_off_the_challenge(door: Door) -> None:
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(other_application(door, pkce_required=False))
    code = get_code(browser, attempt, "hoa.lt", PASSWORD, code_challenge=None, code_challenge_method=None)
    assert redeem(browser, attempt, code).json()["error"] == "invalid_request", "a verifier without a challenge"
    code = answer_again(door, attempt, browser)
    assert redeem(browser, attempt, code, code_verifier=None).status_code == 200


def answer_again(door: Door, attempt: Attempt, browser: Inside) -> str:
    """A second code in the same session, without a challenge."""
    return answer_of(browser.get(attempt.address(code_challenge=None, code_challenge_method=None)))["code"]


def test_a_challenge_that_was_sent_is_always_checked(door: Door) -> None:
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(other_application(door, pkce_required=False))
    code = get_code(browser, attempt, "hoa.lt", PASSWORD)
    assert redeem(browser, attempt, code, code_verifier=None).json()["error"] == "invalid_request"


def test_a_public_application_needs_the_verifier_and_no_secret(door: Door) -> None:
    official(door.runtime)
    application = other_application(door, kind="public")
    assert application.secret is None
    browser, attempt = door.browser(), Attempt(application)
    assert redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).status_code == 200
