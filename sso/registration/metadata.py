"""What an application writes when it registers itself, as a registration of ours: one table of members, each with its check.

Members we do not know are ignored (RFC 7591 §2); members we know and cannot do are refused, so that nobody believes
to have what is not there.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from authlib.oauth2 import OAuth2Error

from sso.algorithms import ALGORITHMS
from sso.client_registration import NewClient
from sso.clients import by_keys
from sso.errors import RedirectRefused
from sso.key_sets import build_key_set
from sso.particulars import DEFAULT_NAMES, KEYS, PLAIN, Particulars
from sso.redirects import NETLOC, UNSAFE, check_registrable, names_own_machine, origin_of
from sso.response_types import (
    CODE,
    IMPLICIT,
    RESPONSE_TYPES,
    ResponseType,
    find_response_type,
    list_grants,
    list_modes,
    list_offered,
)
from sso.scopes import PERSON_SCOPES, split_scope
from sso.settings import SsoSection
from sso.subjects import PAIRWISE, SUBJECT_TYPES

LIST_AT_MOST: Final = 20
TEXT_AT_MOST: Final = 2000
NAME_AT_MOST: Final = 200
NO_PROOF: Final = "none"
AUTH_METHODS: Final = (*DEFAULT_NAMES, KEYS, NO_PROOF)
DEVICE: Final = "urn:ietf:params:oauth:grant-type:device_code"
GRANTS: Final = ("authorization_code", "refresh_token", DEVICE, IMPLICIT)
"""What somebody unknown may use: nothing that works without a person."""
NOT_DONE: Final = (
    "id_token_encrypted_response_alg",
    "userinfo_encrypted_response_alg",
    "request_object_encryption_alg",
    "introspection_encrypted_response_alg",
)


class MetadataError(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types.
    """A member that cannot be registered (RFC 7591 §3.2.2)."""

    error = "invalid_client_metadata"


class MemberError(MetadataError):
    """One member, or some together, that cannot be registered like this."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} cannot be registered like this.")


