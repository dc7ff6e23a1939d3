"""`/me/recovery-codes`: ten new codes, shown once; the former ones end."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from foundation import audit
from foundation.forms import Form
from foundation.pages import render
from sso.factors.access import Elsewhere, find_owner
from sso.factors.recovery_codes import make_recovery_codes
from sso.provider import Provider

PATH: Final = "/me/recovery-codes"


@dataclass(frozen=True)
class CodesPage:
    """The codes, once; or the question whether there shall be new ones."""

    codes: tuple[str, ...]
    next: str


def ask_codes(provider: Provider, request: Request, _form: Form) -> Response:
    """The question; nothing is changed by looking."""
    with provider.database.read() as reads:
        owner = find_owner(provider, reads, request, PATH)
    if isinstance(owner, Elsewhere):
        return RedirectResponse(owner.address, 303)
    if not owner.factors:
        return RedirectResponse("/me", 303)
    return show_codes(request, (), "/me")


def make_codes(provider: Provider, request: Request, _form: Form) -> Response:
    """New codes on a page that is not kept anywhere."""
    now = provider.now()
    with provider.database.write() as writes:
        owner = find_owner(provider, writes, request, PATH)
        if isinstance(owner, Elsewhere):
            return RedirectResponse(owner.address, 303)
        if not owner.factors:
            return RedirectResponse("/me", 303)
        account_id = owner.session.account_id
        codes = make_recovery_codes(writes, provider.runtime.sealer, account_id, now)
        person = str(owner.session.person_id)
        audit.record(writes, now, "sso.factor.added", person, str(account_id), {"factor": "recovery codes"})
    return show_codes(request, codes, "/me")


def show_codes(request: Request, codes: tuple[str, ...], address: str) -> Response:
    """The page."""
    return render(request, "sso/recovery_codes.html", CodesPage(codes, address))
