"""`oidcc-basic-certification-test-plan`: thirty-eight modules, applications registered dynamically, response type code."""

import base64
import re
from urllib.parse import urlencode

import pytest

from tests.sso.examined import Examined
from tests.sso.relying_party import CALLBACK, RelyingParty, read_answer

SCOPE_CLAIMS = {
    "profile": {
        *("name", "given_name", "family_name", "middle_name", "nickname", "profile", "picture", "website", "gender"),
        *("birthdate", "zoneinfo", "locale", "updated_at", "preferred_username"),
    },
    "email": {"email", "email_verified"},
    "address": {"address"},
    "phone": {"phone_number", "phone_number_verified"},
}


def test_oidcc_server(op: Examined) -> None:
    party = RelyingParty.register(op)
    told = party.userinfo(party.log_in())
    assert told["sub"] == str(op.person.person_id)
    party.unregister()


def test_oidcc_response_type_missing(op: Examined) -> None:
    party = RelyingParty.register(op)
    answer = read_answer(party.walk(party.send(party.parameters(response_type=None))))
    assert answer["error"] in ("unsupported_response_type", "invalid_request")


def test_oidcc_idtoken_signature(op: Examined) -> None:
    party = RelyingParty.register(op)
    tokens = party.log_in()
    assert party.read_id_token(tokens["id_token"])["at_hash"]


def test_oidcc_idtoken_unsigned_is_not_offered(op: Examined) -> None:
    document = op.browser().get("/.well-known/openid-configuration").json()
    assert "none" not in document["id_token_signing_alg_values_supported"]


def test_oidcc_userinfo_get(op: Examined) -> None:
    party = RelyingParty.register(op)
    assert set(party.userinfo(party.log_in())) == {"sub"}


