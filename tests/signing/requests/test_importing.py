"""Certificates of other authorities, and what only their own list may say."""

from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from directory.certificates import find_certificate
from foundation.errors import HopnhatError
from foundation.runtime import Runtime
from signing.authority.embedded import EmbeddedAuthority
from signing.authority.keys import as_der
from signing.errors import CertificateRefused
from signing.requests.dossiers import find_requests, get_dossier
from signing.requests.importing import Incoming, ListRefused, import_certificates, import_list
from tests.signing.world import MERGER, OLD_KEY, Merged, World, make_foreign_certificate

SINCE = MERGER - timedelta(days=400)


class OldAuthority:
    """An authority of before the merger, with its key in the test's hand."""

    def __init__(self, name: str = "Authority of old", key: ec.EllipticCurvePrivateKey = OLD_KEY) -> None:
        self.key = key
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        builder = (
            x509.CertificateBuilder().subject_name(self.name).issuer_name(self.name).public_key(self.key.public_key())
        )
        builder = builder.serial_number(1).not_valid_before(SINCE).not_valid_after(SINCE + timedelta(days=4000))
        builder = builder.add_extension(x509.BasicConstraints(True, None), True)
        self.certificate = as_der(builder.sign(self.key, hashes.SHA256()))

    def list(self, *serials: str, now: datetime, extension: x509.ExtensionType | None = None) -> bytes:
        """A list of these serials."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.name)
            .last_update(now)
            .next_update(now + timedelta(days=1))
        )
        for serial in serials:
            entry = x509.RevokedCertificateBuilder().serial_number(int(serial, 16)).revocation_date(now)
            entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags.cessation_of_operation), False)
            builder = builder.add_revoked_certificate(entry.build())
        if extension is not None:
            builder = builder.add_extension(extension, critical=True)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@pytest.fixture
def old() -> OldAuthority:
    return OldAuthority()


def test_a_certificate_comes_in_once_and_for_one_holder(merged: Merged, runtime: Runtime) -> None:
    der = make_foreign_certificate("Lê Thị Hoa", SINCE)
    pem = x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM)
    with runtime.database.write() as writes:
        first = import_certificates(writes, [Incoming(pem, merged.head)], "test", MERGER)
        again = import_certificates(writes, [Incoming(der, merged.head)], "test", MERGER)
    assert (len(first.new), first.known, len(again.new), again.known) == (1, 0, 0, 1)
    with pytest.raises(CertificateRefused), runtime.database.write() as writes:
        import_certificates(writes, [Incoming(der, merged.deputy)], "test", MERGER)


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_what_is_no_certificate_is_refused(world: World, runtime: Runtime, content: bytes) -> None:
    with pytest.raises(CertificateRefused), runtime.database.write() as writes:
        import_certificates(writes, [Incoming(content, None, None)], "test", MERGER)


def test_an_authority_is_nobody_s_certificate(merged: Merged, runtime: Runtime, old: OldAuthority) -> None:
    with pytest.raises(CertificateRefused), runtime.database.write() as writes:
        import_certificates(writes, [Incoming(old.certificate, merged.head)], "test", MERGER)


def test_a_revocation_of_another_authority_waits_for_its_list(
    merged: Merged, runtime: Runtime, old: OldAuthority, authority: EmbeddedAuthority
) -> None:
    dossier = merged.propose()
    merged.world.approve_and_send(dossier, merged.head)
    gone = merged.old_seals[1]
    with runtime.database.read() as reads:
        waiting = next(row for row in find_requests(reads, dossier) if row.replaces == gone.sha256)
        assert waiting.state == "sent"
        assert find_certificate(reads, gone.sha256) == gone
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        assert import_list(writes, old.list(gone.serial, "abc123", now=now), old.certificate, "test", now) == [
            gone.sha256
        ]
    with runtime.database.read() as reads:
        known = find_certificate(reads, gone.sha256)
        assert known is not None
        assert (known.revoked_at, known.reason) == (now, "cessationOfOperation")
        assert next(row for row in find_requests(reads, dossier) if row.replaces == gone.sha256).state == "done"
        assert get_dossier(reads, dossier).state == "sent"
    with runtime.database.write() as writes:
        assert import_list(writes, old.list(gone.serial, now=now), old.certificate, "test", now) == []


def test_a_list_speaks_only_of_its_own_authority(merged: Merged, runtime: Runtime) -> None:
    other, now = OldAuthority("Somebody else"), runtime.clocks.wall()
    with runtime.database.write() as writes:
        assert import_list(writes, other.list(merged.old.serial, now=now), other.certificate, "test", now) == []


def test_an_authority_made_at_home_with_the_same_name_revokes_nothing(merged: Merged, runtime: Runtime) -> None:
    forged, now = OldAuthority(key=ec.generate_private_key(ec.SECP256R1())), runtime.clocks.wall()
    with runtime.database.write() as writes:
        assert import_list(writes, forged.list(merged.old.serial, now=now), forged.certificate, "test", now) == []


BAD_LISTS = ["signed by another", "partial", "late", "nonsense"]


@pytest.mark.parametrize("fault", BAD_LISTS)
def test_a_list_that_cannot_be_believed_is_refused(
    merged: Merged, runtime: Runtime, old: OldAuthority, fault: str
) -> None:
    now = runtime.clocks.wall()
    content = {
        "signed by another": OldAuthority(key=ec.generate_private_key(ec.SECP256R1())).list(merged.old.serial, now=now),
        "partial": old.list(merged.old.serial, now=now, extension=x509.DeltaCRLIndicator(1)),
        "late": old.list(merged.old.serial, now=now - timedelta(days=2)),
        "nonsense": b"nonsense",
    }[fault]
    with pytest.raises(ListRefused) as refusal, runtime.database.write() as writes:
        import_list(writes, content, old.certificate, "test", now)
    assert isinstance(refusal.value, HopnhatError)
    with runtime.database.read() as reads:
        known = find_certificate(reads, merged.old.sha256)
        assert known is not None
        assert known.revoked_at is None
