"""`/session/check`: the frame an application asks whether a session is still the same (OpenID Connect Session Management 1.0 §3.2)."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from foundation.forms import Form, cookie_name
from foundation.pages import is_https, render
from sso.provider import Provider
from sso.session_state import COOKIE


@dataclass(frozen=True)
class SessionCheckPage:
    """Nothing to see: a script, and the name of the value it reads."""

    cookie: str


def show_session_check(provider: Provider, request: Request, _form: Form) -> Response:
    """The frame; any site may show it, and it may be kept for a while."""
    page = SessionCheckPage(cookie_name(COOKIE, is_https(provider.settings)))
    return render(request, "sso/session_check.html", page, scripts=True, framed=True)
