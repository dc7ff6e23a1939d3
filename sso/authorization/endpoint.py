"""`/authorize`: check, decide, answer. GET does the work; POST is turned into GET, so that the browser sends its session along."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from authlib.oauth2 import OAuth2Error
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from foundation.database import Reads, Writes
from foundation.errors import HopnhatError
from foundation.escapes import write_query
from foundation.forms import Form
from sso.authorization.answers import answer, answer_error
from sso.authorization.checks import build_asked, check_redirect_uri, check_request, read_client
from sso.authorization.dispatch import PLAIN, Ready, Standing, Step, check_silent, decide
from sso.authorization.freshness import is_chosen, mark_asked, read_asked
from sso.authorization.giving import give_parts
from sso.authorization.objects import RequestUriRefused, unfold
from sso.authorization.pushed import REQUESTS, keep_request, open_request, spend_request
from sso.authorization.requests import ASKED, CHOSEN, Asked, CheckedRequest
from sso.certificates.holders import has_certificate
from sso.certificates.settings import ClientCertificateSection
from sso.consent import find_allowed
from sso.door.password_age import is_password_over
from sso.factors.standing import find_factors
from sso.levels import CERTIFICATE, TWO_FACTORS, reaches
from sso.provider import Provider
from sso.redirects import origin_of
from sso.scopes import split_scope
from sso.session_state import hand_state, state_of, write_state
from sso.sessions import OpenSession, find_session, read_cookie, touch_session
from sso.subjects import name_subject
from sso.waiting import make_room

PAGES: Final = {
    Step.LOGIN: "/login",
    Step.CHOICE: "/choose",
    Step.SECOND_FACTOR: "/second-factor",
    Step.CERTIFICATE: "/login",
    Step.NEW_PASSWORD: "/password",
    Step.CONSENT: "/consent",
}


def authorize(provider: Provider, request: Request, form: Form) -> Response:
    """Answer an authorization request. Raises what must be shown to the person: client or address unknown."""
    if request.method == "POST":
        pairs = [(name, value) for name in form for value in form.every(name)]
        return RedirectResponse(f"/authorize?{write_query(pairs)}", 303)
    provider.keys.prepare(provider.now())
    unfolded = unfold(provider, form)
    form = unfolded.form
    with provider.database.write_quickly() as writes:
        client = read_client(writes, provider.clients, form)
        asked = build_asked(client, check_redirect_uri(client, form), form, unfolded.source)
        try:
            if unfolded.error is not None:
                raise unfolded.error
            return proceed(provider, writes, request, asked, form)
        except OAuth2Error as error:
            return answer_error(request, asked, provider.issuer, error)


@dataclass(frozen=True)
class Look:
    """What a request asks, what is still missing, and what was found on the way."""

    checked: CheckedRequest
    step: Step | Ready
    since: datetime | None
    standing: Standing


def look(
    provider: Provider, writes: Writes, asked: Asked, form: Form, cookie: str | None, opened: OpenSession | None = None
) -> Look:
    """What the request of a browser with this session lacks. `opened`: the session, where it was opened just now. Raises OAuth2Error."""
    now, client, sealer = provider.now(), asked.client, provider.runtime.sealer
    checked = check_request(provider, writes, asked, form)
    session = opened or find_session(writes, cookie, provider.policy, now, owing=True)
    standing = find_standing(provider, writes, checked, session)
    if session is not None and session.owing:
        session = None
    since = read_asked(sealer, asked, form.get(ASKED), now)
    if session is not None and since is not None:
        chosen = is_chosen(sealer, session.id, form.get(ASKED), form.get(CHOSEN))
        standing = replace(standing, chosen=chosen)
    if asked.source.late and since is None:
        raise RequestUriRefused()
    subject = consented = None
    if session is not None:
        subject = name_subject(sealer, client, session.person_id)
        if not client.own or "consent" in asked.prompts:
            scopes = (*split_scope(checked.scope), *checked.wishes.scopes)
            consented = find_allowed(writes, session.person_id, client.client_id, scopes)
    return Look(checked, decide(checked, session, subject, since, consented, now, standing), since, standing)


def proceed(provider: Provider, writes: Writes, request: Request, asked: Asked, form: Form) -> Response:
    """The answer to a request whose client and address are known, or the way to the next step. Raises OAuth2Error."""
    now, cookie = provider.now(), read_cookie(request, provider.settings)
    found = look(provider, writes, asked, form, cookie)
    if isinstance(found.step, Ready):
        session = found.step.session
        if asked.source.reference is not None and not spend_request(writes, asked.source.reference, now):
            raise RequestUriRefused()
        parts = give_parts(provider, writes, found.checked, session, cookie)
        touch_session(writes, session, now)
        return give(provider, request, asked, parts, session)
    check_silent(found.checked, found.step)
    kept = form.get(CHOSEN) if found.standing.chosen else None
    return send_to_step(provider, writes, request, asked, found.step, form.get(ASKED) if found.since else None, kept)


def answer_waiting(
    provider: Provider, writes: Writes, request: Request, form: Form, cookie: str, opened: OpenSession | None
) -> RedirectResponse | None:
    """The answer to a request that waited for a log-in, in the transaction of that log-in, if nothing more is missing: the browser need
    not ask again. None where it has to: something is missing or wrong, or the request does not stand in its own query. `cookie`: of
    the session that was opened or renewed, `opened`: the session itself, if it is a new one.
    """
    if "request" in form or "request_uri" in form:
        return None
    try:
        client = read_client(writes, provider.clients, form)
        asked = build_asked(client, check_redirect_uri(client, form), form)
        found = look(provider, writes, asked, form, cookie, opened)
    except (HopnhatError, OAuth2Error):
        return None
    if not isinstance(found.step, Ready) or asked.gives.in_front or asked.response_mode == "form_post":
        return None
    parts = give_parts(provider, writes, found.checked, found.step.session, cookie)
    given = give(provider, request, asked, parts, found.step.session)
    assert isinstance(given, RedirectResponse)
    return given


def find_standing(provider: Provider, reads: Reads, checked: CheckedRequest, session: OpenSession | None) -> Standing:
    """What the person owes, and what their factors reach where the request wants more than the session has; nothing is looked up else.

    Who has no second factor can still reach one where the application cannot do without: they set it up on the way.
    """
    if session is None:
        return PLAIN
    if session.owing:
        return Standing(owing=session.auth_time)
    able: tuple[str, ...] = ()
    if not reaches(session.acr, checked.levels):
        able = find_factors(reads, session.account_id).levels + find_certificate_level(provider, reads, session)
        if not able and checked.wishes.levels_essential:
            able = (TWO_FACTORS,)
    return Standing(able=able, password_over=is_password_over(provider, reads, session))


def find_certificate_level(provider: Provider, reads: Reads, session: OpenSession) -> tuple[str, ...]:
    """The level of a key device, where one may be used here and the register knows this person's."""
    enabled = provider.settings[ClientCertificateSection].enabled
    return (CERTIFICATE,) if enabled and has_certificate(reads, session.person_id, provider.now()) else ()


