"""The one way out: what is never asked, and what is never taken."""

import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sso.fetching import Fetcher, FetchFailed, FetchRefused, is_public
from sso.settings import SsoSection
from tests.services.outside import Outside, open_outside

PRIVATE = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:db8::1"),
]


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    """The world."""
    with open_outside(tmp_path) as world:
        monkeypatch.setitem(os.environ, "SSL_CERT_FILE", str(world.authority))
        yield world


def laboratory(**policy: Any) -> Fetcher:
    """A fetcher that may ask this machine."""
    return Fetcher(SsoSection(**{"laboratory_hosts": ("localhost",), **policy}))


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_special_use_is_not_public(address: str) -> None:
    """CVE-2026-1180, CVE-2026-4366."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808"])
def test_a_public_address_is(address: str) -> None:
    assert is_public(address)


REFUSED = [
    *("http://public.example/", "ftp://public.example/", "file:///etc/passwd", "gopher://x", "https:///x", "nonsense"),
    *("https://user:secret@public.example/", "https://public.example:99999/", "https://[::1]/", "https://127.0.0.1/"),
    "https://169.254.169.254/latest/meta-data",
]


@pytest.mark.parametrize("url", REFUSED)
def test_such_an_address_is_never_asked(url: str) -> None:
    with pytest.raises(FetchRefused):
        Fetcher(SsoSection(fetch_hosts=("*",))).check(url)


def test_nothing_is_fetched_unless_a_host_is_named() -> None:
    with pytest.raises(FetchRefused):
        Fetcher(SsoSection()).check("https://public.example/")


def test_a_name_that_leads_inside_is_refused_whatever_else_it_leads_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """One public and one private answer: the second could be the one that is asked."""

    def resolve(*_args: object, **_named: object) -> list[Any]:
        return [(2, 1, 6, "", ("8.8.8.8", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(FetchRefused):
        Fetcher(SsoSection(fetch_hosts=("public.example",))).check("https://public.example/")


def test_the_connection_goes_to_the_very_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers otherwise the second time changes nothing."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_n: [(2, 1, 6, "", ("8.8.8.8", 443))])
    target = Fetcher(SsoSection(fetch_hosts=("public.example",))).check("https://public.example:8443/a?b=c")
    assert (target.url, target.host) == ("https://8.8.8.8:8443/a?b=c", "public.example:8443")


def test_a_document_is_fetched_under_its_name(outside: Outside) -> None:
    fetched = laboratory().get(outside.put("/a", b"{}"))
    assert (fetched.content, fetched.media_type) == (b"{}", "application/json")


def test_a_redirect_is_not_followed(outside: Outside) -> None:
    outside.redirects["/away"] = outside.put("/secret", b"x")
    with pytest.raises(FetchFailed):
        laboratory().get(outside.address("/away"))
    assert outside.gets == ["/away"]


def test_a_document_that_is_too_large_is_not_read_to_its_end(outside: Outside) -> None:
    url = outside.put("/large", b"x" * 300_000)
    with pytest.raises(FetchFailed):
        laboratory().get(url)


def test_an_address_anybody_can_name_is_asked_once_by_many(outside: Outside) -> None:
    """The single flight of the checklist: nobody makes us a hammer."""
    fetcher, url = laboratory(), outside.put("/a", b"{}")
    with ThreadPoolExecutor(20) as pool:
        fetched = list(pool.map(lambda _n: fetcher.get_shared(url, "application/json").content, range(20)))
    assert (fetched, outside.gets) == ([b"{}"] * 20, ["/a"])


def test_a_failure_is_not_asked_for_again_at_once(outside: Outside) -> None:
    fetcher = laboratory()
    for _ in range(5):
        with pytest.raises(FetchFailed):
            fetcher.get_shared(outside.address("/nothing"), "application/json")
    assert outside.gets == ["/nothing"]


def test_what_is_not_there_is_not_there(outside: Outside) -> None:
    with pytest.raises(FetchFailed):
        laboratory().get(outside.address("/nothing"))


def test_a_certificate_nobody_vouches_for_is_refused(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    url = outside.put("/a", b"{}")
    monkeypatch.delitem(os.environ, "SSL_CERT_FILE")
    with pytest.raises(FetchFailed):
        laboratory().get(url)


def test_a_certificate_of_another_name_is_refused(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def resolve(host: str, *args: Any, **named: Any) -> Any:
        return real("localhost" if host == "other.example" else host, *args, **named)

    outside.put("/a", b"{}")
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(FetchFailed):
        laboratory(laboratory_hosts=("other.example",)).get(f"https://other.example:{outside.port}/a")


def test_the_environments_proxy_is_not_asked(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "HTTPS_PROXY", "http://127.0.0.1:9")
    assert laboratory().get(outside.put("/a", b"{}")).content == b"{}"
