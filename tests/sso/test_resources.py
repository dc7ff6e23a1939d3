"""Resource indicators (RFC 8707) and step-up (RFC 9470): a token for one thing opens that thing, and says how fresh its log-in is."""

from dataclasses import dataclass
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from foundation.database import Database
from foundation.errors import BadInput
from foundation.settings import Settings
from sso.bearers import get_bearer
from sso.client_keeping import add_client, change_client
from sso.client_registration import NewClient, check_new_client
from sso.errors import TokenRefused
from sso.keys import KeyRing
from sso.particulars import Particulars
from tests.services.clock import MovableClock
from tests.sso.conftest import CALLBACK, Door, build_door, settle
from tests.sso.flow import (
    Application,
    Attempt,
    answer_of,
    ask_token,
    follow,
    get_code,
    log_in,
    read_id_token,
    redeem,
    refresh,
    userinfo,
)
from tests.sso.people import PASSWORD, official

ISSUER = "http://127.0.0.1:8000"
MAIL, FILES = "https://mail.example.vn/", "https://files.example.vn/api"


@dataclass(frozen=True)
class Guarded:
    """A door with two applications that guard a resource each."""

    door: Door
    mail: Application
    files: Application


@pytest.fixture
def guarded(door: Door) -> Guarded:
    """See the class."""
    official(door.runtime)
    made = []
    with door.runtime.database.write() as writes:
        for name, resource in (("mail", MAIL), ("files", FILES)):
            new = NewClient(name=name, client_id=name, scopes=(), particulars=Particulars(resources=(resource,)))
            client, secret = add_client(writes, new, "test", door.runtime.clocks.wall())
            made.append(Application(client.client_id, secret, ""))
    return Guarded(door, *made)


def tokens_for(door: Door, *asked: str, **more: str) -> dict[str, Any]:
    """Tokens of a request that names resources."""
    browser, attempt = door.browser(), Attempt(door.application)
    address = attempt.address() + "".join(f"&resource={resource}" for resource in asked)
    posted = log_in(browser, address, "hoa.lt", PASSWORD)
    code = answer_of(follow(browser, posted))["code"]
    return dict(redeem(browser, attempt, code, **more).json())


def seen_by(door: Door, application: Application, token: str) -> dict[str, Any]:
    """What an application is told about a token."""
    return dict(ask_token(door.browser(), application, {"token": token}, "/introspect").json())


def test_a_token_for_a_resource_opens_that_one_alone(guarded: Guarded) -> None:
    token = tokens_for(guarded.door, MAIL)["access_token"]
    told = seen_by(guarded.door, guarded.mail, token)
    assert (told["active"], told["aud"], told["username"]) == (True, MAIL, "hoa.lt")
    assert seen_by(guarded.door, guarded.files, token) == {"active": False}, "none of its business"
    assert userinfo(guarded.door.browser(), token).status_code == 401
    runtime = guarded.door.runtime
    with pytest.raises(TokenRefused):
        get_bearer(runtime.database, runtime.clocks, KeyRing(runtime), ISSUER, token)


def test_a_token_for_no_resource_is_the_providers(guarded: Guarded) -> None:
    token = tokens_for(guarded.door)["access_token"]
    assert userinfo(guarded.door.browser(), token).status_code == 200
    assert seen_by(guarded.door, guarded.door.application, token)["aud"] == ISSUER


def test_a_token_request_may_narrow_and_never_widen(guarded: Guarded) -> None:
    tokens = tokens_for(guarded.door, MAIL, FILES, resource=FILES)
    assert seen_by(guarded.door, guarded.files, tokens["access_token"])["aud"] == FILES
    browser = guarded.door.browser()
    fresh = refresh(browser, guarded.door.application, tokens["refresh_token"], resource=MAIL).json()
    assert seen_by(guarded.door, guarded.mail, fresh["access_token"])["aud"] == MAIL
    both = refresh(browser, guarded.door.application, fresh["refresh_token"]).json()
    assert seen_by(guarded.door, guarded.mail, both["access_token"])["aud"] == [MAIL, FILES]


def test_what_was_not_granted_is_no_target(guarded: Guarded) -> None:
    assert tokens_for(guarded.door, MAIL, resource=FILES)["error"] == "invalid_target"


def test_a_resource_nobody_guards_is_told_to_the_application(guarded: Guarded) -> None:
    browser, attempt = guarded.door.browser(), Attempt(guarded.door.application)
    sent = browser.get(attempt.address() + "&resource=https://nobody.example/")
    assert answer_of(sent)["error"] == "invalid_target"


def test_a_program_gets_a_token_for_a_resource(guarded: Guarded) -> None:
    form = {"grant_type": "client_credentials", "resource": MAIL}
    token = ask_token(guarded.door.browser(), guarded.door.application, form).json()["access_token"]
    assert seen_by(guarded.door, guarded.mail, token)["aud"] == MAIL


