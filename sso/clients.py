"""Applications: what is known of one, how it is found, added, changed and removed.

`get_client` is on the hot path: an answer is kept in memory for a second at most. A secret is made here, shown once
and stored as a digest.
"""

import re
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, cast

import sqlalchemy as sa
from authlib.oauth2.rfc6749 import ClientMixin

from foundation import audit
from foundation.database import Reads, Writes
from foundation.errors import BadInput
from sso import models
from sso.algorithms import ALGORITHMS
from sso.errors import ClientUnknown, RedirectRefused
from sso.key_sets import build_key_set
from sso.opaque import digest, is_same, new_opaque
from sso.particulars import (
    ADDRESSES,
    DEFAULT_NAMES,
    KEYS,
    PLAIN,
    Particulars,
    is_identifier,
    read_particulars,
    write_particulars,
)
from sso.redirects import check_registrable, is_registered
from sso.scopes import ACT_SCOPE, ALL_SCOPES, PERSON_SCOPES, allowed_scope
from sso.sweeping import plan_sweep

TABLE: Final = cast(sa.Table, models.Client.__table__)
FIND: Final = sa.select(TABLE).where(TABLE.c.client_id == sa.bindparam("client_id"), TABLE.c.removed_at.is_(None))
KEPT_SECONDS: Final = 1.0
NO_SECRET: Final = b""
"""The digest no secret has: of an application that proves itself by its keys."""
CLIENT_ID: Final = re.compile(r"[A-Za-z0-9_-]{2,64}")
DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
GRANT_TYPES: Final = ("authorization_code", "refresh_token", "client_credentials", DEVICE_GRANT)
LISTS: Final = ("redirect_uris", "post_logout_redirect_uris", "grant_types", "scopes")
COMMAND_LINE: Final = "hopnhat-cli"
"""The public native client of `hopnhat login`."""


@dataclass(frozen=True)
class Client(ClientMixin):  # type: ignore[misc]  # Authlib ships no types.
    """A registered application, as the grants and checks see it; the methods are the ones Authlib asks for."""

    client_id: str
    name: str
    kind: str
    secret_hash: bytes | None
    former_secret_hash: bytes | None
    former_secret_until: datetime | None
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...]
    scopes: tuple[str, ...]
    pkce_required: bool
    own: bool
    id_token_alg: str
    access_token_format: str
    home_uri: str | None
    backchannel_logout_uri: str | None
    made_at: datetime
    particulars: Particulars

    @property
    def public(self) -> bool:
        """Whether it has no secret: a program on people's own machines."""
        return self.kind == "public"

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether this very address is registered."""
        return is_registered(redirect_uri, list(self.redirect_uris), native=self.public)

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it may use this grant."""
        return grant_type in self.grant_types

    def check_response_type(self, response_type: str) -> bool:
        """Only `code`; the other types come by registration, later."""
        return response_type == "code" and "authorization_code" in self.grant_types

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        """Public applications name themselves only; others prove their keys where they registered so, else their secret."""
        if self.public:
            return method == "none"
        if by_keys(self.particulars):
            return method == KEYS
        return method in DEFAULT_NAMES

    def get_allowed_scope(self, scope: str) -> str:
        """What it gets of the scopes asked for."""
        return allowed_scope(scope, list(self.scopes))

    def get_client_id(self) -> str:
        """Its id."""
        return self.client_id

    def has_secret(self, secret: str, now: datetime) -> bool:
        """Whether the secret is its present one, or the one before within its grace."""
        former = self.former_secret_hash if self.former_secret_until and now < self.former_secret_until else None
        return is_same(secret, self.secret_hash) or is_same(secret, former)


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


