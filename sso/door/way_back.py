"""The way back from a page at the door: always an address of our own, almost always the authorization request that sent the person here."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from authlib.oauth2 import OAuth2Error

from foundation.database import Reads
from foundation.errors import BadInput
from foundation.escapes import write_query
from foundation.forms import Form, parse_pairs
from sso.authorization.objects import recall
from sso.authorization.pushed import PREFIX
from sso.authorization.requests import IN_QUERY, Source
from sso.clients import Client
from sso.provider import Provider
from sso.redirects import origin_of

EMPTY: Final = Form([])
OWN: Final = (
    "/me",
    "/me/authenticator",
    "/me/recovery-codes",
    "/me/passkeys",
    "/me/devices",
    "/me/upstream",
    "/me/sessions",
    "/password",
)
PATHS: Final = (*OWN, "/authorize", "/device")
LONGEST: Final = 8000


@dataclass(frozen=True)
class WayBack:
    """Where a person goes after a step, and what is known of the application that waits there."""

    address: str
    client: Client | None
    form_targets: tuple[str, ...]
    login_hint: str
    inner: Form = field(default_factory=lambda: EMPTY)
    source: Source = IN_QUERY

    @property
    def application(self) -> str | None:
        """The name of the waiting application."""
        return self.client.name if self.client else None

    @property
    def query(self) -> str:
        """The query that carries this way on."""
        return f"?{write_query({'next': self.address})}"

    def link(self, page: str, **query: str) -> str:
        """The address of another page at the door with the same way back."""
        return f"{page}?{write_query({**query, 'next': self.address})}"


def read_way_back(provider: Provider, reads: Reads, form: Form) -> WayBack:
    """The way back a request names in `next`; `/me` where it names none or one that is not ours."""
    address = form.text("next")
    parts = (
        urlsplit(address)
        if len(address) < LONGEST and address.startswith("/") and "\\" not in address
        else urlsplit("/me")
    )
    if parts.scheme or parts.netloc or parts.path not in PATHS or not address.isprintable():
        parts = urlsplit("/me")
    if parts.path == "/device":
        rest = f"?{parts.query}" if parts.query else ""
        return WayBack(f"/device{rest}", None, (), form.text("login"))
    if parts.path != "/authorize":
        return WayBack(parts.path, None, (), form.text("login"))
    query, source = read_inner(provider, reads, parts.query)
    client = provider.clients.find(reads, query.text("client_id"))
    redirect_uri = query.text("redirect_uri")
    known = client is not None and client.check_redirect_uri(redirect_uri)
    # A browser applies form-action to the redirects after a form too, so the application's origin has to stand in it.
    targets = tuple(filter(None, [origin_of(redirect_uri)])) if known else ()
    hint = query.text("login_hint")[:200]
    return WayBack(f"/authorize?{parts.query}", client if known else None, targets, hint, query, source)


def read_inner(provider: Provider, reads: Reads, text: str) -> tuple[Form, Source]:
    """The request to go back to, brought from where it is kept; nothing where it cannot be read."""
    try:
        query = parse_pairs(text)
        client = provider.clients.find(reads, query.text("client_id"))
        if client is None or not query.text("request_uri").startswith(PREFIX):
            return query, IN_QUERY
        recalled = recall(reads, client, query, provider.now())
    except (BadInput, OAuth2Error):
        return EMPTY, IN_QUERY
    return recalled.form, recalled.source
