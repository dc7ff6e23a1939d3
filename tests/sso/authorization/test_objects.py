"""Signed requests: believed whole, or not at all."""

import base64
import hmac
import json
from typing import Any

import pytest
from joserfc import jwt

from tests.sso.examined import ISSUER, Examined
from tests.sso.relying_party import RelyingParty, make_key, public_set, read_answer

KEY, FOREIGN = make_key("one"), make_key("one")


def register(op: Examined, **members: Any) -> RelyingParty:
    """An application that signs."""
    return RelyingParty.register(op, KEY, jwks=public_set(KEY), **members)


def send(party: RelyingParty, token: str, **beside: str) -> dict[str, str]:
    """The answer to a request object, with the least that must stand beside it."""
    query = {"client_id": party.client_id, "response_type": "code", "scope": "openid", **beside}
    return read_answer(party.walk(party.send({**query, "request": token})))


def test_a_signed_request_is_answered(op: Examined) -> None:
    party = register(op)
    parameters = party.parameters(max_age="100", claims=None)
    answer = send(party, party.sign_request({**parameters, "max_age": 100}), redirect_uri=parameters["redirect_uri"])
    assert answer["state"] == parameters["state"]
    claims = party.read_id_token(party.redeem(answer["code"]).json()["id_token"])
    assert claims["nonce"] == parameters["nonce"]


def test_a_request_that_is_over_before_its_person_found_the_password_is_still_answered(op: Examined) -> None:
    party = register(op)
    parameters = party.parameters()
    token = party.sign_request(parameters, exp=int(op.clock.now.timestamp()) + 60)
    sent = party.send({"client_id": party.client_id, "response_type": "code", "request": token})
    assert "request%3D" not in sent.headers["location"], "it is kept here, not carried along"
    op.clock.advance(minutes=5)
    assert "code" in read_answer(party.walk(sent))


CLAIMS = [
    pytest.param({"aud": "https://another.example"}, id="for another provider"),
    pytest.param({"iss": "another"}, id="of another issuer"),
    pytest.param({"client_id": "another"}, id="of another client"),
    pytest.param({"response_type": "token"}, id="another response type than the query's"),
    pytest.param({"exp": 1}, id="over"),
    pytest.param({"nbf": 4102444800}, id="not yet good"),
    pytest.param({"exp": "soon"}, id="time that is none"),
    pytest.param({"request": "x"}, id="an object in an object"),
    pytest.param({"request_uri": "https://x"}, id="a reference in an object"),
    pytest.param({"client_secret": "x"}, id="a secret in an object"),
    pytest.param({"asked": "1.00"}, id="our own mark"),
    pytest.param({"state": 1.5}, id="a state that is no text"),
    pytest.param({"state": "a\x00b"}, id="a NUL"),
]


@pytest.mark.parametrize("changed", CLAIMS)
def test_an_object_that_says_something_wrong_is_refused(op: Examined, changed: dict[str, Any]) -> None:
    party = register(op)
    parameters = party.parameters()
    answer = send(party, party.sign_request(parameters, **changed), redirect_uri=parameters["redirect_uri"])
    assert answer["error"] == "invalid_request_object"


def test_a_proof_of_the_client_is_no_request(op: Examined) -> None:
    """RFC 9101 §10.8: a client assertion cannot be played as a request object."""
    party = register(op)
    assert send(party, party.prove(audience=ISSUER), redirect_uri=party.parameters()["redirect_uri"]) == {
        "error": "invalid_request_object",
        "iss": ISSUER,
    }


def sign_with_text(text: bytes, claims: dict[str, Any]) -> str:
    """A token whose HMAC key is something everybody knows (CVE-2024-37568)."""
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256"}, claims)]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = base64.urlsafe_b64encode(hmac.digest(text, signed, "sha256")).rstrip(b"=")
    return (signed + b"." + signature).decode()


def forge(party: RelyingParty, kind: str, claims: dict[str, Any]) -> str:
    """An object signed in a way nobody believes."""
    match kind:
        case "another key":
            return jwt.encode({"alg": "RS256", "kid": "one"}, claims, FOREIGN)
        case "key in its header":
            return jwt.encode({"alg": "RS256", "jwk": FOREIGN.as_dict(private=False)}, claims, FOREIGN)
        case "public key as secret":
            return sign_with_text(KEY.as_pem(private=False), claims)
        case "critical header":
            return jwt.encode({"alg": "RS256", "crit": ["b64"], "b64": True}, claims, KEY)
        case "another type":
            return jwt.encode({"alg": "RS256", "typ": "logout+jwt"}, claims, KEY)
    return (
        jwt.encode({"alg": "PS256"}, claims, KEY, algorithms=["PS256"]) if kind == "unregistered algorithm" else "a.b.c"
    )


FORGED = [
    *("another key", "key in its header", "public key as secret", "critical header", "another type"),
    *("unregistered algorithm", "no token"),
]


@pytest.mark.parametrize("kind", FORGED)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_an_object_nobody_signed_is_refused(op: Examined, kind: str) -> None:
    party = register(op, request_object_signing_alg="RS256")
    parameters = party.parameters()
    token = forge(party, kind, {**parameters, "iss": party.client_id, "aud": ISSUER})
    assert send(party, token, redirect_uri=parameters["redirect_uri"])["error"] == "invalid_request_object"


@pytest.mark.parametrize("name", ["code_challenge", "nonce", "claims", "resource"])
def test_nothing_that_the_signature_should_cover_is_taken_from_beside(op: Examined, name: str) -> None:
    """CVE-2023-48228's kin: a challenge from another place than the request."""
    party = register(op)
    parameters = party.parameters(nonce=None)
    beside = {"redirect_uri": parameters["redirect_uri"], name: "x" * 43}
    assert send(party, party.sign_request(parameters), **beside)["error"] == "invalid_request_object"


def test_who_must_sign_is_not_served_without(op: Examined) -> None:
    party = register(op, require_signed_request_object=True)
    assert read_answer(party.send(party.parameters()))["error"] == "invalid_request"


@pytest.mark.parametrize(
    "uri",
    [
        "https://localhost:8443/other",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "urn:x",
        "https://localhost/" + "x" * 600,
    ],
)
def test_only_a_registered_address_is_asked(op: Examined, uri: str) -> None:
    """CVE-2026-1180: an address from the query is never fetched."""
    party = register(op, request_uris=[op.outside.address("/registered")])
    before = list(op.outside.gets)
    parameters = party.parameters(request_uri=uri)
    assert read_answer(party.send(parameters))["error"] == "invalid_request_uri"
    assert op.outside.gets == before
