"""`/login`: one question, one answer, and the same words for every reason not to let somebody in."""

import uuid
from dataclasses import dataclass
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from directory.chains import find_ancestors, full_name
from directory.people import AccountFacts, find_former_units, find_person
from directory.units import last_facts
from foundation.database import Reads, Writes
from foundation.forms import Form
from foundation.i18n import _
from foundation.pages import FieldError, render
from sso.authorization.endpoint import answer_waiting
from sso.authorization.requests import IN_QUERY
from sso.certificates.settings import PATH as CERTIFICATE_PATH
from sso.certificates.settings import ClientCertificateSection
from sso.door.about import About, describe_application
from sso.door.account_choice import find_login
from sso.door.admission import Entered, let_in
from sso.door.entrance import enter_by_password
from sso.door.way_back import WayBack, read_way_back
from sso.factors.passkeys import Question, ask_proof, build_party
from sso.provider import Provider
from sso.sessions import find_session, read_cookie
from sso.upstream.settings import UpstreamSection

FAILED: Final = _("The log-in or the password is not right, or the account cannot be used now.")

CERTIFICATE_FAILED: Final = _(
    "Your key device could not be used: no certificate was shown, it has ended or was revoked, or it is not known as yours. "
    "Log in with your password, or call the help desk."
)
UPSTREAM_FAILED: Final = _(
    "The other provider did not confirm who you are, or your account there is not linked to one here. "
    "Log in with your password; then you can link the two under “My account”."
)


@dataclass(frozen=True)
class Choice:
    """One of several people an old log-in fits, told by unit, never by name."""

    account_id: str
    unit: str


@dataclass(frozen=True)
class OtherProvider:
    """A provider of another administration that one may come in by, and where the way to it begins."""

    title: str
    address: str


@dataclass(frozen=True)
class LoginPage:
    """The log-in page: what was typed, what is to be mended, who is waiting, where else to go."""

    login: str
    application: str | None
    here: str
    next: str
    activate: str
    recover: str
    question: Question
    errors: tuple[FieldError, ...] = ()
    choices: tuple[Choice, ...] = ()
    about: About | None = None
    certificate: str | None = None
    """Where a key device is asked for, if one may be used."""
    others: tuple[OtherProvider, ...] = ()
    again: str | None = None
    """The log-in of who is in already and is asked once more."""


def show_login(provider: Provider, request: Request, form: Form) -> Response:
    """The empty page."""
    with provider.database.read_quickly() as reads:
        back = read_way_back(provider, reads, form)
        again = find_present(provider, reads, request)
    typed = form.text("login") or back.login_hint
    return render_login(provider, request, back, typed, tell_refusal(form), again=again)


def find_present(provider: Provider, reads: Reads, request: Request) -> str | None:
    """The log-in of the account that is open in this browser: an application, or a page of ours, wants to know once more who is there."""
    session = find_session(reads, read_cookie(request, provider.settings), provider.policy, provider.now())
    return find_login(reads, session.account_id, provider) if session is not None else None


def tell_refusal(form: Form) -> tuple[FieldError, ...]:
    """What another way in came to nothing by, one sentence for every reason."""
    sentences = {"certificate": CERTIFICATE_FAILED, "upstream": UPSTREAM_FAILED}
    return tuple(FieldError("", sentence) for name, sentence in sentences.items() if form.text(name) == "refused")


def log_in(provider: Provider, request: Request, form: Form) -> Response:
    """The posted page: back to where the person came from, or the page again with one sentence."""
    typed, password = form.text("login"), form.text("password")
    errors = check_filled(typed, password)
    if errors:
        return render_login(provider, request, read_back(provider, form), typed, errors, status=400)
    provider.keys.prepare(provider.now())
    back = read_back(provider, form)
    onward = partial(answer_back, provider, request, back)
    entered = enter_by_password(provider, request, typed[:300], password, read_choice(form), onward)
    if isinstance(entered, Entered):
        return let_in(provider, back, entered)
    if entered is None:
        return render_login(provider, request, back, typed, (FieldError("", FAILED),), status=403)
    return render_login(provider, request, back, typed, choices=describe_choices(provider, entered.accounts))


def answer_back(
    provider: Provider, request: Request, back: WayBack, writes: Writes, entered: Entered
) -> RedirectResponse | None:
    """The answer to the application that waits behind this page, if nothing more is missing now."""
    # A request that is kept here is spent with its answer, by the way it came.
    plain = back.client is not None and back.source == IN_QUERY
    return answer_waiting(provider, writes, request, back.inner, entered.cookie, entered.session) if plain else None


def read_back(provider: Provider, form: Form) -> WayBack:
    """The way back of a posted page."""
    with provider.database.read_quickly() as reads:
        return read_way_back(provider, reads, form)


def check_filled(typed: str, password: str) -> tuple[FieldError, ...]:
    """What was left empty."""
    empty = (("login", typed, _("Enter your log-in.")), ("password", password, _("Enter your password.")))
    return tuple(FieldError(name, sentence) for name, value, sentence in empty if not value.strip())


def read_choice(form: Form) -> uuid.UUID | None:
    """The account named in answer to the question, if any."""
    try:
        return uuid.UUID(form["account"]) if "account" in form else None
    except ValueError:
        return uuid.UUID(int=0)


def describe_choices(provider: Provider, accounts: tuple[AccountFacts, ...]) -> tuple[Choice, ...]:
    """The accounts an old log-in fits, told apart by the former unit it came from, else by the present one."""
    as_of = provider.as_of()
    choices = []
    with provider.database.read() as reads:
        for account in accounts:
            person = find_person(reads, account.person_id, as_of)
            former = find_former_units(reads, account.person_id, as_of, most=1)
            origin = account.origin_id or (former[0].unit.id if former else None)
            unit_id = origin or (person.main_post.unit_id if person and person.main_post else None)
            unit = last_facts(reads, [unit_id], as_of).get(unit_id) if unit_id else None
            name = (full_name(find_ancestors(reads, unit.id, as_of)) or unit.agency_name) if unit else _("another unit")
            choices.append(Choice(str(account.account_id), name))
    return tuple(choices)


def render_login(
    provider: Provider,
    request: Request,
    back: WayBack,
    login: str,
    errors: tuple[FieldError, ...] = (),
    choices: tuple[Choice, ...] = (),
    status: int = 200,
    again: str | None = None,
) -> Response:
    """The page."""
    section = provider.settings[ClientCertificateSection]
    page = LoginPage(
        login=login[:300],
        application=back.application,
        here=back.link("/login"),
        next=back.address,
        activate=back.link("/activate"),
        recover=back.link("/recover"),
        question=ask_proof(provider.runtime.sealer, build_party(provider.issuer, ""), provider.now()),
        errors=errors,
        choices=choices,
        about=describe_application(back.client),
        others=tuple(
            OtherProvider(one.title, back.link(f"/login/upstream/{one.name}"))
            for one in provider.settings[UpstreamSection].providers
        ),
        again=again,
        certificate=f"{section.address}{CERTIFICATE_PATH}" if section.enabled else None,
    )
    targets = (*back.form_targets, *filter(None, [section.address]))
    return render(request, "sso/login.html", page, status=status, form_targets=targets, scripts=True, printed=True)
