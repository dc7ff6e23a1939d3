"""`/consent`: whether an application that is not the administration's own may have what it asks for."""

from dataclasses import dataclass
from typing import Final

from authlib.oauth2.rfc6749 import AccessDeniedError, OAuth2Error
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from foundation.forms import Form
from foundation.i18n import _
from foundation.pages import render
from sso.authorization.answers import answer_error
from sso.authorization.checks import build_asked, check_redirect_uri, check_request, read_client
from sso.consent import record_consent
from sso.door.way_back import read_inner, read_way_back
from sso.provider import Provider
from sso.scopes import split_scope
from sso.sessions import find_session, read_cookie

MEANINGS: Final = {
    "profile": _("your name and log-in"),
    "email": _("your official mail address"),
    "phone": _("your telephone number"),
    "address": _("the address of your unit"),
    "unit": _("your unit, your posts and your former units"),
    "offline_access": _("all this also while you are not there, until you end it"),
}


@dataclass(frozen=True)
class ConsentPage:
    """The question."""

    application: str
    meanings: tuple[str, ...]
    next: str


def show_consent(provider: Provider, request: Request, form: Form) -> Response:
    """The question, or back to where the person came from when there is nothing to ask."""
    with provider.database.read() as reads:
        back = read_way_back(provider, reads, form)
    if back.client is None:
        return RedirectResponse(back.address, 303)
    scopes = split_scope(back.client.get_allowed_scope(read_inner(back.address.partition("?")[2]).text("scope")))
    page = ConsentPage(back.client.name, tuple(MEANINGS[scope] for scope in scopes if scope in MEANINGS), back.address)
    return render(request, "sso/consent.html", page, form_targets=back.form_targets)


def answer_consent(provider: Provider, request: Request, form: Form) -> Response:
    """Keep a yes and go back; tell the application a no."""
    now = provider.now()
    with provider.database.write() as writes:
        back = read_way_back(provider, writes, form)
        session = find_session(writes, read_cookie(request, provider.settings), provider.policy, now)
        if back.client is None or session is None:
            return RedirectResponse(back.address, 303)
        inner = read_inner(back.address.partition("?")[2])
        asked = build_asked(read_client(writes, provider.clients, inner), check_redirect_uri(back.client, inner), inner)
        try:
            checked = check_request(asked, inner)
            if form.text("answer") != "accept":
                raise AccessDeniedError()
        except OAuth2Error as error:
            return answer_error(request, asked, provider.issuer, error)
        record_consent(writes, session.person_id, back.client.client_id, checked.scope, now)
        return RedirectResponse(back.address, 303)
