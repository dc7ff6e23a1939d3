"""Telling applications that a session is over: who is told, what, and how an application that does not answer is borne."""

import threading
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import pytest
import sqlalchemy as sa
from joserfc import jwt
from joserfc.jwk import KeySet

import sso.logouts
import sso.slow_applications
from foundation.database import Reads
from foundation.errors import BadInput
from foundation.handling import work_once
from foundation.outbox import OutboxJob
from foundation.sealing import Sealer
from sso import keys
from sso.client_keeping import add_client, change_client, remove_client
from sso.client_registration import NewClient
from sso.clients import get_client
from sso.errors import RedirectRefused
from sso.logouts import EVENT, HANDLERS, KIND, build_logout_token, find_ring
from sso.models import BrowserSession
from sso.sessions import end_account_sessions
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.conftest import Door
from tests.sso.flow import Attempt, form_of, get_code, read_id_token, redeem
from tests.sso.people import PASSWORD, Official, official


class Listener:
    """An application's log-out address on loopback: keeps what it is sent and answers as the test says."""

    def __init__(self) -> None:
        self.taken: list[dict[str, list[str]]] = []
        self.status, self.location, self.slow = 200, "", False
        self.paths: list[str] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                listener.paths.append(self.path)
                body = self.rfile.read(int(self.headers["content-length"]))
                listener.taken.append(parse_qs(body.decode()))
                if listener.slow:
                    trickle(self)
                    return
                self.send_response(listener.status)
                if listener.location:
                    self.send_header("location", listener.location)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/called"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        """End the server."""
        self.server.shutdown()
        self.server.server_close()


def trickle(handler: BaseHTTPRequestHandler) -> None:
    """An answer of a letter now and then, never done while anybody listens."""
    try:
        for _ in range(100):
            handler.wfile.write(b"H")
            handler.wfile.flush()
            time.sleep(0.1)
    except OSError:
        pass


@pytest.fixture
def listener(door: Door) -> Iterator[Listener]:
    """The application's log-out address, registered."""
    listener = Listener()
    sso.logouts._resting.clear()
    sso.slow_applications._slow.clear()
    with door.runtime.database.write() as writes:
        change_client(
            writes, "van-ban", {"backchannel_logout_uri": listener.address}, "test", door.runtime.clocks.wall()
        )
    yield listener
    listener.close()


def logged_in(door: Door) -> tuple[Inside, dict[str, Any]]:
    """A browser with a session, and what its ID token says."""
    browser, attempt = door.browser(), Attempt(door.application)
    tokens = redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json()
    return browser, read_id_token(browser, tokens["id_token"])


def log_out(browser: Inside) -> None:
    page = browser.get("/logout")
    browser.post("/logout", data={**form_of(page), "answer": "log-out"})


def work(door: Door) -> int:
    """One round of the worker."""
    return work_once(door.runtime, HANDLERS)


def jobs(door: Door) -> list[OutboxJob]:
    with door.runtime.database.read() as reads:
        return list(reads.execute(sa.select(OutboxJob).where(OutboxJob.kind == KIND)).scalars())


@pytest.fixture
def hoa(door: Door) -> Official:
    return official(door.runtime)


def test_a_log_out_is_told_to_the_application_that_has_the_session(
    door: Door, hoa: Official, listener: Listener, clock: MovableClock
) -> None:
    browser, identity = logged_in(door)
    log_out(browser)
    assert work(door) == 1
    [taken] = listener.taken
    keys = KeySet.import_key_set(browser.get("/jwks").json())
    token = jwt.decode(taken["logout_token"][0], keys, algorithms=["RS256"])
    assert token.header["typ"] == "logout+jwt"
    told = dict(token.claims)
    assert told.pop("jti")
    now = int(door.runtime.clocks.wall().timestamp())
    assert told == {
        "iss": door.runtime.settings.issuer, "aud": "van-ban", "iat": now, "exp": now + 120, "sub": str(hoa.person_id),
        "sid": identity["sid"], "events": {EVENT: {}},
    }  # fmt: skip


def test_an_application_without_the_session_is_not_told(door: Door, hoa: Official, listener: Listener) -> None:
    browser = door.browser()
    page = browser.get("/login")
    browser.post("/login", data={**form_of(page), "login": "hoa.lt", "password": PASSWORD})
    log_out(browser)
    assert jobs(door) == []


def test_an_application_without_an_address_is_not_told(door: Door, hoa: Official) -> None:
    browser, _identity = logged_in(door)
    log_out(browser)
    assert jobs(door) == []


def test_everything_of_an_account_is_told_but_the_session_at_hand(
    door: Door, hoa: Official, listener: Listener
) -> None:
    """A changed password, a reset, a suspension."""
    _browser, first = logged_in(door)
    logged_in(door)
    with door.runtime.database.write() as writes:
        sessions = [str(one) for one in writes.execute(sa.select(BrowserSession.id)).scalars()]
        kept = next(one for one in writes.execute(sa.select(BrowserSession.id)).scalars() if str(one) != first["sid"])
        end_account_sessions(writes, hoa.account_id, door.runtime.clocks.wall(), keep=kept)
    assert len(sessions) == 2
    assert [job.payload["sid"] for job in jobs(door)] == [first["sid"]]


def test_somebody_else_at_the_same_browser_ends_the_former_session(
    door: Door, hoa: Official, listener: Listener
) -> None:
    official(door.runtime, "Trần Văn Nam", "nam.tv", unit="Xã Tân Hòa", code="H61.13")
    browser, identity = logged_in(door)
    page = browser.get("/login")
    browser.post("/login", data={**form_of(page), "login": "nam.tv", "password": PASSWORD})
    assert [job.payload["sid"] for job in jobs(door)] == [identity["sid"]]


