"""The revocation lists a judgement may know: from files, from the house's own authority, from where certificates point to.

What was fetched counts, and is kept until its own time is over or the settings want it anew, only where an authority we know signed it:
it comes by plain http, and a forged one must not stand in the way of the real one. One that cannot be fetched is missing, and a judgement
without a list that is in force is "could not find out".
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID

from sso.certificates.settings import ClientCertificateSection
from sso.fetching import Fetcher, FetchFailed, FetchRefused

PEM: Final = b"-----BEGIN"
BYTES: Final = 4 * 1024 * 1024
SIGNING: Final = (rsa.RSAPublicKey, ec.EllipticCurvePublicKey, ed25519.Ed25519PublicKey, ed448.Ed448PublicKey)
AT_MOST: Final = 64
"""Addresses a judgement keeps lists of: only certificates the register knows get so far, so there are few."""
log = logging.getLogger("hopnhat.certificates")


@dataclass(frozen=True)
class OwnAuthority:
    """The installation's own authority, as whoever mounts the rooms hands it in: its certificates and its lists of today, DER."""

    chain: Callable[[], Sequence[bytes]]
    lists: Callable[[], Sequence[bytes]]


@dataclass(frozen=True)
class Kept:
    """A fetched list and until when it is used without asking again."""

    der: bytes
    until: datetime


class Lists:
    """Finds lists; one for a process."""

    def __init__(self, section: ClientCertificateSection, fetcher: Fetcher, own: OwnAuthority | None) -> None:
        self.section = section
        self.fetcher = fetcher
        self.own = own if section.own_authority else None
        self._fetched: dict[str, Kept] = {}
        self._lock = threading.Lock()

    def find(
        self, certificates: Sequence[x509.Certificate], issuers: Sequence[x509.Certificate], now: datetime
    ) -> list[bytes]:
        """Every list that may say something about these certificates, DER. Waits for the network: never in a transaction.

        `certificates`: a signed path (`paths.py`), whose addresses may be followed. `issuers`: who may have signed what is fetched.
        """
        found = list(self.own.lists()) if self.own is not None else []
        for place in self.section.lists:
            found += [der for file in list_files(place) if (der := as_der(file.read_bytes())) is not None]
        if self.section.fetch_lists and not found_all(certificates, found, issuers, now):
            for address in dict.fromkeys(address for one in certificates for address in find_addresses(one)):
                if (der := self.fetch(address, issuers, now)) is not None:
                    found.append(der)
        return found

    def fetch(self, address: str, issuers: Sequence[x509.Certificate], now: datetime) -> bytes | None:
        """The list at an address, fetched where it has to be; None where there is none that one of these issuers signed."""
        with self._lock:
            kept = self._fetched.get(address)
        if kept is not None and now < kept.until:
            return kept.der
        try:
            der = as_der(self.fetcher.get(address, "application/pkix-crl", BYTES, signed=True).content)
        except (FetchRefused, FetchFailed) as error:
            log.warning("the revocation list %s cannot be fetched: %s", address, error)
            return None
        if der is None or not is_signed_by_any(listed := x509.load_der_x509_crl(der), issuers):
            log.warning("what came from %s is no revocation list of an authority we know", address)
            return None
        ends = listed.next_update_utc
        until = now + timedelta(minutes=self.section.list_minutes)
        with self._lock:
            if len(self._fetched) >= AT_MOST:
                self._fetched.clear()
            self._fetched[address] = Kept(der, min(until, ends) if ends is not None else until)
        return der


def list_files(place: Path) -> list[Path]:
    """A file, or what lies in a folder."""
    return sorted(path for path in place.iterdir() if path.is_file()) if place.is_dir() else [place]


def as_der(content: bytes) -> bytes | None:
    """A list as DER, from DER or PEM; None where the bytes are none."""
    try:
        read = x509.load_pem_x509_crl if content.lstrip().startswith(PEM) else x509.load_der_x509_crl
        return read(content).public_bytes(Encoding.DER)
    except ValueError:
        return None


def is_signed_by_any(listed: x509.CertificateRevocationList, issuers: Iterable[x509.Certificate]) -> bool:
    """Whether the authority the list names is among these and signed it."""
    return any(is_signed_by(listed, issuer) for issuer in issuers if issuer.subject == listed.issuer)


def is_signed_by(listed: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    """Whether this authority signed the list."""
    try:
        key = issuer.public_key()
        return isinstance(key, SIGNING) and listed.is_signature_valid(key)
    except (UnsupportedAlgorithm, TypeError, ValueError):  # Another kind of signature than the key's.
        return False


def found_all(
    certificates: Iterable[x509.Certificate],
    lists: Sequence[bytes],
    issuers: Sequence[x509.Certificate],
    now: datetime,
) -> bool:
    """Whether each certificate's issuer has a whole list among these, signed by one of `issuers`, whose time is not over."""
    whole = set()
    for der in lists:
        read = x509.load_der_x509_crl(der)
        in_force = read.next_update_utc is not None and now < read.next_update_utc
        if in_force and not is_partial(read) and is_signed_by_any(read, issuers):
            whole.add(read.issuer)
    return all(one.issuer in whole for one in certificates)


def is_partial(listed: x509.CertificateRevocationList) -> bool:
    """Whether a list speaks of some certificates only, or of what changed since another (RFC 5280 §5.2.4, §5.2.5)."""
    partial = (ExtensionOID.ISSUING_DISTRIBUTION_POINT, ExtensionOID.DELTA_CRL_INDICATOR)
    try:
        return any(one.oid in partial for one in listed.extensions)
    except ValueError:
        return True


def find_addresses(certificate: x509.Certificate) -> list[str]:
    """Where a certificate says its list is (RFC 5280 §4.2.1.13)."""
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    names = (name for point in points for name in point.full_name or ())
    return [name.value for name in names if isinstance(name, x509.UniformResourceIdentifier)][:4]
