"""Who calls: believed from a header only when a trusted proxy wrote it (CVE-2024-10039, CVE-2025-24806)."""

import asyncio
from typing import Any

import pytest
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from foundation.callers import SOCKET, Proxies, Standing
from foundation.frame import RequestFrame

PROXIES = ("10.0.0.0/8", "2001:db8::/32")
SECRET = b"0123456789abcdef0123456789abcdef"
TOLD = "198.51.100.1"


@pytest.mark.parametrize(
    "peer, forwarded, caller",
    [
        pytest.param("203.0.113.7", None, "203.0.113.7", id="direct"),
        pytest.param("203.0.113.7", "198.51.100.1", "203.0.113.7", id="a stranger's header"),
        pytest.param("10.0.0.1", "198.51.100.1", "198.51.100.1", id="the proxy's header"),
        pytest.param("10.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1", id="what stood there before the proxy"),
        pytest.param("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1", id="two proxies"),
        pytest.param("2001:db8::1", "2001:db9::5", "2001:db9::5", id="IPv6"),
        pytest.param("10.0.0.1", "nonsense", "nonsense", id="nonsense is kept as it came, once"),
        pytest.param("10.0.0.1", "1.2.3.4, nonsense", "nonsense", id="nothing behind nonsense is believed"),
        pytest.param("10.0.0.1", "", "10.0.0.1", id="empty header"),
        pytest.param("10.0.0.1", ",,", "10.0.0.1", id="commas"),
        pytest.param("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1", id="the proxy's address written as IPv6"),
        pytest.param("10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1", id="the caller's written as IPv6"),
        pytest.param("10.0.0.1", "::FFFF:c633:6401", "198.51.100.1", id="the caller's written as IPv6 in another way"),
        pytest.param("10.0.0.1", "198.51.100.1:50123", "198.51.100.1", id="with a port"),
        pytest.param("10.0.0.1", "[2001:db9::5]:50123, [2001:db8::1]:443", "2001:db9::5", id="IPv6 with a port"),
        pytest.param("10.0.0.1", "[2001:db9::5", "[2001:db9::5", id="half a bracket stays as it came"),
    ],
)
def test_the_caller_is_found(peer: str, forwarded: str | None, caller: str) -> None:
    assert Proxies(PROXIES).look(peer, tell(forwarded))[1] == caller


def tell(forwarded: str | None, *shown: bytes) -> list[tuple[bytes, bytes]]:
    """The headers of a request, the secret in it so often."""
    told = [(b"x-forwarded-for", forwarded.encode())] if forwarded is not None else []
    return [*told, *((b"hopnhat-proxy", one) for one in shown)]


def test_without_proxies_no_header_is_believed() -> None:
    assert Proxies().look("127.0.0.1", tell("198.51.100.1")) == (Standing.STRANGER, "127.0.0.1")


@pytest.mark.parametrize(
    ("secret", "peer", "shown", "standing", "caller"),
    [
        pytest.param(None, "10.0.0.1", [], Standing.ADDRESSED, TOLD, id="the address, no secret set"),
        pytest.param(SECRET, "10.0.0.1", [SECRET], Standing.PROVEN, TOLD, id="the secret"),
        pytest.param(SECRET, "10.0.0.1", [], Standing.STRANGER, "10.0.0.1", id="the address without the secret"),
        pytest.param(SECRET, "10.0.0.1", [b"x" * 32], Standing.STRANGER, "10.0.0.1", id="another secret"),
        pytest.param(SECRET, "10.0.0.1", [SECRET, SECRET], Standing.STRANGER, "10.0.0.1", id="the secret twice"),
        pytest.param(SECRET, "192.0.2.9", [SECRET], Standing.STRANGER, "192.0.2.9", id="the secret from elsewhere"),
        pytest.param(SECRET, SOCKET, [], Standing.PROVEN, TOLD, id="the service's own socket"),
        pytest.param(None, SOCKET, [], Standing.PROVEN, TOLD, id="the socket, no secret set"),
    ],
)
def test_how_surely_it_is_the_proxy(
    secret: bytes | None, peer: str, shown: list[bytes], standing: Standing, caller: str
) -> None:
    assert Proxies(PROXIES, secret).look(peer, tell(TOLD, *shown)) == (standing, caller)


def test_who_comes_by_the_socket_for_nobody_calls_from_here() -> None:
    assert Proxies().look(SOCKET, []) == (Standing.PROVEN, "127.0.0.1")
    assert Proxies().look(SOCKET, tell("192.0.2.1, unix"))[1] == "127.0.0.1", "nothing behind such a name is believed"


def test_a_line_the_caller_wrote_does_not_hide_the_one_the_proxy_added_behind_it() -> None:
    """HAProxy's `option forwardfor` adds a second line of the name; the first one is the caller's to write."""
    seen: list[str] = []

    async def inner(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["state"]["caller"])

    async def rescue(_request: Request, error: Exception) -> Any:
        raise error

    async def unused(*_given: Any) -> Any:
        raise AssertionError

    lines = [(b"x-forwarded-for", b"127.0.0.1, 192.0.2.66"), (b"x-forwarded-for", b"198.51.100.1")]
    scope: Scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": lines}
    frame = RequestFrame(inner, "https://sso.example", Proxies(PROXIES), rescue)
    asyncio.run(frame({**scope, "client": ("10.0.0.1", 5)}, unused, unused))
    assert seen == ["198.51.100.1"]
