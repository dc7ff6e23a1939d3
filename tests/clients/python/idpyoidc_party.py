"""idpyoidc as an application, spoken with in lines of JSON: what it is told on stdin, what it says on stdout."""

import json
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

from idpyoidc.client.rp_handler import RPHandler

PKCE = {
    "function": "idpyoidc.client.oauth2.add_on.pkce.add_support",
    "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"},
}


CLASSES = {"private_key_jwt": "PrivateKeyJWT", "client_secret_basic": "ClientSecretBasic"}


def configure(told: dict[str, Any]) -> dict[str, Any]:
    """The registration as idpyoidc wants it."""
    method = "private_key_jwt" if "keys" in told else "client_secret_basic"
    kept = {"private_path": told.get("keys"), "key_defs": [{"type": "RSA", "use": ["sig"]}], "read_only": True}
    return {
        "issuer": told["issuer"],
        "client_id": told["client_id"],
        "client_secret": told.get("secret") or "",
        "client_type": "oidc",
        "redirect_uris": [told["redirect_uri"]],
        "scopes_supported": told["scope"].split(),
        "response_types_supported": ["code"],
        "token_endpoint_auth_methods_supported": [method],
        "token_endpoint_auth_method": method,
        "client_authn_methods": {method: {"class": f"idpyoidc.client.client_auth.{CLASSES[method]}", "kwargs": {}}},
        "add_ons": {"pkce": PKCE},
        **({"key_conf": kept} if "keys" in told else {}),
    }


def main() -> None:
    """One log-in, from discovery to userinfo."""
    told = json.loads(sys.stdin.readline())
    party = RPHandler(base_url="http://127.0.0.1:8999", client_configs={"hopnhat": configure(told)})
    print(json.dumps({"address": party.begin("hopnhat")}), flush=True)
    back = json.loads(sys.stdin.readline())["came_back"]
    parameters = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    answer = party.finalize(told["issuer"], parameters)
    if "error" in answer:
        raise SystemExit(str(answer))
    identity = answer["id_token"]
    print(json.dumps({"claims": identity.to_dict(), "person": answer["userinfo"].to_dict()}), flush=True)


main()
