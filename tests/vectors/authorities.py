"""The authorities of the tests: a root, an issuing authority for officials, a timestamp authority, and one nobody trusts.

Keys are made anew at every build and lie beside the certificates; they protect nothing.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ROOT_START = datetime(2020, 1, 1, tzinfo=UTC)
START = datetime(2024, 1, 1, tzinfo=UTC)
END = datetime(2034, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Holder:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Any

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def key_pem(self) -> bytes:
        form = serialization.PrivateFormat.PKCS8
        return bytes(self.key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))


def name_of(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.COMMON_NAME, common)])


def issue(
    common: str,
    issuer: Holder | None = None,
    *,
    authority: bool = False,
    start: datetime = START,
    end: datetime = END,
    usages: tuple[str, ...] = ("digital_signature", "content_commitment"),
    trades: tuple[x509.ObjectIdentifier, ...] = (),
    key: Any = None,
    lists_at: str | None = None,
) -> Holder:
    """A certificate for `common` by `issuer`, self-signed without one."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    asked = ("key_cert_sign", "crl_sign") if authority else usages
    names = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement "
        "key_cert_sign crl_sign encipher_only decipher_only"
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(name_of(common))
        .issuer_name(issuer.certificate.subject if issuer else name_of(common))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(x509.KeyUsage(**{usage: usage in asked for usage in names.split()}), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    above = issuer.key.public_key() if issuer else key.public_key()
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above), critical=False)
    if trades:
        builder = builder.add_extension(x509.ExtendedKeyUsage(trades), critical=True)
    if lists_at:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(lists_at)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    return Holder(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


def issue_list(
    issuer: Holder,
    made: datetime,
    lasting: timedelta = timedelta(days=30),
    revoked: dict[int, datetime] | None = None,
) -> bytes:
    """A revocation list in DER: serial numbers and since when."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(made)
        .next_update(made + lasting)
        .add_extension(x509.CRLNumber(int(made.timestamp())), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
    )
    for serial, when in (revoked or {}).items():
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(when)
        entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags.cessation_of_operation), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@dataclass(frozen=True)
class House:
    """All holders of the tests."""

    root: Holder
    issuing: Holder
    stamping: Holder
    stranger: Holder
    leader: Holder
    seal: Holder
    expired: Holder
    web_server: Holder
    unknown: Holder
    false_stamping: Holder

    def lists(
        self, made: datetime, revoked: dict[int, datetime] | None = None, lasting: timedelta = timedelta(days=30)
    ) -> list[bytes]:
        """Fresh lists of the root and the issuing authority."""
        return [issue_list(self.root, made, lasting), issue_list(self.issuing, made, lasting, revoked)]


def load_house(folder: Path) -> House:
    """The house as it was written to files."""

    def load(name: str) -> Holder:
        certificate = x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())
        return Holder(certificate, serialization.load_pem_private_key((folder / f"{name}.key").read_bytes(), None))

    return House(**{name: load(name) for name in House.__dataclass_fields__})


def build_house() -> House:
    """The authorities and their people, keys and all."""
    root = issue("Hợp Nhất Test Root", authority=True, start=ROOT_START)
    issuing = issue("Hợp Nhất Test Issuing Authority", root, authority=True)
    stranger = issue("A Root Nobody Knows", authority=True)
    rsa_key = rsa.generate_private_key(65537, 2048)  # pyHanko's test timestamper signs with RSA only.
    stamp_trade = (ExtendedKeyUsageOID.TIME_STAMPING,)
    return House(
        root=root,
        issuing=issuing,
        stranger=stranger,
        stamping=issue(
            "Hợp Nhất Test Timestamps",
            root,
            start=ROOT_START,
            usages=("digital_signature",),
            trades=stamp_trade,
            key=rsa_key,
        ),
        leader=issue("Nguyễn Văn An", issuing, lists_at="http://lists.example.vn/issuing.crl"),
        seal=issue("UBND xã An Bình", issuing),
        expired=issue("Trần Thị Bình", issuing, end=datetime(2025, 3, 1, tzinfo=UTC)),
        web_server=issue(
            "www.example.vn", issuing, usages=("digital_signature",), trades=(ExtendedKeyUsageOID.SERVER_AUTH,)
        ),
        unknown=issue("Lê Văn Cường", stranger),
        false_stamping=issue("No Timestamp Authority", root, usages=("digital_signature",), key=rsa_key),
    )