def test_a_self_contained_token_names_its_resource(guarded: Guarded) -> None:
    """RFC 9068 §2.2, §3."""
    with guarded.door.runtime.database.write() as writes:
        now = guarded.door.runtime.clocks.wall()
        change_client(writes, "van-ban", {"access_token_format": "jwt"}, "test", now)
    token = tokens_for(guarded.door, MAIL)["access_token"]
    keys = KeySet.import_key_set(guarded.door.browser().get("/jwks").json())
    read = jwt.decode(token, keys, algorithms=["ES256"])
    assert (read.header["typ"], read.claims["aud"]) == ("at+jwt", MAIL)
    assert {"iss", "sub", "client_id", "iat", "exp", "jti", "auth_time", "acr"} <= set(read.claims)


def test_a_public_application_guards_nothing() -> None:
    new = NewClient(name="x", kind="public", redirect_uris=(CALLBACK,), particulars=Particulars(resources=(MAIL,)))
    with pytest.raises(BadInput, match="resource"):
        check_new_client(new)


def test_userinfo_says_what_to_ask_for_when_the_log_in_is_too_old(
    settings: Settings, database: Database, clock: MovableClock
) -> None:
    """The whole circle of RFC 9470: challenge, `max_age` and `acr_values` from it, a fresh log-in, in."""
    door = build_door(settle(settings, database, clock, userinfo_fresh_seconds=300))
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    tokens = redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json()
    assert userinfo(browser, tokens["access_token"]).status_code == 200
    clock.advance(300)
    refused = userinfo(browser, tokens["access_token"])
    assert refused.status_code == 401
    challenge = refused.headers["www-authenticate"]
    assert 'error="insufficient_user_authentication"' in challenge
    assert 'max_age="300"' in challenge
    stale = refresh(browser, door.application, tokens["refresh_token"]).json()
    assert userinfo(browser, stale["access_token"]).status_code == 401, "a refresh is no log-in"
    again = Attempt(door.application)
    fresh = redeem(browser, again, get_code(browser, again, "hoa.lt", PASSWORD, max_age="300")).json()
    assert userinfo(browser, fresh["access_token"]).status_code == 200
    claims = read_id_token(browser, fresh["id_token"])
    assert claims["auth_time"] == int(clock.now.timestamp())


def test_userinfo_says_which_level_it_wants(settings: Settings, database: Database, clock: MovableClock) -> None:
    policy = {"userinfo_level": "urn:example:stronger-than-any", "userinfo_fresh_seconds": 300}
    door = build_door(settle(settings, database, clock, **policy))
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    tokens = redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json()
    challenge = userinfo(browser, tokens["access_token"]).headers["www-authenticate"]
    assert 'error="insufficient_user_authentication", acr_values="urn:example:stronger-than-any"' in challenge
    assert "max_age" not in challenge, "the log-in is fresh enough"
    clock.advance(300)
    challenge = userinfo(browser, tokens["access_token"]).headers["www-authenticate"]
    assert 'acr_values="urn:example:stronger-than-any", max_age="300"' in challenge, "both in one step"


UNMET = [
    pytest.param({"claims": '{"id_token": {"acr": {"essential": true, "values": ["urn:x"]}}}'}, True, id="essential"),
    pytest.param({"claims": '{"id_token": {"acr": {"values": ["urn:x"]}}}'}, False, id="voluntary"),
    pytest.param({"acr_values": "urn:x urn:y"}, False, id="acr_values"),
]


@pytest.mark.parametrize("asked, refused", UNMET)
def test_a_level_nobody_reaches(door: Door, asked: dict[str, str], refused: bool) -> None:
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    posted = log_in(browser, attempt.address(**asked), "hoa.lt", PASSWORD)
    answer = answer_of(follow(browser, posted))
    assert (answer.get("error") == "unmet_authentication_requirements", "code" in answer) == (refused, not refused)


def test_another_person_than_the_hint_names_is_asked_for(door: Door, clock: MovableClock) -> None:
    """OpenID Connect Core §3.1.2.2: an answer only for whom the hint names."""
    official(door.runtime)
    official(door.runtime, "Trần Văn Nam", "nam.tv", code="H61.13")
    first, attempt = door.browser(), Attempt(door.application)
    hint = redeem(first, attempt, get_code(first, attempt, "hoa.lt", PASSWORD)).json()["id_token"]
    browser = door.browser()
    get_code(browser, Attempt(door.application), "nam.tv", PASSWORD)
    clock.advance(5)
    silent = Attempt(door.application).address(id_token_hint=hint, prompt="none")
    assert answer_of(browser.get(silent))["error"] == "login_required"
    asked = Attempt(door.application)
    wrong = log_in(browser, asked.address(id_token_hint=hint), "nam.tv", PASSWORD)
    assert answer_of(follow(browser, wrong))["error"] == "login_required"
    right = log_in(browser, Attempt(door.application).address(id_token_hint=hint), "hoa.lt", PASSWORD)
    assert "code" in answer_of(follow(browser, right))
