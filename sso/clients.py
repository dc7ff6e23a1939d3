"""Applications: what is known of one, and how it is found.

`Clients.find` is on the hot path: an answer is kept in memory for a second at most.
"""

import re
import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

import sqlalchemy as sa
from authlib.oauth2.rfc6749 import ClientMixin

from foundation.database import Reads
from sso import models
from sso.errors import ClientUnknown
from sso.opaque import is_same
from sso.particulars import DEFAULT_NAMES, KEYS, Particulars, read_particulars
from sso.redirects import is_registered
from sso.response_types import find_response_type
from sso.scopes import allowed_scope

TABLE: Final = cast(sa.Table, models.Client.__table__)
LOGO: Final = cast(sa.Table, models.ClientLogo.__table__)
WHOLE: Final = sa.select(TABLE, sa.exists().where(LOGO.c.client_id == TABLE.c.client_id).label("pictured"))
FIND: Final = WHOLE.where(TABLE.c.client_id == sa.bindparam("client_id"), TABLE.c.removed_at.is_(None))
KEPT_SECONDS: Final = 1.0
CLIENT_ID: Final = re.compile(r"[A-Za-z0-9_-]{2,64}")
LISTS: Final = ("redirect_uris", "post_logout_redirect_uris", "grant_types", "scopes")


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
    register_time: datetime | None = None
    unit_id: uuid.UUID | None = None
    pictured: bool = False
    """Whether a picture of it is kept here."""

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
        """Whether it registered this type, and may use the grants the type stands for."""
        found = find_response_type(response_type)
        if found is None or found.name not in self.particulars.response_types:
            return False
        return all(self.check_grant_type(grant) for grant in found.grants)

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
    rows = reads.execute(WHOLE.where(TABLE.c.removed_at.is_(None)).order_by(TABLE.c.name, TABLE.c.client_id)).mappings()
    return [build_client(row) for row in rows]


def build_client(row: Any) -> Client:
    """A client from its row."""
    values: dict[str, Any] = {name: row[name] for name in Client.__dataclass_fields__}
    for name in LISTS:
        values[name] = tuple(values[name])
    values["particulars"] = read_particulars(values["particulars"])
    return Client(**values)


def by_keys(particulars: Particulars) -> bool:
    """Whether an application proves itself by a token it signs, and so has no secret."""
    return particulars.token_endpoint_auth_method == KEYS
