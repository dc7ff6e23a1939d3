"""What may be registered: an application as somebody wants it, its defaults, and what is refused."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from foundation.errors import BadInput
from sso import models
from sso.algorithms import ALGORITHMS
from sso.clients import CLIENT_ID, by_keys
from sso.errors import RedirectRefused
from sso.key_sets import build_key_set
from sso.particulars import ADDRESSES, DEFAULT_NAMES, KEYS, PLAIN, Particulars, is_identifier
from sso.redirects import check_registrable, names_own_machine
from sso.response_types import IMPLICIT, find_response_type, list_grants
from sso.scopes import ACT_SCOPE, ALL_SCOPES, PERSON_SCOPES

DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
COMMAND_LINE: Final = "hopnhat-cli"
"""The public native client of `hopnhat login`."""
HOUSE: Final = (COMMAND_LINE, "signing")
"""The house's own applications, kept by the house itself (`house_clients.py`)."""
GRANT_TYPES: Final = ("authorization_code", "refresh_token", "client_credentials", DEVICE_GRANT)


@dataclass(frozen=True)
class NewClient:
    """What somebody wants to register; None for a field means its default."""

    name: str
    client_id: str | None = None
    kind: str = "confidential"
    redirect_uris: Sequence[str] = ()
    post_logout_redirect_uris: Sequence[str] = ()
    grant_types: Sequence[str] | None = None
    scopes: Sequence[str] | None = None
    pkce_required: bool = True
    own: bool = True
    id_token_alg: str = "RS256"  # noqa: S105  # This is an algorithm, not a token.
    access_token_format: str = "opaque"  # noqa: S105  # This is a format, not a token.
    home_uri: str | None = None
    backchannel_logout_uri: str | None = None
    particulars: Particulars = PLAIN
    register_time: datetime | None = None
    """The instant at which a preview sees the register; None: now, as everybody else (`previews.py`)."""
    unit_id: uuid.UUID | None = None
    """The unit that runs it, where one is named; new secrets are made for all applications of a unit together."""


def check_new_client(new: NewClient) -> NewClient:
    """The registration with its defaults filled in. Raises BadInput, RedirectRefused naming the address."""
    public = new.kind == "public"
    if new.kind not in models.CLIENT_KINDS:
        raise BadInput("An application is confidential or public, not “{kind}”.", kind=new.kind)
    client_id = new.client_id or f"app-{uuid.uuid4().hex[:16]}"
    if not CLIENT_ID.fullmatch(client_id):
        raise BadInput("“{id}” cannot be an application's id: 2 to 64 letters, digits, - and _.", id=client_id)
    grants = tuple(new.grant_types) if new.grant_types is not None else default_grants(new)
    scopes = tuple(new.scopes) if new.scopes is not None else PERSON_SCOPES
    unknown = [word for word in (*grants, *scopes) if word not in (*GRANT_TYPES, IMPLICIT, *ALL_SCOPES)]
    if unknown:
        raise BadInput("Not a grant or scope of ours: {words}.", words=", ".join(unknown))
    if new.register_time is not None and (ACT_SCOPE in scopes or client_id in HOUSE):
        raise BadInput(
            "A preview acts upon nothing: it is none of the house's own applications and has no scope “act”."
        )
    if public and "client_credentials" in grants:
        raise BadInput("A public application has no credentials of its own.")
    if "authorization_code" in grants and not new.redirect_uris:
        raise BadInput("An application that logs people in needs a redirect address.")
    if new.id_token_alg not in ALGORITHMS:
        raise BadInput("ID tokens are signed with RS256, PS256, ES256 or EdDSA.")
    for uri in (*new.redirect_uris, *new.post_logout_redirect_uris, *filter(None, [new.home_uri])):
        check_named(uri, native=public)
    check_logout_address(new)
    check_particulars(new)
    check_implicit(new, grants, scopes)
    return replace(
        new, client_id=client_id, grant_types=grants, scopes=scopes, pkce_required=new.pkce_required or public
    )


