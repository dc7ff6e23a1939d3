"""Is a certificate good now: a path to an authority of the settings, everybody on it within their time and on no list (RFC 5280 §6)?

pyhanko-certvalidator walks the path with what it is given and fetches nothing; without a list in force or a responder's answer it is
"could not find out".
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from asn1crypto import crl as crls
from asn1crypto import ocsp as ocsps
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    InsufficientRevinfoError,
    OCSPValidationError,
    PathBuildingError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.revinfo.validate_ocsp import verify_ocsp_response

from sso.certificates.errors import CertificateRevoked, ChainRefused, RevocationUnknown
from sso.certificates.lists import Lists, OwnAuthority, is_signed_by
from sso.certificates.paths import find_path
from sso.certificates.responders import Responders, is_issued_by
from sso.certificates.settings import ClientCertificateSection

WEAK: Final = {"md2", "md5", "sha1"}


class Judge:
    """Judges certificates by the settings of this installation; authorities are read once."""

    def __init__(
        self, section: ClientCertificateSection, lists: Lists, responders: Responders, own: OwnAuthority | None
    ) -> None:
        self.section = section
        self.lists = lists
        self.responders = responders
        self.own = own if section.own_authority else None
        self.authorities = [one for place in section.authorities for one in read_authorities(place)]

    def check(
        self, certificate: x509.Certificate, now: datetime, shown: Sequence[x509.Certificate] = ()
    ) -> list[x509.Certificate]:
        """Let pass a certificate that is good now. Raises ChainRefused, CertificateRevoked, RevocationUnknown.

        `shown`: authorities that came with it, which only help to find the path; gives those of them that it goes by and we do not have.
        Whatever is on a list is revoked, also where a responder
        does not know it yet. No address is followed but those of certificates on a signed path to an authority of the settings.
        """
        way = self.find_way(certificate, now, shown)
        lists = self.lists.find(way.path, way.issuers, now)
        # Our own lists are read as they are at this moment, by whom our own responder would read them: it need not be asked.
        foreign = [one for one in way.path if not any(is_issued_by(one, own) for own in way.own)]
        answers = self.responders.ask(foreign, way.issuers, now)
        required = self.section.ocsp == "required" and certificate in foreign
        evidence = Evidence(lists, answers, answer_required=required)
        walked = asyncio.run(walk(certificate, way.roots, way.between, evidence, now))
        if answers:
            # The walk is content with the answer of a responder; it may not know yet what a list says.
            check_listed(way.path, way.issuers, lists)
        unknown = [one for one in dict.fromkeys(shown) if one not in self.authorities and one not in way.own]
        return [one for one in unknown if one.public_bytes(Encoding.DER) in walked]

    def check_again(self, certificate: x509.Certificate, now: datetime, kept: Sequence[x509.Certificate] = ()) -> None:
        """Let pass a certificate that opened something, unless it is revoked by now. Raises CertificateRevoked; ChainRefused and
        RevocationUnknown where that could not be found out.

        `kept`: what `check` gave when it opened. A responder is asked only where no list in force speaks of it: this is done for everybody
        who is in.
        """
        way = self.find_way(certificate, now, kept)
        lists = self.lists.find(way.path, way.issuers, now)
        check_listed(way.path, way.issuers, lists)
        try:
            asyncio.run(walk(certificate, way.roots, way.between, Evidence(lists), now))
        except (
            RevocationUnknown
        ):  # No list speaks of it: there may be none, or it is a stranger's, or one for authorities only.
            self.check(certificate, now, kept)

    def find_way(self, certificate: x509.Certificate, now: datetime, shown: Sequence[x509.Certificate] = ()) -> "Way":
        """The signed path to an authority of the settings. Raises ChainRefused."""
        own = [x509.load_der_x509_certificate(der) for der in (self.own.chain() if self.own else ())]
        known = self.authorities + own
        check_kind(certificate)
        roots = [one for one in known if one.issuer == one.subject]
        between = [one for one in (*known, *shown) if one.issuer != one.subject]
        path = find_path(certificate, [one for one in between if one.not_valid_after_utc > now], roots)
        return Way(path, roots, between, (*path[1:], *known), own)


@dataclass(frozen=True)
class Way:
    """A path, and the authorities that may have to do with it: roots, those between, who may have signed a list, and our own."""

    path: list[x509.Certificate]
    roots: Sequence[x509.Certificate]
    between: Sequence[x509.Certificate]
    issuers: Sequence[x509.Certificate]
    own: Sequence[x509.Certificate]


@dataclass(frozen=True)
class Evidence:
    """What is known of revocations, DER."""

    lists: Sequence[bytes]
    answers: Sequence[bytes] = ()
    answer_required: bool = False
    """Whether a responder must have called the person's certificate good, whatever the lists say."""


def check_listed(path: Sequence[x509.Certificate], known: Sequence[x509.Certificate], lists: Sequence[bytes]) -> None:
    """Refuse a path of which somebody is on a list that their issuer signed. Raises CertificateRevoked."""
    for der in lists:
        listed = x509.load_der_x509_crl(der)
        for one in path:
            if (
                one.issuer != listed.issuer
                or listed.get_revoked_certificate_by_serial_number(one.serial_number) is None
            ):
                continue
            if any(is_signed_by(listed, issuer) for issuer in known if issuer.subject == listed.issuer):
                raise CertificateRevoked(why="on a list")


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


async def walk(
    certificate: x509.Certificate,
    roots: Sequence[x509.Certificate],
    between: Sequence[x509.Certificate],
    evidence: Evidence,
    now: datetime,
) -> set[bytes]:
    """The path, revocation and all: who stands on it below the root, DER. Raises ChainRefused, CertificateRevoked, RevocationUnknown."""
    context = ValidationContext(
        trust_roots=[as_asn1(one) for one in roots],
        crls=[crls.CertificateList.load(der) for der in evidence.lists],
        ocsps=[ocsps.OCSPResponse.load(der) for der in evidence.answers],
        moment=now,
        allow_fetching=False,
        revocation_mode="require",
        weak_hash_algos=WEAK,
    )
    validator = CertificateValidator(
        as_asn1(certificate), [as_asn1(one) for one in between], validation_context=context
    )
    try:
        path = await validator.async_validate_usage({"digital_signature"})
        if evidence.answer_required:
            # An answer nobody believes (a stranger's, "unknown", one about somebody else) is none, though a list made up for it above.
            await verify_ocsp_response(as_asn1(certificate), path, context)
        return {one.dump() for one in path.iter_certs(include_root=False)}
    except RevokedError as error:
        raise CertificateRevoked(why=str(error)) from error
    except (InsufficientRevinfoError, OCSPValidationError) as error:
        raise RevocationUnknown(why=str(error)) from error
    except (PathBuildingError, ValidationError, ValueError) as error:
        raise ChainRefused(why=str(error)) from error


def as_asn1(certificate: x509.Certificate) -> Any:
    """The same certificate as the walker reads it."""
    return asn1.Certificate.load(certificate.public_bytes(Encoding.DER))
