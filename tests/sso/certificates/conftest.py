"""A log-in page behind a proxy that asks for key devices."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from directory.certificates import publish_certificate, tell_revocation
from foundation.changes import small_change
from foundation.database import Database
from foundation.runtime import open_runtime
from foundation.settings import build_settings
from sso.certificates.settings import ClientCertificateSection
from sso.settings import SsoSection
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.certificates.authority import Authority
from tests.sso.conftest import Door, build_door
from tests.sso.flow import form_of
from tests.sso.people import Official, official

PROXY = ("10.9.8.7", 50000)
STRANGER = ("203.0.113.5", 40000)
HEADER = "Client-Cert"
CHAIN = "Client-Cert-Chain"
PROOF = {"Hopnhat-Proxy": "0123456789abcdef0123456789abcdef"}
"""What the proxy shows and nobody else knows."""


def rfc9440(certificate: x509.Certificate) -> str:
    """The header's value as RFC 9440 has it."""
    return f":{base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()}:"


def escaped(certificate: x509.Certificate) -> str:
    """The header's value as nginx has it ($ssl_client_escaped_cert)."""
    return quote(certificate.public_bytes(Encoding.PEM).decode(), safe="")


@dataclass
class KeyDoor:
    """The door, the authority and somebody with a key device."""

    door: Door
    authority: Authority
    lists: Path
    clock: MovableClock
    hoa: Official
    device: x509.Certificate = field(init=False)

    def give(self, certificate: x509.Certificate, who: Official | None = None) -> None:
        """The register learns whose a certificate is."""
        now, der = self.clock.now, certificate.public_bytes(Encoding.DER)
        with self.door.runtime.database.write() as writes:
            change = small_change(writes, "certificate", "test", now)
            publish_certificate(writes, change, der, person_id=(who or self.hoa).person_id)

    def revoke_in_register(self, sha256: str) -> None:
        """The register learns that it is revoked."""
        with self.door.runtime.database.write() as writes:
            change = small_change(writes, "certificate", "test", self.clock.now)
            assert tell_revocation(writes, change, sha256, self.clock.now, "key_compromise")

    def browser(self, caller: tuple[str, int] = PROXY) -> Inside:
        """A browser, seen through the proxy; or one that comes to the service's port by itself."""
        browser = self.door.browser(caller=caller)
        browser.headers.update(PROOF if caller == PROXY else {})
        return browser

    def show(
        self, value: str | None, browser: Inside | None = None, following: str = "/me", chain: str | None = None
    ) -> httpx.Response:
        """The answer to the button, the proxy handing this value on, and what came along with it."""
        browser = browser or self.browser()
        page = browser.get("/login", params={"next": following})
        handed = {HEADER: value, CHAIN: chain}
        headers = {header: text for header, text in handed.items() if text is not None}
        return browser.post("/login/certificate", data=form_of(page), headers=headers)


@pytest.fixture
def key_door(database_url: str, tmp_path: Path, clock: MovableClock) -> Iterator[KeyDoor]:
    """The door, one official whose certificate the register knows."""
    with open_key_door(database_url, tmp_path, Authority(clock.now), clock) as opened:
        yield opened


@contextmanager
def open_key_door(
    database_url: str, tmp_path: Path, authority: Authority, clock: MovableClock, *, root_alone: bool = False
) -> Iterator[KeyDoor]:
    """The door; `root_alone`: the settings have the root, and the authority below it comes in a header of its own."""
    (tmp_path / "authority.pem").write_bytes(
        authority.root.public_bytes(Encoding.PEM) if root_alone else authority.pem()
    )
    authority.keep(tmp_path / "lists")
    section = {
        "header": HEADER,
        "chain_header": CHAIN,
        "authorities": [tmp_path / "authority.pem"],
        "lists": [tmp_path / "lists"],
    }
    (tmp_path / "proxy").write_text(PROOF["Hopnhat-Proxy"] + "\n")
    written = {
        "database": database_url,
        "data": tmp_path / "data",
        "trusted_proxies": [PROXY[0]],
        "proxy_secret": tmp_path / "proxy",
        "client_certificate": section,
    }
    database = Database(database_url)
    runtime = open_runtime(build_settings(written, [SsoSection, ClientCertificateSection]), clock.clocks)
    runtime.close()
    door = build_door(replace(runtime, database=database))
    key_door = KeyDoor(door, authority, tmp_path / "lists", clock, official(door.runtime))
    key_door.device = authority.person()
    key_door.give(key_door.device)
    yield key_door
    database.close()
