"""What one may do on `/me`: end a session or all, forget a browser, take back what an application was allowed, take one's data along."""

import uuid

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from directory.portrait import find_portrait
from foundation import audit
from foundation.clocks import as_rfc3339
from foundation.database import Writes
from foundation.forms import Form
from sso.door.account import build_page
from sso.door.own_traces import as_data, end_own_session, withdraw_consent
from sso.factors.devices import end_device
from sso.provider import Provider
from sso.sessions import OpenSession, end_account_sessions, find_session, read_cookie

LOGIN = "/login?next=%2Fme"


def change_account(provider: Provider, request: Request, form: Form) -> Response:
    """One posted button of `/me`; then the page again. What is not this account's own is simply not found."""
    with provider.database.write() as writes:
        session = find_session(writes, read_cookie(request, provider.settings), provider.policy, provider.now())
        if session is None:
            return RedirectResponse(LOGIN, 303)
        what = act(provider, writes, session, form)
        if what:
            person = str(session.person_id)
            audit.record(writes, provider.now(), "sso.own.ended", person, str(session.account_id), {"what": what})
    return RedirectResponse("/me?changed=ended", 303)


def act(provider: Provider, writes: Writes, session: OpenSession, form: Form) -> str | None:
    """Do it; gives the word for the audit, or None where there was nothing to do."""
    now, account_id = provider.now(), session.account_id
    if form.text("all") == "sessions":
        end_account_sessions(writes, account_id, now, keep=session.id)
        return "all other sessions"
    if session_id := read_id(form.text("session")):
        return "session" if end_own_session(writes, account_id, session_id, now) else None
    if device_id := read_id(form.text("device")):
        return "browser" if end_device(writes, account_id, device_id) else None
    if client_id := form.text("consent")[:200]:
        return "consent" if withdraw_consent(writes, session.person_id, client_id, now) else None
    return None


def read_id(text: str) -> uuid.UUID | None:
    """An id in a form."""
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None


def download_own(provider: Provider, request: Request, _form: Form) -> Response:
    """Everything that is shown here about the person, as a file (Law 91/2025 on personal data: access to one's own)."""
    now = provider.now()
    with provider.database.read() as reads:
        session = find_session(reads, read_cookie(request, provider.settings), provider.policy, now)
        if session is None:
            return RedirectResponse(LOGIN, 303)
        subject = find_portrait(reads, session.person_id, provider.as_of().at)
        if subject is None:
            return RedirectResponse("/logout", 303)
        page = build_page(provider, reads, subject, session)
    posts = [
        {"title": post.title, "unit": post.unit, "code": post.code, "main": post.main, "since": post.since.isoformat()}
        for post in page.posts
    ]
    body = {
        "made": as_rfc3339(now),
        "id": str(session.person_id),
        "name": page.name,
        "log_ins_of_the_account": list(page.logins),
        "addresses": list(page.addresses),
        "phone": page.phone,
        "posts": posts,
        **as_data(page.traces),
    }
    return JSONResponse(body, headers={"Content-Disposition": 'attachment; filename="my-data.json"'})
