"""Leaving goes both ways: our log-out offers the one there, and a log-out there ends what it opened here."""

import html
import re
import threading
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from joserfc import jwt
from joserfc.jwk import ECKey

from sso.clients import find_client
from sso.fetching import Fetched, Fetcher
from sso.keys import KeyRing
from sso.logouts import EVENT, TYP, build_logout_token
from sso.models import Guess
from sso.opaque import new_opaque
from sso.upstream.departures import TABLE
from tests.services.inside import Inside
from tests.sso.door.test_login import try_login
from tests.sso.flow import form_of
from tests.sso.upstream.conftest import NAME, OUR_ISSUER, Ours

DOOR = f"/login/upstream/{NAME}/logout"


@dataclass
class In:
    """Somebody who came in by the other provider, and what that calls them and their session."""

    ours: Ours
    browser: Inside
    subject: str
    sid: str

    def is_in(self) -> bool:
        """Whether the session is open."""
        return self.browser.get("/me").status_code == 200

    def token(self, sub: str | None = None, sid: str | None = None) -> str:
        """A real log-out token of the other provider."""
        there = self.ours.elsewhere.runtime
        with there.database.read() as reads:
            client = find_client(reads, "tinh-nay")
        assert client is not None
        return build_logout_token(there, client, sub or self.subject, sid or self.sid)

    def forge(self, key: Any = None, typ: str = TYP, kid: str | None = None, **changed: Any) -> str:
        """A log-out token with something else in it, signed by the other provider, or by another key."""
        there = self.ours.elsewhere.runtime
        now = int(there.clocks.wall().timestamp())
        claims = {
            "iss": self.ours.elsewhere.issuer, "aud": "tinh-nay", "iat": now, "exp": now + 120, "jti": new_opaque(),
            "sub": self.subject, "sid": self.sid, "events": {EVENT: {}},
        } | changed  # fmt: skip
        told = {name: value for name, value in claims.items() if value is not None}
        if key is not None:
            named = {"kid": kid} if kid else {}
            return jwt.encode({"alg": "ES256", "typ": typ} | named, told, key, algorithms=["ES256"])
        keys = KeyRing(there)
        keys.prepare(there.clocks.wall())
        return keys.sign(told, "RS256", there.clocks.wall(), typ)

    def call(self, token: str, caller: str = "203.0.113.7") -> httpx.Response:
        """The other provider, or somebody, tells us."""
        return self.ours.door.browser(caller=(caller, 4000)).post(DOOR, data={"logout_token": token})


@pytest.fixture
def entered(ours: Ours) -> In:
    """See the class."""
    ours.linked()
    browser = ours.door.browser()
    assert ours.log_in(browser).status_code == 303
    with ours.door.runtime.database.read() as reads:
        row = reads.execute(sa.select(TABLE.c.subject, TABLE.c.sid)).one()
    assert row.sid
    return In(ours, browser, row.subject, row.sid)


def test_who_leaves_is_offered_to_leave_there_too(entered: In) -> None:
    page = entered.browser.get("/logout")
    done = entered.browser.post("/logout", data={**form_of(page), "answer": "log-out"})
    assert not entered.is_in()
    assert 'id="logged-out"' in done.text
    address = html.unescape(re.findall(r'href="([^"]+/logout\?id_token_hint=[^"]+)"', done.text)[0])
    there = entered.ours.elsewhere
    assert address.startswith(f"{there.issuer}/logout?")
    assert there.browser.get("/me").status_code == 200
    left = there.browser.get(address)
    assert (left.status_code, left.headers["location"]) == (303, f"{OUR_ISSUER}/logout"), "no question, and back to us"
    assert there.browser.get("/me").status_code == 303
    assert 'id="logged-out"' in entered.browser.get("/logout").text


def test_who_came_in_by_a_password_is_offered_nothing(entered: In) -> None:
    browser = entered.ours.door.browser()
    assert try_login(browser, entered.ours.hoa.login) == 303
    page = browser.get("/logout")
    assert "id_token_hint" not in browser.post("/logout", data={**form_of(page), "answer": "log-out"}).text


def test_a_log_out_there_ends_the_session_here_and_no_other(entered: In) -> None:
    other = entered.ours.door.browser()
    assert try_login(other, entered.ours.hoa.login) == 303
    answer = entered.call(entered.token())
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert not entered.is_in()
    assert other.get("/me").status_code == 200
    assert entered.ours.audit("sso.session.closed")[-1]["sessions"] == 1


