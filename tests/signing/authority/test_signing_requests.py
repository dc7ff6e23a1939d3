"""What a stranger may send as a signing request, and what is made of it."""

import base64
from collections.abc import Callable
from math import prod

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import HopnhatError
from signing.authority.signing_requests import check_csr, fingerprint_of_key
from signing.authority.weak_keys import ROCA_PRIMES, SMALL_PRIMES, find_weakness
from signing.errors import CSRRefused, KeyKnown
from tests.signing.world import Token

P256 = Token()
OTHER = Token()


def known(*keys: str) -> Callable[[str], bool]:
    return lambda key: key in keys


def sign(key: CertificateIssuerPrivateKeyTypes, digest: hashes.SHA224 | hashes.SHA256 | None = None) -> bytes:
    """A DER request of this key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Nguyễn Văn An")])
    built = x509.CertificateSigningRequestBuilder().subject_name(name)
    request = built.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else digest or hashes.SHA256())
    return request.public_bytes(serialization.Encoding.DER)


def swap_key(content: bytes) -> bytes:
    """The same request with another's public key inside, so that its signature proves nothing."""

    def spki(token: Token) -> bytes:
        return token.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    return content.replace(spki(P256), spki(OTHER))


PRIVATE = P256.key.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
REFUSED = [
    pytest.param(b"", "PKCS#10", id="nothing"),
    pytest.param(b"nonsense", "PKCS#10", id="no request at all"),
    pytest.param(b"\x30\x84\xff\xff\xff\xff", "PKCS#10", id="a length that lies"),
    pytest.param(b"\x30" * 16_000, "PKCS#10", id="a deep nesting"),
    pytest.param(b"A" * 17_000, "16 KB", id="too large"),
    pytest.param(sign(P256.key)[:-10], "PKCS#10", id="cut off"),
    pytest.param(sign(P256.key) + b"\x00", "PKCS#10", id="something behind it"),
    pytest.param(P256.make_csr() + OTHER.make_csr(), "more than one", id="two requests"),
    pytest.param(P256.make_csr() + PRIVATE, "private key", id="a private key beside it"),
    pytest.param(PRIVATE, "private key", id="the private key instead"),
    pytest.param(swap_key(sign(P256.key)), "own key", id="another's key put in"),
    pytest.param(sign(P256.key)[:-1] + bytes([sign(P256.key)[-1] ^ 1]), "own key", id="a broken signature"),
    pytest.param(sign(ec.generate_private_key(ec.SECP521R1())), "not one of", id="P-521"),
    pytest.param(sign(ec.generate_private_key(ec.SECP256K1())), "not one of", id="secp256k1"),
    pytest.param(sign(ed25519.Ed25519PrivateKey.generate()), "not one of", id="Ed25519"),
    pytest.param(sign(rsa.generate_private_key(65537, 1024)), "not one of", id="RSA 1024"),
    pytest.param(sign(rsa.generate_private_key(65537, 2056)), "not one of", id="RSA of an odd size"),
    pytest.param(sign(dsa.generate_private_key(2048)), "not one of", id="DSA"),
    pytest.param(sign(rsa.generate_private_key(3, 2048)), "exponent", id="RSA with exponent 3"),
    pytest.param(sign(P256.key, hashes.SHA224()), "digest", id="SHA-224"),
]


@pytest.mark.parametrize(("content", "why"), REFUSED)
def test_a_signing_request_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(CSRRefused, match=why):
        check_csr(content, known())


@pytest.mark.parametrize("size", [2048, 3072])
def test_rsa_of_a_usual_size_is_taken(size: int) -> None:
    key = rsa.generate_private_key(65537, size)
    assert check_csr(sign(key), known()).key == key.public_key()


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()])
def test_both_curves_are_taken(curve: ec.EllipticCurve) -> None:
    key = ec.generate_private_key(curve)
    assert check_csr(sign(key), known()).key == key.public_key()


def test_pem_may_have_text_around_it_and_either_heading() -> None:
    pem = b"Subject: An\n" + P256.make_csr().replace(b"CERTIFICATE REQUEST", b"NEW CERTIFICATE REQUEST") + b"\n\n"
    assert check_csr(pem, known()).key_sha256 == fingerprint_of_key(P256.key.public_key())  # type: ignore[arg-type]  # ECDSA


def test_a_key_is_certified_once() -> None:
    fingerprint = check_csr(P256.make_csr(), known()).key_sha256
    with pytest.raises(KeyKnown):
        check_csr(P256.make_csr("another name"), known(fingerprint))


def test_the_refusal_reads_in_both_languages() -> None:
    with pytest.raises(HopnhatError) as refusal:
        check_csr(b"nonsense", known())
    assert "PKCS#10" in refusal.value.shown
    assert "Message" not in refusal.value.shown


def test_a_modulus_with_a_small_factor_is_weak() -> None:
    modulus = rsa.generate_private_key(65537, 2048).public_key().public_numbers().n
    weak = rsa.RSAPublicNumbers(65537, (modulus // 751) * 751 | 1)
    crafted = next(n for n in range(weak.n, weak.n + 4000, 2) if any(n % prime == 0 for prime in SMALL_PRIMES))
    weakness = find_weakness(rsa.RSAPublicNumbers(65537, crafted).public_key())
    assert weakness is not None
    assert "small factor" in weakness.text


def test_a_modulus_with_the_mark_of_the_weak_chip_is_found() -> None:
    """A modulus that is 65537^k modulo each of the chip's primes, as CVE-2017-15361 makes it, with no small factor."""
    product = prod(ROCA_PRIMES)
    residue = pow(65537, 12_345, product)
    step = (1 << 2047) // product
    for offset in range(1, 20_000):
        candidate = residue + product * (step + offset)
        if candidate % 2 and candidate.bit_length() == 2048 and all(candidate % prime for prime in SMALL_PRIMES):
            break
    weakness = find_weakness(rsa.RSAPublicNumbers(65537, candidate).public_key())
    assert weakness is not None
    assert "CVE-2017-15361" in weakness.text


def test_an_ordinary_key_has_no_weakness() -> None:
    assert find_weakness(rsa.generate_private_key(65537, 2048).public_key()) is None


def test_base64_without_a_heading_is_not_guessed_at() -> None:
    with pytest.raises(CSRRefused):
        check_csr(base64.b64encode(sign(P256.key)), known())


def test_a_signature_of_a_kind_nobody_knows_is_refused() -> None:
    ecdsa_with_sha256 = bytes.fromhex("06082a8648ce3d040302")
    odd = sign(P256.key).replace(ecdsa_with_sha256, b"\x06\x08\x00" + ecdsa_with_sha256[3:])
    with pytest.raises(CSRRefused, match="digest"):
        check_csr(odd, known())


SAMPLES = [sign(P256.key), P256.make_csr(), b""]


@given(data=st.data())
def test_no_bytes_bring_the_check_down(data: st.DataObject) -> None:
    """Whatever is sent is refused with a reason or is a request whose possession is proved."""
    content = bytearray(data.draw(st.sampled_from(SAMPLES)))
    for _ in range(data.draw(st.integers(0, 4))):
        if content:
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content += data.draw(st.binary(max_size=20))
    try:
        checked = check_csr(bytes(content), known())
    except CSRRefused:
        return
    assert checked.key_sha256 == fingerprint_of_key(P256.key.public_key())  # type: ignore[arg-type]  # ECDSA
