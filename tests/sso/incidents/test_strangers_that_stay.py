"""Attacks by applications that registered themselves, later on: a sector that is another's, what an operator took away, endless rows."""

import dataclasses
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from sso.client_keeping import change_client
from sso.clients import get_client
from tests.sso.examined import Examined
from tests.sso.relying_party import CALLBACK, RelyingParty, ask_json, make_key, public_set

ELSEWHERE = "https://own.example.vn/callback"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def ask_pairwise(op: Examined, **members: Any) -> httpx.Response:
    """A registration with subjects of its own."""
    body = {"subject_type": "pairwise", "redirect_uris": [CALLBACK], "response_types": ["code"], **members}
    return ask_json(op.browser(), "POST", "/register", {name: value for name, value in body.items() if value != []})


def test_a_device_claims_no_sector_of_others_by_its_document(op: Examined) -> None:
    """No address is in every list of addresses: the document of any sector knew a device without addresses."""
    sector = op.outside.put("/victim.json", "[]")
    members = {"redirect_uris": [], "response_types": [], "grant_types": [DEVICE], "sector_identifier_uri": sector}
    assert ask_pairwise(op, **members).status_code == 400


def test_a_device_claims_no_sector_of_others_by_their_address(op: Examined) -> None:
    """The codes would go to the victim's address, but a device gets its tokens anywhere."""
    assert ask_pairwise(op, grant_types=["authorization_code", DEVICE]).status_code == 400
    assert ask_pairwise(op, grant_types=["authorization_code", "refresh_token"]).status_code == 201


def test_programs_at_loopback_are_not_one_sector(op: Examined) -> None:
    members = {"application_type": "native", "redirect_uris": ["http://127.0.0.1/done"]}
    assert ask_pairwise(op, token_endpoint_auth_method="none", **members).status_code == 400
    assert ask_pairwise(op, redirect_uris=["https://127.0.0.1/done"]).status_code == 400


def replace(party: RelyingParty, **members: Any) -> dict[str, Any]:
    """The registration after its application replaced it."""
    path = urlsplit(party.metadata["registration_client_uri"]).path
    body = {"redirect_uris": [CALLBACK], "grant_types": ["authorization_code", "refresh_token", DEVICE], **members}
    answer = ask_json(party.browser, "PUT", path, body, party.metadata["registration_access_token"])
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize("scope", [{}, {"scope": "openid profile email phone unit offline_access"}])
def test_a_replaced_registration_has_nothing_back_that_an_operator_cut(op: Examined, scope: dict[str, str]) -> None:
    """RFC 7592 §2.2: the server may replace any value it was asked for."""
    party = RelyingParty.register(op, grant_types=["authorization_code", "refresh_token", DEVICE])
    cut = {"scopes": ("openid", "profile", "verify"), "grant_types": ("authorization_code",), "pkce_required": True}
    with op.runtime.database.write() as writes:
        client = change_client(writes, party.client_id, cut, "operator", op.clock.now)
        guarded = dataclasses.replace(client.particulars, resources=("https://api.example.vn/",))
        change_client(writes, party.client_id, {"particulars": guarded}, "operator", op.clock.now)
    told = replace(party, **scope)
    assert told["grant_types"] == ["authorization_code"]
    assert set(told["scope"].split()) == {"openid", "profile", "verify"}
    with op.runtime.database.read() as reads:
        kept = get_client(reads, party.client_id)
    assert (kept.scopes, kept.pkce_required) == (cut["scopes"], True)
    assert kept.particulars.resources == ("https://api.example.vn/",)


SECTORS = [
    pytest.param({"subject_type": "pairwise", "redirect_uris": [CALLBACK]}, id="pairwise from now on"),
    pytest.param({"redirect_uris": [CALLBACK]}, id="public from now on"),
]


@pytest.mark.parametrize("members", SECTORS)
def test_a_replaced_registration_learns_nobodys_name_in_another_sector(op: Examined, members: dict[str, Any]) -> None:
    """Log-ins at one's own address, then the address of others: what was given before tells nothing of their sector."""
    first: dict[str, Any] = {
        "redirect_uris": [ELSEWHERE],
        "subject_type": "pairwise" if "subject_type" not in members else "public",
    }
    party = RelyingParty.register(op, grant_types=["authorization_code", "refresh_token"], **first)
    answer = party.authorize(redirect_uri=ELSEWHERE)
    tokens = party.redeem(answer["code"], redirect_uri=ELSEWHERE).json()
    waiting = party.authorize(redirect_uri=ELSEWHERE)["code"]
    replace(party, grant_types=["authorization_code", "refresh_token"], **members)
    assert party.token({"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}).status_code == 400
    assert party.redeem(waiting, redirect_uri=ELSEWHERE).status_code == 400
    header = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert party.browser.get("/userinfo", headers=header).status_code == 401


def test_a_replaced_registration_of_the_same_sector_keeps_what_it_has(op: Examined) -> None:
    members: dict[str, Any] = {"subject_type": "pairwise", "grant_types": ["authorization_code", "refresh_token"]}
    party = RelyingParty.register(op, **members)
    token = party.log_in()["refresh_token"]
    replace(party, subject_type="pairwise", client_name="another", grant_types=members["grant_types"])
    assert party.token({"grant_type": "refresh_token", "refresh_token": token}).status_code == 200


def test_a_replaced_registration_says_the_rest_itself(op: Examined) -> None:
    party = RelyingParty.register(op, scope="openid profile")
    told = replace(party, scope="openid", jwks=public_set(make_key()), client_name="another")
    assert (told["scope"], told["client_name"], "jwks" in told) == ("openid", "another", True)
