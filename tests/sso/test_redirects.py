"""Which addresses may be registered, and which are the same address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sso.errors import RedirectRefused
from sso.redirects import check_registrable, is_registered, origin_of, with_parameters

REGISTERED = ["https://app.example.vn/callback", "https://app.example.vn/other?tab=1"]


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example.vn/callback",
        "https://app.example.vn:8443/a/b?c=d",
        "http://127.0.0.1/done",
        "http://127.0.0.1:4242/done",
        "http://[::1]/done",
        "http://localhost:4242",
    ],
)
def test_a_plain_address_may_be_registered(uri: str) -> None:
    check_registrable(uri, native=False)


@pytest.mark.parametrize(
    "uri",
    [
        pytest.param("http://app.example.vn/callback", id="http off loopback"),
        pytest.param("https://user@app.example.vn/", id="user part"),
        pytest.param("https://app.example.vn/#top", id="fragment"),
        pytest.param("https://app.example.vn/a/../b", id="dots that climb"),
        pytest.param("https://app.example.vn/a/%2e%2E/b", id="dots in disguise"),
        pytest.param("https://app.example.vn/a/..;/b", id="dots with a parameter (CVE-2026-3872)"),
        pytest.param("https://app.example.vn\\@evil.example/", id="backslash"),
        pytest.param("https://app.example.vn/\n", id="line end"),
        pytest.param("https://app.example.vn/a b", id="space"),
        pytest.param("https://ứng-dụng.vn/", id="letters beyond ASCII"),
        pytest.param("javascript:alert(1)", id="script"),
        pytest.param("JaVaScRiPt:alert(1)", id="script in another case"),
        pytest.param("data:text/html,x", id="data"),
        pytest.param("vn.gov.app:/done", id="native scheme of no native application"),
        pytest.param("https://", id="no host"),
        pytest.param("/callback", id="no scheme"),
        pytest.param("https://app.example.vn:99999/", id="no such port"),
        pytest.param("https://app.example.vn/" + "a" * 2000, id="endless"),
        pytest.param("http://127.0.0.1.evil.example/done", id="loopback as a prefix"),
    ],
)
def test_an_address_that_may_not_be_registered(uri: str) -> None:
    with pytest.raises(RedirectRefused):
        check_registrable(uri, native=False)


def test_a_native_application_may_have_a_scheme_of_its_own() -> None:
    check_registrable("vn.gov.vinhlong.app:/done", native=True)


@pytest.mark.parametrize(
    "uri",
    [
        pytest.param("https://app.example.vn/callback/", id="slash"),
        pytest.param("https://app.example.vn/callback?x=1", id="query added"),
        pytest.param("https://app.example.vn/other?tab=2", id="query changed"),
        pytest.param("https://app.example.vn/Callback", id="case"),
        pytest.param("https://APP.example.vn/callback", id="host in another case"),
        pytest.param("https://app.example.vn:443/callback", id="port named"),
        pytest.param("https://app.example.vn/callback#x", id="fragment"),
        pytest.param("https://app.example.vn.evil.example/callback", id="longer host"),
        pytest.param("https://evil.example/https://app.example.vn/callback", id="inside a path"),
        pytest.param("https://app.example.vn/call%62ack", id="escaped letter"),
        pytest.param("https://app.example.vn/x/../callback", id="dots"),
    ],
)
def test_only_the_very_same_address_is_registered(uri: str) -> None:
    assert not is_registered(uri, REGISTERED, native=False)
    assert not is_registered(uri, REGISTERED, native=True)


@given(st.text(max_size=60))
def test_nothing_else_is_ever_the_same_address(text: str) -> None:
    assert is_registered(text, REGISTERED, native=True) == (text in REGISTERED)


@pytest.mark.parametrize("uri", ["http://127.0.0.1:1/done", "http://127.0.0.1:65535/done", "http://127.0.0.1/done"])
def test_the_loopback_port_of_a_native_application_is_free(uri: str) -> None:
    assert is_registered(uri, ["http://127.0.0.1/done"], native=True)


@pytest.mark.parametrize(
    "uri",
    [
        pytest.param("http://127.0.0.1:4242/other", id="path"),
        pytest.param("http://localhost:4242/done", id="name of the host"),
        pytest.param("https://127.0.0.1:4242/done", id="scheme"),
        pytest.param("http://127.0.0.1:4242/done?x=1", id="query"),
        pytest.param("http://127.0.0.1:0/done", id="port zero"),
        pytest.param("http://127.0.0.1:99999/done", id="no such port"),
        pytest.param("http://127.0.0.1:4242@evil.example/done", id="user part"),
    ],
)
def test_nothing_but_the_port_is_free(uri: str) -> None:
    assert not is_registered(uri, ["http://127.0.0.1/done"], native=True)


def test_a_web_application_has_no_free_port() -> None:
    assert not is_registered("http://127.0.0.1:4242/done", ["http://127.0.0.1/done"], native=False)


def test_the_query_of_an_address_is_kept() -> None:
    assert with_parameters("https://a.vn/x?tab=1", {"state": "ữ &"}) == "https://a.vn/x?tab=1&state=%E1%BB%AF+%26"


def test_the_origin_of_an_address() -> None:
    assert origin_of("https://a.vn:8443/x?y") == "https://a.vn:8443"
    assert origin_of("vn.gov.app:/done") is None
