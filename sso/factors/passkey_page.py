"""`/me/passkeys`: the keys of one's account; one more, or one less. Whoever changes them has just proved the strongest factor there is."""

import logging
from dataclasses import dataclass
from datetime import datetime
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
from sso.factors.access import Elsewhere, Owner, find_owner, hold_owner
from sso.factors.devices import find_device, forget_devices, hand_device, read_device
from sso.factors.passkey_entrance import name_method, read_key_id
from sso.factors.passkeys import (
    PasskeyError,
    Question,
    ask_creation,
    build_party,
    drop_passkey,
    keep_passkey,
    list_passkeys,
    take_challenge,
)
from sso.factors.recovery_codes import drop_recovery_codes
from sso.factors.second_factor import Proof, raise_level
from sso.factors.standing import ALWAYS_TWO, find_factors
from sso.levels import PASSKEY
from sso.provider import Provider
from sso.sessions import hand_cookie

PATH: Final = "/me/passkeys"
FAILED: Final = _("The passkey was not kept. Please try once more; if it does not work again, use an app for codes.")
NEEDED: Final = _("This account cannot be without a second factor. Set another one up first.")
NAME_LETTERS: Final = 60
log = logging.getLogger("hopnhat.sso")


@dataclass(frozen=True)
class KeyLine:
    """A key as the page shows it."""

    id: str
    name: str
    made_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class PasskeysPage:
    """The keys and the question for one more."""

    keys: tuple[KeyLine, ...]
    question: Question
    errors: tuple[FieldError, ...] = ()


def show_passkeys(provider: Provider, request: Request, _form: Form) -> Response:
    """The page, or what has to come before."""
    with provider.database.read() as reads:
        owner = find_owner(provider, reads, request, PATH)
    return (
        RedirectResponse(owner.address, 303) if isinstance(owner, Elsewhere) else render_keys(provider, request, owner)
    )


def change_passkeys(provider: Provider, request: Request, form: Form) -> Response:
    """One more or one less; then the page again."""
    with provider.database.read() as reads:
        owner = find_owner(provider, reads, request, PATH)
    if isinstance(owner, Elsewhere):
        return RedirectResponse(owner.address, 303)
    try:
        with provider.database.write() as writes:
            held = hold_owner(provider, writes, request, owner, PATH)
            if isinstance(held, Elsewhere):
                return RedirectResponse(held.address, 303)
            if "remove" not in form:
                return hand_on(provider, add(provider, writes, request, held, form))
            sentence = remove(provider, writes, held, form)
    except PasskeyError as error:
        log.info("passkey refused: %s", error)
        sentence = FAILED
    if sentence:
        return render_keys(provider, request, owner, FieldError("", sentence), 400)
    return RedirectResponse(PATH, 303)


def add(provider: Provider, writes: Writes, request: Request, owner: Owner, form: Form) -> Entered:
    """Keep the key the browser made; its owner opened it just now, which raises the session. Raises PasskeyError."""
    account_id, now = owner.session.account_id, provider.now()
    challenge = take_challenge(writes, provider.runtime.sealer, form.text("challenge"), "create", str(account_id), now)
    name = form.text("name").strip()[:NAME_LETTERS] or "Passkey"
    party = build_party(provider.issuer, provider.settings.title)
    key = keep_passkey(writes, party, account_id, challenge, form.text("credential"), name, now)
    forget_devices(writes, account_id)
    person = str(owner.session.person_id)
    audit.record(writes, now, "sso.factor.added", person, str(account_id), {"factor": "passkey"})
    device = find_device(writes, account_id, read_device(request, provider.settings), now)
    subject = name_subject(provider, account_id, device)
    return raise_level(provider, writes, request, owner.session, Proof(PASSKEY, name_method(key), subject))


def hand_on(provider: Provider, entered: Entered) -> Response:
    """Back to the page with the cookies of the session that was raised."""
    response = RedirectResponse(PATH, 303)
    hand_cookie(response, entered.cookie, provider.settings)
    if entered.device:
        hand_device(response, entered.device, provider.settings)
    return response


def remove(provider: Provider, writes: Writes, owner: Owner, form: Form) -> str | None:
    """Take a key away; gives a sentence where the account would be without a factor it must have."""
    account_id, key_id = owner.session.account_id, read_key_id(form.text("remove"))
    if owner.session.kind in ALWAYS_TWO and not owner.factors.authenticator and owner.factors.passkeys < 2:
        return NEEDED
    if key_id is not None and drop_passkey(writes, account_id, key_id):
        if not find_factors(writes, account_id):
            drop_recovery_codes(writes, account_id)
        person = str(owner.session.person_id)
        audit.record(writes, provider.now(), "sso.factor.removed", person, str(account_id), {"factor": "passkey"})
    return None


def render_keys(
    provider: Provider, request: Request, owner: Owner, error: FieldError | None = None, status: int = 200
) -> Response:
    """The page."""
    account_id = owner.session.account_id
    with provider.database.read() as reads:
        keys = [KeyLine(str(key.id), key.name, key.made_at, key.used_at) for key in list_passkeys(reads, account_id)]
        person = find_person(reads, owner.session.person_id, provider.as_of())
        login = person.logins[0] if person and person.logins else str(account_id)[:8]
        party = build_party(provider.issuer, provider.settings.title)
        question = ask_creation(reads, provider.runtime.sealer, party, account_id, login, provider.now())
    page = PasskeysPage(tuple(keys), question, (error,) if error else ())
    return render(request, "sso/passkeys.html", page, status=status, scripts=True)
