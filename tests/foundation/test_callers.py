"""Who calls: believed from a header only when a trusted proxy wrote it (CVE-2024-10039, CVE-2025-24806)."""

import pytest

from foundation.callers import find_caller

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
    ],
)
def test_the_caller_is_found(peer: str, forwarded: str | None, caller: str) -> None:
    assert find_caller(peer, forwarded, PROXIES) == caller


def test_without_proxies_no_header_is_believed() -> None:
    assert find_caller("127.0.0.1", "198.51.100.1", ()) == "127.0.0.1"
