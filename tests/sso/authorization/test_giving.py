"""Tokens by way of the browser: what `id_token` and `id_token token` return, how it travels, and what is refused."""

from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from directory.models import Account
from foundation.audit import AuditRow
from foundation.database import Database, Writes
from foundation.handling import drain
from foundation.settings import Settings
from sso.client_keeping import add_client, change_client
from sso.client_registration import NewClient
from sso.errors import RedirectRefused
from sso.logouts import HANDLERS
from sso.particulars import Particulars
from sso.sessions import OpenSession, hold_session
from sso.tokens import half_hash
from tests.services.clock import MovableClock
from tests.sso.conftest import build_door, settle
from tests.sso.examined import Examined
from tests.sso.relying_party import AFTER_LOGOUT, CALLBACK, RelyingParty, ask_json, make_key, public_set, read_answer

WEB = "https://app.example.vn/callback"
BOTH = {"response_types": ["code", "id_token", "id_token token"], "grant_types": ["authorization_code", "implicit"]}
KEY = make_key()


def register(op: Examined, **members: Any) -> RelyingParty:
    """An application that may have all types, answered at an address of the web."""
    return RelyingParty.register(op, **{"redirect_uris": [WEB], **BOTH, **members})


def ask(party: RelyingParty, response_type: str, **changed: str | None) -> dict[str, str]:
    """The answer to a request of this type, whatever it is."""
    parameters = party.parameters(**{"redirect_uri": WEB, "response_type": response_type, **changed})
    answer = read_answer(party.walk(party.send(parameters)), WEB)
    assert answer["state"] == party.state
    return answer


def test_an_id_token_alone_says_all_there_is_to_say(op: Examined) -> None:
    party = register(op)
    answer = ask(party, "id_token", scope="openid email")
    assert set(answer) == {"id_token", "state", "iss", "session_state"}
    claims = party.read_id_token(answer["id_token"])
    assert (claims["nonce"], claims["email"]) == (party.nonce, "an.nguyen@example.vn"), (
        "there is no userinfo without a token"
    )
    assert "at_hash" not in claims


@pytest.mark.parametrize("written", ["id_token token", "token id_token"])
def test_an_access_token_comes_bound_to_its_id_token_and_lives_shortly(op: Examined, written: str) -> None:
    party = register(op, grant_types=[*BOTH["grant_types"], "refresh_token"])
    answer = ask(party, written, scope="openid email offline_access")
    told = party.read_id_token(answer["id_token"])
    assert told["at_hash"] == half_hash(answer["access_token"], "RS256")
    assert "email" not in told, "it stands at userinfo"
    assert party.userinfo(answer)["email"] == "an.nguyen@example.vn"
    assert (answer["token_type"], answer["expires_in"], answer["scope"]) == ("Bearer", "300", "openid email")
    assert not {"refresh_token", "code"} & set(answer)
    op.clock.advance(301)
    dead = party.browser.get("/userinfo", headers={"Authorization": f"Bearer {answer['access_token']}"})
    assert dead.status_code == 401


def test_what_the_browser_carries_stands_behind_the_hash_or_in_a_form_and_is_kept_nowhere(op: Examined) -> None:
    party = register(op)
    sent = party.walk(party.send(party.parameters(redirect_uri=WEB, response_type="id_token token")))
    assert sent.headers["location"].startswith(f"{WEB}#access_token=")
    assert (sent.headers["cache-control"], sent.headers["referrer-policy"]) == ("no-store", "same-origin")
    page = party.send(party.parameters(redirect_uri=WEB, response_type="id_token token", response_mode="form_post"))
    assert {"access_token", "id_token", "iss"} <= set(read_answer(page, WEB))
    assert page.headers["cache-control"] == "no-store"
    assert "form-action 'self' https://app.example.vn" in page.headers["content-security-policy"]


def test_a_silent_request_that_fails_is_told_behind_the_hash_too(op: Examined) -> None:
    party = register(op)
    sent = party.send(party.parameters(redirect_uri=WEB, response_type="id_token", prompt="none"))
    assert "?" not in sent.headers["location"]
    assert read_answer(sent, WEB)["error"] == "login_required"


REFUSED = [
    pytest.param({"nonce": None}, "invalid_request", id="no nonce"),
    pytest.param({"nonce": ""}, "invalid_request", id="empty nonce"),
    pytest.param({"response_mode": "query"}, "invalid_request", id="in a query"),
    pytest.param({"scope": "profile"}, "invalid_scope", id="without openid"),
    pytest.param({"scope": None}, "invalid_scope", id="without scope"),
    pytest.param({"response_type": "token"}, "unsupported_response_type", id="token alone"),
    pytest.param({"response_type": "code id_token"}, "unsupported_response_type", id="hybrid"),
    pytest.param({"response_type": "code", "response_mode": "fragment"}, "invalid_request", id="code behind the hash"),
]


