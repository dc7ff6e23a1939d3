"""`/recover`: back into one's account without anybody, by a recovery code, or a code of the app in a known browser; or with help.

Two pages. The first asks who it is and whether there is a code. With one, the second sets a new password. Without one, a request goes
to who answers for the person, and a code by mail where an address outside was confirmed before; the answer is the same for
every log-in there is or is not. Administration accounts get their way back from a person only.
"""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from directory.credentials import hash_password, keep_hash
from directory.logins import login_key
from directory.people import find_accounts
from foundation import audit
from foundation.database import Writes
from foundation.forms import Form
from foundation.i18n import _
from foundation.pages import FieldError, render
from sso.door.admission import Entered, let_in, lock_state, settle, start_session
from sso.door.candidates import ABLE, Candidate, choose_candidates, count_tries
from sso.door.entrance import refuse
from sso.door.hashing import door_place, hashing_place
from sso.door.new_passwords import REUSED, PasswordReused, check_history, remember_former
from sso.door.passwords import check_new_password
from sso.door.sources import check_source, weigh_failure
from sso.door.way_back import WayBack, read_way_back
from sso.factors.authenticators import looks_like_code, spend_step
from sso.factors.devices import forget_devices
from sso.factors.help_requests import answer_requests, ask_for_help
from sso.factors.recovery_codes import spend_recovery_code
from sso.factors.review import ask_for_review, find_review, is_laid_by
from sso.levels import PASSWORD
from sso.provider import Provider
from sso.sessions import end_account_sessions
from sso.upstream.links import drop_links

FAILED: Final = _("The log-in and the code do not belong together, or the code was used before or tried too often.")
WHO: Final = _("Enter your log-in.")
CODE: Final = _("Enter a code from your app, or one of your recovery codes.")
AGAIN: Final = _("The two passwords are not the same. Type the new password again.")


@dataclass(frozen=True)
class RecoveryPage:
    """One of the pages: `step` is who, code or asked."""

    step: str
    login: str
    here: str
    next: str
    activate: str
    log_in: str
    length: int
    errors: tuple[FieldError, ...] = ()


def show_recovery(provider: Provider, request: Request, form: Form) -> Response:
    """The first page."""
    with provider.database.read() as reads:
        back = read_way_back(provider, reads, form)
    return render_recovery(provider, request, back, "who", form.text("login") or back.login_hint)


def recover(provider: Provider, request: Request, form: Form) -> Response:
    """What was posted: who it is, a request for help, or the code and the new password."""
    with provider.database.read() as reads:
        back = read_way_back(provider, reads, form)
    login = form.text("login")[:300]
    if not login_key(login):
        return render_recovery(provider, request, back, "who", login, (FieldError("login", WHO),), 400)
    if form.text("act") == "ask":
        ask(provider, request, login)
        return render_recovery(provider, request, back, "asked", login)
    if form.text("act") != "set":
        return render_recovery(provider, request, back, "code", login)
    return set_new(provider, request, back, form, login)


def ask(provider: Provider, request: Request, login: str) -> None:
    """Keep a request for whoever is meant; nobody learns whether anybody is. Raises SourceShut."""
    now, sealer, caller = provider.now(), provider.runtime.sealer, request.state.caller
    with provider.database.write() as writes:
        check_source(writes, sealer, caller, now)
        weigh_failure(writes, sealer, caller, provider.policy, now)
        for account in choose_candidates(find_accounts(writes, login, provider.as_of())):
            if ask_for_help(writes, account.account_id, caller, now):
                detail = {"caller": caller}
                audit.record(writes, now, "sso.recovery.asked", "anonymous", str(account.account_id), detail)