def test_oidcc_userinfo_post_header(op: Examined) -> None:
    party = RelyingParty.register(op)
    tokens = party.log_in()
    answer = party.browser.post("/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert answer.json()["sub"] == party.read_id_token(tokens["id_token"])["sub"]


def test_oidcc_userinfo_post_body(op: Examined) -> None:
    party = RelyingParty.register(op)
    tokens = party.log_in()
    answer = party.browser.post("/userinfo", data={"access_token": tokens["access_token"]})
    assert answer.json()["sub"] == party.read_id_token(tokens["id_token"])["sub"]


def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(op: Examined) -> None:
    party = RelyingParty.register(op)
    assert "nonce" not in party.read_id_token(party.log_in(nonce=None)["id_token"])


@pytest.mark.parametrize("scope", SCOPE_CLAIMS)
def test_oidcc_scope(op: Examined, scope: str) -> None:
    """All claims of the scope, none of another, none in the ID token.

    oidcc-scope-profile, oidcc-scope-email, oidcc-scope-address, oidcc-scope-phone
    """
    party = RelyingParty.register(op)
    tokens = party.log_in(scope=f"openid {scope}")
    assert set(party.userinfo(tokens)) == {"sub", *SCOPE_CLAIMS[scope]}
    assert SCOPE_CLAIMS[scope].isdisjoint(party.read_id_token(tokens["id_token"]))


def test_oidcc_scope_all(op: Examined) -> None:
    party = RelyingParty.register(op)
    told = party.userinfo(party.log_in(scope="openid profile email address phone"))
    assert set(told) == {"sub", *set().union(*SCOPE_CLAIMS.values())}
    assert isinstance(told["updated_at"], int)
    assert isinstance(told["email_verified"], bool)
    assert isinstance(told["address"], dict)
    assert isinstance(told["phone_number_verified"], bool)


def test_oidcc_alternate_happy_flow(op: Examined) -> None:
    """A second application of the same person, with a longer state and another redirect address."""
    other = CALLBACK + "?dummy1=lorem&dummy2=ipsum"
    party = RelyingParty.register(op, redirect_uris=[CALLBACK, other])
    answer = party.authorize(redirect_uri=other, state="s" * 128, nonce="n" * 43)
    redeemed = party.redeem(answer["code"], redirect_uri=other)
    assert redeemed.status_code == 200


@pytest.mark.parametrize("display", ["page", "popup"])
def test_oidcc_display(op: Examined, display: str) -> None:
    """oidcc-display-page, oidcc-display-popup."""
    RelyingParty.register(op).log_in(display=display)


def test_oidcc_prompt_login(op: Examined) -> None:
    party = RelyingParty.register(op)
    first = party.read_id_token(party.log_in()["id_token"])
    op.clock.advance(2)
    page = party.send(party.parameters(prompt="login"))
    assert "/login?" in page.headers["location"], "a log-in page although a session exists"
    second = party.read_id_token(party.log_in(prompt="login")["id_token"])
    assert second["auth_time"] > first["auth_time"]
    assert second["sub"] == first["sub"]


def test_oidcc_prompt_none_not_logged_in(op: Examined) -> None:
    party = RelyingParty.register(op)
    answer = read_answer(party.send(party.parameters(prompt="none")))
    assert answer["error"] in ("login_required", "interaction_required")
    assert answer["state"] == party.state


def test_oidcc_prompt_none_logged_in(op: Examined) -> None:
    party = RelyingParty.register(op)
    first = party.read_id_token(party.log_in()["id_token"])
    op.clock.advance(2)
    second = party.read_id_token(party.log_in(prompt="none")["id_token"])
    assert (second["sub"], second["auth_time"]) == (first["sub"], first["auth_time"])


def test_oidcc_max_age_1(op: Examined) -> None:
    party = RelyingParty.register(op)
    first = party.read_id_token(party.log_in()["id_token"])
    op.clock.advance(2)
    assert "/login?" in party.send(party.parameters(max_age="1")).headers["location"]
    second = party.read_id_token(party.log_in(max_age="1")["id_token"])
    assert second["auth_time"] > first["auth_time"]


def test_oidcc_max_age_10000(op: Examined) -> None:
    party = RelyingParty.register(op)
    first = party.read_id_token(party.log_in(max_age="10000")["id_token"])
    op.clock.advance(2)
    second = party.read_id_token(party.log_in(max_age="10000", prompt="none")["id_token"])
    assert second["auth_time"] == first["auth_time"]


def test_oidcc_ensure_request_with_unknown_parameter_succeeds(op: Examined) -> None:
    RelyingParty.register(op).log_in(extra="foobar")


def test_oidcc_id_token_hint(op: Examined) -> None:
    party = RelyingParty.register(op)
    first = party.log_in()
    second = party.log_in(prompt="none", id_token_hint=first["id_token"])
    assert party.read_id_token(second["id_token"])["sub"] == party.read_id_token(first["id_token"])["sub"]


def test_oidcc_login_hint(op: Examined) -> None:
    party = RelyingParty.register(op)
    sent = party.send(party.parameters(login_hint="an.nguyen"))
    assert 'value="an.nguyen"' in party.browser.get(sent.headers["location"]).text
    party.log_in(login_hint="an.nguyen")


def test_oidcc_ui_locales(op: Examined) -> None:
    party = RelyingParty.register(op)
    sent = party.send(party.parameters(ui_locales="vi"))
    assert '<html lang="vi">' in party.browser.get(sent.headers["location"]).text
    party.log_in(ui_locales="se")


def test_oidcc_claims_locales(op: Examined) -> None:
    RelyingParty.register(op).log_in(claims_locales="se")


def test_oidcc_ensure_request_with_acr_values_succeeds(op: Examined) -> None:
    known = op.browser().get("/.well-known/openid-configuration").json()["acr_values_supported"]
    party = RelyingParty.register(op)
    claims = party.read_id_token(party.log_in(acr_values=" ".join([*known[:1], "1", "2"]))["id_token"])
    assert claims["acr"] in known


def test_oidcc_codereuse(op: Examined) -> None:
    party = RelyingParty.register(op)
    code = party.authorize()["code"]
    assert party.redeem(code).status_code == 200
    again = party.redeem(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_oidcc_codereuse_30seconds(op: Examined) -> None:
    party = RelyingParty.register(op)
    code = party.authorize()["code"]
    tokens = party.redeem(code).json()
    op.clock.advance(30)
    assert party.redeem(code).json()["error"] == "invalid_grant"
    dead = party.browser.get("/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert dead.status_code == 401, "the tokens of the first use are dead"


def test_oidcc_ensure_registered_redirect_uri(op: Examined) -> None:
    party = RelyingParty.register(op)
    page = party.send(party.parameters(redirect_uri="https://localhost:8443/test/a/hopnhat/another"))
    assert page.status_code == 400
    assert '<main id="error"' in page.text
    assert "location" not in page.headers


def test_oidcc_ensure_post_request_succeeds(op: Examined) -> None:
    party = RelyingParty.register(op)
    assert "code" in party.authorize(method="POST")


def test_oidcc_server_client_secret_post(op: Examined) -> None:
    party = RelyingParty.register(op, token_endpoint_auth_method="client_secret_post")
    party.userinfo(party.log_in())


def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(op: Examined) -> None:
    """`none` is not offered, so the real module is skipped; an unsigned object is refused in the word there is for it."""
    uri = op.outside.put("/unsigned", "eyJhbGciOiJub25lIn0.eyJzdGF0ZSI6IngifQ.", "application/jwt")
    party = RelyingParty.register(op, request_uris=[uri])
    answer = read_answer(party.send(party.parameters(request_uri=uri)))
    assert answer["error"] == "invalid_request_object"


def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(op: Examined) -> None:
    party = RelyingParty.register(op)
    document = party.browser.get("/.well-known/openid-configuration").json()
    assert "none" not in document["request_object_signing_alg_values_supported"]
    answer = read_answer(party.send(party.parameters(request="eyJhbGciOiJub25lIn0.eyJzdGF0ZSI6IngifQ.")))
    assert answer["error"] == "invalid_request_object"


def test_oidcc_ensure_request_object_with_redirect_uri_is_not_offered_unsigned(op: Examined) -> None:
    """The real module is skipped like the two above; the address inside an unsigned object is followed nowhere."""
    party = RelyingParty.register(op)
    body = base64.urlsafe_b64encode(b'{"redirect_uri": "https://evil.example/"}').decode().rstrip("=")
    answer = read_answer(party.send(party.parameters(request=f"eyJhbGciOiJub25lIn0.{body}.")))
    assert answer["error"] == "invalid_request_object"


def test_oidcc_claims_essential(op: Examined) -> None:
    party = RelyingParty.register(op)
    tokens = party.log_in(claims='{"userinfo": {"name": {"essential": true}}}')
    assert party.userinfo(tokens)["name"] == "Nguyễn Thị Bình An"
    assert "name" not in party.read_id_token(tokens["id_token"]), "only where it was asked for"


def test_oidcc_refresh_token(op: Examined) -> None:
    party = RelyingParty.register(op, grant_types=["authorization_code", "refresh_token"])
    first = party.log_in(scope="openid offline_access", prompt="consent")
    assert re.fullmatch(r"[\x20-\x7e]+", first["refresh_token"])
    answer = party.token({"grant_type": "refresh_token", "refresh_token": first["refresh_token"]})
    second = answer.json()
    before, after = party.read_id_token(first["id_token"]), party.read_id_token(second["id_token"])
    assert [before[name] for name in ("iss", "sub", "aud", "auth_time")] == [
        after[name] for name in ("iss", "sub", "aud", "auth_time")
    ]
    assert "nonce" not in after or after["nonce"] == before["nonce"]
    assert party.userinfo(second)["sub"] == before["sub"]


def test_oidcc_refresh_token_of_another_client_is_refused(op: Examined) -> None:
    party, other = (RelyingParty.register(op, grant_types=["authorization_code", "refresh_token"]) for _ in range(2))
    token = party.log_in(scope="openid offline_access")["refresh_token"]
    answer = other.token({"grant_type": "refresh_token", "refresh_token": token})
    assert answer.json()["error"] == "invalid_grant"


def test_oidcc_ensure_request_with_valid_pkce_succeeds(op: Examined) -> None:
    party = RelyingParty.register(op)
    verifier = "dBjftJeZ4CVP-mBjCkJ2X4Ek6V1CNjxF5AqqqqqqqqqA"
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    answer = party.authorize(code_challenge=challenge, code_challenge_method="S256")
    assert party.redeem(answer["code"], code_verifier=verifier).status_code == 400, "another verifier"
    answer = party.authorize(code_challenge=challenge, code_challenge_method="S256")
    right = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert party.redeem(answer["code"], code_verifier=right).status_code == 200


def test_the_query_of_a_post_is_kept_whole(op: Examined) -> None:
    """What comes by POST and what comes by GET is one request."""
    party = RelyingParty.register(op)
    parameters = party.parameters(extra="a&b=c")
    sent = party.send(parameters, method="POST")
    assert sent.headers["location"] == f"/authorize?{urlencode(parameters)}"
