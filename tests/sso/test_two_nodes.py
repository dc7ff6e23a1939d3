"""Two nodes on one database: any request may go to any of them, and one that is killed at work takes nothing along that was answered."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from foundation.clocks import Clocks
from foundation.database import Database
from foundation.runtime import open_runtime
from foundation.settings import build_settings
from sso.client_keeping import add_client
from sso.client_registration import NewClient
from tests.services.databases import Databases
from tests.services.ports import free_port
from tests.sso.flow import Application, Attempt, form_of
from tests.sso.people import PASSWORD, official

BACK = "https://vanban.example.vn/callback"
SCOPE = "openid profile offline_access"
USERS = 4
ROUNDS = 3
PATIENCE = 20


@dataclass
class Node:
    """One process group that serves."""

    port: int
    process: "subprocess.Popen[bytes]"

    def kill(self) -> None:
        """End it as a machine ends that loses its power."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=30)


@dataclass(frozen=True)
class Nodes:
    """Both, and the application everybody comes from."""

    issuer: str
    nodes: tuple[Node, Node]
    application: Application

    def browser(self, *ports: int) -> httpx.Client:
        """A client whose requests go to these nodes in turn, whatever address they name."""
        turn = itertools.cycle(ports)
        return httpx.Client(base_url=self.issuer, transport=Sending(turn), timeout=20, headers={"Accept": "text/html"})


class Sending(httpx.HTTPTransport):
    """What stands in front of the nodes."""

    def __init__(self, turn: Iterator[int]) -> None:
        super().__init__()
        self.turn = turn

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The next node's answer."""
        request.url = request.url.copy_with(port=next(self.turn))
        return super().handle_request(request)


@pytest.fixture(scope="module")
def nodes(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """Two processes of the whole service on one PostgreSQL, some people and an application; the last test kills the first."""
    folder = tmp_path_factory.mktemp("nodes")
    with ExitStack() as stack:
        url = stack.enter_context(databases.make("postgresql", folder))
        ports = free_port(), free_port()
        issuer = f"http://127.0.0.1:{ports[0]}"
        application = fill(url, folder / "data", issuer)
        environment = os.environ | {
            "HOPNHAT_DATABASE": url,
            "HOPNHAT_DATA": str(folder / "data"),
            "HOPNHAT_ISSUER": issuer,
        }
        made = tuple(start(port, environment) for port in ports)
        for node in made:
            stack.callback(node.kill)
        for node in made:
            wait_for(node)
        yield Nodes(issuer, (made[0], made[1]), application)


def start(port: int, environment: dict[str, str]) -> Node:
    """A node, which leads a process group of its own."""
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--no-ws", "--workers", "1"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--log-level", "error", "provisioning.web_process:create"]
    return Node(port, subprocess.Popen(command, env=environment, start_new_session=True))


def fill(url: str, data: Path, issuer: str) -> Application:
    """Officials and an application."""
    runtime = open_runtime(build_settings({"database": url, "data": str(data), "issuer": issuer}), Clocks())
    runtime.close()
    runtime = replace(runtime, database=Database(url))
    for number in range(USERS):
        official(runtime, login=f"can-bo.{number}", unit=f"Xã {number}", code=f"H61.{number}")
    new = NewClient(name="Văn bản", client_id="van-ban", redirect_uris=(BACK,), scopes=tuple(SCOPE.split()))
    with runtime.database.write() as writes:
        client, secret = add_client(writes, new, "test", runtime.clocks.wall())
    runtime.database.close()
    return Application(client.client_id, secret, BACK)


def wait_for(node: Node) -> None:
    """Until it answers, half a minute at most. Raises RuntimeError."""
    end = time.monotonic() + 30
    while time.monotonic() < end and node.process.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(f"http://127.0.0.1:{node.port}/health/live").status_code == 200:
                return
        time.sleep(0.05)
    raise RuntimeError("the node did not start")


def log_in(browser: httpx.Client, login: str) -> None:
    """Through the page."""
    fields = {**form_of(browser.get("/login")), "login": login, "password": PASSWORD}
    assert browser.post("/login", data=fields).status_code == 303


def ask_code(browser: httpx.Client, attempt: Attempt) -> str:
    """A code of an open session."""
    answer = browser.get(attempt.address(prompt="none"))
    told = parse_qs(urlsplit(answer.headers["location"]).query)
    assert "code" in told, told
    return told["code"][0]


