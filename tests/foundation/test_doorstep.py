"""The doorstep: the same answers as by the loop, on a real server, whatever way the bytes come in."""

import json
import socket
from collections.abc import Iterator
from functools import partial
from importlib import import_module

import pytest
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from foundation import doorstep
from foundation.bearers import Bearer
from foundation.doorstep import build_scheduler, open_doorstep
from foundation.errors import NotPermitted
from foundation.forms import FORM_BYTES, Form
from foundation.requests import current_request_id
from foundation.runtime import open_runtime
from foundation.settings import build_settings
from foundation.web import Service, TokenRouter, build_app, machine_route
from tests.services.ports import free_port
from tests.services.serving import serve

FORM = "Content-Type: application/x-www-form-urlencoded"


def tell(request: Request, form: Form) -> Response:
    """What came, or a refusal, or a fault of ours."""
    if form.text("refuse"):
        raise NotPermitted()
    if form.text("break"):
        raise ZeroDivisionError("4711")
    return JSONResponse(
        {"form": dict(form), "id": current_request_id(), "caller": request.state.caller, "path": request.url.path}
    )


def build_service(folder: str) -> Service:
    """A path by the shortcut and one by the framework."""
    router = TokenRouter()
    for path in ("/hot", "/cold"):
        router.add_route(path, machine_route(tell), methods=["GET", "POST"])
    router.hot = frozenset({"/hot"})
    router.check_token = lambda _token: Bearer("x", None, frozenset())
    runtime = open_runtime(build_settings({"database": f"sqlite:///{folder}/x.sqlite", "data": folder}))
    return build_app(runtime, [APIRouter(), router])


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A real server with the doorstep open."""
    app, port = build_service(str(tmp_path_factory.mktemp("doorstep"))), free_port()
    assert app.shortcut is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("granian.server.embed._new_cbscheduler", partial(build_scheduler, app.shortcut))
        with serve(app, port):
            yield port


class Line:
    """A connection by hand."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.left = b""

    def send(self, *lines: str, body: bytes = b"") -> None:
        """A head, and a piece of body behind it."""
        self.socket.sendall("\r\n".join([*lines, "Host: x", "", ""]).encode() + body)

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the next answer."""
        while b"\r\n\r\n" not in self.left:
            self.left += self.more()
        head, _empty, self.left = self.left.partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _colon, value in (line.partition(": ") for line in rest)}
        length = int(headers.get("content-length", 0))
        while len(self.left) < length:
            self.left += self.more()
        body, self.left = self.left[:length], self.left[length:]
        return int(first.split(" ")[1]), headers, body

    def more(self) -> bytes:
        """Bytes. Raises ConnectionError at the end."""
        got = self.socket.recv(65536)
        if not got:
            raise ConnectionError
        return got


@pytest.fixture
def line(port: int) -> Iterator[Line]:
    """A connection to the service."""
    made = Line(port)
    yield made
    made.socket.close()


def ask(line: Line, path: str, form: str | None = None) -> tuple[int, dict[str, str], bytes]:
    """One request and its answer."""
    if form is None:
        line.send(f"GET {path} HTTP/1.1")
    else:
        line.send(f"POST {path} HTTP/1.1", FORM, f"Content-Length: {len(form)}", body=form.encode())
    return line.answer()


@pytest.mark.parametrize(
    "query, form",
    [
        pytest.param("?say=1&empty=", None, id="GET"),
        pytest.param("", "say=1&say2=%C4%91", id="POST"),
        pytest.param("", "", id="POST with nothing"),
        pytest.param("?refuse=yes", None, id="refused"),
        pytest.param("?break=yes", None, id="a fault of ours"),
        pytest.param("?x=%00", None, id="a NUL in the address"),
        pytest.param("", "x=%00", id="a NUL in the form"),
        pytest.param("", "x=" + "y" * FORM_BYTES, id="too large"),
    ],
)
def test_the_answer_is_the_loops(line: Line, query: str, form: str | None) -> None:
    hot, cold = ask(line, f"/hot{query}", form), ask(line, f"/cold{query}", form)
    assert hot[0] == cold[0]
    changing = ("x-request-id", "date", "content-length", "set-cookie", "content-security-policy")
    assert {n: v for n, v in hot[1].items() if n not in changing} == {
        n: v for n, v in cold[1].items() if n not in changing
    }
    assert b"4711" not in hot[2]
    if not hot[1]["content-type"].endswith("json"):
        return
    said, known = json.loads(hot[2]), json.loads(cold[2])
    assert said.keys() == known.keys()
    assert said.get("form") == known.get("form")
    assert said.get("id", said.get("request_id")) == hot[1]["x-request-id"]
    assert said.get("caller", "127.0.0.1") == "127.0.0.1"


def test_a_hot_path_is_answered_at_the_doorstep_and_another_is_not(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    hand_over = doorstep.Arrival.hand_over

    def note(arrival: doorstep.Arrival) -> None:
        taken.append(arrival._scope["path"])
        hand_over(arrival)

    monkeypatch.setattr(doorstep.Arrival, "hand_over", note)
    for path, form in (("/hot?say=1", None), ("/hot", "say=2"), ("/cold?say=3", None)):
        assert ask(line, path, form)[0] == 200
    assert taken == ["/hot", "/hot"]


def test_a_body_may_come_in_pieces_and_nobody_waits_for_it(line: Line, port: int) -> None:
    """Two hundred callers who never finish, more than there are threads, keep no other from being answered."""
    slow = [Line(port) for _ in range(200)]
    for other in slow:
        other.send("POST /hot HTTP/1.1", FORM, "Content-Length: 9", body=b"say=")
    assert ask(line, "/hot?say=1")[0] == 200
    assert ask(line, "/hot", "say=2")[0] == 200
    slow[0].socket.sendall(b"abcde")
    assert json.loads(slow[0].answer()[2])["form"] == {"say": "abcde"}
    for other in slow:
        other.socket.close()


def test_a_body_of_no_announced_length_goes_by_the_loop(line: Line) -> None:
    line.send("POST /hot HTTP/1.1", FORM, "Transfer-Encoding: chunked", body=b"5\r\nsay=1\r\n0\r\n\r\n")
    assert json.loads(line.answer()[2])["form"] == {"say": "1"}


def test_requests_one_after_the_other_on_one_connection_get_their_own_answers(line: Line) -> None:
    for number in range(20):
        path = "/hot" if number % 3 else "/cold"
        assert json.loads(ask(line, path, f"say={number}")[2])["form"] == {"say": str(number)}


def test_a_caller_who_goes_away_harms_nobody(line: Line, port: int) -> None:
    for _ in range(20):
        other = Line(port)
        other.send("POST /hot HTTP/1.1", FORM, "Content-Length: 9", body=b"say=")
        other.socket.close()
        other = Line(port)
        other.send("GET /hot?say=1 HTTP/1.1")
        other.socket.close()
    assert ask(line, "/hot?say=1")[0] == 200


def test_the_release_that_is_installed_is_known(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    app = build_service(str(tmp_path_factory.mktemp("known")))
    assert app.shortcut is not None
    monkeypatch.setattr("granian.server.mp._new_cbscheduler", "untouched")
    assert open_doorstep(app.shortcut)
    assert vars(import_module("granian.server.mp"))["_new_cbscheduler"] != "untouched"


def test_another_release_of_the_server_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    app = build_service(str(tmp_path_factory.mktemp("other")))
    assert app.shortcut is not None
    monkeypatch.setattr(doorstep, "version", lambda _name: "3.0.0")
    monkeypatch.setattr("granian.server.mp._new_cbscheduler", "untouched")
    assert not open_doorstep(app.shortcut)
    assert vars(import_module("granian.server.mp"))["_new_cbscheduler"] == "untouched"


def test_a_loop_that_cannot_be_changed_is_left_alone() -> None:
    class Firm:
        __slots__ = ()

        def call_soon(self) -> None:
            """As it is."""

        def call_soon_threadsafe(self) -> None:
            """As it is."""

    assert not doorstep.divert(Firm())