@pytest.mark.parametrize(("changed", "ends"), [
    ({"sid": None}, True), ({"sub": None}, True), ({"sid": "another"}, False), ({"sub": "another"}, False),
])  # fmt: skip
def test_a_person_or_a_session_is_named(entered: In, changed: dict[str, Any], ends: bool) -> None:
    """Back-Channel Logout 1.0 §2.6: what is not ours is taken in silence."""
    assert entered.call(entered.forge(**changed)).status_code == 200
    assert entered.is_in() == (not ends)


STRANGE = ECKey.generate_key("P-256", auto_kid=False)
REFUSED: dict[str, dict[str, Any]] = {
    "of a stranger's key": {"key": STRANGE},
    "for somebody else": {"aud": "van-ban"},
    "of another provider": {"iss": "https://elsewhere.example"},
    "with a nonce": {"nonce": "x"},
    "no log-out": {"events": {}},
    "an event that is none": {"events": {EVENT: None}},
    "of nobody": {"sub": None, "sid": None},
    "without an id": {"jti": None},
    "an access token": {"typ": "at+jwt"},
    "over": {"exp": 1},
    "made long ago": {"iat": 1},
    "made tomorrow": {"iat": 4_000_000_000, "exp": 4_000_000_100},
    "of no time": {"iat": "now"},
    "numbers for names": {"sub": 7},
}


def test_what_is_no_log_out_token_ends_nothing_and_weighs(entered: In) -> None:
    for which, changed in REFUSED.items():
        answer = entered.call(entered.forge(**changed))
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), which
    assert entered.is_in()
    assert [row["why"] for row in entered.ours.audit("sso.upstream.refused")] == ["log-out answer"] * len(REFUSED)
    with entered.ours.door.runtime.database.read() as reads:
        assert reads.execute(sa.select(sa.func.max(Guess.failures))).scalar_one() >= len(REFUSED)


def test_nonsense_is_refused_without_asking_the_provider(entered: In) -> None:
    for text in ("", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "x" * 50_000):
        assert entered.call(text).status_code in (400, 413)
    assert entered.call(entered.token()).status_code == 200
    assert (
        entered.ours.door.browser().post("/login/upstream/nobody/logout", data={"logout_token": "x"}).status_code == 404
    )


def test_a_log_out_token_is_heard_once(entered: In) -> None:
    """Whoever kept one cannot end the next session with it: a person's sub is the same for ever."""
    token = entered.forge(sid=None)
    assert entered.call(token).status_code == 200
    assert entered.ours.log_in(entered.browser).status_code == 303
    assert entered.call(token).status_code == 400
    assert entered.is_in()


@dataclass
class Seen:
    """A request that went out: where, by which thread, and what weighed on the heaviest network then."""

    url: str
    thread: str
    weight: int


@pytest.fixture
def sent(entered: In, monkeypatch: pytest.MonkeyPatch) -> list[Seen]:
    """What our side really asks the other provider from now on."""
    seen, get = list[Seen](), Fetcher.get

    def look(fetcher: Fetcher, url: str, *rest: Any, **named: Any) -> Fetched:
        seen.append(Seen(url, threading.current_thread().name, weight(entered)))
        return get(fetcher, url, *rest, **named)

    monkeypatch.setattr(Fetcher, "get", look)
    return seen


def weight(entered: In) -> int:
    """What weighs on the heaviest network."""
    with entered.ours.door.runtime.database.read() as reads:
        return reads.execute(sa.select(sa.func.max(Guess.failures))).scalar_one() or 0


def test_forged_tokens_make_us_ask_once_and_hold_no_hand_of_the_token_endpoints(entered: In, sent: list[Seen]) -> None:
    for number in range(8):
        assert entered.call(entered.forge(key=STRANGE, kid=f"unknown {number}")).status_code == 400
        assert entered.call(entered.forge(key=STRANGE)).status_code == 400
    assert entered.is_in()
    assert len(sent) == 1, [one.url for one in sent]
    assert sent[0].thread.startswith("call-"), "neither of CREW nor of PAGE_CREW"
    assert sent[0].weight == 1, "weighed before anything is asked"
    assert weight(entered) == 16
    assert entered.call(entered.token(), "203.0.113.8").status_code == 200
    assert not entered.is_in()
    assert len(sent) == 1


def test_a_provider_that_tells_of_many_log_outs_pays_for_none(entered: In, sent: list[Seen]) -> None:
    for _person in range(3):
        assert entered.call(entered.forge(sub="another", sid=None)).status_code == 200
    assert (weight(entered), sent) == (0, []), "the keys came with the log-in"
