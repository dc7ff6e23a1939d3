"""What one operation of the OpenID provider costs: server and database together, by the algorithm of its signatures."""

import os
import re
from urllib.parse import urlencode

from tests.bench.callers import Answer, Caller
from tests.bench.figures import Figure, measure, processor_milliseconds
from tests.bench.hash_account import mean_hash
from tests.bench.hashing import hash_as_we_do
from tests.bench.processes import resident_megabytes
from tests.bench.served import Cost, User, Walk, serve_provider
from tests.sso.flow import Application, Attempt
from tests.sso.people import PASSWORD

SCOPE = "openid profile unit offline_access"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
SIGNS = {"&amp;": "&", "&#39;": "'", "&#34;": '"'}
PROCESSORS = os.cpu_count() or 1


class Walks:
    """The ways through the provider for one application; each `prepare` gives the step that is repeated."""

    def __init__(self, application: Application) -> None:
        assert application.secret
        self.application = application
        self.auth = (application.client_id, application.secret)

    def ask(self, user: User, path: str, form: dict[str, str]) -> Answer:
        """A request of the application."""
        return user.browser.post(path, form, self.auth).expect(200)

    def enter(self, user: User, attempt: Attempt, **pushed: str) -> str:
        """A code; logs in on the way if it is asked to. `pushed` names a request that was brought before."""
        address = f"/authorize?{urlencode(pushed)}" if pushed else attempt.address()
        sent = user.browser.get(address).expect(303)
        if "/login" in sent.headers["location"][:60]:
            page = user.browser.get(sent.headers["location"]).expect(200)
            form = {**read_hidden(page.text), "login": user.login, "password": PASSWORD}
            sent = self.follow(user.browser, user.browser.post("/login", form).expect(303))
        return self.read_code(sent)

    def follow(self, browser: Caller, posted: Answer) -> Answer:
        """The answer to the application after a log-in: given with it, or by way of the authorization request again."""
        location = posted.headers["location"]
        return browser.get(location).expect(303) if location.startswith("/") else posted

    def read_code(self, sent: Answer) -> str:
        """The code of an answer to the application."""
        found = re.search(r"[?&]code=([^&]+)", sent.headers["location"])
        assert found, sent.headers["location"]
        return found[1]

    def flow(self, user: User) -> Answer:
        """The whole code flow with whatever session the user has."""
        attempt = Attempt(self.application, SCOPE)
        return self.redeem(user, attempt, self.enter(user, attempt))

    def redeem(self, user: User, attempt: Attempt, code: str) -> Answer:
        """The tokens of a code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.application.redirect_uri,
            "code_verifier": attempt.verifier,
        }
        return self.ask(user, "/token", form)

    def live_session(self, user: User) -> Walk:
        """The code flow of somebody who is logged in."""
        self.flow(user)
        return self.flow

    def password(self, user: User) -> Walk:
        """The code flow of somebody who logs in with a password, in a browser that has never been here."""

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
            token = self.ask(user, "/token", {"grant_type": "refresh_token", "refresh_token": token}).json()[
                "refresh_token"
            ]

        return walk

    def introspection(self, user: User) -> Walk:
        """A token looked at by the application."""
        token = self.flow(user).json()["access_token"]
        return lambda user: self.ask(user, "/introspect", {"token": token})

    def userinfo(self, user: User) -> Walk:
        """The claims of a token's person, asked for again and again."""
        header = {"Authorization": f"Bearer {self.flow(user).json()['access_token']}"}
        return lambda user: user.browser.get("/userinfo", header).expect(200)


def read_hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page's form."""
    fields = {}
    for name, value in HIDDEN.findall(page):
        for written, sign in SIGNS.items():
            value = value.replace(written, sign)
        fields[name] = value
    return fields


@measure("sign-on")
def measure_sign_on() -> list[Figure]:
    """Every flow of the peers' table, one after the other on one running service."""
    with serve_provider() as served:
        es256, rs256, jwt = (Walks(served.applications[name]) for name in ("ES256", "RS256", "jwt"))
        password = served.cost(es256.password)
        hash_cost, alone = mean_hash(served.hashes), processor_milliseconds(hash_as_we_do, 40)
        figures = [
            tell("log-in with a password, ES256, the hash included", password, None, wanted=100),
            Figure(
                "the same without its hash",
                password.whole - hash_cost,
                "ms CPU",
                4,
                beside=f"hash {hash_cost:.1f} there, {alone:.1f} alone",
            ),
            tell("the same, RS256", served.cost(rs256.password), None),
            tell("code flow with a live session, ES256", served.cost(es256.live_session), 3),
            tell("the same, RS256", served.cost(rs256.live_session), None),
            tell("client credentials, with a stored row", served.cost(es256.client_credentials), 1.0, wanted=2000),
            tell("client credentials, self-contained, ES256", served.cost(jwt.client_credentials), 0.45, wanted=2000),
            tell("refresh with rotation, ES256", served.cost(es256.refresh), 1.6, wanted=1000),
            tell("the same, RS256", served.cost(rs256.refresh), None),
            tell("introspection", served.cost(es256.introspection), 0.55),
            tell("userinfo", served.cost(es256.userinfo), 0.35),
        ]
        return [*figures, Figure("a web worker after load", resident_megabytes(served.server), "MB", 200)]


def tell(what: str, cost: Cost, goal: float | None, wanted: int | None = None) -> Figure:
    """A cost with its parts, and how many a second these processors could do of it if they did nothing else."""
    possible = PROCESSORS * 1000 / cost.whole
    beside = f"server {cost.server:.2f}, database {cost.database:.2f}; {cost.rate:,.0f}/s, at most {possible:,.0f}/s"
    return Figure(what, cost.whole, "ms CPU", goal, beside=beside + (f" of {wanted:,} wanted" if wanted else ""))
