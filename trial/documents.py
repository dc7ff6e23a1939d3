"""Official letters of the example: a plain A4 page by Decree 30/2020, and its signature by a key that is handed in.

`draw_letter` gives the unsigned page, `sign_letter` adds one PAdES signature at a claimed time; signing the answer again
adds the agency's signature after the leader's. A story may sign in the past: nothing here reads the clock.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from asn1crypto import crl as asn1_crl
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

_FAMILY = "Be Vietnam Pro"
_MARGIN, _LINE = 25, 7


@dataclass(frozen=True, slots=True)
class Letter:
    """What stands on the page; `at` is an aware instant and gives the date of the letter."""

    superior: str
    """The body above the agency, or empty: `UBND TỈNH TRÀ VINH`."""
    agency: str
    number: str
    """Number and notation: `118/UBND-NC`."""
    place: str
    at: datetime
    subject: str
    paragraphs: tuple[str, ...]
    signer_title: str
    signer_name: str
    recipients: tuple[str, ...] = ("Như trên", "Lưu: VT")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with its certificate and the certificates above it, the issuer first."""

    key: Key
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()


def draw_letter(letter: Letter, fonts: Path | None = None) -> bytes:
    """The unsigned letter as PDF; `fonts` is the folder with Be Vietnam Pro, by default the one that is shipped."""
    page = _Page(fonts or fonts_folder(), letter)
    page.head()
    page.text()
    page.foot()
    return bytes(page.pdf.output())


def fonts_folder() -> Path:
    """Where the shipped fonts lie."""
    return Path(__file__).resolve().parent.parent / "foundation" / "fonts"


def sign_letter(
    pdf: bytes,
    signing: SigningKey,
    at: datetime,
    *,
    field: str = "Signature1",
    crls: Sequence[x509.CertificateRevocationList] = (),
    time_authority: SigningKey | None = None,
) -> bytes:
    """The PDF with one more PAdES signature, claimed to be made at `at` (aware).

    `time_authority` (an RSA key) puts a signature time-stamp of the same instant into it; `crls` are embedded in the
    document security store together with the chain. `field` must be new in the document.
    """
    signer = SimpleSigner(
        signing_cert=_certificate(signing.certificate),
        signing_key=_private_key(signing.key),
        cert_registry=_store(signing.chain),
    )
    metadata = PdfSignatureMetadata(field_name=field, subfilter=fields.SigSeedSubFilter.PADES, md_algorithm="sha256")
    output = io.BytesIO()
    _SignerAt(metadata, signer, _time_stamper(time_authority, at), at).sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(pdf)), output=output
    )
    if crls:
        _embed_lists(output, [signing.certificate, *signing.chain, *_certificates_of(time_authority)], crls)
    return output.getvalue()


class _SignerAt(PdfSigner):
    """A signer whose claimed time is given instead of read from the clock."""

    def __init__(
        self, metadata: PdfSignatureMetadata, signer: SimpleSigner, stamper: DummyTimeStamper | None, at: datetime
    ) -> None:
        super().__init__(metadata, signer, timestamper=stamper)
        self._at = at

    def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> Any:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self._at
        return session


class _Page:
    """A letter being drawn: head, text, foot, from top to bottom."""

    def __init__(self, fonts: Path, letter: Letter) -> None:
        self.letter = letter
        self.pdf = FPDF(format="A4")
        self.pdf.set_creation_date(letter.at)
        self.pdf.set_title(letter.subject)
        self.pdf.set_author(letter.agency)
        self.pdf.set_lang("vi")
        self.pdf.add_font(_FAMILY, "", fonts / "BeVietnamPro-Regular.ttf")
        self.pdf.add_font(_FAMILY, "B", fonts / "BeVietnamPro-Bold.ttf")
        self.pdf.set_margins(_MARGIN, 20, _MARGIN - 5)
        self.pdf.add_page()

    def head(self) -> None:
        """Agency on the left, the state's name and motto on the right; number, place and date; the subject."""
        letter = self.letter
        date_line = f"{letter.place}, ngày {letter.at.day:02d} tháng {letter.at.month:02d} năm {letter.at.year}"
        self._pair(letter.superior, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "", "B")
        self._pair(letter.agency, "Độc lập - Tự do - Hạnh phúc", "B", "B")
        self._pair(f"Số: {letter.number}", date_line, "", "")
        self.pdf.ln(8)
        self._line(letter.subject, "B", 13, "C")
        self.pdf.ln(4)

    def text(self) -> None:
        """The paragraphs, and a line that says what this letter is."""
        for paragraph in self.letter.paragraphs:
            self._line(paragraph, "", 12, "J")
            self.pdf.ln(2)
        self._line("(Văn bản ví dụ của chương trình Hợp Nhất, không có giá trị pháp lý.)", "", 10, "J")
        self.pdf.ln(6)

    def foot(self) -> None:
        """Recipients on the left, the signer's title and name on the right."""
        self._pair("Nơi nhận:", self.letter.signer_title.upper(), "B", "B", "L")
        for recipient in self.letter.recipients:
            self._pair(f"- {recipient};", "", "", "", "L")
        self.pdf.ln(12)
        self._pair("", self.letter.signer_name, "", "B")

    def _line(self, text: str, style: str, size: int, align: str) -> None:
        self.pdf.set_font(_FAMILY, style, size)
        self.pdf.multi_cell(0, _LINE, text, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _pair(self, left: str, right: str, left_style: str, right_style: str, align: str = "C") -> None:
        half = self.pdf.epw / 2
        top = self.pdf.get_y()
        self.pdf.set_font(_FAMILY, left_style, 10)
        self.pdf.multi_cell(half - 10, 6, left, align=align, new_x=XPos.RIGHT, new_y=YPos.NEXT)
        bottom = self.pdf.get_y()
        self.pdf.set_xy(self.pdf.l_margin + half - 10, top)
        self.pdf.set_font(_FAMILY, right_style, 10)
        self.pdf.multi_cell(half + 10, 6, right, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.pdf.set_y(max(bottom, self.pdf.get_y()))


def _embed_lists(
    document: io.BytesIO, certificates: list[x509.Certificate], crls: Sequence[x509.CertificateRevocationList]
) -> None:
    """Add a document security store with certificates and revocation lists, as an incremental update."""
    last = PdfFileReader(document).embedded_signatures[-1]
    DocumentSecurityStore.add_dss(
        document,
        last.pkcs7_content.hex().encode("ascii"),
        certs=[_certificate(each) for each in certificates],
        crls=[asn1_crl.CertificateList.load(each.public_bytes(Encoding.DER)) for each in crls],
    )


def _time_stamper(authority: SigningKey | None, at: datetime) -> DummyTimeStamper | None:
    if authority is None:
        return None
    return DummyTimeStamper(
        _certificate(authority.certificate), _private_key(authority.key), _store(authority.chain), fixed_dt=at
    )


def _certificates_of(signing: SigningKey | None) -> list[x509.Certificate]:
    return [signing.certificate, *signing.chain] if signing else []


def _certificate(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _private_key(key: Key) -> asn1_keys.PrivateKeyInfo:
    return asn1_keys.PrivateKeyInfo.load(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def _store(certificates: Sequence[x509.Certificate]) -> SimpleCertificateStore:
    store = SimpleCertificateStore()
    store.register_multiple(_certificate(each) for each in certificates)
    return store
