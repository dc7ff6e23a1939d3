"""A certificate before it is signed, from an approved request and its profile; and the lint it must pass.

The lint reads a trial certificate, signed with a key thrown away at once, as a stranger would: what stands in it, not what we
meant to put there. Only then the same draft is signed with the authority's key.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from signing.authority.addresses import Addresses
from signing.authority.door import ApprovedRequest, CertifiableKey
from signing.authority.names import build_name
from signing.authority.profiles import LONGEST, Profile, profile_of, signing_usage
from signing.errors import LintFailed

LINT_KEY: Final = ec.generate_private_key(ec.SECP256R1())
"""Signs trial certificates; lives in this process's memory only and nobody trusts it."""
SERIAL_BITS: Final = 159
log = logging.getLogger("hopnhat.signing")


def draft_certificate(
    request: ApprovedRequest,
    issuing: x509.Certificate,
    addresses: Addresses,
    serial: int,
    now: datetime,
    validity: timedelta,
) -> x509.CertificateBuilder:
    """The certificate of this request, not signed yet; only the key comes from outside. Raises NameTooLong."""
    profile = profile_of(request.subject)
    start = now.replace(microsecond=0)
    end = min(start + min(validity, LONGEST), issuing.not_valid_after_utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(build_name(request.subject))
        .issuer_name(issuing.subject)
        .public_key(request.csr.key)
        .serial_number(serial)
        .not_valid_before(start)
        .not_valid_after(end)
    )
    for extension, critical in extensions(request, profile, issuing, addresses):
        builder = builder.add_extension(extension, critical)
    return builder


def extensions(
    request: ApprovedRequest, profile: Profile, issuing: x509.Certificate, addresses: Addresses
) -> Iterator[tuple[x509.ExtensionType, bool]]:
    """Every extension of the profile with its criticality (RFC 5280 §4.2)."""
    issuer_id = issuing.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    yield x509.BasicConstraints(ca=False, path_length=None), True
    yield signing_usage(), True
    yield x509.ExtendedKeyUsage(profile.usages), False
    yield x509.SubjectKeyIdentifier.from_public_key(request.csr.key), False
    yield x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_id), False
    yield x509.CertificatePolicies([x509.PolicyInformation(profile.policy, None)]), False
    yield addresses.authority_information("issuing.cer", ocsp=True), False
    yield addresses.distribution_points("issuing.crl"), False
    if profile.names_email and request.subject.email and request.subject.email.isascii():
        yield x509.SubjectAlternativeName([x509.RFC822Name(request.subject.email)]), False


def make_serial() -> int:
    """A positive serial of 20 octets at most, all random (RFC 5280 §4.1.2.2)."""
    return x509.random_serial_number()


def check_draft(
    builder: x509.CertificateBuilder, request: ApprovedRequest, issuing: x509.Certificate, addresses: Addresses
) -> None:
    """Refuse a draft that would become another certificate than its profile allows. Raises LintFailed with every fault."""
    trial = builder.sign(LINT_KEY, SHA256())
    faults = list(find_faults(trial, request, issuing, addresses))
    if faults:
        log.error("a draft for request %s does not pass: %s", request.request_id, "; ".join(faults))
        raise LintFailed(None, faults="; ".join(faults))


def find_faults(
    trial: x509.Certificate, request: ApprovedRequest, issuing: x509.Certificate, addresses: Addresses
) -> Iterator[str]:
    """What is wrong with a trial certificate, for the log: numbered as checked.

    1. version and serial; 2. names; 3. the key of the signing request; 4. validity; 5. exactly the profile's extensions.
    """
    if trial.version is not x509.Version.v3:
        yield "1 version is not 3"
    if not 0 < trial.serial_number < 1 << SERIAL_BITS:
        yield "1 serial is not positive or longer than 20 octets"
    if trial.subject != build_name(request.subject):
        yield "2 subject is not the register's"
    if trial.issuer != issuing.subject:
        yield "2 issuer is not ours"
    if not same_key(trial, request.csr.key):
        yield "3 key is not that of the signing request"
    if trial.not_valid_after_utc - trial.not_valid_before_utc > LONGEST:
        yield "4 valid for more than five years"
    if not trial.not_valid_before_utc < trial.not_valid_after_utc <= issuing.not_valid_after_utc:
        yield "4 validity is empty or outlives the authority's"
    wanted = {
        value.oid: (value, critical)
        for value, critical in extensions(request, profile_of(request.subject), issuing, addresses)
    }
    found = {entry.oid: (entry.value, entry.critical) for entry in trial.extensions}
    for oid in wanted.keys() | found.keys():
        if wanted.get(oid) != found.get(oid):
            yield f"5 extension {oid.dotted_string} is not the profile's"


def same_key(certificate: x509.Certificate, key: CertifiableKey) -> bool:
    """Whether a certificate carries this key."""
    return certificate.public_key() == key
