"""The authorities between that a session keeps: those that its certificate's path needs and the settings do not have.

Public certificates in PEM, one after the other, from where the certificate is looked at again (`second_look`). They are believed in as
little as when the browser showed them: they only help to find the path.
"""

import logging
from collections.abc import Sequence
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sso.certificates.presented import BETWEEN_AT_MOST, LONGEST

LONGEST_KEPT: Final = LONGEST + 1024
"""Bytes. What the chain's header may hold (`presented.read_chain`) is the same base64; PEM adds ends of lines and five frames."""
log = logging.getLogger("hopnhat.certificates")


def write_between(between: Sequence[x509.Certificate]) -> bytes | None:
    """What a session keeps, None where its certificate's path needs none."""
    return b"".join(one.public_bytes(Encoding.PEM) for one in between) or None


def read_between(kept: bytes | None) -> tuple[x509.Certificate, ...]:
    """The authorities that were kept; none where there are none, or where what lies there was not written here."""
    if kept is None:
        return ()
    try:
        found = x509.load_pem_x509_certificates(kept) if len(kept) <= LONGEST_KEPT else []
    except (ValueError, x509.InvalidVersion):
        found = []
    if not found or len(found) > BETWEEN_AT_MOST:
        log.warning("what a session kept of its certificate's path cannot be read")
        return ()
    return tuple(found)
