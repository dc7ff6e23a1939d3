"""`/signing/login`, `/signing/login/done`, `/signing/logout`; and the guard every other page of this room stands behind."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from foundation.forms import Form, drop_cookie, find_cookie, set_cookie
from foundation.pages import find_language, is_https
from foundation.runtime import Runtime
from foundation.sealing import SealBroken, same_secret
from foundation.web import is_own_path
from signing.errors import LoginFailed
from signing.login.provider import Attempt, ProviderFinder, begin_attempt
from signing.login.sessions import COOKIE, Session, close_session, find_session, open_session
from signing.settings import SigningSection

ATTEMPT_COOKIE = "signing-login"
ATTEMPT_CONTEXT = "signing.login"
ATTEMPT_LIFE = timedelta(minutes=30)
HOME = "/signing/"

PersonAct = Callable[[Request, Form, Session], Response]


@dataclass(frozen=True)
class Door:
    """The log-in of these pages."""

    runtime: Runtime
    find_provider: ProviderFinder

    @property
    def redirect_uri(self) -> str:
        """Where the sign-on service sends people back to."""
        return f"{self.runtime.settings.issuer}/signing/login/done"

    @property
    def https(self) -> bool:
        """Whether cookies travel over TLS only."""
        return is_https(self.runtime.settings)

    def begin(self, request: Request, form: Form) -> Response:
        """`GET /signing/login?back=/signing/…&fresh=1`: off to the sign-on service. Raises LoginFailed."""
        back = form.text("back")
        attempt = begin_attempt(
            back if is_own_path(back) and back.startswith(HOME) else HOME,
            form.text("fresh") == "1",
            self.runtime.clocks.wall(),
        )
        language = find_language(request, self.runtime.settings)
        response = RedirectResponse(self.find_provider().build_address(attempt, self.redirect_uri, language), 303)
        sealed = self.runtime.sealer.seal(json.dumps(asdict(attempt)).encode(), ATTEMPT_CONTEXT)
        set_cookie(response, ATTEMPT_COOKIE, sealed, self.https, max_age=int(ATTEMPT_LIFE.total_seconds()))
        return response

    def finish(self, request: Request, form: Form) -> Response:
        """`GET /signing/login/done`: the answer of the sign-on service becomes a session. Raises LoginFailed."""
        now = self.runtime.clocks.wall()
        attempt = self._read_attempt(request)
        if not same_secret(form.text("state"), attempt.state):
            raise LoginFailed
        if form.text("iss") not in ("", self.runtime.settings.issuer):
            raise LoginFailed
        if form.text("error") or not form.text("code"):
            response: Response = RedirectResponse(HOME, 303)
            drop_cookie(response, ATTEMPT_COOKIE, self.https)
            return response
        identity = self.find_provider().exchange(form.text("code"), attempt, self.redirect_uri, now)
        life = timedelta(hours=self.runtime.settings[SigningSection].session_hours)
        with self.runtime.database.write() as writes:
            close_session(writes, find_cookie(request, COOKIE, self.https), now)
            token = open_session(writes, identity, now, life)
        response = RedirectResponse(attempt.back, 303)
        drop_cookie(response, ATTEMPT_COOKIE, self.https)
        set_cookie(response, COOKIE, token, self.https)
        return response

    def leave(self, request: Request, _form: Form) -> Response:
        """`POST /signing/logout`: end the session here, then ask the sign-on service to end its own."""
        with self.runtime.database.write() as writes:
            close_session(writes, find_cookie(request, COOKIE, self.https), self.runtime.clocks.wall())
        address = self.find_provider().build_logout_address(f"{self.runtime.settings.issuer}{HOME}")
        response = RedirectResponse(address or HOME, 303)
        drop_cookie(response, COOKIE, self.https)
        return response

    def guard(self, act: PersonAct) -> Callable[[Request, Form], Response]:
        """The act for whoever has a session; everybody else logs in first and comes back."""

        def guarded(request: Request, form: Form) -> Response:
            session = self.find(request)
            if session is not None:
                return act(request, form, session)
            here = request.url.path if request.method == "GET" else HOME
            return self.send_to_login(here)

        return guarded

    def guard_fresh(self, act: PersonAct) -> Callable[[Request, Form], Response]:
        """The act for whoever logged in just now; everybody else logs in again and comes back."""

        def check_age(request: Request, form: Form, session: Session) -> Response:
            if self.is_fresh(session):
                return act(request, form, session)
            return self.send_to_login(request.url.path, fresh=True)

        return self.guard(check_age)

    def find(self, request: Request) -> Session | None:
        """The session of a request."""
        token = find_cookie(request, COOKIE, self.https)
        with self.runtime.database.read() as reads:
            return find_session(reads, token, self.runtime.clocks.wall())

    def is_fresh(self, session: Session) -> bool:
        """Whether this log-in is young enough for an act of weight."""
        age = self.runtime.clocks.wall() - session.logged_in_at
        return age <= timedelta(minutes=self.runtime.settings[SigningSection].fresh_minutes)

    def send_to_login(self, back: str, fresh: bool = False) -> Response:
        """Off to the log-in, and back to this page afterwards."""
        return RedirectResponse(f"/signing/login?back={quote(back, safe='')}{'&fresh=1' if fresh else ''}", 303)

    def _read_attempt(self, request: Request) -> Attempt:
        """The log-in under way in this browser. Raises LoginFailed when there is none or it took too long."""
        sealed = find_cookie(request, ATTEMPT_COOKIE, self.https)
        if not sealed:
            raise LoginFailed
        try:
            attempt = Attempt(**json.loads(self.runtime.sealer.open(sealed, ATTEMPT_CONTEXT)))
        except (SealBroken, ValueError, TypeError) as error:
            raise LoginFailed from error
        if self.runtime.clocks.wall().timestamp() - attempt.begun > ATTEMPT_LIFE.total_seconds():
            raise LoginFailed
        return attempt