def set_new(provider: Provider, request: Request, back: WayBack, form: Form, login: str) -> Response:
    """The new password, if the code is right: signed in, everything open elsewhere ended."""
    errors = check_fields(provider, form, login)
    if errors:
        return render_recovery(provider, request, back, "code", login, errors, 400)
    try:
        entered = enter_by_factor(provider, request, login, form.text("otp")[:60], form["new_password"])
    except PasswordReused:
        return render_recovery(provider, request, back, "code", login, (FieldError("new_password", REUSED),), 400)
    if entered is None:
        return render_recovery(provider, request, back, "code", login, (FieldError("otp", FAILED),), 403)
    return let_in(provider, back, entered)


def check_fields(provider: Provider, form: Form, login: str) -> tuple[FieldError, ...]:
    """What is to be mended before a try is counted."""
    errors = []
    if not form.text("otp").strip():
        errors.append(FieldError("otp", CODE))
    password = form.text("new_password")
    if fault := check_new_password(password, login, provider.rules):
        errors.append(FieldError("new_password", fault, provider.rules.values))
    elif password != form.text("new_password_again"):
        errors.append(FieldError("new_password_again", AGAIN))
    return tuple(errors)


@door_place()
def enter_by_factor(provider: Provider, request: Request, typed: str, code: str, new_password: str) -> Entered | None:
    """Come in with a second factor and a new password. None when they do not fit; the work is the same for everybody.

    Raises PasswordReused, and nothing is spent then; DoorCrowded, and nothing is counted.
    """
    candidates = count_tries(provider, request, typed)
    with hashing_place():
        password_hash = hash_password(new_password)
    now = provider.now()
    with provider.database.write() as writes:
        for one in candidates:
            account = one.account
            if one.credential is None or account.kind != "business" or not may_recover(provider, writes, one, code):
                continue
            check_history(provider, writes, account.account_id, account.kind, new_password)
            remember_former(writes, account.account_id, now)
            # A factor that is younger than a handed-out code proves no more than the old password it was set up with.
            by_password = is_laid_by(writes, account.account_id)
            keep_hash(writes, account.account_id, password_hash, now, by_password=by_password)
            end_account_sessions(writes, account.account_id, now)
            forget_devices(writes, account.account_id)
            drop_links(writes, account.account_id)
            if not looks_like_code(code):
                ask_for_review(writes, account.account_id, now)
            answer_requests(writes, account.account_id, "self", now)
            cookie = start_session(provider, writes, request, account, "otp", PASSWORD).cookie
            device = settle(provider, writes, request, account.account_id, one.subject)
            detail = {"by": "otp", "caller": request.state.caller}
            person = str(account.person_id)
            audit.record(writes, now, "sso.account.recovered", person, str(account.account_id), detail)
            return Entered(account.person_id, cookie, device)
    refuse(provider, request, typed, "recovery")
    return None


def may_recover(provider: Provider, writes: Writes, one: Candidate, code: str) -> bool:
    """Whether the code is this account's, and spend it; the account must be open.

    Nothing the account had counts here while its owner is asked whose its factors are: who had taken it over may have all of them.
    """
    sealer, now, account_id = provider.runtime.sealer, provider.now(), one.account.account_id
    if lock_state(writes, account_id) not in ABLE or find_review(writes, account_id) is not None:
        return False
    if looks_like_code(code):
        # Six digits and no password: whoever has enough networks and log-ins guesses some, so the account's own browser has to vouch.
        return one.device is not None and spend_step(writes, sealer, account_id, code, now)
    return spend_recovery_code(writes, sealer, account_id, code, now)


def render_recovery(
    provider: Provider,
    request: Request,
    back: WayBack,
    step: str,
    login: str,
    errors: tuple[FieldError, ...] = (),
    status: int = 200,
) -> Response:
    """The page; no code and no password is shown again."""
    page = RecoveryPage(
        step=step,
        login=login,
        here=back.link("/recover"),
        next=back.address,
        activate=back.link("/activate", login=login),
        log_in=back.link("/login", login=login),
        length=provider.policy.password_length,
        errors=errors,
    )
    return render(request, "sso/recover.html", page, status=status, form_targets=back.form_targets, scripts=True)
