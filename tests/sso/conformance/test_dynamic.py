"""`oidcc-dynamic-certification-test-plan`: applications that prove themselves by keys, and what they may register."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from sso.algorithms import ALGORITHMS
from sso.keys import make_key as make_signing_key
from tests.sso.examined import ISSUER, Examined
from tests.sso.relying_party import (
    CALLBACK,
    RelyingParty,
    as_json,
    ask_json,
    make_key,
    public_set,
    read_answer,
)

KEYS: dict[str, Any] = {"key": make_key()}


def register(op: Examined, **members: Any) -> RelyingParty:
    """An application of this plan: `private_key_jwt` with its keys by value unless it says where they are."""
    where = {} if "jwks_uri" in members else {"jwks": public_set(KEYS["key"])}
    return RelyingParty.register(
        op, KEYS["key"], **{"token_endpoint_auth_method": "private_key_jwt", **where, **members}
    )


def refused(op: Examined, **members: Any) -> dict[str, Any]:
    """The answer to a registration that must not succeed."""
    body = {"redirect_uris": [CALLBACK], "client_name": "bad", **members}
    answer = ask_json(op.browser(), "POST", "/register", body)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    return dict(answer.json())


def test_oidcc_discovery_endpoint_verification(op: Examined) -> None:
    """What a provider with dynamic registration must offer (OpenID Connect Core §15.2); the rest of the module: test_config.py."""
    document = op.browser().get("/.well-known/openid-configuration").json()
    types = [set(words.split()) for words in document["response_types_supported"]]
    assert all(wanted in types for wanted in ({"code"}, {"id_token"}, {"id_token", "token"}))
    assert {"authorization_code", "implicit"} <= set(document["grant_types_supported"])
    assert "fragment" in document["response_modes_supported"]


def test_oidcc_server(op: Examined) -> None:
    party = register(op)
    party.userinfo(party.log_in())
    party.unregister()


def test_oidcc_idtoken_rs256(op: Examined) -> None:
    party = register(op, id_token_signed_response_alg="RS256")
    party.log_in()


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_an_id_token_is_signed_as_its_client_asks(op: Examined, alg: str) -> None:
    register(op, id_token_signed_response_alg=alg).log_in()


def test_oidcc_idtoken_unsigned_cannot_be_registered(op: Examined) -> None:
    assert refused(op, id_token_signed_response_alg="none")["error"] == "invalid_client_metadata"


def test_oidcc_userinfo_rs256(op: Examined) -> None:
    party = register(op, userinfo_signed_response_alg="RS256")
    tokens = party.log_in()
    answer = party.browser.get("/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert answer.headers["content-type"].startswith("application/jwt")
    told = party.read_signed(answer.text, "RS256")
    assert (told["iss"], told["aud"]) == (ISSUER, party.client_id)
    assert told["sub"] == party.read_id_token(tokens["id_token"])["sub"]


def test_oidcc_ensure_redirect_uri_in_authorization_request(op: Examined) -> None:
    party = register(op)
    page = party.send(party.parameters(redirect_uri=None))
    assert page.status_code == 400
    assert '<main id="error"' in page.text


def test_oidcc_redirect_uri_query_ok(op: Examined) -> None:
    address = CALLBACK + "?foo=bar"
    party = register(op, redirect_uris=[address])
    sent = party.walk(party.send(party.parameters(redirect_uri=address)))
    assert sent.headers["location"].startswith(address + "&")


@pytest.mark.parametrize("query", ["?foo=baz", "?foo=bar&more=1", ""], ids=["mismatch", "added", "left out"])
def test_oidcc_redirect_uri_query(op: Examined, query: str) -> None:
    """oidcc-redirect-uri-query-mismatch, oidcc-redirect-uri-query-added."""
    party = register(op, redirect_uris=[CALLBACK + "?foo=bar"])
    page = party.send(party.parameters(redirect_uri=CALLBACK + query))
    assert page.status_code == 400
    assert '<main id="error"' in page.text


def test_oidcc_redirect_uri_regfrag(op: Examined) -> None:
    assert refused(op, redirect_uris=[CALLBACK + "#fragment"])["error"] in (
        "invalid_redirect_uri",
        "invalid_client_metadata",
    )


def test_oidcc_registration_logo_uri(op: Examined) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64
    party = register(op, logo_uri=op.outside.put("/logo.png", picture, "image/png"))
    page = party.browser.get(party.send(party.parameters()).headers["location"])
    assert f'src="/register/{party.client_id}/logo"' in page.text
    shown = party.browser.get(f"/register/{party.client_id}/logo")
    assert (shown.content, shown.headers["content-type"]) == (picture, "image/png")
    assert shown.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("member", ["policy_uri", "tos_uri"])
def test_oidcc_registration_policy_and_tos_uri(op: Examined, member: str) -> None:
    """oidcc-registration-policy-uri, oidcc-registration-tos-uri."""
    party = register(op, **{member: f"https://localhost:8443/{member}"})
    page = party.browser.get(party.send(party.parameters()).headers["location"])
    assert f'href="https://localhost:8443/{member}"' in page.text


def test_oidcc_registration_jwks_uri(op: Examined) -> None:
    key = make_key("one")
    uri = op.outside.put("/jwks", as_json(public_set(key)))
    party = register(op, jwks_uri=uri)
    party.key = key
    party.userinfo(party.log_in())


def test_oidcc_registration_sector_uri(op: Examined) -> None:
    other = "https://other.example.vn/callback"
    uri = op.outside.put("/sector.json", as_json([CALLBACK, other]))
    party = register(op, subject_type="pairwise", sector_identifier_uri=uri, redirect_uris=[CALLBACK, other])
    sub = party.read_id_token(party.log_in()["id_token"])["sub"]
    assert sub != str(op.person.person_id)
    same = register(op, subject_type="pairwise", sector_identifier_uri=uri)
    assert same.read_id_token(same.log_in()["id_token"])["sub"] == sub, "one sector, one subject"
    else_where = register(op, subject_type="pairwise", redirect_uris=[CALLBACK])
    assert urlsplit(CALLBACK).hostname == urlsplit(uri).hostname
    assert else_where.read_id_token(else_where.log_in()["id_token"])["sub"] == sub, "the sector is the host"


def test_oidcc_registration_sector_bad(op: Examined) -> None:
    uri = op.outside.put("/bad-sector.json", as_json(["https://another.example/callback"]))
    error = refused(op, subject_type="pairwise", sector_identifier_uri=uri)["error"]
    assert error == "invalid_client_metadata"


def test_oidcc_server_rotate_keys(op: Examined) -> None:
    browser = op.browser()
    before = {key["kid"] for key in browser.get("/jwks").json()["keys"]}
    now = op.runtime.clocks.wall()
    with op.runtime.database.write() as writes:
        kid = make_signing_key(writes, op.runtime.sealer, "RS256", "test", now, now + timedelta(minutes=60))
    after = {key["kid"] for key in browser.get("/jwks").json()["keys"]}
    assert after == before | {kid}, "the new key beside the old one, at once"
    register(op).log_in()
    op.clock.advance(minutes=61)
    party = register(op)
    token = party.log_in()["id_token"]
    assert party.header_of(token)["kid"] == kid


def test_oidcc_refresh_token_rp_key_rotation(op: Examined, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = make_key("first"), make_key("second")
    uri = op.outside.put("/turning", as_json(public_set(first)))
    party = register(op, jwks_uri=uri, grant_types=["authorization_code", "refresh_token"])
    party.key = first
    tokens = party.log_in(scope="openid offline_access", prompt="consent")
    op.outside.put("/turning", as_json(public_set(second)))
    party.key = second
    monkeypatch.setattr("sso.client_keys.AGAIN_SECONDS", 0.0)
    answer = party.token({"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]})
    assert answer.status_code == 200, answer.text
    party.key = first
    answer = party.token({"grant_type": "refresh_token", "refresh_token": answer.json()["refresh_token"]})
    assert answer.json()["error"] == "invalid_client", "the old key proves nothing any more"


def test_oidcc_request_uri_signed_rs256(op: Examined) -> None:
    party = register(op, request_uris=[op.outside.address("/request#random")])
    parameters = party.parameters()
    op.outside.put("/request", party.sign_request(parameters), "application/oauth-authz-req+jwt")
    sent = party.send(
        {
            "client_id": party.client_id,
            "response_type": "code",
            "scope": "openid",
            "request_uri": op.outside.address("/request#random"),
        }
    )
    answer = read_answer(party.walk(sent))
    assert answer["state"] == parameters["state"]
    assert party.redeem(answer["code"]).status_code == 200


def test_oidcc_request_uri_unsigned_is_refused(op: Examined) -> None:
    """`none` is not among request_object_signing_alg_values_supported, so the real module is skipped."""
    party = register(op, request_uris=[op.outside.address("/unsigned")])
    op.outside.put("/unsigned", "eyJhbGciOiJub25lIn0.eyJzdGF0ZSI6IngifQ.", "application/jwt")
    answer = read_answer(party.send(party.parameters(request_uri=op.outside.address("/unsigned"))))
    assert answer["error"] == "invalid_request_object"


def test_oidcc_ensure_request_object_with_redirect_uri(op: Examined) -> None:
    """The address inside a signed object counts; a wrong one beside it is not followed."""
    party = register(op)
    parameters = party.parameters()
    beside = {**parameters, "redirect_uri": "https://evil.example/", "request": party.sign_request(parameters)}
    assert "code" in read_answer(party.walk(party.send(beside)))


def test_oidcc_refresh_token(op: Examined) -> None:
    party = register(op, grant_types=["authorization_code", "refresh_token"])
    tokens = party.log_in(scope="openid offline_access", prompt="consent")
    answer = party.token({"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]})
    assert answer.status_code == 200


def test_oidcc_ensure_client_assertion_with_iss_aud_succeeds(op: Examined) -> None:
    party = register(op)
    code = party.authorize()["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": party.prove(audience=ISSUER),
    }
    assert party.browser.post("/token", data=form).status_code == 200