class RedirectUriError(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types.
    """An address that cannot be registered (RFC 7591 §3.2.2)."""

    error = "invalid_redirect_uri"


Reader = Callable[[str, Any], Any]


def text(name: str, value: Any) -> str:
    """A short text. Raises MetadataError."""
    if not isinstance(value, str) or not value or len(value) > TEXT_AT_MOST or not value.isprintable():
        raise MemberError(name)
    return value


def flag(name: str, value: Any) -> bool:
    """True or false. Raises MetadataError."""
    if not isinstance(value, bool):
        raise MemberError(name)
    return value


def seconds(name: str, value: Any) -> int:
    """A number of seconds. Raises MetadataError."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**9:
        raise MemberError(name)
    return value


def texts(name: str, value: Any) -> tuple[str, ...]:
    """A short list of texts. Raises MetadataError."""
    if not isinstance(value, list) or len(value) > LIST_AT_MOST:
        raise MemberError(name)
    return tuple(text(name, entry) for entry in value)


def secure_address(name: str, value: Any) -> str:
    """An https address for people or for us to fetch; no script, no user part, no control character. Raises MetadataError."""
    address = text(name, value)
    try:
        parts = urlsplit(address)
        _port = parts.port
    except ValueError as error:
        raise MemberError(name) from error
    if parts.scheme != "https" or not NETLOC.fullmatch(parts.netloc) or UNSAFE.search(address):
        raise MemberError(name)
    return address


def secure_addresses(name: str, value: Any) -> tuple[str, ...]:
    """A short list of https addresses. Raises MetadataError."""
    return tuple(secure_address(name, entry) for entry in texts(name, value))


def one_of(*known: str) -> Reader:
    """A reader of one word out of a few."""

    def read(name: str, value: Any) -> str:
        if value not in known:
            raise MemberError(name)
        return str(value)

    return read


def key_set(name: str, value: Any) -> Mapping[str, Any]:
    """Public keys by value. Raises MetadataError."""
    try:
        build_key_set(value)
    except ValueError as error:
        raise MemberError(name) from error
    return {"keys": value["keys"]}


ALGORITHM: Final = one_of(*ALGORITHMS)
MEMBERS: Final[Mapping[str, Reader]] = {
    "token_endpoint_auth_method": one_of(*AUTH_METHODS),
    "token_endpoint_auth_signing_alg": ALGORITHM,
    "application_type": one_of("web", "native"),
    "jwks": key_set,
    "jwks_uri": secure_address,
    "subject_type": one_of(*SUBJECT_TYPES),
    "sector_identifier_uri": secure_address,
    "userinfo_signed_response_alg": ALGORITHM,
    "request_object_signing_alg": ALGORITHM,
    "require_signed_request_object": flag,
    "require_pushed_authorization_requests": flag,
    "request_uris": secure_addresses,
    "default_max_age": seconds,
    "require_auth_time": flag,
    "default_acr_values": texts,
    "initiate_login_uri": secure_address,
    "client_uri": secure_address,
    "logo_uri": secure_address,
    "policy_uri": secure_address,
    "tos_uri": secure_address,
    "contacts": texts,
    "software_id": text,
    "software_version": text,
    "frontchannel_logout_uri": secure_address,
    "frontchannel_logout_session_required": flag,
    "backchannel_logout_session_required": flag,
}


def read_metadata(body: Mapping[str, Any], policy: SsoSection) -> NewClient:
    """A registration as written, each member checked by itself and with the others. Raises MetadataError, RedirectUriError."""
    written = {name: value for name, value in body.items() if value is not None}
    for name in NOT_DONE:
        if name in written:
            raise MemberError(name)
    values = {name: read(name, written[name]) for name, read in MEMBERS.items() if name in written}
    values.setdefault("token_endpoint_auth_method", "client_secret_basic")
    native = values.get("application_type") == "native"
    redirect_uris = read_redirects(written, "redirect_uris", native=native)
    grants, types = read_grants(written, redirect_uris, list_offered(implicit_flow=policy.implicit_flow))
    particulars = Particulars(**values, response_types=types or PLAIN.response_types, claims_in_id_token=False)
    check_together(particulars, redirect_uris)
    check_sector_shown(particulars, redirect_uris, grants, policy.laboratory_hosts)
    return NewClient(
        name=text("client_name", written.get("client_name", "—"))[:NAME_AT_MOST],
        kind="public" if particulars.token_endpoint_auth_method == NO_PROOF else "confidential",
        redirect_uris=redirect_uris,
        post_logout_redirect_uris=read_redirects(written, "post_logout_redirect_uris", native=native),
        grant_types=grants,
        scopes=read_scopes(written),
        pkce_required=policy.registration_pkce,
        own=False,
        id_token_alg=ALGORITHM("id_token_signed_response_alg", written.get("id_token_signed_response_alg", "RS256")),
        backchannel_logout_uri=secure_address("backchannel_logout_uri", written["backchannel_logout_uri"])
        if "backchannel_logout_uri" in written
        else None,
        particulars=particulars,
    )


def read_redirects(written: Mapping[str, Any], name: str, *, native: bool) -> tuple[str, ...]:
    """The addresses to be answered at. Raises RedirectUriError, MetadataError."""
    addresses = texts(name, written.get(name, []))
    for address in addresses:
        try:
            check_registrable(address, native=native)
        except RedirectRefused as error:
            raise RedirectUriError(f"An address in {name} cannot be registered.") from error
        if not native and not address.startswith("https:"):
            raise RedirectUriError(f"An address in {name} is not https.")
    return addresses


def read_grants(
    written: Mapping[str, Any], redirect_uris: tuple[str, ...], offered: tuple[ResponseType, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The grants and the response types, which agree with each other, the addresses and what is offered here. Raises MetadataError,
    RedirectUriError.
    """
    grants = texts("grant_types", written.get("grant_types", [*CODE.grants]))
    named = texts(
        "response_types", written.get("response_types", [CODE.name] if set(CODE.grants) <= set(grants) else [])
    )
    types = [each for name in named if (each := find_response_type(name)) in offered and each is not None]
    if not set(grants) <= set(GRANTS) or len(types) != len(named):
        raise MemberError("grant_types or response_types")
    if set(grants) & set(list_grants(RESPONSE_TYPES)) != set(list_grants(types)):
        raise MemberError("grant_types together with response_types")
    modes = texts("response_modes", written.get("response_modes", []))
    if not set(modes) <= set(list_modes(offered)):
        raise MemberError("response_modes")
    if types and not redirect_uris:
        raise RedirectUriError("redirect_uris is missing.")
    return grants, tuple(dict.fromkeys(each.name for each in types))


def read_scopes(written: Mapping[str, Any]) -> tuple[str, ...]:
    """The scopes of people it named, or all of them; others are left out (RFC 7591 §2). Raises MetadataError."""
    if "scope" not in written:
        return PERSON_SCOPES
    return tuple(scope for scope in split_scope(text("scope", written["scope"])) if scope in PERSON_SCOPES)


def check_together(particulars: Particulars, redirect_uris: tuple[str, ...]) -> None:
    """What members say about each other. Raises MetadataError."""
    if particulars.jwks is not None and particulars.jwks_uri is not None:
        raise MemberError("jwks together with jwks_uri")
    if by_keys(particulars) and not (particulars.jwks or particulars.jwks_uri):
        raise MemberError("private_key_jwt without keys")
    origin = origin_of(particulars.frontchannel_logout_uri) if particulars.frontchannel_logout_uri else None
    if origin is not None and origin not in {origin_of(address) for address in redirect_uris}:
        raise MemberError("frontchannel_logout_uri of another origin than the redirect addresses")


def check_sector_shown(
    particulars: Particulars, redirect_uris: tuple[str, ...], grants: tuple[str, ...], laboratories: tuple[str, ...]
) -> None:
    """Refuse a sector nobody shows to be theirs: what people are called there would be told to whoever names its host.

    A sector is shown by getting the codes at its addresses (OpenID Connect Core §8.1), so not by a device, which gets its tokens
    anywhere, nor by a program on the machine of whoever uses it, where all programs are one host (except for laboratories). Raises
    MetadataError.
    """
    if not redirect_uris and particulars.sector_identifier_uri:
        raise MemberError("sector_identifier_uri without redirect_uris")
    if particulars.subject_type != PAIRWISE:
        return
    hosts = {urlsplit(address).hostname for address in redirect_uris}
    if not particulars.sector_identifier_uri and len(hosts) != 1:
        raise MemberError("pairwise subjects of several hosts without sector_identifier_uri")
    if DEVICE in grants:
        raise MemberError("pairwise subjects together with the device grant")
    if any(names_own_machine(address) and urlsplit(address).hostname not in laboratories for address in redirect_uris):
        raise MemberError("pairwise subjects at loopback")
