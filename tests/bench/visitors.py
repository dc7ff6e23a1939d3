"""A day at the door, mixed as it comes: people and programs who each do the next thing when its time has come, not sooner."""

import itertools
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.bench.callers import Answer, Caller
from tests.bench.served import User
from tests.bench.sign_on import SCOPE, Walks, read_hidden
from tests.sso.flow import Attempt
from tests.sso.people import PASSWORD

MIX = {
    "userinfo": 25,
    "introspection": 20,
    "client credentials": 18,
    "refresh": 15,
    "live session": 10,
    "log-in with a password": 4,
    "code never redeemed": 2,
    "request pushed and used": 2,
    "request pushed and left": 1,
    "device": 1,
    "wrong password, then the right one": 1,
    "log-out": 1,
}
"""How often each comes among a hundred."""


@dataclass
class Tally:
    """What was done, and what nobody expected; written by many threads."""

    done: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    longest: float = 0.0
    late: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, what: str, seconds: float, late: float) -> None:
        """One act was done, so long after its time."""
        with self.lock:
            self.done[what] += 1
            self.longest, self.late = max(self.longest, seconds), max(self.late, late)

    def complain(self, what: str, error: Exception) -> None:
        """One act went wrong."""
        with self.lock:
            self.faults.append(f"{what}: {type(error).__name__} {error}"[:600])


class Visitor:
    """One thread of the load: a browser, whoever uses it now, and the tokens an application has of them."""

    def __init__(self, walks: Walks, origin: str, logins: Sequence[str], seed: int) -> None:
        self.walks, self.origin = walks, origin
        self.people = itertools.cycle(logins)
        self.random = random.Random(seed)  # the same mix in every run
        self.user = User(Caller(origin), next(self.people))
        self.tokens: dict[str, str] = {}
        self.acts: dict[str, Callable[[], object]] = {
            "userinfo": self.userinfo,
            "introspection": self.introspection,
            "client credentials": lambda: walks.client_credentials(self.user)(self.user),
            "refresh": self.refresh,
            "live session": self.live_session,
            "log-in with a password": self.log_in,
            "code never redeemed": self.leave_code,
            "request pushed and used": lambda: self.push(used=True),
            "request pushed and left": lambda: self.push(used=False),
            "device": self.device,
            "wrong password, then the right one": self.mistype,
            "log-out": self.log_out,
        }

    def visit(self, begin: float, every: float, tally: Tally, done: threading.Event) -> None:
        """Do something each time it is time, until told to stop; after a fault with a fresh connection."""
        names, weights = list(MIX), list(MIX.values())
        for turn in itertools.count():
            due = begin + turn * every
            if done.wait(max(0.0, due - time.monotonic())):
                return
            name = self.random.choices(names, weights)[0]
            start = time.monotonic()
            try:
                self.acts[name]()
            except Exception as error:  # noqa: BLE001  # Whatever it is, it is counted and told.
                tally.complain(name, error)
                self.change_person()
            else:
                tally.add(name, time.monotonic() - start, start - due)

    # --- what people and programs do -------------------------------------------------------------------------------

    def change_person(self) -> None:
        """The next person, in a browser that has never been here; a connection of its own, which any web process may take."""
        self.user.browser.close()
        self.user, self.tokens = User(Caller(self.origin), next(self.people)), {}

    def log_in(self) -> None:
        """The next person logs in."""
        self.change_person()
        self.live_session()

    def live_session(self) -> None:
        """The code flow; with the password again where the session has ended."""
        self.tokens = self.walks.flow(self.user).json()

    def refresh(self) -> None:
        """New tokens; a new code flow where the family has ended."""
        if "refresh_token" not in self.tokens:
            return self.live_session()
        form = {"grant_type": "refresh_token", "refresh_token": self.tokens["refresh_token"]}
        answer = self.user.browser.post("/token", form, self.walks.auth).expect(200, 400)
        if answer.status == 400:
            assert answer.json()["error"] == "invalid_grant", answer.text
            return self.live_session()
        self.tokens = answer.json()
        return None

    def token(self) -> str:
        """An access token of the person."""
        if not self.tokens:
            self.live_session()
        return self.tokens["access_token"]

    def userinfo(self) -> None:
        """The person's claims; a new token where this one has ended."""
        header = {"Authorization": f"Bearer {self.token()}"}
        if self.user.browser.get("/userinfo", header).expect(200, 401).status == 401:
            self.refresh()

    def introspection(self) -> None:
        """The token looked at; ended ones too."""
        form = {"token": self.token()}
        if not self.user.browser.post("/introspect", form, self.walks.auth).expect(200).json()["active"]:
            self.refresh()

    def leave_code(self) -> None:
        """A code that its application never redeems."""
        self.walks.enter(self.user, Attempt(self.walks.application, SCOPE))

    def push(self, *, used: bool) -> None:
        """A pushed request, opened or not."""
        attempt = Attempt(self.walks.application, SCOPE)
        pushed = self.user.browser.post("/par", attempt.parameters(), self.walks.auth).expect(201).json()
        if used:
            address = {"client_id": self.walks.application.client_id, "request_uri": pushed["request_uri"]}
            self.walks.enter(self.user, attempt, **address)

    def device(self) -> None:
        """A device that asks for a log-in and once whether it was done; nobody does it."""
        asked = self.user.browser.post("/device_authorization", {"scope": "openid"}, self.walks.auth).expect(200).json()
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": asked["device_code"]}
        answer = self.user.browser.post("/token", form, self.walks.auth).expect(400)
        assert answer.json()["error"] == "authorization_pending", answer.text

    def mistype(self) -> None:
        """A wrong password on the page, then the right one."""
        self.change_person()
        sent = self.user.browser.get(Attempt(self.walks.application, SCOPE).address()).expect(303)
        page = self.user.browser.get(sent.headers["location"]).expect(200)
        wrong = {**read_hidden(page.text), "login": self.user.login, "password": f"{PASSWORD} khong phai"}
        again = self.user.browser.post("/login", wrong).expect(403)
        right = {**read_hidden(again.text), "login": self.user.login, "password": PASSWORD}
        self.user.browser.post("/login", right).expect(303)
        self.live_session()

    def log_out(self) -> Answer:
        """The application's log-out with its hint, or our own question answered; the next person comes."""
        self.live_session()
        path = f"/logout?id_token_hint={self.tokens['id_token']}"
        answer = self.user.browser.get(path).expect(200)
        assert re.search(r'id="logged-out"', answer.text), answer.text[:500]
        self.change_person()
        return answer
