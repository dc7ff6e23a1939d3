"""Pushed requests (RFC 9126): kept for their client, opened in time, answered once."""

from typing import Any

import pytest

from tests.sso.examined import Examined
from tests.sso.people import PASSWORD
from tests.sso.relying_party import CALLBACK, RelyingParty, form_of, make_key, public_set, read_answer

KEY = make_key()


def push(party: RelyingParty, parameters: dict[str, Any], **more: Any) -> Any:
    """The answer of the endpoint."""
    auth = (party.client_id, party.metadata["client_secret"])
    return party.browser.post("/par", data={**parameters, **more}, auth=auth)


def open_reference(party: RelyingParty, uri: str) -> Any:
    """The browser opens it."""
    return party.send({"client_id": party.client_id, "request_uri": uri})


def test_a_pushed_request_is_answered_and_then_over(op: Examined) -> None:
    party = RelyingParty.register(op)
    parameters = party.parameters()
    answer = push(party, parameters)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["expires_in"] == 60
    uri = answer.json()["request_uri"]
    assert uri.startswith("urn:ietf:params:oauth:request_uri:")
    told = read_answer(party.walk(open_reference(party, uri)))
    assert told["state"] == parameters["state"]
    assert party.redeem(told["code"]).status_code == 200
    page = open_reference(party, uri)
    assert page.status_code == 400, "without a readable request there is nowhere to send anybody"


def test_what_stands_beside_a_reference_counts_for_nothing(op: Examined) -> None:
    party = RelyingParty.register(op)
    parameters = party.parameters()
    uri = push(party, parameters).json()["request_uri"]
    beside = {"client_id": party.client_id, "request_uri": uri, "redirect_uri": "https://evil.example/", "state": "x"}
    assert read_answer(party.walk(party.send(beside)))["state"] == parameters["state"]


def test_a_reference_opened_in_time_carries_a_slow_person(op: Examined) -> None:
    party = RelyingParty.register(op)
    uri = push(party, party.parameters()).json()["request_uri"]
    sent = open_reference(party, uri)
    op.clock.advance(minutes=20)
    page = party.browser.get(sent.headers["location"])
    posted = party.browser.post("/login", data={**form_of(page), "login": "an.nguyen", "password": PASSWORD})
    assert "code" in read_answer(party.walk(posted))


def test_a_reference_opened_too_late_opens_nothing(op: Examined) -> None:
    party = RelyingParty.register(op)
    uri = push(party, party.parameters()).json()["request_uri"]
    op.clock.advance(60)
    assert read_answer(open_reference(party, uri))["error"] == "invalid_request"
    forged = party.send({"client_id": party.client_id, "request_uri": uri, "asked": "1.00"})
    assert read_answer(forged)["error"] == "invalid_request_uri"


def test_a_reference_is_its_clients_own(op: Examined) -> None:
    party, other = RelyingParty.register(op), RelyingParty.register(op)
    uri = push(party, party.parameters()).json()["request_uri"]
    assert open_reference(other, uri).status_code == 400


def test_who_must_push_is_not_served_by_the_query(op: Examined) -> None:
    party = RelyingParty.register(op, require_pushed_authorization_requests=True)
    assert read_answer(party.send(party.parameters()))["error"] == "invalid_request"
    uri = push(party, party.parameters()).json()["request_uri"]
    assert "code" in read_answer(party.walk(open_reference(party, uri)))


def test_a_signed_request_may_be_pushed(op: Examined) -> None:
    party = RelyingParty.register(op, KEY, jwks=public_set(KEY))
    parameters = party.parameters()
    answer = push(party, {"request": party.sign_request(parameters), "client_id": party.client_id})
    told = read_answer(party.walk(open_reference(party, answer.json()["request_uri"])))
    assert told["state"] == parameters["state"]


REFUSED = [
    pytest.param({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, 400, "invalid_request", id="a reference"),
    pytest.param({"redirect_uri": "https://evil.example/"}, 400, "invalid_request", id="an unregistered address"),
    pytest.param({"response_type": "token"}, 400, "unsupported_response_type", id="implicit"),
    pytest.param({"claims": "{"}, 400, "invalid_request", id="unreadable claims"),
    pytest.param({"request": "nonsense"}, 400, "invalid_request_object", id="no request object"),
    pytest.param({"client_secret": "wrong", "client_id": "x"}, 400, "invalid_request", id="two proofs"),
]


@pytest.mark.parametrize("changed, status, error", REFUSED)
def test_what_a_browser_could_not_ask_cannot_be_pushed(
    op: Examined, changed: dict[str, str], status: int, error: str
) -> None:
    party = RelyingParty.register(op)
    answer = push(party, {**party.parameters(), **changed})
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_who_does_not_prove_itself_pushes_nothing(op: Examined) -> None:
    party = RelyingParty.register(op)
    answer = party.browser.post("/par", data=party.parameters(), auth=(party.client_id, "wrong"))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert CALLBACK not in answer.text
