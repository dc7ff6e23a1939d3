"""`hopnhat login`, `whoami`, `logout`: the flow over a loopback address, and the file it leaves."""

import json
import stat
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import httpx
import pytest
import typer

from foundation.shell import Actor, Shell
from foundation.terminal import run
from sso import terminal_login
from sso.house_clients import ensure_own_clients
from sso.loopback import LoginNotFinished, Loopback
from tests.services.clock import MovableClock
from tests.sso.conftest import Door
from tests.sso.flow import ask_token, follow, form_of
from tests.sso.people import PASSWORD, official

ISSUER = "http://127.0.0.1:8000"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the token of this test lies."""
    monkeypatch.setenv("HOPNHAT_TOKEN_FILE", str(tmp_path / "private" / "token.json"))
    monkeypatch.setenv("HOPNHAT_LANG", "en")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "private" / "token.json"


@pytest.fixture
def command(door: Door, place: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """The three verbs on the provider of this test; what they ask of the service reaches it inside this process."""
    with door.runtime.database.write() as writes:
        ensure_own_clients(writes, ISSUER, "test", door.runtime.clocks.wall())
    shell = Shell((), lambda _runtime, _reason: Actor("test"))
    shell.__dict__["runtime"] = door.runtime
    app = typer.Typer()
    app.callback()(set_shell(shell))
    for name in ("login", "logout", "whoami"):
        app.command(name)(getattr(terminal_login, name))

    def post(url: str, *, data: dict[str, str], **_more: object) -> httpx.Response:
        return door.browser().post(url.removeprefix(ISSUER), data=data)

    monkeypatch.setattr(httpx, "post", post)
    return lambda *words: run(app, words)


def set_shell(shell: Shell) -> Callable[[typer.Context], None]:
    """What mounts the verbs puts the shell into the context."""

    def prepare(context: typer.Context) -> None:
        context.obj = shell

    return prepare


def walk(door: Door, address: str, login: str, password: str) -> None:
    """A person with a browser: opens the address, logs in, ends at the loopback address."""
    browser = door.browser()
    sent = browser.get(address.removeprefix(ISSUER))
    page = browser.get(sent.headers["location"])
    posted = browser.post("/login", data={**form_of(page), "login": login, "password": password})
    target = follow(browser, posted).headers["location"]
    assert httpx.get(target).status_code == 200


def log_in(door: Door, command: Callable[..., int], monkeypatch: pytest.MonkeyPatch) -> int:
    """The verb, with somebody who opens the address it prints."""
    build = terminal_login.build_address

    def build_and_walk(*words: str) -> str:
        address = build(*words)
        Thread(target=walk, args=(door, address, "hoa.lt", PASSWORD), daemon=True).start()
        return address

    monkeypatch.setattr(terminal_login, "build_address", build_and_walk)
    return command("login")


def test_a_person_logs_in_is_known_and_logs_out(
    door: Door,
    command: Callable[..., int],
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    hoa = official(door.runtime)
    assert log_in(door, command, monkeypatch) == 0
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert terminal_login.get_kept_actor(door.runtime).person_id == hoa.person_id
    capsys.readouterr()
    assert command("whoami", "--output", "json") == 0
    assert json.loads(capsys.readouterr().out)["login"] == "hoa.lt"
    kept = terminal_login.find_kept(place, ISSUER)
    assert command("logout") == 0
    assert not place.exists()
    assert kept is not None
    assert terminal_login.find_actor(door.runtime, kept.access_token) is None
    assert command("whoami") == 77


def test_a_token_that_is_over_is_renewed_by_itself(
    door: Door, command: Callable[..., int], place: Path, monkeypatch: pytest.MonkeyPatch, clock: MovableClock
) -> None:
    hoa = official(door.runtime)
    assert log_in(door, command, monkeypatch) == 0
    before = place.read_text()
    clock.advance(hours=2)
    assert terminal_login.get_kept_actor(door.runtime).person_id == hoa.person_id
    assert place.read_text() != before
    clock.advance(hours=9)
    with pytest.raises(terminal_login.NotLoggedIn):
        terminal_login.get_kept_actor(door.runtime)


@pytest.mark.parametrize(
    "content", ["", "{}", "no json", '{"issuer": "https://other", "access_token": "x", "refresh_token": "y"}']
)
def test_a_file_of_another_kind_or_provider_is_nobody(door: Door, place: Path, content: str) -> None:
    place.parent.mkdir()
    place.write_text(content)
    with pytest.raises(terminal_login.NotLoggedIn):
        terminal_login.get_kept_actor(door.runtime)


def test_a_token_of_another_application_does_not_act(door: Door, place: Path) -> None:
    token = ask_token(door.browser(), door.application, {"grant_type": "client_credentials"}).json()["access_token"]
    assert terminal_login.find_actor(door.runtime, token) is None


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("code=x&state=other&iss=" + ISSUER, id="another state"),
        pytest.param("code=x&state=s&iss=https://evil.example", id="another issuer"),
        pytest.param("code=x&state=s", id="no issuer"),
        pytest.param("error=access_denied&state=s&iss=" + ISSUER, id="refused"),
        pytest.param("", id="nothing"),
    ],
)
def test_an_answer_that_is_not_ours_is_refused(query: str) -> None:
    with pytest.raises(terminal_login.LoginFailed):
        terminal_login.read_answer(query, ISSUER, "s")


def test_the_listener_takes_one_answer_at_its_own_path_only() -> None:
    with Loopback() as loopback:
        origin = loopback.address.removesuffix("/done")
        assert httpx.get(f"{origin}/favicon.ico").status_code == 404
        assert httpx.get(f"{loopback.address}?code=first").status_code == 200
        assert httpx.get(f"{loopback.address}?code=second").status_code == 200
        assert loopback.wait(1) == "code=first"


def test_waiting_ends() -> None:
    with Loopback() as loopback, pytest.raises(LoginNotFinished):
        loopback.wait(0.01)
