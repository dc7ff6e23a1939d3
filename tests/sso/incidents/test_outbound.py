"""Outbound fetches: an allow-list, the address looked at is the address asked, nothing of special use, no redirects."""

import socket
import ssl
from typing import Any

import httpx
import pytest

from sso.fetching import Fetcher, FetchRefused, open_http
from sso.settings import SsoSection
from tests.sso.incidents.conftest import BACK, Attacked

INSIDE = [
    pytest.param("https://127.0.0.1/x", id="keycloak CVE-2026-1180 loopback"),
    pytest.param("https://169.254.169.254/latest/meta-data", id="keycloak CVE-2026-4366 the machine room"),
    pytest.param("https://[::ffff:10.0.0.1]/x", id="keycloak CVE-2026-4874 a private address in another family"),
    pytest.param("https://2130706433/x", id="zitadel CVE-2025-67494 an address as one number"),
    pytest.param("https://0x7f.1/x", id="zitadel CVE-2025-67494 an address in other figures"),
    pytest.param("https://localhost/x", id="node-oidc-provider 9.7 a name that leads inside"),
    pytest.param("https://user@10.0.0.1/x", id="canaille 0.3.7 user part"),
    pytest.param("http://public.example/x", id="plain http"),
    pytest.param("file:///etc/passwd", id="a file"),
]
MEMBERS = ["jwks_uri", "sector_identifier_uri", "backchannel_logout_uri", "request_uris"]


@pytest.mark.parametrize("address", INSIDE)
@pytest.mark.parametrize("member", MEMBERS)
def test_no_stranger_has_us_ask_inside(attacked: Attacked, member: str, address: str) -> None:
    """Every host is allowed here, and still none of these is asked."""
    body: dict[str, object] = {"redirect_uris": [BACK], member: [address] if member == "request_uris" else address}
    assert attacked.browser().post("/register", json=body).status_code == 400


def test_zitadel_cve_2025_67494_a_name_that_changes_is_asked_where_it_was_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """First a public address, then ours: the connection goes to the first."""
    answers = iter(["8.8.8.8", "10.0.0.1"])

    def resolve(*_args: object, **_named: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 443))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    target = Fetcher(SsoSection(fetch_hosts=("*",))).check("https://rebind.example/x")
    assert target.url == "https://8.8.8.8:443/x"
    with pytest.raises(FetchRefused):
        Fetcher(SsoSection(fetch_hosts=("*",))).check("https://rebind.example/x")


def test_keycloak_cve_2026_1180_nothing_is_asked_unless_an_operator_names_the_host() -> None:
    with pytest.raises(FetchRefused):
        Fetcher(SsoSection()).check("https://public.example/")


def test_dex_ghsa_gr79_9v6v_gc9r_nothing_is_asked_below_tls_1_2_or_of_an_unknown_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What comes in meets the proxy's floor (docs/security.md); this is what goes out."""
    used: list[Any] = []
    monkeypatch.setattr(httpx, "AsyncClient", lambda **given: used.append(given))
    open_http()
    context = used[0]["verify"]
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert (used[0]["follow_redirects"], used[0]["trust_env"]) == (False, False)


def test_keycloak_cve_2026_4366_a_request_is_fetched_from_registered_addresses_only(attacked: Attacked) -> None:
    client = attacked.application()
    asked = {
        "client_id": client.client_id,
        "request_uri": "https://evil.example/r",
        "redirect_uri": BACK,
        "response_type": "code",
    }
    answer = attacked.browser().get("/authorize", params=asked)
    assert "error=invalid_request_uri" in answer.headers["location"]
