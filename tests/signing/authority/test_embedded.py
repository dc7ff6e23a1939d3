"""What the embedded authority signs, as openssl and a stranger see it; and what it never signs."""

import subprocess
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from foundation.runtime import Runtime
from signing.authority.addresses import Addresses
from signing.authority.door import ApprovedRequest
from signing.authority.drafts import check_draft, draft_certificate, find_faults, make_serial
from signing.authority.embedded import EmbeddedAuthority, open_authority
from signing.authority.keys import AuthorityKeyBroken, open_keys
from signing.authority.names import build_name
from signing.authority.profiles import AGENCY, DOCUMENT_SIGNING, LONGEST, PERSON
from signing.authority.publication import as_pem
from signing.authority.signing_requests import check_csr
from signing.errors import KeyKnown, LintFailed, NameTooLong, NotOffered, WrongState
from signing.models import AuthorityCertificate
from signing.vocabulary import AgencySubject, PersonSubject
from tests.signing.world import Merged, Token

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ADDRESSES = Addresses("https://dangnhap.example.vn")


@pytest.fixture
def authority(tmp_path: Path) -> EmbeddedAuthority:
    keys = open_keys(tmp_path / "keys", "Thử nghiệm", ADDRESSES, NOW)
    return EmbeddedAuthority(keys, ADDRESSES, timedelta(days=365))


def approved(subject: PersonSubject | AgencySubject, token: Token, content: bytes | None = None) -> ApprovedRequest:
    """An approved request as `requests.approval` makes it."""
    return ApprovedRequest(1, "new", subject, check_csr(content or token.make_csr(), lambda _: False), None, "0" * 64)


def person(name: str = "Nguyễn Thị Ánh Nguyệt", email: str | None = "nguyet.nta@vinhlong.gov.vn") -> PersonSubject:
    return PersonSubject(
        person_id=uuid.UUID(int=1), unit_id=uuid.UUID(int=2), name=name,
        unit="UBND xã An Bình", division="Phòng Kinh tế", province="Tỉnh Vĩnh Long", email=email,
    )  # fmt: skip


def agency(name: str = "UBND xã An Bình") -> AgencySubject:
    return AgencySubject(
        unit_id=uuid.UUID(int=2), name=name, code="H61.12", superior="UBND tỉnh Vĩnh Long",
        province="Tỉnh Vĩnh Long", email=None,
    )  # fmt: skip


def sign(authority: EmbeddedAuthority, request: ApprovedRequest) -> x509.Certificate:
    """As `issue` does, without the book."""
    builder = draft_certificate(request, authority.keys.issuing, ADDRESSES, make_serial(), NOW, authority.validity)
    check_draft(builder, request, authority.keys.issuing, ADDRESSES)
    return builder.sign(authority.keys.issuing_key, SHA256())


def openssl(*arguments: str, cwd: Path) -> str:
    done = subprocess.run(["openssl", *arguments], cwd=cwd, capture_output=True, check=False)
    return done.stdout.decode() + done.stderr.decode()


@pytest.mark.parametrize("subject", [pytest.param(person(), id="a person"), pytest.param(agency(), id="an agency")])
def test_openssl_accepts_what_was_signed(authority: EmbeddedAuthority, subject: PersonSubject, tmp_path: Path) -> None:
    certificate = sign(authority, approved(subject, Token()))
    issuing, root = authority.chain()
    (tmp_path / "root.pem").write_bytes(as_pem(root))
    (tmp_path / "issuing.pem").write_bytes(as_pem(issuing))
    (tmp_path / "subject.pem").write_bytes(as_pem(certificate.public_bytes(Encoding.DER)))
    at = str(int((NOW + timedelta(days=1)).timestamp()))
    verdict = openssl(
        "verify", "-x509_strict", "-attime", at, "-CAfile", "root.pem", "-untrusted", "issuing.pem", "subject.pem",
        cwd=tmp_path,
    )  # fmt: skip
    assert verdict.strip() == "subject.pem: OK"


