"""`/login/passkey` and `/second-factor/passkey`: coming in with a key alone, or with a key after the password.

A key names its account itself, so nothing is typed; whatever is wrong with it is told in one sentence. Tries on a key that is known are
counted on its account before it is looked at.
"""

import logging
import uuid
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from directory.models import Account
from directory.people import AccountFacts
from foundation import audit
from foundation.database import Writes
from foundation.forms import Form
from foundation.i18n import _
from foundation.pages import FieldError
from sso.door.admission import Entered, let_in, lock_state, settle, start_session
from sso.door.candidates import name_subject
from sso.door.entrance import refuse
from sso.door.guesses import count_try
from sso.door.login import render_login
from sso.door.sources import check_source, weigh_failure
from sso.door.way_back import read_way_back
from sso.factors.devices import find_device, read_device
from sso.factors.models import Passkey
from sso.factors.passkeys import ANYBODY, PasskeyError, build_party, check_proof, find_passkey, take_challenge
from sso.factors.review import find_review
from sso.factors.second_factor import Proof, find_owing, raise_level, render_question, still_asks
from sso.factors.standing import find_factors
from sso.levels import PASSKEY
from sso.provider import Provider
from sso.sessions import OpenSession

FAILED: Final = _(
    "This passkey does not open an account here now. Log in with your password, or get your account back."
)
log = logging.getLogger("hopnhat.sso")


def log_in_by_passkey(provider: Provider, request: Request, form: Form) -> Response:
    """The posted answer of a key: on the way, or the log-in page with one sentence. Raises SourceShut."""
    with provider.database.read() as reads:
        back = read_way_back(provider, reads, form)
    entered = enter_by_passkey(provider, request, form)
    if entered is None:
        return render_login(provider, request, back, "", (FieldError("", FAILED),), status=403)
    return let_in(provider, back, entered)


def enter_by_passkey(provider: Provider, request: Request, form: Form) -> Entered | None:
    """Come in with a key alone; None for whatever is wrong with it."""
    answer, now, sealer = form.text("credential"), provider.now(), provider.runtime.sealer
    try:
        with provider.database.write() as writes:
            check_source(writes, sealer, request.state.caller, now)
            challenge = take_challenge(writes, sealer, form.text("challenge"), "get", ANYBODY, now)
            account_id = find_passkey(writes, answer).account_id
            device = find_device(writes, account_id, read_device(request, provider.settings), now)
            subject = name_subject(provider, account_id, device)
            locks = None if device else account_id
            may = count_try(writes, subject, provider.policy, now, locks=locks)
        with provider.database.write() as writes:
            key = find_passkey(writes, answer)
            if not may or lock_state(writes, account_id) != "active":
                raise PasskeyError("the account is shut or not active")
            if find_review(writes, account_id) is not None:
                raise PasskeyError("its owner has not looked at it since the account was opened anew")
            check_proof(writes, build_party(provider.issuer, ""), key, challenge, answer, now)
            return admit_by_passkey(provider, writes, request, key, subject)
    except PasskeyError as error:
        log.info("passkey refused: %s", error)
    refuse(provider, request, "", "passkey")
    return None


def admit_by_passkey(provider: Provider, writes: Writes, request: Request, key: Passkey, subject: bytes) -> Entered:
    """The session of who came in with a key: both factors in one, whatever the account."""
    account = writes.get_one(Account, key.account_id)
    facts = AccountFacts(account.id, account.person_id, account.kind, account.state, False, None)
    amr = name_method(key) + " mfa"
    cookie = start_session(provider, writes, request, facts, amr, PASSKEY).cookie
    device = settle(provider, writes, request, account.id, subject)
    detail = {"by": amr, "caller": request.state.caller, "agent": request.headers.get("user-agent", "")[:80]}
    audit.record(writes, provider.now(), "sso.session.opened", str(account.person_id), str(account.id), detail)
    return Entered(account.person_id, cookie, device)


def name_method(key: Passkey) -> str:
    """The words of RFC 8176: a key that never leaves its device, or one that a password store carries about; opened by its owner."""
    return f"{'swk' if key.backed_up else 'hwk'} user"


def answer_by_passkey(provider: Provider, request: Request, form: Form) -> Response:
    """The key as second factor: on the way, or the question again."""
    answer, now, sealer = form.text("credential"), provider.now(), provider.runtime.sealer
    with provider.database.write() as writes:
        back = read_way_back(provider, writes, form)
        session = find_owing(provider, writes, request)
        if session is None:
            return RedirectResponse(back.link("/login"), 303)
        device = find_device(writes, session.account_id, read_device(request, provider.settings), now)
        subject = name_subject(provider, session.account_id, device)
        locks = None if device else session.account_id
        may = count_try(writes, subject, provider.policy, now, locks=locks)
        factors = find_factors(writes, session.account_id)
    try:
        with provider.database.write() as writes:
            if not still_asks(provider, writes, request, session):
                return RedirectResponse(back.link("/login"), 303)
            challenge = take_challenge(writes, sealer, form.text("challenge"), "get", str(session.account_id), now)
            key = check_own(writes, session, answer, may=may)
            check_proof(writes, build_party(provider.issuer, ""), key, challenge, answer, now)
            entered = raise_level(provider, writes, request, session, Proof(PASSKEY, name_method(key), subject))
            return let_in(provider, back, entered)
    except PasskeyError as error:
        log.info("passkey refused: %s", error)
    with provider.database.write() as writes:
        weigh_failure(writes, sealer, request.state.caller, provider.policy, now)
        detail = {"by": "passkey", "caller": request.state.caller}
        person = str(session.person_id)
        audit.record(writes, now, "sso.factor.refused", person, str(session.account_id), detail, "refused")
    return render_question(provider, request, back, session, factors, FieldError("", FAILED), 403)


def check_own(writes: Writes, session: OpenSession, answer: str, *, may: bool) -> Passkey:
    """The key of an answer, if it is one of this account's and the account is not shut. Raises PasskeyError."""
    key = find_passkey(writes, answer)
    if not may or key.account_id != session.account_id:
        raise PasskeyError("another account's key, or too many tries")
    return key


def read_key_id(text: str) -> uuid.UUID | None:
    """The id of a key in a form."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