@pytest.mark.parametrize("status", [400, 500, 301, 201])
def test_an_answer_that_is_no_yes_is_tried_again_with_a_new_token(
    door: Door, hoa: Official, listener: Listener, clock: MovableClock, status: int
) -> None:
    listener.status = status
    browser, _identity = logged_in(door)
    log_out(browser)
    work(door)
    [job] = jobs(door)
    assert (job.state, job.attempts) == ("waiting", 1)
    assert f"HTTP {status}" in str(job.last_error)
    listener.status = 204
    clock.advance(5)
    work(door)
    assert [job.state for job in jobs(door)] == ["done"]
    first, second = (taken["logout_token"][0] for taken in listener.taken)
    assert first != second


def test_a_redirect_is_not_followed(door: Door, hoa: Official, listener: Listener) -> None:
    listener.status, listener.location = 302, "/elsewhere"
    browser, _identity = logged_in(door)
    log_out(browser)
    work(door)
    assert listener.paths == ["/called"]


def test_an_application_that_is_away_keeps_the_worker_once_and_not_at_every_job(
    door: Door, hoa: Official, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sso.logouts, "TIMEOUT_SECONDS", 0.5)
    listener.slow = True
    for _ in range(3):
        browser, _identity = logged_in(door)
        log_out(browser)
    assert work(door) == 3
    assert len(listener.taken) <= 1, "the second and the third were not even tried"
    assert {job.state for job in jobs(door)} == {"waiting"}


def test_an_application_that_stays_away_is_asked_ever_less_often_and_at_once_when_it_is_back(
    door: Door, hoa: Official, listener: Listener, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each try may hold the worker for seconds, and with it everybody's log-outs, mail and directory."""
    wall = [1000.0]
    monkeypatch.setattr(sso.logouts, "time", SimpleNamespace(monotonic=lambda: wall[0]))
    monkeypatch.setattr(sso.logouts, "TIMEOUT_SECONDS", 0.2)
    listener.slow = True
    browser, _identity = logged_in(door)
    log_out(browser)
    spans = []
    for _try in range(6):
        work(door)
        rest = sso.logouts._resting["van-ban"]
        spans.append(rest.span)
        wall[0] = rest.until
        clock.advance(hours=2)
    assert spans == [30, 60, 120, 240, 300, 300]
    listener.slow = False
    monkeypatch.setattr(sso.logouts, "TIMEOUT_SECONDS", 10)
    work(door)
    assert [job.state for job in jobs(door)] == ["done"]
    assert sso.logouts._resting == {}


def test_a_slow_application_that_has_its_share_is_not_called_and_all_its_log_outs_wait_together(
    door: Door, hoa: Official, listener: Listener, clock: MovableClock
) -> None:
    """They are found by the key the jobs were given when they were asked for."""
    for _ in range(3):
        log_out(logged_in(door)[0])
    sso.slow_applications._slow["van-ban"] = sso.slow_applications.AT_ONCE
    assert work_once(door.runtime, HANDLERS, 1) == 1
    assert work(door) == 0, "the two others wait as well"
    assert listener.taken == []
    sso.slow_applications._slow.clear()
    clock.advance(sso.slow_applications.PAUSE.seconds)
    assert work(door) == 3
    assert len(listener.taken) == 3


def test_a_removed_application_is_not_called(door: Door, hoa: Official, listener: Listener) -> None:
    browser, _identity = logged_in(door)
    log_out(browser)
    with door.runtime.database.write() as writes:
        remove_client(writes, "van-ban", "test", door.runtime.clocks.wall())
    work(door)
    assert listener.taken == []
    assert [job.state for job in jobs(door)] == ["done"]


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("http://127.0.0.1:9/called", {"own": False}),
    ("http://inside.example.vn/called", {}),
    ("https://app.example.vn/called#part", {}),
    ("https://user@app.example.vn/called", {}),
    ("file:///etc/passwd", {}),
    ("vn.app:/called", {}),
    ("https://app.example.vn/called", {"kind": "public"}),
]


@pytest.mark.parametrize(("address", "more"), REFUSED)
def test_an_address_the_worker_must_not_call_cannot_be_registered(
    door: Door, address: str, more: dict[str, Any]
) -> None:
    new = NewClient(name="x", redirect_uris=("https://app.example.vn/",), backchannel_logout_uri=address, **more)
    with pytest.raises((RedirectRefused, BadInput)), door.runtime.database.write() as writes:
        add_client(writes, new, "test", door.runtime.clocks.wall())


def test_discovery_says_so(standing_door: Door) -> None:
    found = standing_door.browser().get("/.well-known/openid-configuration").json()
    assert found["backchannel_logout_supported"] is True
    assert found["backchannel_logout_session_supported"] is True


def test_the_keys_are_opened_once_for_many_log_outs(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening an RSA key takes as long as a hundred signatures: a worker that did so for each log-out fell behind."""
    with door.runtime.database.read() as reads:
        client = get_client(reads, "van-ban")
    build_logout_token(door.runtime, client, "sub", "first")
    known: list[int] = []
    real = keys.load_keys

    def watched(reads: Reads, sealer: Sealer, before: Sequence[keys.SigningKey] = ()) -> list[keys.SigningKey]:
        known.append(len(before))
        return real(reads, sealer, before)

    monkeypatch.setattr(keys, "load_keys", watched)
    find_ring(door.runtime).forget()
    for number in range(2):
        build_logout_token(door.runtime, client, "sub", str(number))
    assert known, "the rows are read again"
    assert 0 not in known, "and nothing is opened again"