def check_implicit(new: NewClient, grants: Sequence[str], scopes: Sequence[str]) -> None:
    """Refuse tokens by way of the browser where something else on a machine could take them, or where they would act for somebody.

    OpenID Connect Dynamic Client Registration 1.0 §2: https, never this machine; RFC 8252 §8.2: not for native applications. Raises
    BadInput, RedirectRefused.
    """
    types = [find_response_type(name) for name in new.particulars.response_types]
    if any(each is None or each.name != name for each, name in zip(types, new.particulars.response_types, strict=True)):
        raise BadInput("Response types are “code”, “id_token” and “id_token token”.")
    in_front = any(each is not None and each.in_front for each in types)
    if in_front != (IMPLICIT in grants):
        raise BadInput("The grant “implicit” and the response types “id_token”, “id_token token” go together.")
    if not in_front:
        return
    if ACT_SCOPE in scopes or new.particulars.application_type == "native" or not new.redirect_uris:
        raise BadInput("Tokens by way of the browser are for web applications, and never act upon anything.")
    for uri in new.redirect_uris:
        if not uri.startswith("https:") or names_own_machine(uri):
            raise RedirectRefused("This address cannot be registered: {uri}", uri=uri)


def check_particulars(new: NewClient) -> None:
    """Refuse particulars nobody could use. Raises BadInput."""
    rest = new.particulars
    algorithms = (
        rest.token_endpoint_auth_signing_alg,
        rest.userinfo_signed_response_alg,
        rest.request_object_signing_alg,
    )
    if any(alg not in (None, *ALGORITHMS) for alg in algorithms):
        raise BadInput("Signatures are made with RS256, PS256, ES256 or EdDSA.")
    if rest.token_endpoint_auth_method not in (None, *(("none",) if new.kind == "public" else (*DEFAULT_NAMES, KEYS))):
        raise BadInput("An application proves itself by its secret or its keys; a public one cannot.")
    if by_keys(rest) and (rest.jwks is None) == (rest.jwks_uri is None):
        raise BadInput("An application that proves itself by keys names them, or their address, one of both.")
    if rest.jwks is not None:
        try:
            build_key_set(rest.jwks)
        except ValueError as error:
            raise BadInput("The keys of the application are no public key set.") from error
    for address in (*(getattr(rest, name) for name in ADDRESSES), *rest.request_uris):
        if address is not None:
            check_named(address.partition("#")[0], native=False)
    if rest.subject_type not in ("public", "pairwise"):
        raise BadInput("Subjects are public or pairwise.")
    if not all(is_identifier(resource) for resource in rest.resources) or (rest.resources and new.kind == "public"):
        raise BadInput(
            "A resource is named by an absolute address without fragment, and guarded by a confidential application."
        )


def default_grants(new: NewClient) -> tuple[str, ...]:
    """Grants where none were named: those of people for one with redirect addresses, its own credentials for one with a secret."""
    types = [found for name in new.particulars.response_types if (found := find_response_type(name))]
    people = list_grants(types) if new.redirect_uris else ()
    renewing = ("refresh_token",) if "authorization_code" in people else ()
    programs = () if new.kind == "public" else ("client_credentials",)
    return (*people, *renewing, *programs)


def check_named(uri: str, *, native: bool) -> None:
    """Refuse an address nobody may register, naming it. Raises RedirectRefused."""
    try:
        check_registrable(uri, native=native)
    except RedirectRefused as error:
        raise RedirectRefused("This address cannot be registered: {uri}", uri=uri) from error


def check_logout_address(new: NewClient) -> None:
    """Refuse an address the worker must not call: https, or loopback for the administration's own (Back-Channel Logout 1.0 §2.2).

    Raises RedirectRefused, BadInput.
    """
    uri = new.backchannel_logout_uri
    if uri is None:
        return
    check_named(uri, native=False)
    if new.kind == "public":
        raise BadInput("A program on people's own machines cannot be called: it takes no log-out address.")
    if not new.own and not uri.startswith("https:"):
        raise RedirectRefused("This address cannot be registered: {uri}", uri=uri)