@pytest.mark.parametrize("changed, error", REFUSED)
def test_what_is_refused(op: Examined, changed: dict[str, str | None], error: str) -> None:
    party = register(op)
    sent = party.send(party.parameters(**{"redirect_uri": WEB, "response_type": "id_token token", **changed}))
    answer = read_answer(sent, WEB)
    assert (answer["error"], "access_token" in answer, "id_token" in answer) == (error, False, False)


@pytest.mark.parametrize("response_type", ["id_token", "id_token token"])
def test_an_application_gets_only_the_types_it_registered(op: Examined, response_type: str) -> None:
    party = register(op, response_types=["code"], grant_types=["authorization_code"])
    assert ask(party, response_type)["error"] == "unauthorized_client"
    other = {"id_token": "id_token token", "id_token token": "id_token"}[response_type]
    party = register(op, response_types=[other], grant_types=["implicit"])
    assert ask(party, response_type)["error"] == "unauthorized_client"
    assert ask(party, "code")["error"] == "unauthorized_client"


REGISTRATIONS = [
    pytest.param({"redirect_uris": [CALLBACK]}, "localhost", id="this machine"),
    pytest.param({"redirect_uris": [WEB, "https://127.0.0.1/cb"]}, "127", id="this machine by number"),
    pytest.param({"application_type": "native"}, "web applications", id="native"),
    pytest.param({"grant_types": ["authorization_code"]}, "grant", id="without its grant"),
    pytest.param({"response_types": ["code"]}, "grant", id="grant without a type"),
    pytest.param({"response_types": ["token"]}, "response_types", id="token alone"),
    pytest.param({"response_types": ["code id_token"]}, "response_types", id="hybrid"),
    pytest.param({"response_modes": ["jwt"]}, "response_modes", id="a mode there is not"),
    pytest.param({"redirect_uris": []}, "redirect_uris", id="nowhere to go"),
]


@pytest.mark.parametrize("members, about", REGISTRATIONS)
def test_what_cannot_be_registered_for_tokens_in_front(op: Examined, members: dict[str, Any], about: str) -> None:
    body = {"client_name": "x", "redirect_uris": [WEB], **BOTH, **members}
    answer = ask_json(op.browser(), "POST", "/register", body)
    assert (answer.status_code, answer.json()["error"][:8]) == (400, "invalid_"), answer.text
    assert about in answer.json()["error_description"]


def test_a_registration_says_its_types_and_cannot_add_one(op: Examined) -> None:
    party = register(op, response_types=["code", "token id_token"])
    assert party.metadata["response_types"] == ["code", "id_token token"]
    path = urlsplit(party.metadata["registration_client_uri"]).path
    body = {"redirect_uris": [WEB], **BOTH}
    token = party.metadata["registration_access_token"]
    assert ask_json(party.browser, "PUT", path, body, token).json()["response_types"] == ["code", "id_token token"]
    body = {"redirect_uris": [WEB]}
    left = ask_json(party.browser, "PUT", path, body, token).json()
    assert (left["response_types"], left["grant_types"]) == (["code"], ["authorization_code"])


def test_no_challenge_is_wanted_where_there_is_no_code(op: Examined) -> None:
    party = register(op, token_endpoint_auth_method="none")
    assert "id_token" in ask(party, "id_token")
    assert ask(party, "code")["error"] == "invalid_request"


def test_a_stranger_is_asked_about_and_a_pushed_or_signed_request_is_the_same_request(op: Examined) -> None:
    party = register(op, token_endpoint_auth_method="private_key_jwt", jwks=public_set(KEY))
    party.key = KEY
    asked = party.walk(party.send(party.parameters(redirect_uri=WEB, prompt="none", response_type="id_token")))
    assert read_answer(asked, WEB)["error"] == "login_required"
    assert "id_token" in ask(party, "id_token"), "after the consent page"
    parameters = party.parameters(redirect_uri=WEB, response_type="id_token")
    signed = party.sign_request(parameters)
    assert "id_token" in read_answer(party.walk(party.send({**parameters, "request": signed})), WEB)
    pushed = party.token(parameters, "/par")
    query = {"client_id": party.client_id, "request_uri": pushed.json()["request_uri"]}
    assert "id_token" in read_answer(party.walk(party.send(query)), WEB)
    assert party.send(query).status_code == 400, "once"


def test_people_are_not_asked_for_what_is_not_given(op: Examined) -> None:
    party = register(op)
    ask(party, "code", scope="openid", prompt="consent")
    query = {"redirect_uri": WEB, "scope": "openid email offline_access", "prompt": "consent"}
    for response_type, outlasts in (("code", True), ("id_token token", False)):
        sent = party.send(party.parameters(**query, response_type=response_type))
        page = party.browser.get(sent.headers["location"]).text
        assert "your official mail address" in page
        assert ("while you are not there" in page) == outlasts


