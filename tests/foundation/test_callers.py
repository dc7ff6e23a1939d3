"""Who calls: believed from a header only when a trusted proxy wrote it (CVE-2024-10039, CVE-2025-24806)."""

import asyncio
from typing import Any

import pytest
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from foundation.callers import find_caller
from foundation.frame import RequestFrame

PROXIES = ("10.0.0.0/8", "2001:db8::/32")


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
    assert find_caller(peer, forwarded, PROXIES) == caller


def test_without_proxies_no_header_is_believed() -> None:
    assert find_caller("127.0.0.1", "198.51.100.1", ()) == "127.0.0.1"


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
    frame = RequestFrame(inner, "https://sso.example", PROXIES, rescue)
    asyncio.run(frame({**scope, "client": ("10.0.0.1", 5)}, unused, unused))
    assert seen == ["198.51.100.1"]