def ask_token(browser: httpx.Client, application: Application, **form: str) -> httpx.Response:
    """A token request."""
    return browser.post("/token", data=form, auth=(application.client_id, application.secret or ""))


def redeem(browser: httpx.Client, attempt: Attempt, code: str) -> httpx.Response:
    """A code for tokens."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": attempt.verifier}
    return ask_token(browser, attempt.application, **form)


def refresh(browser: httpx.Client, application: Application, token: str) -> httpx.Response:
    """A token for the next."""
    return ask_token(browser, application, grant_type="refresh_token", refresh_token=token)


def tell(browser: httpx.Client, token: str) -> int:
    """What userinfo says."""
    return browser.get("/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code


@dataclass
class User:
    """Somebody at work, and what they were answered."""

    login: str
    browser: httpx.Client
    unspent: tuple[Attempt, str] | None = None
    access: str = ""
    refresh_token: str = ""
    rounds: int = 0

    def work(self, nodes: Nodes) -> None:
        """Codes, tokens, refreshes, until the node is gone."""
        with suppress(httpx.TransportError):
            while True:
                self.unspent = None
                attempt = Attempt(nodes.application, scope=SCOPE)
                tokens = redeem(self.browser, attempt, ask_code(self.browser, attempt)).json()
                self.access, self.refresh_token = tokens["access_token"], tokens["refresh_token"]
                fresh = refresh(self.browser, nodes.application, self.refresh_token).json()
                self.access, self.refresh_token = fresh["access_token"], fresh["refresh_token"]
                kept = Attempt(nodes.application, scope=SCOPE)
                self.unspent = kept, ask_code(self.browser, kept)
                self.rounds += 1


def test_any_request_goes_to_any_node(nodes: Nodes) -> None:
    """Page, posted form, code, token, userinfo, refresh, the same again, log-out: each at the other node than the one before."""
    first, second = (node.port for node in nodes.nodes)
    with nodes.browser(first, second) as browser:
        log_in(browser, "can-bo.0")
        for _twice in range(2):
            attempt = Attempt(nodes.application, scope=SCOPE)
            code = ask_code(browser, attempt)
            tokens = redeem(browser, attempt, code).json()
            assert tell(browser, tokens["access_token"]) == 200
            fresh = refresh(browser, nodes.application, tokens["refresh_token"]).json()
            again = refresh(browser, nodes.application, tokens["refresh_token"]).json()
            assert fresh["refresh_token"] == again["refresh_token"], "a lost answer is told again by the other node"
            assert redeem(browser, attempt, code).status_code == 400, "spent is spent at both"
            assert tell(browser, fresh["access_token"]) == 401, "and what it gave is over at both"
            browser.get("/health/live")  # the turn changes
        browser.post("/logout", data={**form_of(browser.get("/logout")), "answer": "log-out"})
        assert browser.get("/me").status_code == 303
        assert browser.get("/me").status_code == 303


def test_a_node_that_is_killed_at_work_takes_nothing_along_that_was_answered(nodes: Nodes) -> None:
    """Sessions, codes and tokens that somebody was told of are good at the other node; a refresh whose answer was lost is asked again."""
    doomed, other = nodes.nodes
    users = [User(f"can-bo.{number}", nodes.browser(doomed.port)) for number in range(USERS)]
    for user in users:
        log_in(user.browser, user.login)
    threads = [threading.Thread(target=user.work, args=(nodes,)) for user in users]
    for thread in threads:
        thread.start()
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and not all(user.rounds >= ROUNDS for user in users):
        time.sleep(0.05)
    doomed.kill()
    for thread in threads:
        thread.join(timeout=30)
    assert all(user.rounds >= ROUNDS for user in users), "everybody was at work"
    for user in users:
        with nodes.browser(other.port) as browser:
            browser.cookies.update(user.browser.cookies)
            assert ask_code(browser, Attempt(nodes.application, scope=SCOPE)), "the session"
            if user.unspent is not None:
                assert redeem(browser, *user.unspent).status_code == 200, "the code"
            assert tell(browser, user.access) == 200, "the access token"
            assert refresh(browser, nodes.application, user.refresh_token).status_code == 200, "the refresh token"
        user.browser.close()