def test_a_signature_that_does_not_say_so_gives_no_tokens_in_front(op: Examined) -> None:
    party = register(op, jwks=public_set(KEY))
    party.key = KEY
    parameters = party.parameters(redirect_uri=WEB, response_type="code")
    signed = party.sign_request({name: value for name, value in parameters.items() if name != "response_type"})
    beside = {**parameters, "response_type": "id_token", "request": signed}
    assert read_answer(party.send(beside), WEB)["error"] == "invalid_request_object"


def test_what_was_given_stands_in_the_audit_and_ends_with_the_log_out(op: Examined) -> None:
    op.outside.posts.clear()
    told_at = op.outside.address("/told")
    party = register(op, post_logout_redirect_uris=[AFTER_LOGOUT], backchannel_logout_uri=told_at)
    answer = ask(party, "id_token token")
    with op.runtime.database.read() as reads:
        rows = reads.execute(sa.select(AuditRow).where(AuditRow.subject == party.client_id)).scalars().all()
    opened = [row for row in rows if row.event == "sso.grant.opened"]
    assert [row.detail["response_type"] for row in opened] == ["id_token token"]
    query = {"id_token_hint": answer["id_token"], "post_logout_redirect_uri": AFTER_LOGOUT}
    party.browser.get("/logout", params=query)
    dead = party.browser.get("/userinfo", headers={"Authorization": f"Bearer {answer['access_token']}"})
    assert dead.status_code == 401
    drain(op.runtime, HANDLERS)
    assert [sent.path for sent in op.outside.posts] == ["/told"]


def test_who_is_suspended_in_the_same_moment_gets_nothing(op: Examined, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was true when the request was read is looked at once more before tokens leave: no token endpoint asks again."""
    party = register(op)
    ask(party, "code")

    def suspend_first(writes: Writes, *rest: Any) -> OpenSession | None:
        set_state(writes, op, "suspended")
        return hold_session(writes, *rest)

    monkeypatch.setattr("sso.authorization.giving.hold_session", suspend_first)
    sent = party.send(party.parameters(redirect_uri=WEB, response_type="id_token token"))
    with op.runtime.database.write() as writes:
        set_state(writes, op, "active")
    assert read_answer(sent, WEB)["error"] == "login_required"


def set_state(writes: Writes, op: Examined, state: str) -> None:
    """Put the account of the one person into a state."""
    writes.execute(sa.update(Account).where(Account.id == op.person.account_id).values(state=state))


def test_switched_off_nothing_of_it_is_there(settings: Settings, database: Database, clock: MovableClock) -> None:
    """Off is the default (RFC 9700 §2.1.2): not told, not registrable, and not given to whoever registered while it was on."""
    door = build_door(settle(settings, database, clock, registration="open"))
    document = door.browser().get("/.well-known/openid-configuration").json()
    assert document["response_types_supported"] == ["code"]
    assert "implicit" not in document["grant_types_supported"]
    assert "fragment" not in document["response_modes_supported"]
    answer = ask_json(door.browser(), "POST", "/register", {"client_name": "x", "redirect_uris": [WEB], **BOTH})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")
    with door.runtime.database.write() as writes:
        add_client(writes, implicit(), "test", clock.now)
    query = {
        "client_id": "trang",
        "redirect_uri": WEB,
        "response_type": "id_token",
        "response_mode": "form_post",
        "scope": "openid",
        "nonce": "n",
    }
    told = read_answer(door.browser().get("/authorize", params=query), WEB)
    assert told["error"] == "unsupported_response_type"


def implicit(**changed: Any) -> NewClient:
    """An application of the administration that gets ID tokens in front."""
    fields = {
        "name": "Trang tin",
        "client_id": "trang",
        "redirect_uris": (WEB,),
        "grant_types": ("implicit",),
        "particulars": Particulars(response_types=("id_token",)),
        **changed,
    }
    return NewClient(**fields)


def test_an_operator_cannot_give_tokens_in_front_to_what_acts_or_to_a_program_at_home(op: Examined) -> None:
    with op.runtime.database.write() as writes:
        now = op.clock.now
        for wrong in (
            {"scopes": ("openid", "act")},
            {"grant_types": ("authorization_code",)},
            {"particulars": Particulars(response_types=("token id_token",))},
        ):
            with pytest.raises(Exception, match=r"browser|go together|Response types"):
                add_client(writes, implicit(**wrong), "test", now)
        with pytest.raises(RedirectRefused):
            add_client(writes, implicit(redirect_uris=("http://localhost:3000/",)), "test", now)
        client, _secret = add_client(writes, implicit(grant_types=None), "test", now)
        assert client.grant_types == ("implicit", "client_credentials")
        with pytest.raises(RedirectRefused):
            change_client(writes, "trang", {"redirect_uris": ("http://127.0.0.1/",)}, "test", now)
        writes.rollback()