def test_a_certificate_says_what_its_profile_says(authority: EmbeddedAuthority) -> None:
    certificate = sign(authority, approved(person(), Token()))
    read = certificate.extensions
    usage = read.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert (usage.value.digital_signature, usage.value.content_commitment) == (True, True)
    assert not usage.value.key_encipherment
    assert not usage.value.key_cert_sign
    assert list(read.get_extension_for_class(x509.ExtendedKeyUsage).value) == list(PERSON.usages)
    assert read.get_extension_for_class(x509.CertificatePolicies).value[0].policy_identifier == PERSON.policy
    assert read.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.RFC822Name) == [
        "nguyet.nta@vinhlong.gov.vn"
    ]
    point = read.get_extension_for_class(x509.CRLDistributionPoints).value[0].full_name
    assert point is not None
    assert point[0].value == "https://dangnhap.example.vn/pki/issuing.crl"


def test_an_agency_seal_names_its_code_and_no_usage_of_people(authority: EmbeddedAuthority) -> None:
    certificate = sign(authority, approved(agency(), Token()))
    assert certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)[0].value == "H61.12"
    usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usages) == [DOCUMENT_SIGNING]
    assert AGENCY.policy != PERSON.policy


def test_nothing_but_the_key_comes_from_the_signing_request(authority: EmbeddedAuthority) -> None:
    token = Token()
    greedy = token.make_csr(
        "Chủ tịch nước",
        [
            x509.BasicConstraints(ca=True, path_length=None),
            x509.SubjectAlternativeName([x509.DNSName("dangnhap.example.vn")]),
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
        ],
    )
    certificate = sign(authority, approved(person(), token, greedy))
    assert certificate.public_key() == token.key.public_key()
    assert certificate.subject == build_name(person())
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert (
        ExtendedKeyUsageOID.SERVER_AUTH
        not in certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    )
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == []


def test_no_certificate_outlives_five_years_or_its_authority(authority: EmbeddedAuthority) -> None:
    request = approved(person(), Token())
    long = draft_certificate(request, authority.keys.issuing, ADDRESSES, 1, NOW, timedelta(days=9999))
    late = draft_certificate(
        request, authority.keys.issuing, ADDRESSES, 1, NOW + timedelta(days=3500), timedelta(days=1825)
    )
    for builder, start in ((long, NOW), (late, NOW + timedelta(days=3500))):
        trial = builder.sign(authority.keys.issuing_key, SHA256())
        assert trial.not_valid_after_utc <= min(start + LONGEST, authority.keys.issuing.not_valid_after_utc)


Spoil = Callable[[Any], x509.CertificateBuilder]
WRONG = [
    pytest.param(lambda b: b.subject_name(x509.Name([])), "2 subject", id="no subject"),
    pytest.param(lambda b: b.issuer_name(x509.Name([])), "2 issuer", id="no issuer"),
    pytest.param(
        lambda b: b.public_key(ec.generate_private_key(ec.SECP256R1()).public_key()), "3 key", id="another key"
    ),
    pytest.param(lambda b: b.not_valid_after(NOW + timedelta(days=2000)), "4 valid", id="too long"),
    pytest.param(lambda b: b.add_extension(x509.OCSPNoCheck(), False), "5 extension", id="an extension more"),
]


@pytest.mark.parametrize(("spoil", "fault"), WRONG)
def test_lint_stops_a_draft_that_is_wrong(authority: EmbeddedAuthority, spoil: Spoil, fault: str) -> None:
    request = approved(person(), Token())
    builder = draft_certificate(request, authority.keys.issuing, ADDRESSES, 77, NOW, timedelta(days=1))
    broken = spoil(Spoilable(builder))
    with pytest.raises(LintFailed) as refusal:
        check_draft(broken, request, authority.keys.issuing, ADDRESSES)
    assert fault in str(refusal.value.values["faults"])


class Spoilable:
    """Sets fields of a draft that a real builder sets only once."""

    FIELDS = {
        "subject_name": "_subject_name", "issuer_name": "_issuer_name", "public_key": "_public_key",
        "not_valid_after": "_not_valid_after",
    }  # fmt: skip

    def __init__(self, builder: x509.CertificateBuilder) -> None:
        self.builder = builder

    def __getattr__(self, name: str) -> Any:
        if name not in self.FIELDS:
            return getattr(self.builder, name)

        def set_again(value: object) -> Any:
            setattr(self.builder, self.FIELDS[name], None)
            return getattr(self.builder, name)(value)

        return set_again


