"""`/second-factor`: one field, for the code of the app or a recovery code; the password was right before.

A try is counted on the account like every other, before it is looked at. Whoever has no second factor yet and needs one is sent to
set one up.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from foundation import audit
from foundation.database import Reads, Writes
from foundation.forms import Form
from foundation.i18n import _
from foundation.pages import FieldError, render
from sso.door.admission import Entered, let_in, settle
from sso.door.candidates import name_subject
from sso.door.guesses import count_try
from sso.door.sources import weigh_failure
from sso.door.way_back import WayBack, read_way_back
from sso.factors.authenticators import looks_like_code, spend_step
from sso.factors.devices import find_device, read_device
from sso.factors.passkeys import Question, ask_proof, build_party
from sso.factors.recovery_codes import spend_recovery_code
from sso.factors.review import is_asked, recovery_rests
from sso.factors.standing import ALWAYS_TWO, Factors, find_factors
from sso.levels import RECOVERY, TWO_FACTORS
from sso.provider import Provider
from sso.sessions import OpenSession, find_session, hold_session, raise_session, read_cookie

FAILED: Final = _(
    "The code is not right, was used before, or was tried too often. Wait for the next one in your app and type that."
)
RESTING: Final = _(
    "Recovery codes do not count until you have looked at how this account is opened. Use your app or passkey, or call the help desk."
)
EMPTY: Final = _("Enter the code from your app.")
SET_UP: Final = "/me/authenticator"


@dataclass(frozen=True)
class SecondFactorPage:
    """The question."""

    application: str | None
    here: str
    next: str
    log_in: str
    recover: str
    factors: Factors
    remember_days: int
    question: Question | None
    changing: bool
    errors: tuple[FieldError, ...] = ()


def show_second_factor(provider: Provider, request: Request, form: Form) -> Response:
    """The question, or what comes before it: the log-in, or setting a factor up."""
    with provider.database.read() as reads:
        back = read_way_back(provider, reads, form)
        session = find_owing(provider, reads, request)
        if session is None:
            return RedirectResponse(back.link("/login"), 303)
        factors = find_factors(reads, session.account_id)
    if not factors:
        return RedirectResponse(f"{SET_UP}{back.query}", 303)
    return render_question(provider, request, back, session, factors)


def answer_second_factor(provider: Provider, request: Request, form: Form) -> Response:
    """The posted code: on the way, or the question again. The try is counted, and that stands, before the code is looked at."""
    typed, now = form.text("otp")[:60], provider.now()
    with provider.database.write() as writes:
        back = read_way_back(provider, writes, form)
        session = find_owing(provider, writes, request)
        if session is None:
            return RedirectResponse(back.link("/login"), 303)
        factors = find_factors(writes, session.account_id)
        device = find_device(writes, session.account_id, read_device(request, provider.settings), now)
        subject = name_subject(provider, session.account_id, device)
        locks = None if device else session.account_id
        may = bool(typed.strip()) and count_try(writes, subject, provider.policy, now, locks=locks)
    if not factors:
        return RedirectResponse(f"{SET_UP}{back.query}", 303)
    if not typed.strip():
        return render_question(provider, request, back, session, factors, FieldError("otp", EMPTY), 400)
    with provider.database.write() as writes:
        if not still_asks(provider, writes, request, session):
            return RedirectResponse(back.link("/login"), 303)
        if may and spend_code(provider, writes, session, typed, now):
            remember = read_remember(provider, form, session)
            method = "otp" if looks_like_code(typed) else f"otp {RECOVERY}"
            entered = raise_level(provider, writes, request, session, Proof(TWO_FACTORS, method, subject, remember))
            return let_in(provider, back, entered)
        weigh_failure(writes, provider.runtime.sealer, request.state.caller, provider.policy, now)
        detail = {"by": "otp", "caller": request.state.caller}
        audit.record(
            writes, now, "sso.factor.refused", str(session.person_id), str(session.account_id), detail, "refused"
        )
        sentence = RESTING if rests(writes, session, typed) else FAILED
    return render_question(provider, request, back, session, factors, FieldError("otp", sentence), 403)


def find_owing(provider: Provider, reads: Reads, request: Request) -> OpenSession | None:
    """The browser's session, also one that still owes its factor."""
    return find_session(reads, read_cookie(request, provider.settings), provider.policy, provider.now(), owing=True)


