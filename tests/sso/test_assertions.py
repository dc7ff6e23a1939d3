"""`private_key_jwt`: what proves an application, and what does not."""

from typing import Any

import httpx
import pytest
from joserfc import jwt

from tests.sso.examined import ISSUER, Examined
from tests.sso.relying_party import CALLBACK, RelyingParty, as_json, make_key, public_set

KEY, FOREIGN = make_key("one"), make_key("one")
KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def register(op: Examined, **members: Any) -> RelyingParty:
    """An application that proves itself by its key."""
    where = {} if "jwks_uri" in members else {"jwks": public_set(KEY)}
    return RelyingParty.register(op, KEY, token_endpoint_auth_method="private_key_jwt", **{**where, **members})


def introspect(party: RelyingParty, assertion: str, **changed: str) -> httpx.Response:
    """A request that needs nothing but the proof."""
    form = {"client_assertion_type": KIND, "client_assertion": assertion, "token": "made up", **changed}
    return party.browser.post("/introspect", data=form)


@pytest.mark.parametrize("audience", [ISSUER, f"{ISSUER}/token", f"{ISSUER}/introspect"])
def test_an_assertion_proves_its_client_once(op: Examined, audience: str) -> None:
    party = register(op)
    assertion = party.prove(audience)
    assert introspect(party, assertion).json() == {"active": False}
    again = introspect(party, assertion)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client"), "sent before"


def test_there_is_no_secret(op: Examined) -> None:
    assert "client_secret" not in register(op).metadata


WRONG = [
    pytest.param({"aud": "https://another.example"}, id="another audience"),
    pytest.param({"aud": ISSUER + "/"}, id="nearly our audience"),
    pytest.param({"aud": None}, id="no audience"),
    pytest.param({"iss": "another"}, id="another issuer"),
    pytest.param({"sub": "another"}, id="another subject"),
    pytest.param({"exp": 1}, id="over"),
    pytest.param({"exp": 4102444800}, id="for ever"),
    pytest.param({"exp": None}, id="without an end"),
    pytest.param({"exp": "soon"}, id="an end that is none"),
    pytest.param({"nbf": 4102444800}, id="not yet good"),
    pytest.param({"jti": None}, id="without a number"),
    pytest.param({"jti": 7}, id="a number that is no text"),
]


@pytest.mark.parametrize("changed", WRONG)
def test_an_assertion_that_says_something_wrong_proves_nothing(op: Examined, changed: dict[str, Any]) -> None:
    party = register(op)
    answer = introspect(party, party.prove(**changed))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.json()["error_description"] == "The client could not be authenticated.", "the same words for each"


def test_another_key_of_the_same_name_proves_nothing(op: Examined) -> None:
    party = register(op)
    party.key = FOREIGN
    assert introspect(party, party.prove()).status_code == 401


@pytest.mark.parametrize("alg", ["PS256"])
def test_an_algorithm_that_was_not_registered_proves_nothing(op: Examined, alg: str) -> None:
    party = register(op, token_endpoint_auth_signing_alg="RS256")
    claims = jwt.decode(party.prove(), KEY).claims
    assert introspect(party, jwt.encode({"alg": alg}, claims, KEY, algorithms=[alg])).status_code == 401


@pytest.mark.parametrize(
    "changed, status",
    [
        pytest.param({"client_assertion_type": "password"}, 401, id="another type"),
        pytest.param({"client_id": "another"}, 401, id="another client beside it"),
        pytest.param({"client_secret": "x"}, 400, id="a secret beside it"),
        pytest.param({"client_assertion": "x" * 20_000}, 401, id="endless"),
        pytest.param({"client_assertion": "ữ"}, 401, id="no ASCII"),
        pytest.param({"client_assertion": "a.b.c"}, 401, id="no token"),
        pytest.param({"client_assertion": "e30.bnVsbA.c"}, 401, id="claims that are null"),
    ],
)
def test_what_is_no_proof(op: Examined, changed: dict[str, str], status: int) -> None:
    party = register(op)
    assert introspect(party, party.prove(), **changed).status_code == status


def test_a_client_with_keys_has_no_other_way(op: Examined) -> None:
    party = register(op)
    answer = party.browser.post("/introspect", data={"token": "x"}, auth=(party.client_id, ""))
    assert answer.status_code == 401
    with_secret = RelyingParty.register(op, KEY, jwks=public_set(KEY))
    assert introspect(with_secret, with_secret.prove()).status_code == 401, "registered for its secret"


def test_a_failed_proof_spends_no_code(op: Examined) -> None:
    party = register(op)
    code = party.authorize()["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    bad = {**form, "client_assertion_type": KIND, "client_assertion": party.prove("https://another.example")}
    assert party.browser.post("/token", data=bad).status_code == 401
    assert party.token(form).status_code == 200


def test_keys_elsewhere_are_fetched_once_and_a_stranger_cannot_make_us_ask_on_end(op: Examined) -> None:
    uri = op.outside.put("/keys-of-one", as_json(public_set(KEY)))
    party = register(op, jwks_uri=uri)
    op.outside.gets.clear()
    for _ in range(5):
        assert introspect(party, party.prove()).status_code == 200
    assert op.outside.gets == ["/keys-of-one"]
    party.key = make_key("unknown")
    for _ in range(5):
        assert introspect(party, party.prove()).status_code == 401
    assert len(op.outside.gets) <= 2


def test_keys_that_cannot_be_had_prove_nothing_and_nothing_falls_over(op: Examined) -> None:
    party = register(op, jwks_uri=op.outside.address("/nowhere"))
    assert introspect(party, party.prove()).status_code == 401
    op.outside.put("/broken", "[[[[")
    broken = register(op, jwks_uri=op.outside.address("/broken"))
    assert introspect(broken, broken.prove()).status_code == 401