@pytest.mark.parametrize(
    "name", [pytest.param("Ủy ban nhân dân " * 5, id="a long name"), pytest.param("x" * 65, id="one letter too many")]
)
def test_a_name_that_does_not_fit_is_refused(name: str) -> None:
    with pytest.raises(NameTooLong):
        build_name(person(name))


def test_an_empty_part_is_left_out() -> None:
    assert not build_name(AgencySubject(person().unit_id, "UBND", None, None, None, None)).get_attributes_for_oid(
        NameOID.ORGANIZATION_NAME
    )


def test_keys_are_made_once_and_only_for_their_owner(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    made: list[bytes] = []
    workers = [
        threading.Thread(
            target=lambda: made.append(open_keys(folder, "A", ADDRESSES, NOW).issuing.tbs_certificate_bytes)
        )
        for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(set(made)) == 1
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert {path.name for path in folder.iterdir()} == {
        "authority-root.key", "authority-root.cer", "authority-issuing.key", "authority-issuing.cer",
    }  # fmt: skip


@pytest.mark.parametrize(
    "file", ["authority-root.key", "authority-root.cer", "authority-issuing.key", "authority-issuing.cer"]
)
def test_a_broken_key_file_is_told_and_never_replaced(tmp_path: Path, file: str) -> None:
    open_keys(tmp_path, "A", ADDRESSES, NOW)
    (tmp_path / file).write_bytes(b"broken")
    with pytest.raises(AuthorityKeyBroken):
        open_keys(tmp_path, "A", ADDRESSES, NOW)
    assert (tmp_path / file).read_bytes() == b"broken"


def test_a_certificate_of_another_key_is_no_certificate_of_ours(tmp_path: Path) -> None:
    open_keys(tmp_path / "one", "A", ADDRESSES, NOW)
    open_keys(tmp_path / "two", "A", ADDRESSES, NOW)
    (tmp_path / "one" / "authority-issuing.cer").write_bytes((tmp_path / "two" / "authority-issuing.cer").read_bytes())
    with pytest.raises(AuthorityKeyBroken):
        open_keys(tmp_path / "one", "A", ADDRESSES, NOW)


def test_a_request_and_a_key_get_one_certificate(merged: Merged, runtime: Runtime) -> None:
    authority = open_authority(runtime)
    dossier = merged.propose()
    first, second = merged.request_of(dossier, merged.official), merged.request_of(dossier, merged.deputy)
    token = Token()

    def issue(request: int, key: Token) -> None:
        with runtime.database.write() as writes:
            authority.issue(
                writes, ApprovedRequest(request, "new", person(), approved(person(), key).csr, None, ""), NOW
            )

    issue(first, token)
    with pytest.raises(WrongState):
        issue(first, Token())
    with pytest.raises(KeyKnown):
        issue(second, token)
    with runtime.database.read() as reads:
        assert reads.query(AuthorityCertificate).count() == 1


def test_another_authority_s_certificate_is_not_revoked_here(merged: Merged, runtime: Runtime) -> None:
    authority = open_authority(runtime)
    assert not authority.knows(merged.old)
    with runtime.database.write() as writes, pytest.raises(NotOffered):
        authority.revoke(writes, merged.old, "unspecified", NOW)


def test_serial_numbers_are_long_and_random() -> None:
    serials = {make_serial() for _ in range(1000)}
    assert len(serials) == 1000
    assert max(serials).bit_length() > 140
    assert all(0 < serial < 1 << 159 for serial in serials)


def test_rsa_keys_of_subjects_are_certified(authority: EmbeddedAuthority) -> None:
    token = Token(rsa.generate_private_key(65537, 2048))
    assert (
        list(
            find_faults(
                sign(authority, approved(person(), token)), approved(person(), token), authority.keys.issuing, ADDRESSES
            )
        )
        == []
    )
