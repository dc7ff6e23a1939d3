"""`/recover`: how to get an account back: who hands over a new code, and where it is entered."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from foundation.forms import Form
from foundation.pages import render
from sso.door.way_back import read_way_back
from sso.provider import Provider


@dataclass(frozen=True)
class RecoveryPage:
    """The way to a new code; the same for everybody who asks."""

    activate: str
    log_in: str


def show_recovery(provider: Provider, request: Request, form: Form) -> Response:
    """The page."""
    with provider.database.read() as reads:
        back = read_way_back(provider, reads, form)
    return render(request, "sso/recover.html", RecoveryPage(back.link("/activate"), back.link("/login")))
