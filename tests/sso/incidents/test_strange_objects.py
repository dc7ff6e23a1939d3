"""Request objects that an application really signed and that say what nobody expects: refused, never a fault of ours."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from sso.particulars import Particulars
from tests.sso.flow import Application, Attempt
from tests.sso.fuzzing.readers import key, sign_payload
from tests.sso.incidents.conftest import ISSUER, Attacked
from tests.sso.relying_party import public_set


@pytest.fixture(scope="module")
def signer(attacked: Attacked) -> Application:
    """An application that signs its requests."""
    return attacked.application(particulars=Particulars(jwks=public_set(key())))


STRANGE: list[Any] = [
    *(b"[" * 3_000, b'{"a":' * 900, b"null", b"7", b'""', b"{}", b"\xff"),
    *({"state": "\ud800"}, {"nonce": "\udfff"}, {"\ud800": "x"}, {"state": "\x00"}, {"claims": "\ud83d"}),
    *({"exp": float("nan")}, {"exp": float("inf")}, {"nbf": -(10**30)}, {"exp": "soon"}, {"exp": []}, {"iat": {}}),
    *({"scope": ["openid"]}, {"claims": {"userinfo": [[]]}}, {"claims": {"id_token": {"acr": {"values": 7}}}}),
    *(
        {"claims": {"id_token": {"sub": {"value": {"a": 1}}}}},
        {"claims": {"id_token": {"acr": {"values": ["\ud800"]}}}},
    ),
    *({"max_age": 10**400}, {"max_age": -1}, {"max_age": True}, {"max_age": 1.5}, {"prompt": 7}, {"response_mode": {}}),
    *({"resource": [1, None, {}]}, {"resource": ["\ud800"]}, {"acr_values": "\ud800"}, {"ui_locales": "\ud800"}),
    *(
        {"id_token_hint": "\ud800"},
        {"login_hint": "\ud800"},
        {"display": []},
        {"redirect_uri": "\ud800"},
        {"aud": 7},
        {"iss": []},
    ),
]


@pytest.mark.parametrize("strange", STRANGE, ids=lambda one: quote(str(one))[:40])
@pytest.mark.parametrize("way", ["/authorize", "/par"])
def test_a_signed_request_that_says_something_strange_is_no_fault_of_ours(
    attacked: Attacked, signer: Application, way: str, strange: Any
) -> None:
    attempt = Attempt(signer)
    payload = strange
    if isinstance(strange, dict):
        whole = {**attempt.parameters(), "iss": signer.client_id, "aud": ISSUER, **strange}
        payload = json.dumps(whole).encode()
    signed = sign_payload(payload).decode()
    if way == "/par":
        answer = attacked.browser().post("/par", data={"request": signed}, auth=(signer.client_id, signer.secret or ""))
        assert answer.status_code in (201, 400)
        return
    answer = attacked.browser().get(
        attempt.address(request=signed, code_challenge=None, code_challenge_method=None, nonce=None)
    )
    assert answer.status_code in (303, 400)
