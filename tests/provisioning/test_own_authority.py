"""The embedded authority vouches at the log-in page where the settings say so, with the lists it has at that moment."""

from datetime import timedelta
from typing import Literal

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from foundation.runtime import Runtime
from provisioning.app import introduce_authority
from signing.authority.embedded import open_authority
from signing.authority.lists import begin_list, root_list
from sso.certificates.errors import CertificateRevoked, ChainRefused, RevocationUnknown
from sso.certificates.judgement import Judge
from sso.certificates.lists import Lists, OwnAuthority
from sso.certificates.responders import Responders
from sso.certificates.settings import ClientCertificateSection
from sso.fetching import Fetcher
from sso.settings import SsoSection
from tests.services.clock import MovableClock
from tests.sso.certificates.authority import name, usage


def certify(runtime: Runtime, clock: MovableClock) -> x509.Certificate:
    """A person's certificate by the embedded authority, which has no addresses of lists to be asked at."""
    keys = open_authority(runtime).keys
    issuer_id = keys.issuing.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        x509.CertificateBuilder()
        .subject_name(name("Lê Thị Hoa"))
        .issuer_name(keys.issuing.subject)
        .public_key(ec.generate_private_key(ec.SECP256R1()).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now)
        .not_valid_after(clock.now + timedelta(days=90))
        .add_extension(usage(signs=True), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_id), critical=False)
        .sign(keys.issuing_key, hashes.SHA256())
    )


def build_judge(own: OwnAuthority, ocsp: Literal["beside", "required"] = "beside") -> Judge:
    """The judge of an installation that trusts itself."""
    section = ClientCertificateSection(header="Client-Cert", own_authority=True, ocsp=ocsp)
    fetcher = Fetcher(SsoSection())
    return Judge(section, Lists(section, fetcher, own), Responders(section, fetcher), own)


def test_its_certificates_are_good_until_it_revokes_them(runtime: Runtime, clock: MovableClock) -> None:
    judge, certificate = build_judge(introduce_authority(runtime)), certify(runtime, clock)
    clock.advance(minutes=5)
    judge.check(certificate, clock.now)
    keys = open_authority(runtime).keys
    entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number).revocation_date(clock.now).build()
    later = begin_list(keys.issuing, 99, clock.now, clock.now + timedelta(hours=1)).add_revoked_certificate(entry)
    revoked = later.sign(keys.issuing_key, hashes.SHA256()).public_bytes(Encoding.DER)
    own = OwnAuthority(open_authority(runtime).chain, lambda: (root_list(keys, clock.now), revoked))
    with pytest.raises(CertificateRevoked):
        build_judge(own).check(certificate, clock.advance(seconds=1))


def test_its_own_lists_are_its_responders_answer(runtime: Runtime, clock: MovableClock) -> None:
    """Where an answer is required, nobody has to let the service ask itself over the network: its list is as new as its responder."""
    certificate = certify(runtime, clock)
    clock.advance(minutes=5)
    build_judge(introduce_authority(runtime), "required").check(certificate, clock.now)
    keys = open_authority(runtime).keys
    nothing = OwnAuthority(open_authority(runtime).chain, lambda: (root_list(keys, clock.now),))
    with pytest.raises(RevocationUnknown):
        build_judge(nothing, "required").check(certificate, clock.now)


def test_another_authoritys_certificate_is_none_of_its_own(runtime: Runtime, clock: MovableClock) -> None:
    stranger = OwnAuthority(lambda: (), lambda: ())
    with pytest.raises(ChainRefused):
        build_judge(stranger).check(certify(runtime, clock), clock.now)
