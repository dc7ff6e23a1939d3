"""The device grant (RFC 8628): codes, the page, the waiting, the tokens; and what is refused."""

from typing import Any

import httpx
import pytest

from foundation.i18n import translate
from sso.client_registration import DEVICE_GRANT
from tests.services.inside import Inside
from tests.sso.examined import Examined
from tests.sso.people import PASSWORD
from tests.sso.relying_party import RelyingParty, form_of


def device(op: Examined, **members: Any) -> RelyingParty:
    """A public client that may do this."""
    wanted: dict[str, Any] = {"token_endpoint_auth_method": "none", "grant_types": [DEVICE_GRANT, "refresh_token"]}
    return RelyingParty.register(op, redirect_uris=[], response_types=[], **{**wanted, **members})


def ask(party: RelyingParty, scope: str = "openid profile") -> dict[str, Any]:
    """Codes."""
    answer = party.browser.post("/device_authorization", data={"client_id": party.client_id, "scope": scope})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def poll(party: RelyingParty, code: str) -> httpx.Response:
    """The device asks."""
    form = {"grant_type": DEVICE_GRANT, "device_code": code, "client_id": party.client_id}
    return party.browser.post("/token", data=form)


def person_at(op: Examined, address: str) -> Inside:
    """The person's own browser, logged in on the way to the page."""
    browser = op.browser()
    sent = browser.get(address)
    assert sent.headers["location"].startswith("/login?next=%2Fdevice")
    page = browser.get(sent.headers["location"])
    posted = browser.post("/login", data={**form_of(page), "login": "an.nguyen", "password": PASSWORD})
    assert posted.headers["location"].startswith("/device")
    return browser


def decide(browser: Inside, typed: str, answer: str) -> httpx.Response:
    """Type the code, look, decide."""
    page = browser.get("/device")
    assert 'name="user_code"' in page.text
    question = browser.post("/device", data={**form_of(page), "user_code": typed})
    assert f'id="{answer}"' in question.text, question.text
    return browser.post("/device", data={**form_of(question), "answer": answer})


def test_a_device_is_logged_in_once_its_person_allows_it(op: Examined) -> None:
    party = device(op)
    codes = ask(party)
    assert codes["verification_uri_complete"].endswith(f"/device?user_code={codes['user_code']}")
    assert poll(party, codes["device_code"]).json()["error"] == "authorization_pending"
    browser = person_at(op, "/device?user_code=" + codes["user_code"])
    done = decide(browser, codes["user_code"].lower().replace("-", " "), "accept")
    assert 'id="device-done"' in done.text
    op.clock.advance(6)
    tokens = poll(party, codes["device_code"])
    assert tokens.status_code == 200, tokens.text
    assert party.userinfo(tokens.json())["name"] == "Nguyễn Thị Bình An"
    assert poll(party, codes["device_code"]).json()["error"] == "invalid_grant", "once"
    refreshed = party.browser.post(
        "/token",
        data={
            "grant_type": "refresh_token",
            "refresh_token": tokens.json()["refresh_token"],
            "client_id": party.client_id,
        },
    )
    assert refreshed.status_code == 200


def test_a_no_is_told_to_the_device(op: Examined) -> None:
    party = device(op)
    codes = ask(party)
    decide(person_at(op, "/device"), codes["user_code"], "refuse")
    op.clock.advance(6)
    assert poll(party, codes["device_code"]).json()["error"] == "access_denied"


def test_who_asks_too_often_has_to_slow_down_for_good(op: Examined) -> None:
    party = device(op)
    code = ask(party)["device_code"]
    assert poll(party, code).json()["error"] == "authorization_pending"
    op.clock.advance(4)
    assert poll(party, code).json()["error"] == "slow_down"
    op.clock.advance(6)
    assert poll(party, code).json()["error"] == "slow_down", "ten seconds by now"
    op.clock.advance(16)
    assert poll(party, code).json()["error"] == "authorization_pending"


def test_codes_end_by_themselves(op: Examined) -> None:
    party = device(op)
    codes = ask(party)
    op.clock.advance(codes["expires_in"])
    assert poll(party, codes["device_code"]).json()["error"] == "expired_token"
    page = op.browser()
    browser = person_at(op, "/device")
    refused = browser.post("/device", data={**form_of(browser.get("/device")), "user_code": codes["user_code"]})
    assert refused.status_code == 400
    page.close()


def test_a_code_of_another_client_is_none(op: Examined) -> None:
    party, other = device(op), device(op)
    assert poll(other, ask(party)["device_code"]).json()["error"] == "invalid_grant"


def test_who_tries_codes_is_stopped_and_a_right_one_does_not_help_then(op: Examined) -> None:
    party = device(op)
    browser = person_at(op, "/device")
    for guess in ("BBBB-BBBB", "CCCC-CCCC", "DDDD-DDDD", "FFFF-FFFF", "GGGG-GGGG"):
        form = {**form_of(browser.get("/device")), "user_code": guess}
        assert browser.post("/device", data=form).status_code == 400
    form = {**form_of(browser.get("/device")), "user_code": ask(party)["user_code"]}
    assert browser.post("/device", data=form).status_code == 400
    op.clock.advance(minutes=16)
    again = person_at(op, "/device")
    assert (
        again.post("/device", data={**form_of(again.get("/device")), "user_code": ask(party)["user_code"]}).status_code
        == 200
    )


def test_the_end_of_the_session_that_allowed_it_comes_first(op: Examined) -> None:
    party = device(op)
    codes = ask(party)
    browser = person_at(op, "/device")
    decide(browser, codes["user_code"], "accept")
    browser.post("/logout", data={**form_of(browser.get("/logout")), "answer": "log-out"})
    op.clock.advance(6)
    assert poll(party, codes["device_code"]).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "form, error",
    [
        pytest.param({"client_id": "nobody"}, "invalid_client", id="unknown client"),
        pytest.param({"scope": "nothing of ours"}, "invalid_scope", id="no scope of ours"),
        pytest.param({"resource": "https://nobody.example"}, "invalid_target", id="resource nobody guards"),
    ],
)
def test_no_codes_are_given(op: Examined, form: dict[str, str], error: str) -> None:
    party = device(op)
    answer = party.browser.post("/device_authorization", data={"client_id": party.client_id, **form})
    assert answer.json()["error"] == error


def test_a_client_that_may_not_gets_none(op: Examined) -> None:
    party = RelyingParty.register(op)
    auth = (party.client_id, party.metadata["client_secret"])
    answer = party.browser.post("/device_authorization", data={}, auth=auth)
    assert answer.json()["error"] == "unauthorized_client"


def test_the_page_speaks_vietnamese(op: Examined) -> None:
    browser = person_at(op, "/device")
    page = browser.get("/device", headers={"Accept-Language": "vi"})
    assert translate("vi", "Log in on another device") in page.text


def test_the_question_names_the_application_and_takes_no_post_of_another_site(op: Examined) -> None:
    codes = ask(device(op))
    browser = person_at(op, "/device")
    assert browser.post("/device", data={"user_code": codes["user_code"], "answer": "accept"}).status_code == 403
    question = browser.post("/device", data={**form_of(browser.get("/device")), "user_code": codes["user_code"]})
    assert "conformance one" in question.text
    assert codes["user_code"] in question.text