def still_asks(provider: Provider, writes: Writes, request: Request, session: OpenSession) -> bool:
    """Whether the session is still the one that was asked, held from now on: it may have ended while the try was counted."""
    cookie = read_cookie(request, provider.settings)
    return hold_session(writes, session, cookie, provider.policy, provider.now()) is not None


def rests(reads: Reads, session: OpenSession, typed: str) -> bool:
    """Whether what was typed is no code of an app, and recovery codes count for nothing now; the same whether the code is right."""
    return not looks_like_code(typed) and recovery_rests(reads, session)


def spend_code(provider: Provider, writes: Writes, session: OpenSession, typed: str, now: datetime) -> bool:
    """Whether the code is one of the app's or a recovery code of this account; it is spent."""
    sealer = provider.runtime.sealer
    if looks_like_code(typed):
        return spend_step(writes, sealer, session.account_id, typed, now)
    return not recovery_rests(writes, session) and spend_recovery_code(writes, sealer, session.account_id, typed, now)


def read_remember(provider: Provider, form: Form, session: OpenSession) -> timedelta | None:
    """For how long the browser is to be remembered; never for an administration account."""
    days = provider.policy.remembered_days
    return timedelta(days=days) if form.text("remember") == "yes" and days and session.kind not in ALWAYS_TWO else None


@dataclass(frozen=True)
class Proof:
    """What was proved just now: the level it reaches, its word for `amr` (RFC 8176), and what its tries were counted under."""

    level: str
    method: str
    subject: bytes
    remember: timedelta | None = None


def raise_level(provider: Provider, writes: Writes, request: Request, session: OpenSession, proof: Proof) -> Entered:
    """The session at the level reached, with a new cookie; written down."""
    now = provider.now()
    amr = " ".join(dict.fromkeys((*session.amr.split(), *proof.method.split(), "mfa")))
    cookie = raise_session(writes, session, provider.policy, now, amr=amr, acr=proof.level)
    device = settle(provider, writes, request, session.account_id, proof.subject, remember=proof.remember)
    caller, agent = request.state.caller, request.headers.get("user-agent", "")
    event = "sso.session.opened" if session.owing else "sso.session.raised"
    detail = {"by": amr, "caller": caller, "agent": agent[:80]}
    audit.record(writes, now, event, str(session.person_id), str(session.account_id), detail)
    reviewing = is_asked(writes, session.account_id, now)
    return Entered(session.person_id, cookie, device, reviewing=reviewing)


def render_question(
    provider: Provider,
    request: Request,
    back: WayBack,
    session: OpenSession,
    factors: Factors,
    error: FieldError | None = None,
    status: int = 200,
) -> Response:
    """The page; what was typed is not shown again."""
    question = None
    if factors.passkeys:
        party = build_party(provider.issuer, provider.settings.title)
        question = ask_proof(provider.runtime.sealer, party, provider.now(), session.account_id)
    page = SecondFactorPage(
        application=back.application,
        here=back.link("/second-factor"),
        next=back.address,
        log_in=back.link("/login"),
        recover=back.link("/recover"),
        factors=factors,
        remember_days=0 if session.kind in ALWAYS_TWO else provider.policy.remembered_days,
        question=question,
        changing=bool(factors.passkeys) and back.address.startswith("/me/"),
        errors=(error,) if error else (),
    )
    return render(request, "sso/second_factor.html", page, status=status, form_targets=back.form_targets, scripts=True)
