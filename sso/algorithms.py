"""Signature algorithms we sign with and believe: each belongs to a kind of key, never to a token's header (RFC 8725 §3.1).

`none` and the HMAC family are not among them, for anybody.
"""

from typing import Final, cast

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

Key = RSAKey | ECKey | OKPKey
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
KINDS: Final[dict[str, type[Key]]] = {"RS256": RSAKey, "PS256": RSAKey, "ES256": ECKey, "EdDSA": OKPKey}
CURVES: Final = {"ES256": "P-256", "EdDSA": "Ed25519"}
RSA_BITS: Final = 2048
ES256: Final = ECDSA(SHA256())
# RFC 9864 calls it Ed25519 from now on; applications and their profiles still ask for EdDSA, and the curve is our key's, never the token's.
JWSRegistry.algorithms["EdDSA"].security_warning = None


def sign_bytes(content: bytes, key: Key, alg: str) -> bytes:
    """A signature as JWS has it. That of P-256 is two numbers of 32 bytes (RFC 7518 §3.4)."""
    if alg != "ES256":
        signed: bytes = JWSRegistry.algorithms[alg].sign(content, key)
        return signed
    private = cast(EllipticCurvePrivateKey, key.private_key)
    first, second = decode_dss_signature(private.sign(content, ES256))
    return first.to_bytes(32, "big") + second.to_bytes(32, "big")


def generate(alg: str) -> Key:
    """A new private key for this algorithm."""
    if KINDS[alg] is RSAKey:
        return RSAKey.generate_key(RSA_BITS, auto_kid=False)
    if KINDS[alg] is ECKey:
        return ECKey.generate_key("P-256", auto_kid=False)
    return OKPKey.generate_key("Ed25519", auto_kid=False)


def fits(key: object, alg: str, *, named: str | None = None) -> bool:
    """Whether a key may be used with this algorithm: the kind and curve are right, and no other was named with it."""
    if not isinstance(key, KINDS[alg]) or named not in (None, alg):
        return False
    return alg not in CURVES or getattr(key, "curve_name", None) == CURVES[alg]
