"""`/me/review`: every factor of an account that was opened anew; which are not yours?

Who answers came in since then with the new password and a factor besides. That is less than a passkey elsewhere asks for before it goes
(`access.py`), and enough here: somebody made sure who the person is before they got the code.
"""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from foundation.database import Reads, Writes
from foundation.forms import Form
from foundation.pages import render
from sso.door.way_back import WayBack, read_way_back
from sso.factors.access import FRESH
from sso.factors.review import Held, close_review, find_review, list_factors
from sso.levels import TWO_FACTORS, reaches
from sso.provider import Provider
from sso.sessions import OpenSession, find_session, hold_session, read_cookie

PATH: Final = "/me/review"


@dataclass(frozen=True)
class ReviewPage:
    """The factors, and where to go afterwards."""

    held: tuple[Held, ...]
    here: str
    next: str


def show_review(provider: Provider, request: Request, form: Form) -> Response:
    """The page; on the way where nothing is asked; the log-in first where it is not this owner's moment."""
    with provider.database.read() as reads:
        back = read_way_back(provider, reads, form)
        session = find_reviewer(provider, reads, request)
        if session is None:
            return RedirectResponse(back.link("/login"), 303)
        if find_review(reads, session.account_id) is None:
            return RedirectResponse(back.address, 303)
        page = ReviewPage(list_factors(reads, session.account_id), back.link(PATH), back.address)
    return render(request, "sso/review.html", page, form_targets=back.form_targets)


def answer_review(provider: Provider, request: Request, form: Form) -> Response:
    """The answer: what is strange goes, the rest stays, and the person goes on."""
    with provider.database.write() as writes:
        back = read_way_back(provider, writes, form)
        session = hold_reviewer(provider, writes, request)
        if session is None:
            return RedirectResponse(back.link("/login"), 303)
        if find_review(writes, session.account_id) is not None:
            close_review(writes, session, set(form.every("strange")), provider.now())
    return go_on(back)


def go_on(back: WayBack) -> Response:
    """To where the person was going."""
    return RedirectResponse(back.address, 303)


def find_reviewer(provider: Provider, reads: Reads, request: Request) -> OpenSession | None:
    """The session of who may answer: it came in a moment ago, since the question was asked, with two factors; where nothing is asked,
    anybody's who is in.
    """
    now = provider.now()
    session = find_session(reads, read_cookie(request, provider.settings), provider.policy, now)
    if session is None:
        return None
    since = find_review(reads, session.account_id)
    if since is None:
        return session
    fresh = session.auth_time >= since and session.auth_time + FRESH > now
    return session if fresh and reaches(session.acr, (TWO_FACTORS,)) else None


def hold_reviewer(provider: Provider, writes: Writes, request: Request) -> OpenSession | None:
    """The same, held until the transaction ends."""
    session = find_reviewer(provider, writes, request)
    cookie = read_cookie(request, provider.settings)
    return hold_session(writes, session, cookie, provider.policy, provider.now()) if session is not None else None
