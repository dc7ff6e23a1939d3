"""What each kind of certificate may say and do, as data.

A subject signs: digitalSignature and nonRepudiation, never keys or other certificates. The policy identifiers stand under a
UUID of this project (ITU-T X.667), so that a certificate of the embedded authority is never taken for one of the state's.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.vocabulary import PersonSubject, Subject

ARC: Final = "2.25.305712497188232480236842018373116540223"
DOCUMENT_SIGNING: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
"""RFC 9336: signing of documents for people to read."""
LONGEST: Final = timedelta(days=5 * 365)
"""Decree 68/2024 Art. 9: a new certificate of a subscriber is valid for five years at most."""


@dataclass(frozen=True)
class Profile:
    """One kind of certificate: its policy, what its key may be used for, whether it names an e-mail address."""

    name: str
    policy: x509.ObjectIdentifier
    usages: tuple[x509.ObjectIdentifier, ...]
    names_email: bool


PERSON: Final = Profile(
    "person",
    x509.ObjectIdentifier(f"{ARC}.1"),
    (DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION),
    names_email=True,
)
AGENCY: Final = Profile("agency", x509.ObjectIdentifier(f"{ARC}.2"), (DOCUMENT_SIGNING,), names_email=True)


def profile_of(subject: Subject) -> Profile:
    """The profile of a subject's certificate."""
    return PERSON if isinstance(subject, PersonSubject) else AGENCY


def signing_usage() -> x509.KeyUsage:
    """digitalSignature and nonRepudiation (RFC 5280 §4.2.1.3)."""
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
