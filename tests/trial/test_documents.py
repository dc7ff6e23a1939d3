from __future__ import annotations

import asyncio
import io
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator import ValidationContext

from trial.documents import Key, Letter, SigningKey, _certificate, draw_letter, sign_letter

SIGNED_AT = datetime(2025, 6, 20, 2, 30, tzinfo=UTC)

LETTER = Letter(
    superior="ỦY BAN NHÂN DÂN",
    agency="TỈNH TRÀ VINH",
    number="118/UBND-NC",
    place="Trà Vinh",
    at=SIGNED_AT,
    subject="V/v chuẩn bị tài khoản và chữ ký số trước ngày hợp nhất",
    paragraphs=("Kính gửi: Ủy ban nhân dân các huyện, thị xã, thành phố.", "Ậ Ễ Ỡ Ự ẵ ợ: mỗi chữ đều phải đọc được."),
    signer_title="Chủ tịch",
    signer_name="Huỳnh Minh Đông",
)


def certify(name: str, key: Key, issuer: SigningKey | None, *, stamps: bool = False) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(SIGNED_AT - timedelta(days=365))
        .not_valid_after(SIGNED_AT + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(True, True, False, False, False, issuer is None, issuer is None, False, False), critical=True
        )
    )
    if stamps:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(issuer.key if issuer else key, hashes.SHA256())


@pytest.fixture(scope="module")
def root() -> SigningKey:
    key = ec.generate_private_key(ec.SECP256R1())
    return SigningKey(key, certify("Gốc ví dụ", key, None))


@pytest.fixture(scope="module")
def chairman(root: SigningKey) -> SigningKey:
    key = ec.generate_private_key(ec.SECP256R1())
    return SigningKey(key, certify("UBND tỉnh Trà Vinh", key, root), (root.certificate,))


@pytest.fixture(scope="module")
def time_authority(root: SigningKey) -> SigningKey:
    key = rsa.generate_private_key(65537, 2048)
    return SigningKey(key, certify("Dấu thời gian ví dụ", key, root, stamps=True), (root.certificate,))


def revocation_list(root: SigningKey) -> x509.CertificateRevocationList:
    builder = x509.CertificateRevocationListBuilder().issuer_name(root.certificate.subject)
    return builder.last_update(SIGNED_AT).next_update(SIGNED_AT + timedelta(days=30)).sign(root.key, hashes.SHA256())


def judge(pdf: bytes, root: SigningKey) -> list[object]:
    context = ValidationContext(
        trust_roots=[_certificate(root.certificate)],
        moment=SIGNED_AT + timedelta(minutes=1),
        revocation_mode="soft-fail",
    )
    signatures = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    return [asyncio.run(async_validate_pdf_signature(each, context, context)) for each in signatures]


def text_of(pdf: bytes, folder: Path) -> str:
    path = folder / "letter.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True).stdout


def test_a_letter_is_one_a4_page_with_every_vietnamese_letter(tmp_path: Path) -> None:
    pdf = draw_letter(LETTER)
    text = text_of(pdf, tmp_path)
    for words in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Ậ Ễ Ỡ Ự ẵ ợ", "Huỳnh Minh Đông", "ngày 20 tháng 06 năm 2025"):
        assert words in text
    assert "không có giá trị pháp lý" in text
    assert pdf == draw_letter(LETTER)


def test_a_signed_letter_holds_and_claims_the_time_it_was_given(root: SigningKey, chairman: SigningKey) -> None:
    signed = sign_letter(draw_letter(LETTER), chairman, SIGNED_AT)
    (status,) = judge(signed, root)
    assert getattr(status, "bottom_line", False) is True
    assert getattr(status, "signer_reported_dt", None) == SIGNED_AT


def test_the_agency_signs_after_the_leader_with_stamp_and_list(
    root: SigningKey, chairman: SigningKey, time_authority: SigningKey
) -> None:
    once = sign_letter(draw_letter(LETTER), chairman, SIGNED_AT)
    twice = sign_letter(
        once, chairman, SIGNED_AT, field="Agency", crls=[revocation_list(root)], time_authority=time_authority
    )
    statuses = judge(twice, root)
    assert [getattr(status, "intact", False) for status in statuses] == [True, True]
    assert getattr(statuses[1], "timestamp_validity", None) is not None
    store = DocumentSecurityStore.read_dss(PdfFileReader(io.BytesIO(twice)))
    assert len(store.crls) == 1


def test_a_changed_byte_breaks_the_signature(root: SigningKey, chairman: SigningKey) -> None:
    signed = bytearray(sign_letter(draw_letter(LETTER), chairman, SIGNED_AT))
    place = signed.index(b"/Creat") + 20
    signed[place] ^= 1
    (status,) = judge(bytes(signed), root)
    assert getattr(status, "intact", True) is False
