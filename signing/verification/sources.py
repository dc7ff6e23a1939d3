"""Where missing revocation data and issuers could be fetched from, as the certificates themselves say (RFC 5280 §4.2.1.13, §4.2.2.1).

These addresses are a stranger's text. Nothing is fetched here; `fetching` decides, outside, whether an address may be asked at all.
"""

from collections.abc import Iterator
from typing import Any

from signing.verification.certificates import Knowledge
from signing.verification.findings import Wanted

LONGEST_ADDRESS = 512
MOST_ADDRESSES = 20
LONGEST_PATH = 6


def find_wanted(signer: Any, knowledge: Knowledge) -> list[Wanted]:
    """Addresses of lists and issuers for the certificates from the signer up, as far as they are known and can be read."""
    try:
        return list(dict.fromkeys(walk_up(signer, knowledge)))[:MOST_ADDRESSES]
    except (ValueError, TypeError, LookupError, AttributeError):
        return []


def walk_up(certificate: Any, knowledge: Knowledge) -> Iterator[Wanted]:
    """What is wanted for a certificate and those above it."""
    for _ in range(LONGEST_PATH):
        if knowledge.is_anchor(certificate):
            return
        yield from (Wanted("crl", address) for address in list_addresses(certificate.crl_distribution_points))
        issuer = find_issuer(certificate, knowledge)
        if issuer is None:
            yield from (Wanted("issuer", address) for address in issuer_addresses(certificate))
            return
        certificate = issuer


def find_issuer(certificate: Any, knowledge: Knowledge) -> Any | None:
    """A known certificate with the issuer's name; whether it really signed is the path's question."""
    return next(
        (known for known in (*knowledge.anchors, *knowledge.certificates) if known.subject == certificate.issuer), None
    )


def list_addresses(points: Any) -> Iterator[str]:
    """The http addresses of revocation lists."""
    for point in points or ():
        names = point["distribution_point"]
        if names.name == "full_name":
            yield from http_addresses(names.chosen)


def issuer_addresses(certificate: Any) -> Iterator[str]:
    """The http addresses of the issuer's certificate."""
    for access in certificate.authority_information_access_value or ():
        if access["access_method"].native == "ca_issuers":
            yield from http_addresses([access["access_location"]])


def http_addresses(names: Any) -> Iterator[str]:
    """Those of some general names that are http addresses of a sensible length."""
    for name in names:
        address = name.native if name.name == "uniform_resource_identifier" else ""
        if len(address) <= LONGEST_ADDRESS and address.lower().startswith(("http://", "https://")):
            yield address