class Clients:
    """Registered applications with a memory of one second; one per process."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, Client | None]] = {}

    def find(self, reads: Reads, client_id: str) -> Client | None:
        """The application of this id, or None."""
        kept = self._kept.get(client_id)
        if kept and time.monotonic() - kept[0] < KEPT_SECONDS:
            return kept[1]
        if not CLIENT_ID.fullmatch(client_id):
            return None
        found = find_client(reads, client_id)
        if len(self._kept) > 10_000:
            self._kept.clear()
        self._kept[client_id] = (time.monotonic(), found)
        return found

    def forget(self, client_id: str) -> None:
        """Read an application anew at the next question: it was changed or removed here."""
        self._kept.pop(client_id, None)


def find_client(reads: Reads, client_id: str) -> Client | None:
    """The application of this id, or None when there is none or it was removed."""
    if not CLIENT_ID.fullmatch(client_id):
        return None
    row = reads.connection().execute(FIND, {"client_id": client_id}).mappings().first()
    return build_client(row) if row else None


def get_client(reads: Reads, client_id: str) -> Client:
    """The application of this id. Raises ClientUnknown."""
    found = find_client(reads, client_id)
    if found is None:
        raise ClientUnknown()
    return found


def list_clients(reads: Reads) -> list[Client]:
    """All applications that are not removed, by name."""
    rows = reads.execute(
        sa.select(TABLE).where(TABLE.c.removed_at.is_(None)).order_by(TABLE.c.name, TABLE.c.client_id)
    ).mappings()
    return [build_client(row) for row in rows]


def build_client(row: Any) -> Client:
    """A client from its row."""
    values: dict[str, Any] = {name: row[name] for name in Client.__dataclass_fields__}
    for name in LISTS:
        values[name] = tuple(values[name])
    values["particulars"] = read_particulars(values["particulars"])
    return Client(**values)


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
    unknown = [word for word in (*grants, *scopes) if word not in GRANT_TYPES and word not in ALL_SCOPES]
    if unknown:
        raise BadInput("Not a grant or scope of ours: {words}.", words=", ".join(unknown))
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
    return replace(
        new, client_id=client_id, grant_types=grants, scopes=scopes, pkce_required=new.pkce_required or public
    )


def by_keys(particulars: Particulars) -> bool:
    """Whether an application proves itself by a token it signs, and so has no secret."""
    return particulars.token_endpoint_auth_method == KEYS


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
    people = ("authorization_code", "refresh_token") if new.redirect_uris else ()
    return people if new.kind == "public" else (*people, "client_credentials")


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


def add_client(writes: Writes, new: NewClient, actor: str, now: datetime) -> tuple[Client, str | None]:
    """Register an application. Gives it and its secret, which is shown this once; None for one that is public or proves keys.

    Raises BadInput; RedirectRefused; BadInput when the id was ever given.
    """
    checked = check_new_client(new)
    if writes.execute(sa.select(TABLE.c.client_id).where(TABLE.c.client_id == checked.client_id)).first():
        raise BadInput("An application with the id “{id}” is or was registered.", id=checked.client_id)
    secret = new_opaque() if checked.kind != "public" and not by_keys(checked.particulars) else None
    writes.execute(
        sa.insert(TABLE).values(
            **as_row(checked),
            secret_hash=digest(secret) if secret else (None if checked.kind == "public" else NO_SECRET),
            made_at=now,
        )
    )
    audit.record(
        writes, now, "sso.client.added", actor, checked.client_id, {"name": checked.name, "kind": checked.kind}
    )
    assert checked.client_id is not None
    return get_client(writes, checked.client_id), secret


def as_row(new: NewClient) -> dict[str, Any]:
    """The columns of a checked registration."""
    row = {name: getattr(new, name) for name in NewClient.__dataclass_fields__}
    for name in LISTS:
        row[name] = list(row[name])
    row["particulars"] = write_particulars(new.particulars) or None
    return row


def ensure_client(writes: Writes, new: NewClient, actor: str, now: datetime) -> tuple[Client, str | None]:
    """The application of this id, registered if it was not; addresses and scopes are brought up to date. The secret only when new."""
    assert new.client_id is not None
    if find_client(writes, new.client_id) is None:
        return add_client(writes, new, actor, now)
    row = as_row(check_new_client(new))
    writes.execute(sa.update(TABLE).where(TABLE.c.client_id == new.client_id).values(**row))
    return get_client(writes, new.client_id), None


def ensure_own_clients(writes: Writes, issuer: str, actor: str, now: datetime) -> dict[str, str | None]:
    """The house's own applications: the command line and the signing room; also plans the first sweep.

    Gives secrets by client id where they were made just now.
    """
    plan_sweep(writes, now)
    command_line = NewClient(
        name="Hợp Nhất command line",
        client_id=COMMAND_LINE,
        kind="public",
        redirect_uris=("http://127.0.0.1/done", "http://[::1]/done"),
        scopes=("openid", "profile", "unit", "offline_access", ACT_SCOPE),
    )
    signing = NewClient(
        name="Chữ ký số",
        client_id="signing",
        redirect_uris=(f"{issuer}/signing/login/done",),
        post_logout_redirect_uris=(f"{issuer}/signing/",),
        scopes=("openid", "profile", "email", "unit"),
        home_uri=f"{issuer}/signing/",
        backchannel_logout_uri=f"{issuer}/signing/logout/called",
    )
    return {str(new.client_id): ensure_client(writes, new, actor, now)[1] for new in (command_line, signing)}


def change_client(writes: Writes, client_id: str, changes: Mapping[str, Any], actor: str, now: datetime) -> Client:
    """Change what an application registered; `changes` are fields of `NewClient`, lists whole. Its id, kind and secret stay.

    Raises ClientUnknown, BadInput, RedirectRefused.
    """
    client = get_client(writes, client_id)
    present = {name: getattr(client, name) for name in NewClient.__dataclass_fields__}
    wanted = check_new_client(NewClient(**{**present, **changes, "client_id": client_id, "kind": client.kind}))
    writes.execute(sa.update(TABLE).where(TABLE.c.client_id == client_id).values(**as_row(wanted)))
    audit.record(writes, now, "sso.client.changed", actor, client_id, {"fields": sorted(changes)})
    return get_client(writes, client_id)


def rotate_secret(writes: Writes, client_id: str, actor: str, now: datetime, grace: timedelta = timedelta()) -> str:
    """A new secret for a confidential application; the old one is accepted for `grace`. Raises ClientUnknown, BadInput."""
    client = get_client(writes, client_id)
    if client.public:
        raise BadInput("A public application has no secret.")
    if by_keys(client.particulars):
        raise BadInput("This application proves itself by its keys and has no secret.")
    secret = new_opaque()
    values = {
        "secret_hash": digest(secret),
        "former_secret_hash": client.secret_hash,
        "former_secret_until": now + grace,
    }
    writes.execute(sa.update(TABLE).where(TABLE.c.client_id == client_id).values(**values))
    audit.record(
        writes, now, "sso.client.secret_rotated", actor, client_id, {"grace_seconds": int(grace.total_seconds())}
    )
    return secret


def remove_client(writes: Writes, client_id: str, actor: str, now: datetime) -> None:
    """End an application: it is never found again, its grants and consents end, its id is never given again. Raises ClientUnknown."""
    get_client(writes, client_id)
    writes.execute(sa.update(TABLE).where(TABLE.c.client_id == client_id).values(removed_at=now))
    grants = cast(sa.Table, models.Grant.__table__)
    open_ones = (grants.c.client_id == client_id, grants.c.ended_at.is_(None))
    writes.execute(sa.update(grants).where(*open_ones).values(ended_at=now, ended_why="client removed"))
    for table in (models.Consent.__table__, models.ClientLogo.__table__):
        writes.execute(sa.delete(cast(sa.Table, table)).where(table.c.client_id == client_id))
    audit.record(writes, now, "sso.client.removed", actor, client_id)
