"""Documents opened for judgement: locked ones, forged forms, patience with common producers."""

import io
import re
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from signing.verification.documents import open_document, quick_reading, read_hexadecimal
from signing.verification.findings import Reason, Refuted, Verdict
from signing.verification.judgement import judge
from tests.signing.verification.conftest import case_of, paper
from tests.vectors.authorities import House
from tests.vectors.build import SIGNED
from tests.vectors.papers import blank_paper, sign, update


def lock(content: bytes, user: str) -> bytes:
    """The paper encrypted; with an empty user password everybody may read it."""
    out = copy_into_new_writer(PdfFileReader(io.BytesIO(content)))
    out.encrypt(owner_pass="owner", user_pass=user)
    stream = io.BytesIO()
    out.write(stream)
    return stream.getvalue()


def test_a_document_that_asks_for_a_password_is_a_format_failure() -> None:
    findings = judge(case_of(lock(blank_paper(), "secret")))
    assert (findings.verdict, findings.reason) == (Verdict.INVALID, Reason.FORMAT_FAILURE)


def test_a_document_locked_without_a_password_is_read() -> None:
    assert judge(case_of(lock(blank_paper(), ""))).verdict is Verdict.UNDETERMINED


def add_field(name: str) -> Any:
    """A change that adds a second field with the same signature."""

    def change(out: Any) -> None:
        form = out.root["/AcroForm"]
        first = form["/Fields"][0].get_object()
        twin = generic.DictionaryObject(
            {
                pdf_name("/FT"): pdf_name("/Sig"),
                pdf_name("/T"): generic.pdf_string(name),
                pdf_name("/V"): first.raw_get("/V"),
            }
        )
        form["/Fields"].append(out.add_object(twin))
        out.update_container(form["/Fields"])

    return change


@pytest.mark.parametrize("name", ["Chu ky 2", "Chu ky 1"])
def test_one_signature_shown_by_two_fields_is_refused(name: str) -> None:
    findings = judge(case_of(update(paper("b"), add_field(name))))
    assert findings.verdict is Verdict.INVALID


def test_a_kind_of_signature_nobody_knows_is_left_open() -> None:
    content = paper("b").replace(b"/ETSI.CAdES.detached", b"/ETSI.CAdES.somehow!")
    findings = judge(case_of(content))
    assert findings.signatures[0].steps[0].reason is Reason.GENERIC
    assert findings.verdict is not Verdict.VALID


def test_a_signature_that_calls_itself_a_timestamp_counts_for_nothing() -> None:
    content = paper("b").replace(b"/ETSI.CAdES.detached", b"/ETSI.RFC3161       ")
    findings = judge(case_of(content))
    assert (findings.verdict, findings.signatures) == (Verdict.UNDETERMINED, ())


def test_a_signature_hidden_from_the_form_counts_for_nothing() -> None:
    def hide(out: Any) -> None:
        out.root["/AcroForm"]["/Fields"] = generic.ArrayObject()
        out.update_container(out.root["/AcroForm"])

    assert judge(case_of(update(paper("b"), hide))).verdict is Verdict.UNDETERMINED


def test_a_paper_of_many_revisions_is_judged_in_time(house: House) -> None:
    content = sign(blank_paper(), house, house.leader, SIGNED)
    for _ in range(30):
        content = update(content, lambda out: out.update_root())
    assert judge(case_of(content)).verdict is Verdict.VALID


def test_more_revisions_than_anybody_needs_are_refused() -> None:
    content = paper("unsigned")
    start = int(re.findall(rb"startxref\n(\d+)", content)[-1])
    for _ in range(1100):
        table = b"xref\n0 0\ntrailer<</Size 5/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (start, len(content))
        start = len(content)
        content += table
    with pytest.raises(Refuted):
        open_document(content)


@pytest.mark.parametrize(
    ("written", "read"),
    [(b"<41 42\n43>", b"ABC"), (b"<414>", b"A@"), (b"<>", b""), (b"<" + b"41" * 40000 + b">rest", b"A" * 40000)],
)
def test_hexadecimal_strings_are_read_in_one_stroke(written: bytes, read: bytes) -> None:
    stream = io.BytesIO(b"xx" + written)
    stream.seek(2)
    assert read_hexadecimal(stream).original_bytes == read
    assert stream.tell() == 2 + written.index(b">") + 1


@pytest.mark.parametrize("written", [b"<41", b"<4x>", b"<" + b"41" * 40000])
def test_a_hexadecimal_string_that_is_none_is_refused(written: bytes) -> None:
    with pytest.raises(Exception, match=r"hex string|ended"):
        read_hexadecimal(io.BytesIO(written))


def test_the_quick_reader_leaves_the_library_as_it_was() -> None:
    before = generic.read_hex_string_from_stream
    with quick_reading():
        pass
    assert generic.read_hex_string_from_stream is before
    assert IncrementalPdfFileWriter(io.BytesIO(paper("b"))).root is not None
