"""What an application may register beside its addresses and scopes: how it proves itself, what its answers are signed
with, how it is told of log-outs, which resources it guards.

Names are those of OpenID Connect Dynamic Client Registration 1.0 §2 and RFC 7591 §2, where they have one. Kept as one
JSON value with the defaults left out, so that a later profile adds a field and no column.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

ADDRESSES = (
    *("jwks_uri", "sector_identifier_uri", "initiate_login_uri", "client_uri", "logo_uri", "policy_uri", "tos_uri"),
    "frontchannel_logout_uri",
)
"""What stands on pages of ours or is asked by us: never anything but https, or loopback."""
DEFAULT_NAMES = ("client_secret_basic", "client_secret_post")
"""What a confidential application proves itself with unless it names one way: its secret, in either place."""
KEYS = "private_key_jwt"
IDENTIFIER_LENGTH = 500


@dataclass(frozen=True)
class Particulars:
    """The rest of a registration; every field has the meaning its specification gives it."""

    token_endpoint_auth_method: str | None = None
    token_endpoint_auth_signing_alg: str | None = None
    application_type: str = "web"
    response_types: tuple[str, ...] = ("code",)
    """What `/authorize` gives it, by `sso.response_types`; each wants its grants, too."""
    jwks: Mapping[str, Any] | None = None
    jwks_uri: str | None = None
    subject_type: str = "public"
    sector_identifier_uri: str | None = None
    userinfo_signed_response_alg: str | None = None
    request_object_signing_alg: str | None = None
    require_signed_request_object: bool = False
    require_pushed_authorization_requests: bool = False
    request_uris: tuple[str, ...] = ()
    default_max_age: int | None = None
    require_auth_time: bool = False
    default_acr_values: tuple[str, ...] = ()
    initiate_login_uri: str | None = None
    client_uri: str | None = None
    logo_uri: str | None = None
    policy_uri: str | None = None
    tos_uri: str | None = None
    contacts: tuple[str, ...] = ()
    software_id: str | None = None
    software_version: str | None = None
    frontchannel_logout_uri: str | None = None
    frontchannel_logout_session_required: bool = False
    backchannel_logout_session_required: bool = False
    claims_in_id_token: bool = True
    """Whether the claims of scopes stand in the ID token, too, and not at userinfo alone (ours)."""
    resources: tuple[str, ...] = ()
    """Identifiers of the resources this application guards (RFC 8707 §2): tokens for them are its to introspect (ours)."""


NAMES = tuple(field.name for field in fields(Particulars))
LISTS = ("response_types", "request_uris", "default_acr_values", "contacts", "resources")
PLAIN = Particulars()


def read_particulars(kept: Mapping[str, Any] | None) -> Particulars:
    """Particulars from their kept or written form; a name we do not know is a fault of ours. Raises TypeError."""
    if not kept:
        return PLAIN
    values: dict[str, Any] = {name: tuple(value) if name in LISTS else value for name, value in kept.items()}
    return Particulars(**values)


def write_particulars(particulars: Particulars) -> dict[str, Any]:
    """What differs from the defaults, ready for JSON."""
    written = {name: getattr(particulars, name) for name in NAMES if getattr(particulars, name) != getattr(PLAIN, name)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in written.items()}


def is_identifier(resource: str) -> bool:
    """Whether a text can name a resource: an absolute URI without fragment (RFC 8707 §2)."""
    try:
        parts = urlsplit(resource)
    except ValueError:
        return False
    return (
        bool(parts.scheme and (parts.netloc or parts.path))
        and "#" not in resource
        and len(resource) <= IDENTIFIER_LENGTH
    )
