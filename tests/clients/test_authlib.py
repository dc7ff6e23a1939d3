"""Authlib as an application: its own client, over HTTP, with the settings the snippet names."""

from typing import Any

import httpx
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.clients.conftest import Standing

CALLBACK = "http://127.0.0.1:8999/callback"


def test_authlib_logs_in_refreshes_and_revokes(standing: Standing) -> None:
    """Rules 2, 3, 6 and 12: discovery says everything, Basic is raw, offline_access is granted and may be asked for again."""
    secret = standing.register("authlib", CALLBACK)
    with OAuth2Client(
        "authlib",
        secret,
        redirect_uri=CALLBACK,
        scope="openid profile unit offline_access",
        code_challenge_method="S256",
    ) as client:
        known = httpx.get(f"{standing.issuer}/.well-known/openid-configuration").json()
        address, state = client.create_authorization_url(known["authorization_endpoint"], code_verifier="v" * 48)
        back = standing.person().follow(address, CALLBACK)
        tokens: dict[str, Any] = client.fetch_token(
            known["token_endpoint"], authorization_response=back, state=state, code_verifier="v" * 48
        )
        keys = KeySet.import_key_set(httpx.get(known["jwks_uri"]).json())
        claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
        assert (claims["iss"], claims["aud"]) == (standing.issuer, "authlib")
        told = client.get(known["userinfo_endpoint"]).json()
        assert (told["sub"], told["unit_code"]) == (claims["sub"], "H61.12")
        fresh = client.refresh_token(known["token_endpoint"], scope="openid profile unit offline_access")
        assert fresh["refresh_token"] != tokens["refresh_token"]
        assert (
            client.introspect_token(known["introspection_endpoint"], fresh["access_token"]).json()["username"]
            == "hoa.lt"
        )
        for _twice in range(2):
            assert client.revoke_token(known["revocation_endpoint"], fresh["refresh_token"]).status_code == 200
        assert client.get(known["userinfo_endpoint"]).status_code == 401
