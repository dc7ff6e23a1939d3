"""Where the service listens: only the proxy gets to the socket, and whoever comes by it is the proxy."""

import grp
import os
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from foundation.callers import Proxies, Standing
from foundation.frame import RequestFrame
from foundation.settings import SettingsRefused, build_settings
from provisioning.listening import Listening, ListensAlready, choose_listening, clear_socket, open_to_group
from provisioning.sections import SECTIONS
from tests.services.serving import serve

CERTIFICATES = {"header": "Client-Cert", "own_authority": True}


def choose(written: dict[str, Any], **given: Any) -> Listening:
    """Where a service with these settings listens."""
    return choose_listening(build_settings(written, SECTIONS), **given)


def test_a_port_unless_the_settings_name_a_socket(tmp_path: Path) -> None:
    place = tmp_path / "web.sock"
    assert choose({}) == Listening("127.0.0.1", 8000)
    assert choose({"serve": {"socket": place}}).socket == place
    assert choose({"serve": {"socket": place}}, port=8123) == Listening("127.0.0.1", 8123)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param({"serve": {"socket": "/nowhere/web.sock"}}, "the folder /nowhere", id="no folder"),
        pytest.param({"serve": {"socket": "/tmp/s", "socket_group": "nobody-here"}}, "no group", id="no group"),
        pytest.param({"client_certificate": CERTIFICATES}, "log in as anybody", id="certificates, and nothing proves"),
        pytest.param(
            {"client_certificate": CERTIFICATES, "trusted_proxies": ["127.0.0.1"]}, "log in as anybody", id="an address"
        ),
    ],
)
def test_what_would_let_others_in_is_refused_at_the_start(written: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        choose(written)
    assert said in refused.value.shown


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"serve": {"socket": "/tmp/web.sock"}}, id="a socket"),
        pytest.param({"proxy_secret": "/etc/hopnhat/proxy"}, id="a secret"),
        pytest.param({"client_certificate": {**CERTIFICATES, "proxy_by_address": True}}, id="said aloud"),
    ],
)
def test_certificates_are_taken_where_the_proxy_proves_itself(more: dict[str, Any]) -> None:
    assert choose({"client_certificate": CERTIFICATES, "trusted_proxies": ["127.0.0.1"], **more}).port == 8000


def test_a_port_at_the_command_line_needs_the_proof_a_socket_would_have_been(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused):
        choose({"serve": {"socket": tmp_path / "web.sock"}, "client_certificate": CERTIFICATES}, port=8000)


def test_what_a_killed_service_left_is_taken_away(tmp_path: Path) -> None:
    place = tmp_path / "web.sock"
    clear_socket(place)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(place))
    clear_socket(place)
    assert not place.exists()


def test_neither_a_service_that_lives_nor_a_file_is_taken_away(tmp_path: Path) -> None:
    place, file = tmp_path / "web.sock", tmp_path / "file"
    file.write_text("something")
    with socket.socket(socket.AF_UNIX) as alive:
        alive.bind(str(place))
        alive.listen()
        with pytest.raises(ListensAlready):
            clear_socket(place)
    with pytest.raises(SettingsRefused):
        clear_socket(file)
    assert place.exists()
    assert file.exists()


def test_the_socket_gets_the_group_of_the_proxy(tmp_path: Path) -> None:
    place = tmp_path / "web.sock"
    place.touch()
    own = min({os.getegid(), *os.getgroups()})
    open_to_group(Listening("", 0, place, grp.getgrgid(own).gr_name))
    assert place.stat().st_gid == own


def answer(request: Request) -> Response:
    """How surely the caller is the proxy, and for whom it asks."""
    return JSONResponse([request.state.proxy.value, request.state.caller])


async def rescue(_request: Request, error: Exception) -> Response:
    """Nothing is expected to break."""
    raise error


def test_who_comes_by_the_socket_is_the_proxy(tmp_path: Path) -> None:
    """What the web server calls such a peer is what we know it by."""
    place = tmp_path / "web.sock"
    app = RequestFrame(Starlette(routes=[Route("/", answer)]), "https://sso.example", Proxies(), rescue)
    with serve(app, place), httpx.Client(transport=httpx.HTTPTransport(uds=str(place))) as proxy:
        told = proxy.get("http://sso.example/", headers={"X-Forwarded-For": "198.51.100.7"})
        assert told.json() == [Standing.PROVEN.value, "198.51.100.7"]
        assert proxy.get("http://sso.example/").json() == [Standing.PROVEN.value, "127.0.0.1"]
