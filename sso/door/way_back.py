"""The way back from a page at the door: always an address of our own, almost always the authorization request that sent the person here."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit

from foundation.database import Reads
from foundation.errors import BadInput
from foundation.forms import Form, parse_pairs
from sso.clients import Client
from sso.provider import Provider
from sso.redirects import origin_of

PATHS: Final = ("/authorize", "/me")
LONGEST: Final = 8000


@dataclass(frozen=True)
class WayBack:
    """Where a person goes after a step, and what is known of the application that waits there."""

    address: str
    client: Client | None
    form_targets: tuple[str, ...]
    login_hint: str

    @property
    def application(self) -> str | None:
        """The name of the waiting application."""
        return self.client.name if self.client else None

    def link(self, page: str, **query: str) -> str:
        """The address of another page at the door with the same way back."""
        return f"{page}?{urlencode({**query, 'next': self.address})}"


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
    if parts.path != "/authorize":
        return WayBack("/me", None, (), form.text("login"))
    query = read_inner(parts.query)
    client = provider.clients.find(reads, query.text("client_id"))
    redirect_uri = query.text("redirect_uri")
    known = client is not None and client.check_redirect_uri(redirect_uri)
    # A browser applies form-action to the redirects after a form too, so the application's origin has to stand in it.
    targets = tuple(filter(None, [origin_of(redirect_uri)])) if known else ()
    return WayBack(f"/authorize?{parts.query}", client if known else None, targets, query.text("login_hint")[:200])


def read_inner(query: str) -> Form:
    """The parameters of the address to go back to; none where they cannot be read."""
    try:
        return parse_pairs(query)
    except BadInput:
        return Form([])