def give(provider: Provider, request: Request, asked: Asked, parts: dict[str, str], session: OpenSession) -> Response:
    """The answer with what is given, and with the state of the session that the application may watch (OpenID Connect Session
    Management §3).
    """
    parameters = {**parts}
    state = state_of(provider.runtime.sealer, session.id)
    if origin := origin_of(asked.redirect_uri):
        parameters["session_state"] = write_state(asked.client.client_id, origin, state)
    response = answer(request, asked, provider.issuer, parameters)
    hand_state(request, response, state, provider.settings)
    return response


def send_to_step(
    provider: Provider,
    writes: Writes,
    request: Request,
    asked: Asked,
    step: Step,
    mark: str | None,
    chosen: str | None = None,
) -> Response:
    """Send the person to the page of a step, with the way back to this very request.

    A request that was signed is kept here meanwhile: its object may be over before the person has found the password. Whoever has
    seen the object may show it again, so it counts as one that nobody proved.
    """
    mark = mark or mark_asked(provider.runtime.sealer, asked, provider.now())
    reference = asked.source.reference
    if reference is not None:
        open_request(writes, reference, provider.now())
    elif asked.source.signed:
        kept, client_id = {**asked.parameters, "resource": list(asked.resources)}, asked.client.client_id
        place = make_room(provider, writes, REQUESTS, client_id, request.state.caller)
        seconds, now = provider.policy.pushed_seconds, provider.now()
        reference = keep_request(writes, client_id, kept, now, seconds, signed=True, place=place, opened=True)
    pairs = [("client_id", asked.client.client_id), ("request_uri", reference)] if reference else asked.pairs()
    marks = [(ASKED, mark), *([(CHOSEN, chosen)] if chosen else [])]
    query = {"next": f"/authorize?{write_query([*pairs, *marks])}"}
    for name in ("ui_locales", "display"):
        if value := asked.get(name):
            query[name] = value
    return RedirectResponse(f"{PAGES[step]}?{write_query(query)}", 303)
