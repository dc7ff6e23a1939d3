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
from sso.authorization.checks import build_asked, check_redirect_uri, check_request, choose_scope
from sso.authorization.wishes import read_wishes
from sso.consent import record_consent
from sso.door.about import About, describe_application
from sso.door.way_back import WayBack, read_way_back
from sso.provider import Provider
from sso.scopes import join_scope, split_scope
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
    about: About | None


def show_consent(provider: Provider, request: Request, form: Form) -> Response:
    """The question, or back to where the person came from when there is nothing to ask."""
    with provider.database.read() as reads:
        back = read_way_back(provider, reads, form)
    if back.client is None:
        return RedirectResponse(back.address, 303)
    asked = build_asked(back.client, back.inner.text("redirect_uri"), back.inner, back.source)
    scopes = (*split_scope(choose_scope(asked)), *read_wished(back))
    meanings = tuple(dict.fromkeys(MEANINGS[scope] for scope in scopes if scope in MEANINGS))
    page = ConsentPage(back.client.name, meanings, back.address, describe_application(back.client))
    return render(request, "sso/consent.html", page, form_targets=back.form_targets)


def answer_consent(provider: Provider, request: Request, form: Form) -> Response:
    """Keep a yes and go back; tell the application a no."""
    now = provider.now()
    with provider.database.write() as writes:
        back = read_way_back(provider, writes, form)
        session = find_session(writes, read_cookie(request, provider.settings), provider.policy, now)
        if back.client is None or session is None:
            return RedirectResponse(back.address, 303)
        asked = build_asked(back.client, check_redirect_uri(back.client, back.inner), back.inner, back.source)
        try:
            checked = check_request(provider, writes, asked, back.inner)
            if form.text("answer") != "accept":
                raise AccessDeniedError()
        except OAuth2Error as error:
            return answer_error(request, asked, provider.issuer, error)
        allowed = join_scope((*split_scope(checked.scope), *checked.wishes.scopes))
        record_consent(writes, session.person_id, back.client.client_id, allowed, now)
        return RedirectResponse(back.address, 303)


def read_wished(back: WayBack) -> tuple[str, ...]:
    """The scopes that cover the single claims a request wishes for; none where they cannot be read."""
    try:
        return read_wishes(back.client, back.inner.get("claims")).scopes if back.client else ()
    except OAuth2Error:
        return ()
