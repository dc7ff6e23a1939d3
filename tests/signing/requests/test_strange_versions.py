"""Certificates and signing requests of a version that is none: the library has an error of its own for them, and we refuse."""

from base64 import b64decode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from directory.certificates import CertificateUnreadable, build_row
from signing.authority.signing_requests import read_csr
from signing.errors import CertificateRefused, CSRRefused
from signing.requests.issued import read_certificate
from tests.sso.fuzzing.readers import make_certificates


def test_a_certificate_of_no_known_version_is_refused() -> None:
    ninth = b64decode(make_certificates()[0].strip(b":"))
    with pytest.raises(x509.InvalidVersion):
        x509.load_der_x509_certificate(ninth)
    with pytest.raises(CertificateUnreadable):
        build_row(ninth)
    with pytest.raises(CertificateRefused):
        read_certificate(ninth)


def test_a_signing_request_of_no_known_version_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    sixth = made.public_bytes(Encoding.DER).replace(b"\x02\x01\x00", b"\x02\x01\x05", 1)
    with pytest.raises(CSRRefused):
        read_csr(sixth)
