"""The authority's own keys and certificates: made at first use, kept in `<data>/keys`, mode 0600, apart from the database.

A root (P-384, 20 years, Decree 68/2024 Art. 9) signs the issuing certificate (P-256, 10 years) and nothing else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from foundation.errors import OurFault
from foundation.sealing import keep_file
from signing.authority.addresses import Addresses

ROOT_VALIDITY = timedelta(days=20 * 365)
ISSUING_VALIDITY = timedelta(days=10 * 365)


class AuthorityKeyBroken(OurFault):
    """A key file of the authority cannot be read as the key it should be."""

    code = "authority_key_broken"
    sentence = "A key of the certificate authority cannot be read."


@dataclass(frozen=True)
class AuthorityKeys:
    """The issuing key with its certificate, and the root's."""

    root_key: ec.EllipticCurvePrivateKey
    root: x509.Certificate
    issuing_key: ec.EllipticCurvePrivateKey
    issuing: x509.Certificate


def open_keys(folder: Path, name: str, addresses: Addresses, now: datetime) -> AuthorityKeys:
    """The authority of this installation; makes what is missing. Raises AuthorityKeyBroken."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    root_key = read_key(keep_file(folder / "authority-root.key", lambda: make_key(ec.SECP384R1())))
    root = read_certificate(
        keep_file(folder / "authority-root.cer", lambda: certify_root(root_key, name, now)), root_key
    )
    issuing_key = read_key(keep_file(folder / "authority-issuing.key", lambda: make_key(ec.SECP256R1())))
    issuing = read_certificate(
        keep_file(
            folder / "authority-issuing.cer",
            lambda: certify_issuing(issuing_key.public_key(), name, root, root_key, addresses, now),
        ),
        issuing_key,
    )
    return AuthorityKeys(root_key, root, issuing_key, issuing)


def make_key(curve: ec.EllipticCurve) -> bytes:
    """A new key as PKCS#8 DER; the file's mode protects it, as it does the other keys of the installation."""
    return ec.generate_private_key(curve).private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def read_key(content: bytes) -> ec.EllipticCurvePrivateKey:
    """The key of a file. Raises AuthorityKeyBroken."""
    try:
        key = serialization.load_der_private_key(content, None)
    except ValueError as error:
        raise AuthorityKeyBroken from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise AuthorityKeyBroken
    return key


def read_certificate(content: bytes, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """The certificate of a file, which must be the key's. Raises AuthorityKeyBroken."""
    try:
        certificate = x509.load_der_x509_certificate(content)
    except ValueError as error:
        raise AuthorityKeyBroken from error
    if certificate.public_key() != key.public_key():
        raise AuthorityKeyBroken
    return certificate


def certify_root(key: ec.EllipticCurvePrivateKey, name: str, now: datetime) -> bytes:
    """The root's certificate of itself."""
    subject = authority_name(f"{name} Root")
    builder = begin_authority(subject, subject, key.public_key(), now, ROOT_VALIDITY, path_length=1)
    return as_der(builder.sign(key, hashes.SHA384()))


def certify_issuing(
    key: ec.EllipticCurvePublicKey,
    name: str,
    root: x509.Certificate,
    root_key: ec.EllipticCurvePrivateKey,
    addresses: Addresses,
    now: datetime,
) -> bytes:
    """The issuing certificate, signed by the root; its key signs certificates of subjects and lists."""
    builder = begin_authority(
        authority_name(f"{name} Issuing"), root.subject, key, now, ISSUING_VALIDITY, path_length=0
    )
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False
    )
    builder = builder.add_extension(addresses.authority_information("root.cer"), critical=False)
    builder = builder.add_extension(addresses.distribution_points("root.crl"), critical=False)
    return as_der(builder.sign(root_key, hashes.SHA384()))


def begin_authority(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    validity: timedelta,
    path_length: int,
) -> x509.CertificateBuilder:
    """What both certificates of the authority have in common (RFC 5280 §4.2.1.3, §4.2.1.9)."""
    start = now.replace(microsecond=0)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + validity)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(authority_usage(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def authority_usage() -> x509.KeyUsage:
    """Certificates and lists, nothing else."""
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


def authority_name(common_name: str) -> x509.Name:
    """The name of one of the authority's certificates."""
    return x509.Name(
        [x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    )


def as_der(certificate: x509.Certificate) -> bytes:
    """A certificate's bytes."""
    return certificate.public_bytes(serialization.Encoding.DER)
