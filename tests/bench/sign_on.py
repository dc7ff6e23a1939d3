"""What one operation of the OpenID provider costs: server and database together, ES256 tokens."""

import httpx

from tests.bench.figures import Figure, measure
from tests.bench.processes import resident_megabytes
from tests.bench.served import Served, User, Walk, serve_provider
from tests.sso.flow import Attempt, answer_of, form_of
from tests.sso.people import PASSWORD

SCOPE = "openid profile unit offline_access"


class Walks:
    """The ways through the provider; each `prepare` gives the step that is repeated."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.application = served.application
        assert served.application.secret
        self.auth = (served.application.client_id, served.application.secret)

    def ask(self, user: User, path: str, form: dict[str, str]) -> httpx.Response:
        """A request of the application; anything but 200 ends the benchmark."""
        answer = user.browser.post(path, data=form, auth=self.auth)
        assert answer.status_code == 200, answer.text
        return answer

    def enter(self, user: User, attempt: Attempt) -> str:
        """Where the provider sends the browser; logs in on the way if it is asked to."""
        sent = user.browser.get(attempt.address())
        if sent.headers["location"].startswith(("/login", f"{self.served.origin}/login")):
            page = user.browser.get(sent.headers["location"])
            posted = user.browser.post("/login", data={**form_of(page), "login": user.login, "password": PASSWORD})
            assert posted.status_code == 303, posted.text
            sent = user.browser.get(posted.headers["location"])
        return answer_of(sent)["code"]

    def flow(self, user: User) -> httpx.Response:
        """The whole code flow with whatever session the user has."""
        attempt = Attempt(self.application, SCOPE)
        form = {
            "grant_type": "authorization_code",
            "code": self.enter(user, attempt),
            "redirect_uri": self.application.redirect_uri,
            "code_verifier": attempt.verifier,
        }
        return self.ask(user, "/token", form)

    def live_session(self, user: User) -> Walk:
        """The code flow of somebody who is logged in."""
        self.flow(user)
        return self.flow

    def password(self, user: User) -> Walk:
        """The code flow of somebody who logs in with a password."""

        def walk(user: User) -> None:
            user.browser.cookies.clear()
            self.flow(user)

        return walk

    def client_credentials(self, user: User) -> Walk:
        """A token for the application itself."""
        return lambda user: self.ask(user, "/token", {"grant_type": "client_credentials", "scope": "verify"})

    def refresh(self, user: User) -> Walk:
        """A refresh with rotation."""
        token = self.flow(user).json()["refresh_token"]

        def walk(user: User) -> None:
            nonlocal token
            form = {"grant_type": "refresh_token", "refresh_token": token}
            token = self.ask(user, "/token", form).json()["refresh_token"]

        return walk

    def introspection(self, user: User) -> Walk:
        """A token looked at by the application."""
        token = self.flow(user).json()["access_token"]
        return lambda user: self.ask(user, "/introspect", {"token": token})

    def userinfo(self, user: User) -> Walk:
        """The claims of a token's person."""
        header = {"Authorization": f"Bearer {self.flow(user).json()['access_token']}"}
        return lambda user: user.browser.get("/userinfo", headers=header).raise_for_status()


@measure("sign-on")
def measure_sign_on() -> list[Figure]:
    """Every flow of the peers' table, one after the other on one running provider."""
    with serve_provider() as served:
        walks = Walks(served)
        return [
            Figure("log-in with a password, the hash included", served.cost(walks.password), "ms CPU"),
            Figure("code flow with a live session", served.cost(walks.live_session), "ms CPU", 3),
            Figure("client credentials, with a stored row", served.cost(walks.client_credentials), "ms CPU", 1.0),
            Figure("refresh with rotation", served.cost(walks.refresh), "ms CPU", 1.6),
            Figure("introspection", served.cost(walks.introspection), "ms CPU", 0.55),
            Figure("userinfo", served.cost(walks.userinfo), "ms CPU", 0.35),
            Figure("a web worker after load", resident_megabytes(served.server), "MB", 200),
        ]
