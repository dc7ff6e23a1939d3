"""`/logout`: RP-initiated log-out (OpenID Connect RP-Initiated Logout 1.0) and the person's own.

Nobody is logged out by a link alone: without an ID token of this very session as a hint there is a question first.
The way back is followed only when it is registered, letter for letter, by the client that is known.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from foundation import audit
from foundation.database import Reads, Writes
from foundation.errors import BadInput
from foundation.forms import Form, check_form_token
from foundation.pages import is_https, render
from sso.clients import Client
from sso.door.front_channel import find_frames
from sso.door.parked import find_open, keep_parked, read_parked
from sso.provider import Provider
from sso.redirects import origin_of, with_parameters
from sso.session_state import take_state
from sso.sessions import OpenSession, end_session, find_session, read_cookie, take_cookie
from sso.subjects import name_subject
from sso.upstream.departures import Departure, find_departures

CARRIED = ("id_token_hint", "post_logout_redirect_uri", "state", "client_id", "ui_locales")


class LogoutRefused(BadInput):
    """The request's hint, client or way back is not what we gave or registered."""

    code = "logout_refused"
    sentence = "The application asked for a log-out in a way we cannot follow. You are still logged in."


@dataclass(frozen=True)
class LogoutQuestion:
    """The question: log out of everything, or stay."""

    application: str | None
    carried: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LoggedOutPage:
    """The last page: the applications that are told of the log-out in frames, and where to go on if somewhere."""

    application: str | None
    frames: tuple[str, ...] = ()
    next: str | None = None
    departures: tuple[Departure, ...] = ()
    """Other providers at which the person is logged in still."""


@dataclass(frozen=True)
class LogoutRequest:
    """A log-out request that was checked."""

    client: Client | None
    redirect_uri: str | None
    state: str | None
    hint: dict[str, Any] | None

    def fits(self, provider: Provider, session: OpenSession) -> bool:
        """Whether the hint is of this very session, or of its person when the session had no id then."""
        return (
            self.hint is not None
            and self.client is not None
            and self.hint.get("sid", str(session.id)) == str(session.id)
            and self.hint.get("sub") == name_subject(provider.runtime.sealer, self.client, session.person_id)
        )


def log_out(provider: Provider, request: Request, form: Form) -> Response:
    """Ask, or do it, or say that it is done. Raises LogoutRefused, FormExpired."""
    if request.method == "POST" and "answer" not in form:
        return RedirectResponse(f"/logout?{urlencode({name: form[name] for name in CARRIED if name in form})}", 303)
    if request.method == "POST":
        check_form_token(provider.runtime.sealer, request, form, is_https(provider.settings))
        if form["answer"] != "log-out":
            return RedirectResponse("/me", 303)
    provider.keys.prepare(provider.now())
    with provider.database.write() as writes:
        wanted = check_logout(provider, writes, form)
        session = find_session(writes, read_cookie(request, provider.settings), provider.policy, provider.now())
        if session is not None and request.method != "POST" and not wanted.fits(provider, session):
            return ask(request, wanted, form)
        ending = list_ending(provider, writes, request, session) if session or request.method == "POST" else []
        frames = tuple(dict.fromkeys(frame for one in ending for frame in find_frames(provider, writes, one)))
        departures = find_departures(provider, writes, [one.id for one in ending])
        for one in ending:
            finish(provider, writes, one)
    return say_goodbye(provider, request, wanted, frames, departures)


def list_ending(provider: Provider, reads: Reads, request: Request, session: OpenSession | None) -> list[OpenSession]:
    """The session, and those of other accounts that are open in this browser beside it: who leaves a desk leaves nothing open."""
    parked = find_open(provider, reads, read_parked(provider, request), provider.now())
    others = [one for _cookie, one in parked if session is None or one.id != session.id]
    return [*([session] if session else []), *others]


def check_logout(provider: Provider, reads: Reads, form: Form) -> LogoutRequest:
    """The request with its hint, client and way back checked. Raises LogoutRefused."""
    if form.repeated.intersection(CARRIED):
        raise LogoutRefused()
    hint = read_hint(provider, form.get("id_token_hint"))
    named = form.get("client_id") or (str(hint["aud"]) if hint else None)
    if hint and named != hint["aud"]:
        raise LogoutRefused()
    if named is None:
        # Whose address it is cannot be told, so nobody is sent there (§3 there); the person is asked and told all the same.
        return LogoutRequest(None, None, None, None)
    client = provider.clients.find(reads, named)
    redirect_uri = form.get("post_logout_redirect_uri")
    if redirect_uri is not None and (client is None or redirect_uri not in client.post_logout_redirect_uris):
        raise LogoutRefused()
    return LogoutRequest(client, redirect_uri, form.get("state"), hint)


def read_hint(provider: Provider, token: str | None) -> dict[str, Any] | None:
    """The claims of an ID token of ours, also after its time (§4 there). Raises LogoutRefused when it is none."""
    if token is None:
        return None
    try:
        claims = provider.keys.read_id_token(token)
    except (JoseError, ValueError) as error:
        raise LogoutRefused() from error
    if claims.get("iss") != provider.issuer or not isinstance(claims.get("aud"), str):
        raise LogoutRefused()
    return claims


def ask(request: Request, wanted: LogoutRequest, form: Form) -> Response:
    """The question page; its form carries the request on."""
    carried = tuple((name, form[name]) for name in CARRIED if name in form)
    targets = tuple(filter(None, [origin_of(wanted.redirect_uri)])) if wanted.redirect_uri else ()
    page = LogoutQuestion(wanted.client.name if wanted.client else None, carried)
    return render(request, "sso/logout.html", page, form_targets=targets)


def finish(provider: Provider, writes: Writes, session: OpenSession) -> None:
    """End the session and what lives only as long."""
    end_session(writes, session.id, provider.now())
    audit.record(writes, provider.now(), "sso.session.closed", str(session.person_id), str(session.account_id))


def say_goodbye(
    provider: Provider,
    request: Request,
    wanted: LogoutRequest,
    frames: tuple[str, ...] = (),
    departures: tuple[Departure, ...] = (),
) -> Response:
    """Back to the application, or the last page; applications that want to be told by the browser are told on a page in between, and who
    came by another provider reads there that they are logged in at that one still.
    """
    address = None
    if wanted.redirect_uri:
        parameters = {"state": wanted.state} if wanted.state else {}
        address = with_parameters(wanted.redirect_uri, parameters) if parameters else wanted.redirect_uri
    if address is not None and not frames and not departures:
        response: Response = RedirectResponse(address, 303)
    else:
        page = LoggedOutPage(wanted.client.name if wanted.client else None, frames, address, departures)
        origins = tuple(dict.fromkeys(filter(None, map(origin_of, frames))))
        response = render(request, "sso/logged_out.html", page, scripts=bool(frames), frames=origins)
    take_cookie(response, provider.settings)
    take_state(response, provider.settings)
    keep_parked(provider, response, ())
    return response
