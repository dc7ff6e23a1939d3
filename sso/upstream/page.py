"""`/me/upstream`: one's accounts at other providers that open this one; link and unlink."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from foundation import audit
from foundation.forms import Form
from foundation.i18n import _
from foundation.pages import FieldError, render
from sso.factors.access import Elsewhere
from sso.redirects import origin_of
from sso.upstream.entrance import OWN_PAGE, UpstreamDoor, find_linker
from sso.upstream.errors import UpstreamRefused
from sso.upstream.links import Link, list_links, remove_link
from sso.upstream.settings import UpstreamProvider
from sso.upstream.trips import begin

FAILED: Final = _(
    "Nothing was linked: the other provider did not confirm who you are, or that account is linked to somebody else. Please try again."
)


@dataclass(frozen=True)
class LinkLine:
    """A link, by the provider's title."""

    id: str
    title: str
    made_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class Choice:
    """A provider that may be linked."""

    name: str
    title: str


@dataclass(frozen=True)
class UpstreamPage:
    """What is linked, what may be."""

    links: tuple[LinkLine, ...]
    choices: tuple[Choice, ...]
    changed: bool
    errors: tuple[FieldError, ...]


def show_links(door: UpstreamDoor, request: Request, form: Form) -> Response:
    """The page, or the log-in first."""
    with door.provider.database.write() as writes:
        owner = find_linker(door.provider, writes, request)
        if isinstance(owner, Elsewhere):
            return RedirectResponse(owner.address, 303)
        links = list_links(writes, owner.session.account_id)
    errors = (FieldError("", FAILED),) if form.text("refused") else ()
    linked = {link.issuer for link in links}
    open_ones = [one for one in door.section.providers if one.issuer not in linked]
    targets = {one.name: find_target(door, one) for one in open_ones}
    choices = tuple(Choice(one.name, one.title) for one in open_ones if targets[one.name])
    lines = tuple(describe(door, link) for link in links)
    page = UpstreamPage(lines, choices, form.text("changed") == "yes", errors)
    return render(request, "sso/upstream.html", page, form_targets=tuple(filter(None, targets.values())))


def find_target(door: UpstreamDoor, upstream: UpstreamProvider) -> str | None:
    """The origin that the form of a link ends at, which a browser wants to know beforehand; None while the provider is away."""
    try:
        return origin_of(door.documents.find(upstream).authorization_endpoint)
    except UpstreamRefused:
        return None


def describe(door: UpstreamDoor, link: Link) -> LinkLine:
    """A link's line; a provider that is no longer named is called by its address."""
    title = next((one.title for one in door.section.providers if one.issuer == link.issuer), link.issuer)
    return LinkLine(str(link.id), title, link.made_at, link.used_at)


def change_links(door: UpstreamDoor, request: Request, form: Form) -> Response:
    """Link (to the provider and back) or unlink."""
    provider, now = door.provider, door.provider.now()
    with provider.database.write() as writes:
        owner = find_linker(provider, writes, request)
        if isinstance(owner, Elsewhere):
            return RedirectResponse(owner.address, 303)
        session = owner.session
        if form.text("remove"):
            issuer = remove_link(writes, session.account_id, read_id(form.text("remove")))
            if issuer is not None:
                person, account = str(session.person_id), str(session.account_id)
                audit.record(writes, now, "sso.upstream.unlinked", person, account, {"issuer": issuer})
            return RedirectResponse(f"{OWN_PAGE}?changed=yes", 303)
    upstream = door.get(form.text("link"))
    trip = begin(upstream, "link", OWN_PAGE, now, session.id, fresh=True)
    return door.send(request, upstream, trip, f"{OWN_PAGE}?refused=yes")


def read_id(text: str) -> uuid.UUID:
    """A link's id; what is none is nobody's."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)
