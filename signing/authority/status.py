"""Status of one certificate on request (OCSP, RFC 6960), answered by the issuing key itself.

`good` is said only of a certificate that stands in the authority's book; a serial nobody gave is `unknown`, another issuer's
certificate gets no answer.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from foundation.database import Reads
from signing.authority.keys import AuthorityKeys
from signing.models import AuthorityCertificate

FRESH: Final = timedelta(hours=1)
MOST_BYTES: Final = 4096
LONGEST_NONCE: Final = 128
"""RFC 9654 §2.1: a nonce has 1 to 128 octets."""


def answer_status(reads: Reads, keys: AuthorityKeys, content: bytes, now: datetime) -> bytes:
    """The signed answer to a request, DER; an unsigned error for one that is malformed or about another issuer (RFC 6960 §2.3)."""
    if len(content) > MOST_BYTES:
        return refuse(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
    try:
        request = ocsp.load_der_ocsp_request(content)
        nonce = find_nonce(request)
    except (ValueError, NotImplementedError):
        return refuse(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
    if not is_ours(request, keys.issuing):
        return refuse(ocsp.OCSPResponseStatus.UNAUTHORIZED)
    made = now.replace(microsecond=0)
    row = reads.get(AuthorityCertificate, f"{request.serial_number:x}")
    revoked = row is not None and row.revoked_at is not None
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response_by_hash(
            request.issuer_name_hash,
            request.issuer_key_hash,
            request.serial_number,
            request.hash_algorithm,
            tell_status(row),
            made,
            made + FRESH,
            row.revoked_at if row is not None and revoked else None,
            x509.ReasonFlags(row.reason) if row is not None and revoked and row.reason else None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, keys.issuing)
    )
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.sign(keys.issuing_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def tell_status(row: AuthorityCertificate | None) -> ocsp.OCSPCertStatus:
    """What the authority's book says of a serial."""
    if row is None:
        return ocsp.OCSPCertStatus.UNKNOWN
    return ocsp.OCSPCertStatus.REVOKED if row.revoked_at is not None else ocsp.OCSPCertStatus.GOOD


def find_nonce(request: ocsp.OCSPRequest) -> bytes | None:
    """The request's nonce. Raises ValueError when it is empty or too long."""
    try:
        nonce = request.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        return None
    if not 1 <= len(nonce) <= LONGEST_NONCE:
        raise ValueError("nonce")
    return nonce


def is_ours(request: ocsp.OCSPRequest, issuing: x509.Certificate) -> bool:
    """Whether the request asks about our issuing name and key (RFC 6960 §4.1.1)."""
    digest = request.hash_algorithm.name
    if digest not in ("sha1", "sha256"):
        return False
    name_hash = hashlib.new(digest, issuing.subject.public_bytes()).digest()
    return request.issuer_name_hash == name_hash and request.issuer_key_hash == hash_key(issuing, digest)


def hash_key(issuing: x509.Certificate, digest: str) -> bytes:
    """The digest of the issuer's public key, without tag, length and unused bits, as a CertID carries it."""
    point = issuing.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return hashlib.new(digest, point).digest()


def refuse(status: ocsp.OCSPResponseStatus) -> bytes:
    """An answer that says only why there is none."""
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(serialization.Encoding.DER)
