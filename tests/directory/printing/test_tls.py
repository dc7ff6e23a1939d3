"""TLS to an operated server: the password is sent only to the server whose authority we know."""

import dataclasses
import ipaddress
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from directory.printing import slapd as slapd_module
from directory.printing.entries import people_branch
from directory.printing.errors import DirectoryRefused, DirectoryUnreachable
from directory.printing.server import Access, Server
from directory.printing.slapd import TEMPLATES, PrivateSlapd
from foundation.clocks import read_wall

pytestmark = pytest.mark.slapd


def make_certificate(folder: Path, name: str) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = read_wall()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    place = folder / f"{name}.pem"
    place.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    place.with_suffix(".key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return place


def secure(configuration: str, certificate: Path) -> str:
    """The configuration with what deploy/ldap/tls.ldif sets, on our certificate."""
    lines = (TEMPLATES / "tls.ldif").read_text(encoding="utf-8").splitlines()
    paths = {"certificate.pem": certificate, "key.pem": certificate.with_suffix(".key")}
    wanted = [line for line in lines if line.startswith(("olcTLS", "olcSecurity"))]
    for file, path in paths.items():
        wanted = [line.replace(f"/etc/ldap/tls/{file}", str(path)) for line in wanted]
    return configuration.replace("cn: config\n", "\n".join(["cn: config", *wanted, ""]), 1)


@pytest.fixture
def secured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Access]:
    """A server that takes no password over an open wire; how to reach it rightly."""
    certificate = make_certificate(tmp_path, "server")
    fill = slapd_module.fill_template

    def fill_securely(name: str, **values: str) -> str:
        filled = fill(name, **values)
        return secure(filled, certificate) if name == "config.ldif" else filled

    monkeypatch.setattr(slapd_module, "fill_template", fill_securely)
    with PrivateSlapd(tmp_path / "ldap", outlives_parent=False) as slapd:
        yield dataclasses.replace(slapd.writer, start_tls=True, authority=certificate)


def test_a_server_of_a_known_authority_is_spoken_to(secured: Access) -> None:
    with Server(secured) as server:
        assert list(server.read_branch(people_branch(secured.base))) == []


def test_a_password_over_an_open_wire_is_refused_by_the_server(secured: Access) -> None:
    with pytest.raises(DirectoryRefused):
        Server(dataclasses.replace(secured, start_tls=False)).connect()


def test_a_server_of_an_unknown_authority_is_not_told_the_password(secured: Access, tmp_path: Path) -> None:
    stranger = make_certificate(tmp_path, "stranger")
    with pytest.raises(DirectoryUnreachable):
        Server(dataclasses.replace(secured, authority=stranger)).connect()


def test_a_server_that_is_called_otherwise_is_not_told_the_password(secured: Access) -> None:
    with pytest.raises(DirectoryUnreachable):
        Server(dataclasses.replace(secured, url=secured.url.replace("127.0.0.1", "localhost"))).connect()
