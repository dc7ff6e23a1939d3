"""`oidcc-config-certification-test-plan`: the discovery document alone."""

import re

import pytest
from authlib.oidc.discovery import OpenIDProviderMetadata

from tests.sso.examined import ISSUER, Examined

KNOWN = {
    *("issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "registration_endpoint"),
    *("introspection_endpoint", "revocation_endpoint", "end_session_endpoint", "check_session_iframe"),
    *("pushed_authorization_request_endpoint", "device_authorization_endpoint", "scopes_supported"),
    *("response_types_supported", "response_modes_supported", "grant_types_supported", "subject_types_supported"),
    *("acr_values_supported", "id_token_signing_alg_values_supported", "userinfo_signing_alg_values_supported"),
    *("request_object_signing_alg_values_supported", "token_endpoint_auth_methods_supported"),
    *("token_endpoint_auth_signing_alg_values_supported", "introspection_endpoint_auth_methods_supported"),
    *("introspection_endpoint_auth_signing_alg_values_supported", "revocation_endpoint_auth_methods_supported"),
    *("revocation_endpoint_auth_signing_alg_values_supported", "display_values_supported", "claim_types_supported"),
    *("claims_supported", "service_documentation", "ui_locales_supported", "claims_parameter_supported"),
    *("request_parameter_supported", "request_uri_parameter_supported", "require_request_uri_registration"),
    *("code_challenge_methods_supported", "authorization_response_iss_parameter_supported"),
    *("prompt_values_supported", "backchannel_logout_supported", "backchannel_logout_session_supported"),
    *("frontchannel_logout_supported", "frontchannel_logout_session_supported"),
}
"""Members that a specification defines."""


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"])
def test_oidcc_discovery_endpoint_verification(op: Examined, path: str) -> None:
    answer = op.browser().get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    document = answer.json()
    assert document["issuer"] == ISSUER
    OpenIDProviderMetadata(document).validate()
    assert set(document) <= KNOWN, "no member that no specification knows"
    addresses = [value for name, value in document.items() if name.endswith(("_endpoint", "_uri", "_iframe"))]
    assert all(address.startswith("https://") for address in addresses)
    assert "RS256" in document["id_token_signing_alg_values_supported"]
    assert "RS256" in document["request_object_signing_alg_values_supported"]
    assert "openid" in document["scopes_supported"]
    assert all(re.fullmatch(r"[\x21\x23-\x5b\x5d-\x7e]+", scope) for scope in document["scopes_supported"])
    assert document["ui_locales_supported"] == ["vi", "en"]
    assert {"name", "email", "address", "phone_number"} <= set(document["claims_supported"])


def test_every_address_that_is_told_answers(op: Examined) -> None:
    browser = op.browser()
    document = browser.get("/.well-known/openid-configuration").json()
    for name, address in document.items():
        if name.endswith(("_endpoint", "_uri", "_iframe")) and name != "service_documentation":
            assert browser.get(address.removeprefix(ISSUER)).status_code != 404, name


def test_the_key_set_is_whole_and_public(op: Examined) -> None:
    keys = op.browser().get("/jwks").json()["keys"]
    assert {key["alg"] for key in keys} >= {"RS256", "ES256"}
    assert all({"kid", "use", "alg", "kty"} <= set(key) for key in keys)
    assert not any({"d", "p", "q", "k"} & set(key) for key in keys)
    assert len({key["kid"] for key in keys}) == len(keys)
