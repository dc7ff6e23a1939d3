"""The two discovery documents (OpenID Connect Discovery 1.0 §3, RFC 8414) and the key set: what a client needs to know to begin."""

import json
from pathlib import Path
from typing import Any, Final

from sso.algorithms import ALGORITHMS
from sso.authorization.checks import RESPONSE_MODES
from sso.clients import GRANT_TYPES
from sso.scopes import ALL_SCOPES, CLAIMS
from sso.sessions import PASSWORD

SECRET_METHODS: Final = ("client_secret_basic", "client_secret_post")
CLAIMS_SCHEMA: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "schemas" / "claims.json").read_text(encoding="utf-8")
)
"""JSON Schema of what an application is told about a person."""
ENDPOINTS: Final = {
    "authorization_endpoint": "/authorize",
    "token_endpoint": "/token",
    "userinfo_endpoint": "/userinfo",
    "jwks_uri": "/jwks",
    "introspection_endpoint": "/introspect",
    "revocation_endpoint": "/revoke",
    "end_session_endpoint": "/logout",
}
PROTOCOL_CLAIMS: Final = ("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash")


def build_metadata(issuer: str) -> dict[str, Any]:
    """The document; every address is built from the configured issuer."""
    return {
        "issuer": issuer,
        **{name: issuer + path for name, path in ENDPOINTS.items()},
        "scopes_supported": list(ALL_SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": list(GRANT_TYPES),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "token_endpoint_auth_methods_supported": [*SECRET_METHODS, "none"],
        "introspection_endpoint_auth_methods_supported": list(SECRET_METHODS),
        "revocation_endpoint_auth_methods_supported": [*SECRET_METHODS, "none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "acr_values_supported": [PASSWORD],
        "claim_types_supported": ["normal"],
        "claims_supported": [*PROTOCOL_CLAIMS, *(claim for claims in CLAIMS.values() for claim in claims)],
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "ui_locales_supported": ["vi", "en"],
        "service_documentation": f"{issuer}/openapi.json",
    }
