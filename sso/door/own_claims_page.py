"""`/me/profile`: what a person wants applications to be told beside what the register knows: a nickname, addresses of pages.

Nobody has to: what is left empty is not told. The register's own words are changed by human resources, never here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from foundation import audit
from foundation.forms import Form
from foundation.i18n import _
from foundation.pages import FieldError, render
from sso.own_claims import ADDRESSES, LONGEST, NAMES, is_tellable, keep_own_claims
from sso.provider import Provider
from sso.sessions import find_session, read_cookie

LOGIN: Final = "/login?next=%2Fme"
ADDRESS_WRONG: Final = _("Write a whole address that begins with https://, of at most {longest} characters.")
TEXT_WRONG: Final = _("Write at most {longest} characters on one line.")


@dataclass(frozen=True)
class OwnClaimsPage:
    """The page: what stands in each field."""

    values: Mapping[str, str]
    errors: tuple[FieldError, ...] = ()


def show_own_claims(provider: Provider, request: Request, _form: Form) -> Response:
    """The page with what is told today, or the log-in first."""
    with provider.database.read() as reads:
        session = find_session(reads, read_cookie(request, provider.settings), provider.policy, provider.now())
        if session is None:
            return RedirectResponse(LOGIN, 303)
        kept = provider.own_claims.read(reads, session.person_id)
    return render(request, "sso/own_claims.html", OwnClaimsPage({name: str(kept.get(name, "")) for name in NAMES}))


def change_own_claims(provider: Provider, request: Request, form: Form) -> Response:
    """The posted page: kept whole, then one's own page; or again with what to mend."""
    typed = {name: form.text(name).strip() for name in NAMES}
    told = {name: value for name, value in typed.items() if value}
    errors = tuple(find_error(name) for name, value in told.items() if not is_tellable(name, value))
    with provider.database.write() as writes:
        now = provider.now()
        session = find_session(writes, read_cookie(request, provider.settings), provider.policy, now)
        if session is None:
            return RedirectResponse(LOGIN, 303)
        if errors:
            return render(request, "sso/own_claims.html", OwnClaimsPage(typed, errors), status=400)
        keep_own_claims(writes, session.person_id, told, now)
        who = str(session.person_id)
        audit.record(writes, now, "sso.own_claims.changed", who, str(session.account_id), {"names": sorted(told)})
    provider.own_claims.note()
    return RedirectResponse("/me?changed=factors", 303)


def find_error(name: str) -> FieldError:
    """What is to be mended in a field."""
    return FieldError(name, ADDRESS_WRONG if name in ADDRESSES else TEXT_WRONG, {"longest": LONGEST})
