"""Is a certificate good now: a path to an authority of the settings, everybody on it within their time and on no list (RFC 5280 §6)?

pyhanko-certvalidator walks the path with what it is given and fetches nothing; a list that is missing or stale is "could not find out".
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from asn1crypto import crl as crls
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import InsufficientRevinfoError, PathBuildingError, RevokedError, ValidationError

from sso.certificates.errors import CertificateRevoked, ChainRefused, RevocationUnknown
from sso.certificates.lists import Lists, OwnAuthority
from sso.certificates.settings import ClientCertificateSection

WEAK: Final = {"md2", "md5", "sha1"}


class Judge:
    """Judges certificates by the settings of this installation; authorities are read once."""

    def __init__(self, section: ClientCertificateSection, lists: Lists, own: OwnAuthority | None) -> None:
        self.lists = lists
        self.own = own if section.own_authority else None
        self.authorities = [one for place in section.authorities for one in read_authorities(place)]

    def check(self, certificate: x509.Certificate, now: datetime) -> None:
        """Let pass a certificate that is good now. Raises ChainRefused, CertificateRevoked, RevocationUnknown."""
        known = self.authorities + [
            x509.load_der_x509_certificate(der) for der in (self.own.chain() if self.own else ())
        ]
        check_kind(certificate)
        roots = [one for one in known if one.issuer == one.subject]
        between = [one for one in known if one.issuer != one.subject]
        path = [certificate, *(one for one in between if one.not_valid_after_utc > now)]
        asyncio.run(walk(certificate, roots, between, self.lists.find(needed(certificate, path), now), now))


def read_authorities(place: Path) -> list[x509.Certificate]:
    """The authorities of a PEM file."""
    return x509.load_pem_x509_certificates(place.read_bytes())


def check_kind(certificate: x509.Certificate) -> None:
    """A person's certificate whose key signs, not an authority's. Raises ChainRefused."""
    try:
        extensions = certificate.extensions
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
        constraints = [one.value for one in extensions if isinstance(one.value, x509.BasicConstraints)]
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError) as error:
        raise ChainRefused(why="no key usage") from error
    if not usage.digital_signature or usage.key_cert_sign or any(one.ca for one in constraints):
        raise ChainRefused(why="not a certificate to log in with")


def needed(certificate: x509.Certificate, path: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """The certificate and the authorities above it, below the roots: those a list has to speak about."""
    found, last = [certificate], certificate
    for _step in path:
        above = next((one for one in path if one.subject == last.issuer and one is not last), None)
        if above is None or above in found:
            break
        found.append(above)
        last = above
    return found


async def walk(
    certificate: x509.Certificate,
    roots: Sequence[x509.Certificate],
    between: Sequence[x509.Certificate],
    lists: Sequence[bytes],
    now: datetime,
) -> None:
    """The path, revocation and all. Raises ChainRefused, CertificateRevoked, RevocationUnknown."""
    context = ValidationContext(
        trust_roots=[as_asn1(one) for one in roots],
        crls=[crls.CertificateList.load(der) for der in lists],
        moment=now,
        allow_fetching=False,
        revocation_mode="require",
        weak_hash_algos=WEAK,
    )
    validator = CertificateValidator(
        as_asn1(certificate), [as_asn1(one) for one in between], validation_context=context
    )
    try:
        await validator.async_validate_usage({"digital_signature"})
    except RevokedError as error:
        raise CertificateRevoked(why=str(error)) from error
    except InsufficientRevinfoError as error:
        raise RevocationUnknown(why=str(error)) from error
    except (PathBuildingError, ValidationError, ValueError) as error:
        raise ChainRefused(why=str(error)) from error


def as_asn1(certificate: x509.Certificate) -> Any:
    """The same certificate as the walker reads it."""
    return asn1.Certificate.load(certificate.public_bytes(Encoding.DER))
