"""`/password`: a new password by one's own wish: the present one first, so that an open screen is not enough.

Tries are counted like those of a log-in. Everything else the account had open ends; the session at hand gets a new cookie. A code that the
help desk has handed out stays good: whoever took the account over knows the present password, too.
"""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from directory.credentials import check_password, find_credential, hash_password, keep_hash
from directory.models import Account
from foundation import audit
from foundation.database import Reads
from foundation.forms import Form
from foundation.i18n import _
from foundation.pages import FieldError, render
from sso.door.candidates import name_subject
from sso.door.guesses import count_try, forgive
from sso.door.hashing import door_place, hashing_place
from sso.door.new_passwords import REUSED, PasswordReused, check_history, remember_former
from sso.door.passwords import PasswordRules, check_new_password
from sso.door.sources import weigh_failure
from sso.door.way_back import WayBack, read_way_back
from sso.factors.devices import find_device, forget_devices, read_device
from sso.provider import Provider
from sso.sessions import (
    OpenSession,
    end_account_sessions,
    find_session,
    hand_cookie,
    hold_session,
    raise_session,
    read_cookie,
)

FAILED: Final = _(
    "The present password is not right, or was tried too often. Please wait a little, or call the help desk."
)


@dataclass(frozen=True)
class PasswordPage:
    """The page."""

    length: int
    next: str
    errors: tuple[FieldError, ...] = ()


def show_password(provider: Provider, request: Request, form: Form) -> Response:
    """The empty page, or the log-in first."""
    with provider.database.read() as reads:
        session = find_own_session(provider, reads, request)
        back = read_way_back(provider, reads, form)
    return render_password(provider, request, back) if session else RedirectResponse("/login?next=%2Fme", 303)


def change_password(provider: Provider, request: Request, form: Form) -> Response:
    """The posted page: back to one's own page with the new password, or the page again with what to mend."""
    with provider.database.read() as reads:
        session = find_own_session(provider, reads, request)
        back = read_way_back(provider, reads, form)
    if session is None:
        return RedirectResponse("/login?next=%2Fme", 303)
    errors = check_change(form, provider.rules)
    if errors:
        return render_password(provider, request, back, errors, 400)
    if not is_present_password(provider, request, session, form["password"]):
        return render_password(provider, request, back, (FieldError("password", FAILED),), 403)
    try:
        cookie = keep_new_password(provider, request, session, form["new_password"])
    except PasswordReused:
        return render_password(provider, request, back, (FieldError("new_password", REUSED),), 400)
    if cookie is None:
        return RedirectResponse("/login?next=%2Fme", 303)
    response = RedirectResponse(back.address if back.address != "/me" else "/me?changed=password", 303)
    hand_cookie(response, cookie, provider.settings)
    return response


def find_own_session(provider: Provider, reads: Reads, request: Request) -> OpenSession | None:
    """The session of the browser that asks."""
    return find_session(reads, read_cookie(request, provider.settings), provider.policy, provider.now())


def check_change(form: Form, rules: PasswordRules) -> tuple[FieldError, ...]:
    """What is to be mended before the present password is looked at."""
    password = form.text("new_password")
    if not form.text("password"):
        return (FieldError("password", _("Enter your present password.")),)
    if fault := check_new_password(password, "", rules):
        return (FieldError("new_password", fault, rules.values),)
    if password != form.text("new_password_again"):
        return (
            FieldError("new_password_again", _("The two passwords are not the same. Type the new password again.")),
        )
    return ()


@door_place()
def is_present_password(provider: Provider, request: Request, session: OpenSession, password: str) -> bool:
    """Whether this is the account's password; the try is counted first, and forgiven when it was right. Raises DoorCrowded."""
    with provider.database.write() as writes:
        cookie = read_device(request, provider.settings)
        device = find_device(writes, session.account_id, cookie, provider.now())
        subject = name_subject(provider, session.account_id, device)
        locks = None if device else session.account_id
        may = count_try(writes, subject, provider.policy, provider.now(), locks=locks)
        credential = find_credential(writes, session.account_id) if may else None
        account = writes.get(Account, session.account_id)
        kind = account.kind if account else ""
    with hashing_place():
        opened = check_password(provider.runtime.sealer, credential, kind, password, provider.now())
    if opened is None:
        with provider.database.write() as writes:
            weigh_failure(writes, provider.runtime.sealer, request.state.caller, provider.policy, provider.now())
        return False
    with provider.database.write() as writes:
        forgive(writes, subject)
    return True


def keep_new_password(provider: Provider, request: Request, session: OpenSession, password: str) -> str | None:
    """Keep it, end what is open elsewhere, give the session at hand a new cookie; when and how surely its owner logged in stays: a
    password alone makes no log-in with a key anew. Gives the new cookie's value, None where the session is over
    meanwhile: a reset or a suspension came while the hashes were computed. Raises PasswordReused.
    """
    with hashing_place():
        password_hash = hash_password(password)
    now = provider.now()
    with provider.database.write() as writes:
        if hold_session(writes, session, read_cookie(request, provider.settings), provider.policy, now) is None:
            return None
        check_history(provider, writes, session.account_id, session.kind, password)
        remember_former(writes, session.account_id, now)
        forget_devices(writes, session.account_id)
        keep_hash(writes, session.account_id, password_hash, now, by_password=True)
        end_account_sessions(writes, session.account_id, now, keep=session.id)
        audit.record(writes, now, "sso.password.changed", str(session.person_id), str(session.account_id))
        return raise_session(writes, session, provider.policy, now, amr=session.amr, acr=session.acr)


def render_password(
    provider: Provider, request: Request, back: WayBack, errors: tuple[FieldError, ...] = (), status: int = 200
) -> Response:
    """The page; no password is ever shown again."""
    page = PasswordPage(provider.policy.password_length, back.address, errors)
    return render(request, "sso/password.html", page, status=status, form_targets=back.form_targets, scripts=True)
