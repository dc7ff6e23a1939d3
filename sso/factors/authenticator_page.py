"""`/me/authenticator`: set an app up as second factor: scan, type the first code, keep the recovery codes. And take it away again."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from directory.people import find_person
from foundation import audit
from foundation.database import Writes
from foundation.forms import Form
from foundation.i18n import _
from foundation.pages import FieldError, render
from sso.door.admission import Entered
from sso.door.candidates import name_subject
from sso.door.guesses import count_try
from sso.door.sources import weigh_failure
from sso.door.way_back import WayBack, read_way_back
from sso.factors.access import Elsewhere, Owner, find_owner, hold_owner
from sso.factors.authenticators import (
    Draft,
    draw_code,
    drop_authenticator,
    find_step,
    keep_authenticator,
    new_draft,
    open_draft,
    seal_draft,
)
from sso.factors.codes_page import show_codes
from sso.factors.devices import find_device, forget_devices, hand_device, read_device
from sso.factors.recovery_codes import drop_recovery_codes, make_recovery_codes
from sso.factors.second_factor import Proof, raise_level
from sso.factors.standing import ALWAYS_TWO, find_factors
from sso.levels import TWO_FACTORS
from sso.provider import Provider
from sso.sessions import hand_cookie

FAILED: Final = _("This is not the code your app shows now. Check the clock of your phone, and type the next code.")
EMPTY: Final = _("Type the six digits that your app shows.")
NEEDED: Final = _("This account cannot be without a second factor. Set another one up first.")
PATH: Final = "/me/authenticator"


@dataclass(frozen=True)
class AuthenticatorPage:
    """Setting up: the picture, the same as text, and the form that carries the secret sealed."""

    drawing: str
    secret: str
    draft: str
    next: str
    here: str
    replaces: bool
    must: bool
    errors: tuple[FieldError, ...] = ()


def show_authenticator(provider: Provider, request: Request, form: Form) -> Response:
    """A fresh secret, or what has to come before."""
    with provider.database.read() as reads:
        back = read_way_back(provider, reads, form)
        owner = find_owner(provider, reads, request, PATH)
        if isinstance(owner, Elsewhere):
            return RedirectResponse(owner.address, 303)
    return render_authenticator(provider, request, back, owner, new_draft(owner.session.account_id))


def set_authenticator(provider: Provider, request: Request, form: Form) -> Response:
    """The first code: kept, with new recovery codes; or the same page again. Another button takes the app away."""
    now, sealer = provider.now(), provider.runtime.sealer
    with provider.database.write() as writes:
        back = read_way_back(provider, writes, form)
        owner = find_owner(provider, writes, request, PATH)
        if isinstance(owner, Elsewhere):
            return RedirectResponse(owner.address, 303)
        if form.text("act") == "remove":
            return remove(provider, writes, request, owner)
        account_id = owner.session.account_id
        draft = open_draft(sealer, form.text("draft"), account_id, now)
        device = find_device(writes, account_id, read_device(request, provider.settings), now)
        subject = name_subject(provider, account_id, device)
        may = count_try(writes, subject, provider.policy, now, locks=None if device else account_id)
    if draft is None:
        return RedirectResponse(f"{PATH}{back.query}", 303)
    step = find_step(draft.secret, form.text("otp"), now) if may else None
    if step is None:
        with provider.database.write() as writes:
            weigh_failure(writes, sealer, request.state.caller, provider.policy, now)
        sentence = FAILED if form.text("otp").strip() else EMPTY
        return render_authenticator(provider, request, back, owner, draft, FieldError("otp", sentence), 400)
    with provider.database.write() as writes:
        held = hold_owner(provider, writes, request, owner, PATH)
        if isinstance(held, Elsewhere):
            return RedirectResponse(held.address, 303)
        keep_authenticator(writes, sealer, draft, step, now)
        codes = make_recovery_codes(writes, sealer, account_id, now)
        forget_devices(writes, account_id)
        person = str(held.session.person_id)
        audit.record(writes, now, "sso.factor.added", person, str(account_id), {"factor": "authenticator"})
        entered = raise_level(provider, writes, request, held.session, Proof(TWO_FACTORS, "otp", subject))
    return hand_on(provider, show_codes(request, codes, back.address), entered)


def hand_on(provider: Provider, response: Response, entered: Entered) -> Response:
    """The page with the cookies of the session that was raised."""
    hand_cookie(response, entered.cookie, provider.settings)
    if entered.device:
        hand_device(response, entered.device, provider.settings)
    return response


def remove(provider: Provider, writes: Writes, request: Request, owner: Owner) -> Response:
    """Take the app away, and the codes that stand in for it when nothing is left."""
    account_id, now = owner.session.account_id, provider.now()
    if owner.session.kind in ALWAYS_TWO and not owner.factors.passkeys:
        back = WayBack("/me", None, (), "")
        draft = new_draft(account_id)
        return render_authenticator(provider, request, back, owner, draft, FieldError("", NEEDED), 400)
    if drop_authenticator(writes, account_id):
        if not find_factors(writes, account_id):
            drop_recovery_codes(writes, account_id)
        person = str(owner.session.person_id)
        audit.record(writes, now, "sso.factor.removed", person, str(account_id), {"factor": "authenticator"})
    return RedirectResponse("/me?changed=factors", 303)


def render_authenticator(
    provider: Provider,
    request: Request,
    back: WayBack,
    owner: Owner,
    draft: Draft,
    error: FieldError | None = None,
    status: int = 200,
) -> Response:
    """The page."""
    with provider.database.read() as reads:
        person = find_person(reads, owner.session.person_id, provider.as_of())
    login = person.logins[0] if person and person.logins else str(owner.session.account_id)[:8]
    page = AuthenticatorPage(
        drawing=draw_code(draft.address(login, provider.settings.title)),
        secret=draft.grouped,
        draft=seal_draft(provider.runtime.sealer, draft, provider.now()),
        next=back.address,
        here=f"{PATH}{back.query}",
        replaces=owner.factors.authenticator,
        must=owner.session.owing,
        errors=(error,) if error else (),
    )
    return render(request, "sso/authenticator.html", page, status=status, form_targets=back.form_targets, scripts=True)
