"""Signing requests (PKCS#10, RFC 2986): bytes become `CheckedCSR` here and nowhere else.

What the subject sends proves possession of a key and gives that key. Names, addresses, usages and constraints it asks for are not
read at all: the certificate is built from the register and the profile.
"""

import hashlib
from collections.abc import Callable
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from foundation.i18n import Message
from signing.authority.door import CertifiableKey, CheckedCSR
from signing.authority.weak_keys import find_weakness
from signing.errors import CSRRefused, KeyKnown

MOST_BYTES: Final = 16 * 1024
CURVES: Final = (SECP256R1, SECP384R1)
RSA_BITS: Final = (2048, 3072, 4096)
DIGESTS: Final = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
PEM_BEGIN: Final = (b"-----BEGIN CERTIFICATE REQUEST-----", b"-----BEGIN NEW CERTIFICATE REQUEST-----")


def check_csr(content: bytes, is_known_key: Callable[[str], bool]) -> CheckedCSR:
    """A signing request, PEM or DER, that may be certified. Raises CSRRefused, KeyKnown.

    1. one request of at most 16 KB, readable; 2. a key of a kind and size we certify; 3. no known weakness; 4. signed with a sound
    digest; 5. by that very key; 6. a key that no known certificate carries.
    """
    request = read_csr(content)
    key = check_key(request)
    if (weakness := find_weakness(key)) is not None:
        raise refused(weakness)
    check_signature(request)
    key_sha256 = fingerprint_of_key(key)
    if is_known_key(key_sha256):
        raise KeyKnown
    return CheckedCSR(request.public_bytes(serialization.Encoding.DER), key, key_sha256)


def read_csr(content: bytes) -> x509.CertificateSigningRequest:
    """The parsed request; one PEM block or DER without anything behind it. Raises CSRRefused."""
    if len(content) > MOST_BYTES:
        raise refused(Message("it is larger than 16 KB."))
    text = content.strip()
    blocks = sum(text.count(begin) for begin in PEM_BEGIN)
    if blocks > 1:
        raise refused(Message("the file holds more than one request."))
    if b"PRIVATE KEY" in text:
        raise refused(
            Message(
                "the file holds a private key. It was not kept; please make a new key and send only its signing request."
            )
        )
    try:
        load = x509.load_pem_x509_csr if blocks else x509.load_der_x509_csr
        return load(text if blocks else content)
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise refused(Message("it is not a PKCS#10 signing request.")) from error


def check_key(request: x509.CertificateSigningRequest) -> CertifiableKey:
    """The request's key, when it is of a kind and size we certify. Raises CSRRefused."""
    try:
        key = request.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise refused(Message("its key cannot be read.")) from error
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, CURVES):
        return key
    if isinstance(key, RSAPublicKey) and key.key_size in RSA_BITS:
        return key
    raise refused(Message("its key is not one of: ECDSA P-256, ECDSA P-384, RSA 2048, 3072 or 4096 bits."))


def check_signature(request: x509.CertificateSigningRequest) -> None:
    """Refuse a request that is not signed by its own key with a sound digest. Raises CSRRefused."""
    try:
        sound = isinstance(request.signature_hash_algorithm, DIGESTS)
        own = request.is_signature_valid
    except UnsupportedAlgorithm:
        sound = own = False
    if not sound:
        raise refused(Message("it is signed with a digest other than SHA-256, SHA-384 or SHA-512."))
    if not own:
        raise refused(Message("its signature was not made with its own key."))


def refused(why: Message) -> CSRRefused:
    """The refusal with its reason, to be said in the reader's language."""
    return CSRRefused(why=why)


def fingerprint_of_key(key: CertifiableKey) -> str:
    """SHA-256 of a key's SubjectPublicKeyInfo, hexadecimal."""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()
