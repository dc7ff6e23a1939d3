"""Revocation lists and status answers, read by openssl where it can."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from foundation.runtime import Runtime
from signing.authority.embedded import EmbeddedAuthority
from signing.authority.keys import as_der
from signing.authority.lists import current_list, publish_list, root_list
from signing.authority.publication import as_pem
from signing.authority.status import LONGEST_NONCE, answer_status
from signing.requests.issuing import Issued, issue_for
from signing.requests.publication import get_certificate
from tests.services.clock import MovableClock
from tests.signing.site import Site
from tests.signing.world import Merged, Token


def issue(merged: Merged, authority: EmbeddedAuthority) -> Issued:
    """The official's certificate."""
    runtime = merged.world.runtime
    dossier = merged.propose()
    merged.world.approve_and_send(dossier, merged.head)
    with runtime.database.write() as writes:
        request = merged.request_of(dossier, merged.official)
        return issue_for(writes, authority, request, merged.official, Token().make_csr(), runtime.clocks.wall())


def revoke(runtime: Runtime, authority: EmbeddedAuthority, issued: Issued) -> None:
    with runtime.database.write() as writes:
        authority.revoke(writes, get_certificate(writes, issued.sha256), "keyCompromise", runtime.clocks.wall())


def test_a_list_is_empty_then_names_what_was_revoked(
    merged: Merged, runtime: Runtime, authority: EmbeddedAuthority, clock: MovableClock
) -> None:
    issued = issue(merged, authority)
    before = x509.load_der_x509_crl(current_list(runtime, authority))
    assert len(before) == 0
    clock.advance(minutes=1)
    revoke(runtime, authority, issued)
    after = x509.load_der_x509_crl(current_list(runtime, authority))
    serial = x509.load_der_x509_certificate(issued.certificate).serial_number
    entry = after.get_revoked_certificate_by_serial_number(serial)
    assert entry is not None
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason is x509.ReasonFlags.key_compromise
    assert number_of(after) > number_of(before)
    assert after.is_signature_valid(authority.keys.issuing_key.public_key())


def number_of(listed: x509.CertificateRevocationList) -> int:
    return listed.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def test_a_list_is_made_anew_only_when_it_must_be(
    merged: Merged, runtime: Runtime, authority: EmbeddedAuthority, clock: MovableClock
) -> None:
    first = current_list(runtime, authority)
    clock.advance(hours=11)
    assert current_list(runtime, authority) == first
    clock.advance(hours=2)
    second = current_list(runtime, authority)
    assert number_of(x509.load_der_x509_crl(second)) == number_of(x509.load_der_x509_crl(first)) + 1


def test_two_revocations_within_the_second_of_a_list_are_both_listed(
    merged: Merged, runtime: Runtime, authority: EmbeddedAuthority
) -> None:
    issued = issue(merged, authority)
    current_list(runtime, authority)
    revoke(runtime, authority, issued)
    publish_list(runtime, None)  # type: ignore[arg-type]  # the job's content plays no part
    assert len(x509.load_der_x509_crl(current_list(runtime, authority))) == 1


def test_what_expired_leaves_the_list(
    merged: Merged, runtime: Runtime, authority: EmbeddedAuthority, clock: MovableClock
) -> None:
    revoke(runtime, authority, issue(merged, authority))
    assert len(x509.load_der_x509_crl(current_list(runtime, authority))) == 1
    clock.advance(days=1826)
    assert len(x509.load_der_x509_crl(current_list(runtime, authority))) == 0


def test_openssl_refuses_the_revoked_one(
    merged: Merged, runtime: Runtime, authority: EmbeddedAuthority, tmp_path: Path
) -> None:
    issued = issue(merged, authority)
    files = {
        "issuing.pem": as_pem(issued.chain[0]),
        "root.pem": as_pem(issued.chain[1]),
        "subject.pem": as_pem(issued.certificate),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)

    def check() -> str:
        lists = [current_list(runtime, authority), root_list(authority.keys, runtime.clocks.wall())]
        pem = b"".join(x509.load_der_x509_crl(one).public_bytes(serialization.Encoding.PEM) for one in lists)
        (tmp_path / "lists.pem").write_bytes(pem)
        done = subprocess.run(
            ["openssl", "verify", "-crl_check_all", "-attime", str(int(runtime.clocks.wall().timestamp()) + 1),
             "-CAfile", "root.pem", "-untrusted", "issuing.pem", "-CRLfile", "lists.pem", "subject.pem"],
            cwd=tmp_path, capture_output=True, check=False,
        )  # fmt: skip
        return (done.stdout + done.stderr).decode()

    assert "subject.pem: OK" in check()
    revoke(runtime, authority, issued)
    assert "certificate revoked" in check()


