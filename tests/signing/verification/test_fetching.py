"""The fetcher: asks the hosts it was given, and nobody else, whatever a certificate says."""

import httpx
import pytest

from signing.verification import fetching
from signing.verification.fetching import Fetcher
from signing.verification.findings import Wanted
from tests.vectors.authorities import House
from tests.vectors.build import SIGNED


class Web:
    """A web of one answer, which remembers what was asked."""

    def __init__(self, content: bytes = b"", status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.asked: list[str] = []
        self.answer = (status, headers or {}, content)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        status, headers, content = self.answer
        return httpx.Response(status, headers=headers, content=content)


def fetcher_for(web: Web, *hosts: str) -> Fetcher:
    return Fetcher(frozenset(hosts), transport=httpx.MockTransport(web))


def test_a_list_is_fetched_from_a_host_that_is_named(house: House) -> None:
    content = house.lists(SIGNED)[1]
    web = Web(content)
    wanted = [Wanted("crl", "http://lists.example.vn/issuing.crl")]
    assert fetcher_for(web, "lists.example.vn").fetch(wanted).lists == (content,)


def test_a_fetched_issuer_is_never_an_anchor(house: House) -> None:
    web = Web(house.issuing.der)
    fetched = fetcher_for(web, "lists.example.vn").fetch([Wanted("issuer", "http://lists.example.vn/issuing.cer")])
    assert (fetched.anchors, fetched.certificates) == ((), (house.issuing.der,))


@pytest.mark.parametrize(
    "address",
    [
        "http://other.example.vn/a.crl",
        "http://lists.example.vn.evil.example/a.crl",
        "http://evil.example/lists.example.vn",
        "http://lists.example.vn@evil.example/a.crl",
        "http://user:secret@lists.example.vn/a.crl",
        "http://lists.example.vn:8080/a.crl",
        "http://127.0.0.1/a.crl",
        "http://[::1]/a.crl",
        "http://169.254.169.254/latest/meta-data",
        "ftp://lists.example.vn/a.crl",
        "file:///etc/passwd",
        "ldap://lists.example.vn/cn=x",
        "http://lists.example.vn:99999/a.crl",
        "http://[/a.crl",
        "lists.example.vn/a.crl",
        "",
    ],
)
def test_every_other_address_is_left_alone(address: str) -> None:
    web = Web(b"x")
    fetcher_for(web, "lists.example.vn").fetch([Wanted("crl", address)])
    assert web.asked == []


def test_a_port_of_its_own_must_be_named() -> None:
    web = Web(b"x")
    fetcher_for(web, "lists.example.vn:8080").fetch([Wanted("crl", "http://lists.example.vn:8080/a.crl")])
    assert web.asked == ["http://lists.example.vn:8080/a.crl"]


def test_redirects_are_not_followed(house: House) -> None:
    web = Web(status=302, headers={"Location": "http://127.0.0.1/secret"})
    assert not fetcher_for(web, "lists.example.vn").fetch([Wanted("crl", "http://lists.example.vn/a.crl")]).lists
    assert web.asked == ["http://lists.example.vn/a.crl"]


def test_an_endless_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LARGEST", 10)
    web = Web(bytes(11))
    assert fetcher_for(web, "a.vn").get("http://a.vn/") is None


def test_an_answer_is_kept_and_a_failure_too() -> None:
    for status in (200, 500):
        web = Web(b"x", status)
        fetcher = fetcher_for(web, "a.vn")
        fetcher.get("http://a.vn/")
        fetcher.get("http://a.vn/")
        assert len(web.asked) == 1
