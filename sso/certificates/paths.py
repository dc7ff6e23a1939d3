"""The way up from a certificate to an authority of the settings, every step signed (RFC 5280 §6.1.3): whose addresses may be followed.

Authorities between may come from the browser, so a name proves nothing here. Whether everybody on the way is good now is judged later.
"""

from collections.abc import Sequence

from cryptography import x509

from sso.certificates.errors import ChainRefused
from sso.certificates.responders import is_issued_by


def find_path(
    certificate: x509.Certificate, between: Sequence[x509.Certificate], roots: Sequence[x509.Certificate]
) -> list[x509.Certificate]:
    """The certificate and the authorities above it, below the root: those a list has to speak about. Raises ChainRefused."""
    authorities = [one for one in between if certifies(one)]
    found = climb([certificate], authorities, roots)
    if found is None:
        raise ChainRefused(why="no signed path to an authority of the settings")
    return found


def climb(
    path: list[x509.Certificate], authorities: Sequence[x509.Certificate], roots: Sequence[x509.Certificate]
) -> list[x509.Certificate] | None:
    """The path as far as it has to go, None where no root is above it."""
    last = path[-1]
    if any(is_issued_by(last, root) for root in roots):
        return path
    for above in authorities:
        if above not in path and is_issued_by(last, above):
            found = climb([*path, above], authorities, roots)
            if found is not None:
                return found
    return None


def certifies(certificate: x509.Certificate) -> bool:
    """Whether this is an authority's (RFC 5280 §4.2.1.9): a person's key signs documents, and no certificate above anybody's."""
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        usages = [one.value for one in certificate.extensions if isinstance(one.value, x509.KeyUsage)]
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False
    return constraints.ca and all(usage.key_cert_sign for usage in usages)
