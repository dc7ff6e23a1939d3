"""A certificate that comes back from an authority, held against what was asked for before anybody relies on it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from foundation.i18n import Message
from signing.authority.door import ApprovedRequest
from signing.authority.names import build_name
from signing.authority.profiles import LONGEST
from signing.errors import CertificateRefused

SKEW = timedelta(minutes=5)


def check_issued(der: bytes, request: ApprovedRequest, chain: Sequence[bytes], now: datetime) -> None:
    """Refuse a certificate that is not the one asked for. Raises CertificateRefused.

    1. readable; 2. the key of the signing request; 3. the subject of the request; 4. no authority; 5. valid now, and not for longer
    than the law allows; 6. signed by the authority, certificate by certificate up to its root.
    """
    certificate = read_certificate(der)
    if certificate.public_key() != request.csr.key:
        raise refused(Message("it carries another key than the signing request."))
    if certificate.subject != build_name(request.subject):
        raise refused(Message("it names somebody else than the request."))
    if is_authority(certificate):
        raise refused(Message("it is the certificate of an authority."))
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not begins <= now + SKEW or ends <= now or ends - begins > LONGEST + SKEW:
        raise refused(Message("its validity is not what the law allows."))
    check_chain(certificate, [x509.load_der_x509_certificate(link) for link in chain])


def check_chain(certificate: x509.Certificate, chain: Sequence[x509.Certificate]) -> None:
    """Refuse a certificate whose issuers did not sign each other up to a root. Raises CertificateRefused."""
    links = [certificate, *chain]
    for lower, upper in zip(links, [*links[1:], links[-1]], strict=True):
        try:
            lower.verify_directly_issued_by(upper)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise refused(Message("the authority did not sign it.")) from error


def read_certificate(content: bytes) -> x509.Certificate:
    """A certificate, DER or PEM. Raises CertificateRefused."""
    try:
        if b"-----BEGIN CERTIFICATE-----" in content:
            return x509.load_pem_x509_certificate(content)
        return x509.load_der_x509_certificate(content)
    except (ValueError, x509.InvalidVersion) as error:
        raise refused(Message("it cannot be read.")) from error


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether it may sign other certificates."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def refused(why: Message) -> CertificateRefused:
    """The refusal with its reason, to be said in the reader's language."""
    return CertificateRefused(why=why)
