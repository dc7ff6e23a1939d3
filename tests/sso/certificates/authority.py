"""An authority of the state, small: root, issuing, people's certificates and the lists of both."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

Key = ec.EllipticCurvePrivateKey
YEARS = timedelta(days=3650)


def name(text: str) -> x509.Name:
    """A distinguished name."""
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.COMMON_NAME, text)])


def usage(*, signs: bool = False, certifies: bool = False) -> x509.KeyUsage:
    """What a key is for."""
    return x509.KeyUsage(signs, signs, False, False, False, certifies, certifies, False, False)


@dataclass
class Authority:
    """Issues at an instant; `lists` are what it says is revoked."""

    now: datetime
    title: str = "CA thử"
    root_key: Key = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    key: Key = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    root: x509.Certificate = field(init=False)
    issuing: x509.Certificate = field(init=False)

    def __post_init__(self) -> None:
        """Make the two authorities."""
        root_name = name(f"{self.title} gốc")
        self.root = self.certify(root_name, root_name, self.root_key.public_key(), self.root_key, authority=True)
        self.issuing = self.certify(name(self.title), root_name, self.key.public_key(), self.root_key, authority=True)

    def certify(
        self,
        subject: x509.Name,
        issuer: x509.Name,
        key: ec.EllipticCurvePublicKey,
        by: Key,
        *,
        authority: bool = False,
        begins: timedelta = timedelta(days=-30),
        lasts: timedelta = YEARS,
        signs: bool = True,
        point: str | None = None,
        responder: str | None = None,
    ) -> x509.Certificate:
        """A certificate."""
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now + begins)
            .not_valid_after(self.now + begins + lasts)
            .add_extension(x509.BasicConstraints(authority, None), critical=True)
            .add_extension(usage(signs=signs and not authority, certifies=authority), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        )
        if point:
            points = [x509.DistributionPoint([x509.UniformResourceIdentifier(point)], None, None, None)]
            builder = builder.add_extension(x509.CRLDistributionPoints(points), critical=False)
        if responder:
            place = x509.AccessDescription(
                AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(responder)
            )
            builder = builder.add_extension(x509.AuthorityInformationAccess([place]), critical=False)
        return builder.sign(by, hashes.SHA256())

    def person(
        self,
        subject: str = "Lê Thị Hoa",
        *,
        begins: timedelta = timedelta(days=-30),
        lasts: timedelta = YEARS,
        signs: bool = True,
        authority: bool = False,
        point: str | None = None,
        responder: str | None = None,
    ) -> x509.Certificate:
        """A person's certificate, its key on a device."""
        device = ec.generate_private_key(ec.SECP256R1()).public_key()
        return self.certify(
            name(subject), self.issuing.subject, device, self.key,
            begins=begins, lasts=lasts, signs=signs, authority=authority, point=point, responder=responder,
        )  # fmt: skip

    def list_of(
        self,
        *revoked: x509.Certificate,
        root: bool = False,
        made: timedelta = timedelta(hours=-1),
        of_authorities: bool = False,
    ) -> bytes:
        """The list of the issuing authority (or the root), DER, good for a day; `of_authorities`: it speaks of no person."""
        key, certificate = (self.root_key, self.root) if root else (self.key, self.issuing)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(certificate.subject)
            .last_update(self.now + made)
            .next_update(self.now + made + timedelta(days=1))
            .add_extension(x509.CRLNumber(1), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        )
        if of_authorities:
            scope = x509.IssuingDistributionPoint(None, None, False, True, None, False, False)
            builder = builder.add_extension(scope, critical=True)
        for one in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(one.serial_number).revocation_date(self.now + made)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)

    def keep(self, folder: Path, *revoked: x509.Certificate) -> None:
        """Both lists as files."""
        folder.mkdir(exist_ok=True)
        (folder / "issuing.crl").write_bytes(self.list_of(*revoked))
        (folder / "root.crl").write_bytes(self.list_of(root=True))

    def pem(self) -> bytes:
        """Both certificates."""
        return self.root.public_bytes(Encoding.PEM) + self.issuing.public_bytes(Encoding.PEM)
