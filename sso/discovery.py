"""The two discovery documents (OpenID Connect Discovery 1.0 §3, RFC 8414) and the key set: what a client needs to know to begin."""

import json
from pathlib import Path
from typing import Any, Final

from sso.algorithms import ALGORITHMS
from sso.client_registration import GRANT_TYPES
from sso.levels import CERTIFICATE, LEVELS
from sso.particulars import DEFAULT_NAMES, KEYS
from sso.previews import CLAIMS as PREVIEW
from sso.response_types import list_grants, list_modes, list_offered
from sso.scopes import ALL_SCOPES, CLAIMS
from sso.settings import SsoSection
from sso.subjects import SUBJECT_TYPES

SECRET_METHODS: Final = (*DEFAULT_NAMES, KEYS)
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
    "pushed_authorization_request_endpoint": "/par",
    "device_authorization_endpoint": "/device_authorization",
    "end_session_endpoint": "/logout",
    "check_session_iframe": "/session/check",
}
PROTOCOL_CLAIMS: Final = ("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash")


def build_metadata(issuer: str, policy: SsoSection, *, certificates: bool = False) -> dict[str, Any]:
    """The document; every address is built from the configured issuer. Nothing stands in it that is not there."""
    types = list_offered(implicit_flow=policy.implicit_flow)
    document = {
        "issuer": issuer,
        **{name: issuer + path for name, path in ENDPOINTS.items()},
        "scopes_supported": list(ALL_SCOPES),
        "response_types_supported": [each.name for each in types],
        "response_modes_supported": list(list_modes(types)),
        "grant_types_supported": list(dict.fromkeys([*GRANT_TYPES, *list_grants(types)])),
        "subject_types_supported": list(SUBJECT_TYPES),
        **tell_algorithms(),
        **tell_client_authentication(),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "display_values_supported": ["page", "popup", "touch"],
        "acr_values_supported": [level for level in LEVELS if level != CERTIFICATE or certificates],
        "claim_types_supported": ["normal"],
        "claims_supported": [*PROTOCOL_CLAIMS, *(claim for claims in CLAIMS.values() for claim in claims), *PREVIEW],
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
        "claims_parameter_supported": True,
        "request_parameter_supported": True,
        "request_uri_parameter_supported": bool(policy.fetch_hosts or policy.laboratory_hosts),
        "require_request_uri_registration": True,
        "ui_locales_supported": ["vi", "en"],
        "service_documentation": f"{issuer}/openapi.json",
    }
    if policy.registration != "off":
        document["registration_endpoint"] = f"{issuer}/register"
    return document


def tell_algorithms() -> dict[str, list[str]]:
    """What is signed and believed; `none` nowhere."""
    places = (
        "id_token_signing_alg_values_supported",
        "userinfo_signing_alg_values_supported",
        "request_object_signing_alg_values_supported",
        "token_endpoint_auth_signing_alg_values_supported",
        "introspection_endpoint_auth_signing_alg_values_supported",
        "revocation_endpoint_auth_signing_alg_values_supported",
    )
    return {place: list(ALGORITHMS) for place in places}


def tell_client_authentication() -> dict[str, list[str]]:
    """How applications prove themselves, by endpoint."""
    return {
        "token_endpoint_auth_methods_supported": [*SECRET_METHODS, "none"],
        "introspection_endpoint_auth_methods_supported": list(SECRET_METHODS),
        "revocation_endpoint_auth_methods_supported": [*SECRET_METHODS, "none"],
    }