def ask(issued: Issued, nonce: bytes | None = b"0123456789abcdef", digest: hashes.HashAlgorithm | None = None) -> bytes:
    """An OCSP request about a certificate."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        x509.load_der_x509_certificate(issued.certificate),
        x509.load_der_x509_certificate(issued.chain[0]),
        digest or hashes.SHA1(),
    )
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(serialization.Encoding.DER)


def test_status_is_good_then_revoked(merged: Merged, runtime: Runtime, authority: EmbeddedAuthority) -> None:
    issued = issue(merged, authority)

    def answer(digest: hashes.HashAlgorithm) -> ocsp.OCSPResponse:
        with runtime.database.read() as reads:
            return ocsp.load_der_ocsp_response(
                answer_status(reads, authority.keys, ask(issued, digest=digest), runtime.clocks.wall())
            )

    good = answer(hashes.SHA256())
    assert good.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert good.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"0123456789abcdef"
    revoke(runtime, authority, issued)
    bad = answer(hashes.SHA1())
    assert bad.certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert bad.revocation_reason is x509.ReasonFlags.key_compromise


def test_status_of_a_serial_nobody_gave_is_unknown_and_of_another_issuer_none(
    merged: Merged, runtime: Runtime, authority: EmbeddedAuthority
) -> None:
    issued = issue(merged, authority)
    invented = ocsp.OCSPRequestBuilder().add_certificate_by_hash(*issuer_hashes(ask(issued)), 12345, hashes.SHA1())
    foreign = ocsp.OCSPRequestBuilder().add_certificate(
        x509.load_der_x509_certificate(issued.chain[0]),
        x509.load_der_x509_certificate(issued.chain[1]),
        hashes.SHA256(),
    )
    with runtime.database.read() as reads:
        now = runtime.clocks.wall()
        unknown = answer_status(reads, authority.keys, invented.build().public_bytes(serialization.Encoding.DER), now)
        none = answer_status(reads, authority.keys, foreign.build().public_bytes(serialization.Encoding.DER), now)
    assert ocsp.load_der_ocsp_response(unknown).certificate_status is ocsp.OCSPCertStatus.UNKNOWN
    assert ocsp.load_der_ocsp_response(none).response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED


def issuer_hashes(request: bytes) -> tuple[bytes, bytes]:
    read = ocsp.load_der_ocsp_request(request)
    return read.issuer_name_hash, read.issuer_key_hash


@pytest.mark.parametrize(
    "content", [b"", b"\x30", b"nonsense", b"\x30" * 5000], ids=["empty", "cut", "nonsense", "large"]
)
def test_a_malformed_question_gets_an_answer_that_says_so(site: Site, content: bytes) -> None:
    answer = site.browser().post("/pki/ocsp", content=content, headers={"Content-Type": "application/ocsp-request"})
    if len(content) > 4096:
        assert answer.status_code == 413
        return
    assert ocsp.load_der_ocsp_response(answer.content).response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_a_nonce_that_is_too_long_is_malformed(merged: Merged, runtime: Runtime, authority: EmbeddedAuthority) -> None:
    content = ask(issue(merged, authority), b"n" * (LONGEST_NONCE + 1))
    with runtime.database.read() as reads:
        answer = answer_status(reads, authority.keys, content, runtime.clocks.wall())
    assert ocsp.load_der_ocsp_response(answer).response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_everything_a_certificate_points_to_is_there(site: Site, merged: Merged, authority: EmbeddedAuthority) -> None:
    issued = issue(merged, authority)
    browser = site.browser()
    certificate = x509.load_der_x509_certificate(issued.certificate)
    information = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    places = [description.access_location.value for description in information]
    origin = site.runtime.settings.issuer
    assert places == [f"{origin}/pki/ocsp", f"{origin}/pki/issuing.cer"]
    assert browser.get("/pki/issuing.cer").content == as_der(authority.keys.issuing)
    assert browser.get("/pki/root.cer").content == as_der(authority.keys.root)
    assert browser.get("/pki/chain.pem").content == as_pem(*issued.chain)
    listed = x509.load_der_x509_crl(browser.get("/pki/issuing.crl").content)
    assert listed.issuer == certificate.issuer
    assert x509.load_der_x509_crl(browser.get("/pki/root.crl").content).issuer == authority.keys.root.subject
    status = browser.post("/pki/ocsp", content=ask(issued)).content
    assert ocsp.load_der_ocsp_response(status).certificate_status is ocsp.OCSPCertStatus.GOOD
    assert browser.get("/pki/other.cer").status_code == 404


def test_a_question_may_come_in_the_path(site: Site, merged: Merged, authority: EmbeddedAuthority) -> None:
    import base64
    from urllib.parse import quote

    path = quote(base64.b64encode(ask(issue(merged, authority))).decode(), safe="")
    answer = site.browser().get(f"/pki/ocsp/{path}")
    assert ocsp.load_der_ocsp_response(answer.content).certificate_status is ocsp.OCSPCertStatus.GOOD
    nonsense = site.browser().get("/pki/ocsp/%21%21")
    assert ocsp.load_der_ocsp_response(nonsense.content).response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_a_list_is_valid_for_as_long_as_it_says(merged: Merged, runtime: Runtime, authority: EmbeddedAuthority) -> None:
    listed = x509.load_der_x509_crl(current_list(runtime, authority))
    assert listed.next_update_utc == listed.last_update_utc + timedelta(hours=24)
