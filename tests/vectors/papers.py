"""Papers of the tests: a small PDF, with or without a form, and signatures on it of every level.

A small client of pyHanko's signer for the tests; the product itself never signs a document.
"""

import asyncio
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import keys, pem, x509
from pyhanko.pdf_utils import generic, writer
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.sign import signers
from pyhanko.sign.ades.api import CAdESSignedAttrSpec
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter, append_signature_field
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.signers.pdf_signer import PdfSigningSession, PdfTimeStamper
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.vectors.authorities import Holder, House


def blank_paper(text: str = "Cong van so 12/UBND", *, form: bool = False) -> bytes:
    """A PDF of one page; with `form`, one empty text field `reply` and one filled field `amount`."""
    out = writer.PdfFileWriter(stream_xrefs=False)
    font = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Font"),
            pdf_name("/Subtype"): pdf_name("/Type1"),
            pdf_name("/BaseFont"): pdf_name("/Helvetica"),
        }
    )
    resources = generic.DictionaryObject(
        {pdf_name("/Font"): generic.DictionaryObject({pdf_name("/F1"): out.add_object(font)})}
    )
    content = RawContent(box=BoxConstraints(595, 842), data=f"BT /F1 16 Tf 72 760 Td ({text}) Tj ET".encode())
    page = writer.PageObject(
        contents=out.add_object(generic.StreamObject(stream_data=content.render())),
        media_box=(0, 0, 595, 842),
        resources=resources,
    )
    reference = out.insert_page(page)
    if form:
        fields = [
            out.add_object(text_field("reply", None, reference)),
            out.add_object(text_field("amount", "100", reference)),
        ]
        out.root["/AcroForm"] = out.add_object(
            generic.DictionaryObject({pdf_name("/Fields"): generic.ArrayObject(fields)})
        )
        reference.get_object()["/Annots"] = generic.ArrayObject(fields)
    stream = io.BytesIO()
    out.write(stream)
    return stream.getvalue()


def text_field(name: str, value: str | None, page: Any) -> generic.DictionaryObject:
    """A form field with its widget in one."""
    left = 72 if value is None else 300
    field = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/Widget"),
            pdf_name("/FT"): pdf_name("/Tx"),
            pdf_name("/T"): generic.pdf_string(name),
            pdf_name("/F"): generic.NumberObject(4),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (left, 600, left + 200, 620))),
            pdf_name("/P"): page,
        }
    )
    if value is not None:
        field["/V"] = generic.pdf_string(value)
    return field


def store_of(*holders: Holder) -> SimpleCertificateStore:
    store = SimpleCertificateStore()
    store.register_multiple([x509.Certificate.load(holder.der) for holder in holders])
    return store


def load_key(holder: Holder) -> keys.PrivateKeyInfo:
    return keys.PrivateKeyInfo.load(pem.unarmor(holder.key_pem)[2])


@dataclass(frozen=True)
class Stamper:
    """The tests' timestamp authority at one time."""

    house: House
    time: datetime
    holder: Holder | None = None

    def build(self) -> DummyTimeStamper:
        holder = self.holder or self.house.stamping
        return DummyTimeStamper(
            x509.Certificate.load(holder.der),
            load_key(holder),
            certs_to_embed=store_of(self.house.root),
            fixed_dt=self.time,
        )


class TimedSigner(signers.PdfSigner):
    """pyHanko's signer at another time than now."""

    time: datetime

    def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.time
        return session


