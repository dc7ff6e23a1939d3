"""The life of a certificate: proposed after a merger, approved, made for a key nobody else has, printed, lost, revoked, remembered."""

import subprocess
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import ldap
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from directory.certificates import certificates_of_people, find_certificate
from directory.printing.entries import CERTIFICATE, person_dn
from directory.printing.jobs import HANDLERS as PRINTING
from directory.printing.jobs import ask_for_all
from directory.printing.slapd import PrivateSlapd
from directory.settings import LdapSettings
from foundation import audit
from foundation.changes import AsOf
from foundation.clocks import as_rfc3339
from foundation.database import Database
from foundation.handling import drain
from foundation.outbox import enqueue
from foundation.runtime import Runtime, open_runtime
from foundation.settings import build_settings
from signing.jobs import HANDLERS as SIGNING
from signing.requests.importing import import_list
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.services.slapd import slapd, slapd_of_session
from tests.signing.requests.test_importing import OldAuthority
from tests.signing.site import Site, build_site, visit
from tests.signing.world import MERGER, Merged, Token, World
from tests.sso.flow import form_of

__all__ = ["slapd", "slapd_of_session"]
pytestmark = [pytest.mark.flow, pytest.mark.slapd]


@dataclass
class Story:
    """The installation after the merger, with its real directory server."""

    runtime: Runtime
    site: Site
    merged: Merged
    slapd: PrivateSlapd
    clock: MovableClock

    def work(self) -> None:
        """What the worker does until nothing is due."""
        drain(self.runtime, {**SIGNING, **PRINTING})

    def printed(self) -> set[str]:
        """The SHA-256 of the official's certificates, as the directory server gives them to anybody who may read."""
        access = self.slapd.writer
        connection = ldap.initialize(access.url)
        connection.simple_bind_s(access.bind_dn, access.password)
        dn = person_dn(self.merged.official, access.base)
        found = connection.search_s(dn, ldap.SCOPE_BASE, attrlist=[CERTIFICATE])
        connection.unbind_s()
        return {
            x509.load_der_x509_certificate(der).fingerprint(hashes.SHA256()).hex()
            for der in found[0][1].get(CERTIFICATE, [])
        }

    def approve(self, head: Inside, dossier: int) -> None:
        """The head reads, logs in again and approves."""
        visit(head, f"/signing/dossiers/{dossier}", "hoa.lt")
        place = f"/signing/dossiers/{dossier}/approve"
        visit(head, place, "hoa.lt")
        answer = head.post(place, data=form_of(head.get(place)))
        assert answer.status_code == 303, answer.text

    def dossier_waiting(self, head: Inside) -> int:
        """The first dossier that waits for the head."""
        page = visit(head, "/signing/", "hoa.lt").partition("Other dossiers")[0]
        return int(page.partition("/signing/dossiers/")[2].partition('"')[0])


@pytest.fixture
def story(database_url: str, database: Database, tmp_path: Path, slapd: PrivateSlapd, clock: MovableClock) -> Story:
    clock.set(MERGER)
    clock.advance(days=1)
    settings = build_settings(
        {
            "database": database_url,
            "data": str(tmp_path / "data"),
            "ldap": {"private": True, "folder": str(slapd.folder), "base": slapd.base},
        },
        [LdapSettings],
    )
    runtime = replace(open_runtime(settings, clock.clocks), database=database)
    return Story(runtime, build_site(runtime), Merged(World(runtime)), slapd, clock)


def openssl_verdict(folder: Path, browser: Inside, certificate: bytes, at: datetime) -> str:
    """What openssl says with nothing but what `/pki` publishes."""
    root = x509.load_der_x509_certificate(browser.get("/pki/root.cer").content)
    issuing = x509.load_der_x509_certificate(browser.get("/pki/issuing.cer").content)
    lists = [x509.load_der_x509_crl(browser.get(f"/pki/{name}.crl").content) for name in ("issuing", "root")]
    pem = serialization.Encoding.PEM
    (folder / "root.pem").write_bytes(root.public_bytes(pem))
    (folder / "issuing.pem").write_bytes(issuing.public_bytes(pem))
    (folder / "lists.pem").write_bytes(b"".join(one.public_bytes(pem) for one in lists))
    (folder / "subject.pem").write_bytes(x509.load_der_x509_certificate(certificate).public_bytes(pem))
    done = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-crl_check_all", "-attime", str(int(at.timestamp())),
         "-CAfile", "root.pem", "-untrusted", "issuing.pem", "-CRLfile", "lists.pem", "subject.pem"],
        cwd=folder, capture_output=True, check=False,
    )  # fmt: skip
    return (done.stdout + done.stderr).decode()


def status_of(browser: Inside, certificate: bytes) -> ocsp.OCSPCertStatus:
    """What the responder says."""
    issuing = x509.load_der_x509_certificate(browser.get("/pki/issuing.cer").content)
    asked = ocsp.OCSPRequestBuilder().add_certificate(
        x509.load_der_x509_certificate(certificate), issuing, hashes.SHA256()
    )
    answer = browser.post("/pki/ocsp", content=asked.build().public_bytes(serialization.Encoding.DER))
    return ocsp.load_der_ocsp_response(answer.content).certificate_status


def test_the_life_of_a_certificate(story: Story, tmp_path: Path) -> None:
    runtime, merged, clock = story.runtime, story.merged, story.clock
    head, official = story.site.browser(), story.site.browser()

    # Before: the official's certificate of the old commune stands in the directory.
    with runtime.database.write() as writes:
        ask_for_all(writes, runtime.clocks.wall())
    story.work()
    assert story.printed() == {merged.old.sha256}

    # The merger's job proposes; nothing is filed by it.
    with runtime.database.write() as writes:
        payload = {"units": [str(merged.new)], "instant": as_rfc3339(MERGER), "change": None}
        enqueue(writes, "propose_certificates", str(merged.new), runtime.clocks.wall(), payload)
    story.work()
    story.work()
    dossier = story.dossier_waiting(head)

    # The head approves after a fresh log-in; the worker sends; the official's token makes a key and asks.
    clock.advance(minutes=20)
    story.approve(head, dossier)
    story.work()
    visit(official, "/signing/certificate", "an.nv")
    waiting = official.get("/signing/requests").json()
    assert [(entry["kind"], entry["unit"]) for entry in waiting] == [("change", "UBND xã Mỹ Long")]
    answer = official.post(
        f"/signing/requests/{waiting[0]['request']}/csr",
        content=Token().make_csr(),
        headers={"Content-Type": "application/pkcs10"},
    )
    assert answer.status_code == 201
    issued = answer.headers["x-certificate-sha256"]
    certificate = official.get(f"/signing/certificates/{issued}/file").content
    story.work()

    # Anybody can hold it against what the authority publishes, and the directory prints it.
    clock.advance(minutes=1)
    assert "subject.pem: OK" in openssl_verdict(tmp_path, official, certificate, runtime.clocks.wall())
    assert status_of(official, certificate) is ocsp.OCSPCertStatus.GOOD
    assert story.printed() == {merged.old.sha256, issued}

    # The old one ends when its own authority's list says so.
    old = OldAuthority()
    with runtime.database.write() as writes:
        listed = old.list(merged.old.serial, now=runtime.clocks.wall())
        assert import_list(writes, listed, old.certificate, "operator", runtime.clocks.wall()) == [merged.old.sha256]
    story.work()
    assert story.printed() == {issued}

    # A year later the token is lost; the head approves; from then on it does not count, and before it did.
    clock.advance(days=365)
    visit(official, "/signing/certificate", "an.nv")
    place = f"/signing/certificates/{issued}/lost"
    assert official.post(place, data=form_of(official.get(place))).status_code == 303
    story.approve(head, story.dossier_waiting(head))
    story.work()
    clock.advance(minutes=1)
    assert "certificate revoked" in openssl_verdict(tmp_path, official, certificate, runtime.clocks.wall())
    assert status_of(official, certificate) is ocsp.OCSPCertStatus.REVOKED
    assert story.printed() == set()
    check_remembered(story, issued)


def check_remembered(story: Story, issued: str) -> None:
    """The register tells then from now, and every step stands in an audit nobody changed."""
    now = story.runtime.clocks.wall()
    with story.runtime.database.read() as reads:
        known = find_certificate(reads, issued)
        assert known is not None
        assert (known.reason, known.usable_at(now), known.usable_at(known.valid_from)) == ("keyCompromise", False, True)
        official = story.merged.official
        assert certificates_of_people(reads, [official], AsOf(now)) == {}
        then = certificates_of_people(reads, [official], AsOf(known.valid_from))[official]
        assert {one.sha256 for one in then} == {issued, story.merged.old.sha256}
    story.runtime.seal_audit()
    with story.runtime.database.read() as reads:
        assert audit.verify(reads, story.runtime.audit_key).findings == ()
        events = {row.event for row in reads.query(audit.AuditRow)}
    assert {
        "signing.dossier.compose", "signing.dossier.approve", "signing.dossier.send", "signing.certificate.issue",
        "signing.list.import", "signing.request.ask", "signing.certificate.revoke",
    } <= events  # fmt: skip