def sign(
    paper: bytes,
    house: House,
    holder: Holder,
    time: datetime,
    *,
    field: str = "Chu ky 1",
    stamp: datetime | None = None,
    stamper: Holder | None = None,
    lists: list[bytes] | None = None,
    archive: bool = False,
    pades: bool = True,
    certify: MDPPerm | None = None,
    content_stamp: bool = False,
) -> bytes:
    """The paper with one more signature: level B, T with `stamp`, LT with `lists` too, LTA with `archive`."""
    context = None
    if lists is not None:
        context = ValidationContext(
            trust_roots=[x509.Certificate.load(house.root.der)],
            other_certs=[x509.Certificate.load(house.issuing.der)],
            crls=lists,
            moment=stamp or time,
            revocation_mode="require",
            retroactive_revinfo=True,
        )
    issuer = house.stranger if holder is house.unknown else house.issuing
    signer = signers.SimpleSigner(
        signing_cert=x509.Certificate.load(holder.der),
        signing_key=load_key(holder),
        cert_registry=store_of(issuer, house.root),
    )
    timestamper = Stamper(house, stamp, stamper).build() if stamp else None
    meta = signers.PdfSignatureMetadata(
        field_name=field,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES if pades else SigSeedSubFilter.ADOBE_PKCS7_DETACHED,
        embed_validation_info=lists is not None,
        use_pades_lta=archive,
        validation_context=context,
        certify=certify is not None,
        docmdp_permissions=certify or MDPPerm.FILL_FORMS,
        signer_key_usage=set(),
        cades_signed_attr_spec=CAdESSignedAttrSpec(timestamp_content=True) if content_stamp else None,
    )
    out = IncrementalPdfFileWriter(io.BytesIO(paper))
    append_signature_field(out, SigFieldSpec(field, box=(72, 500, 260, 560)))
    machine = TimedSigner(meta, signer=signer, timestamper=timestamper)
    machine.time = time
    return bytes(machine.sign_pdf(out).getvalue())


def stamp_document(paper: bytes, house: House, time: datetime) -> bytes:
    """The paper with a document timestamp."""
    out = IncrementalPdfFileWriter(io.BytesIO(paper))
    return bytes(PdfTimeStamper(Stamper(house, time).build()).timestamp_pdf(out, "sha256", None).getvalue())


def update(paper: bytes, change: Callable[[Any], None]) -> bytes:
    """The paper with an unsigned incremental update."""
    out = IncrementalPdfFileWriter(io.BytesIO(paper))
    change(out)
    stream = io.BytesIO()
    out.write(stream)
    return stream.getvalue()


def fill(name: str, value: str) -> Callable[[Any], None]:
    """A change that sets a form field's value."""

    def change(out: Any) -> None:
        for reference in out.root["/AcroForm"]["/Fields"]:
            body = reference.get_object()
            if body.get("/T") == name:
                body["/V"] = generic.pdf_string(value)
                out.update_container(body)

    return change


def rewrite_page(text: str) -> Callable[[Any], None]:
    """A change that shows another text: the incremental saving attack."""

    def change(out: Any) -> None:
        page = out.root["/Pages"]["/Kids"][0].get_object()
        page["/Contents"] = out.add_object(
            generic.StreamObject(stream_data=f"BT /F1 16 Tf 72 760 Td ({text}) Tj ET".encode())
        )
        out.update_container(page)

    return change


def annotate(out: Any) -> None:
    """A change that lays a visible note over the page."""
    page = out.root["/Pages"]["/Kids"][0].get_object()
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/FreeText"),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (72, 740, 300, 780))),
            pdf_name("/Contents"): generic.pdf_string("Da thay doi"),
        }
    )
    annotations = page.get("/Annots", generic.ArrayObject())
    annotations.append(out.add_object(note))
    page["/Annots"] = annotations
    out.update_container(page)


def detached_signature(content: bytes, house: House, holder: Holder, time: datetime, detached: bool = True) -> bytes:
    """A CAdES-B signature of bytes, apart from them or around them."""
    signer = signers.SimpleSigner(
        signing_cert=x509.Certificate.load(holder.der),
        signing_key=load_key(holder),
        cert_registry=store_of(house.issuing, house.root),
    )
    attributes = PdfCMSSignedAttributes(signing_time=time)
    message = asyncio.run(
        signer.async_sign_general_data(
            content, "sha256", detached=detached, use_cades=True, signed_attr_settings=attributes
        )
    )
    return bytes(message.dump())
